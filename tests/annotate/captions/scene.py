"""A root with captioned objects: a lamp of two parts, in a picture that shows one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from partworks import layout
from partworks.artifacts.captions import Caption, Captions
from partworks.artifacts.parts import Parts
from partworks.store import Store
from tests.caption.pictures import painted

GEOMETRY = "ab" * 32


def caption(name: str, *flags: str, **more: str) -> Caption:
    """A caption that says little."""
    texts = {"short": f"A {name}.", "long": f"This is a {name}.", **more}
    return Caption(name=name, flags=tuple(flags), source="vlm", **texts)


def captions_of(*parts: Caption, whole: Caption | None = None) -> Captions:
    """Captions of an object with these parts."""
    return Captions(
        captioner="vlm",
        model="eyes-1",
        prompt_hash="",
        tokens=0,
        cost=0.0,
        whole=whole or caption("lamp"),
        parts=parts,
    )


LAMP = captions_of(
    caption("shade", "color_disagrees:red", color="red"), caption("foot", "never_visible")
)


def parts_of(labels: Sequence[int], *names: str) -> Parts:
    """Parts by face."""
    return Parts(
        face_labels=np.array(labels, np.int32),
        part_names=names,
        source="auto",
        geometry_hash=GEOMETRY,
    )


TWO = parts_of([0, 0, 1], "shade", "foot")


def renders() -> bytes:
    """Two views of 8 × 6, of which the second shows more of part 0; part 0 alone; no part 1."""
    views = np.full((2, 6, 8), -1)
    views[0, 1, 1] = 0
    views[1, 2:5, 3:7] = 0
    everything = [(200, 0, 0), (0, 0, 200)]
    return painted(list(views), everything, alone={"part_00": [views[1]]})


def put(
    store: Store, uid: str, *, captions: Captions = LAMP, parts: Parts = TWO, shown: bool = True
) -> None:
    """An object with captions."""
    store.write(layout.captions(uid), captions.to_bytes())
    store.write(layout.parts(uid), parts.to_bytes())
    if shown:
        store.write(layout.renders(uid), renders())


def settled(name: str) -> Captions:
    """Captions without a flag."""
    return replace(captions_of(caption("leg"), caption("seat")), whole=caption(name))
