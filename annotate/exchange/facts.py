"""What suggestions need to know of an object, from its file in the root."""

from __future__ import annotations

import numpy as np

from annotate.review.base import Base
from annotate.review.suggest.facts import ObjectFacts, gather_facts
from annotate.review.surface import read_surface
from partworks import layout
from partworks.artifacts.npz import check_geometry
from partworks.geometry.glb import read_glb
from partworks.store import Store


def read_facts(store: Store, base: Base, *, uid: str, geometry_hash: str) -> ObjectFacts:
    """The facts of an object: the same whenever it is read, for reviewers and for training.

    Args:
        geometry_hash: of the object that the task was made for.

    Raises:
        Failed: `geometry_mismatch`, the root has another version of the object.
        FileNotFoundError: the root does not have it.
    """
    mesh = read_glb(store.read(layout.object_glb(uid)))
    check_geometry(geometry_hash, mesh.geometry_hash, what="the task", uid=uid)
    seed = int(geometry_hash[:16], 16)
    return gather_facts(base, read_surface(mesh), generator=np.random.default_rng(seed))
