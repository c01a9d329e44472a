"""Partworks' own GLB: the file that fixes an object's faces once and for all.

`read_glb` undoes `write_glb` exactly: equal arrays, names, materials, picture bytes and extras, so
that writing again gives the same bytes. For files of unknown origin use
`partworks.geometry.load.load_mesh`, which checks and repairs.
"""

from __future__ import annotations

import numpy as np

from partworks.errors import Rejected
from partworks.geometry.gltf.container import MAGIC, split_glb
from partworks.geometry.gltf.document import Document
from partworks.geometry.gltf.reader import GltfReader
from partworks.geometry.gltf.writer import write_glb
from partworks.geometry.limits import LoadLimits
from partworks.geometry.mesh import Mesh
from partworks.geometry.side_files import SideFiles

__all__ = ["read_glb", "write_glb"]

# Far beyond any object that passed the limits of `load_mesh`.
_GENEROUS = LoadLimits(max_faces=1 << 27, max_vertices=1 << 28, max_nodes=1 << 20)


@np.errstate(all="ignore")  # a foreign file's numbers may overflow
def read_glb(data: bytes) -> Mesh:
    """Read a GLB without repairing or leaving out anything.

    Nodes keep their order, faces and vertices theirs. Pictures are not decoded. A foreign GLB can
    be read as well: its transforms are baked, and what is broken is rejected, not mended.

    Raises:
        Rejected: with the reasons of `partworks.geometry.load.REASONS`.
    """
    if not data.startswith(MAGIC):
        raise Rejected("not_a_model", f"the file starts with {data[:12]!r}, expected a GLB")
    text, binary = split_glb(data)
    reader = GltfReader(
        Document(text, binary),
        SideFiles({}, max_bytes=1),
        limits=_GENEROUS,
        warn=_ignore,
        keep_unused=True,
    )
    return reader.read()


def _ignore(word: str) -> None:
    """Warnings are for `load_mesh`; what was written by us gives none."""
