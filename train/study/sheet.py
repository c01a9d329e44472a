"""A sheet of objects: what they were told, what they are, and what was made of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from train.metrics.mesh import TriangleMesh
from train.rendering.base import Renderer
from train.sampling.layout import Layout
from train.sampling.previews import SIZE, shaded_views, sheet
from train.sampling.views import ring_cameras
from train.sampling.wireframes import box_corners, wireframes
from train.study.following import Made
from train.study.objects import MadeObject
from train.study.sampled import Sampled

Picture = NDArray[np.uint8]

_MOST = 6


def study_sheet(
    objects: Sequence[MadeObject],
    *,
    joint: Made,
    independent: Made,
    renderer: Renderer,
) -> bytes:
    """A PNG: a column for each object with a swapped pair, a row for each way to make it."""
    pairs = {pair[0]: place for place, pair in enumerate(joint.pairs)}
    rows = sorted(pairs, key=lambda row: (-len(objects[row].parts), row))[:_MOST]

    def made(found: Sequence[Sampled], places: Sequence[int]) -> list[Picture]:
        return [_made(found[place], renderer=renderer) for place in places]

    swaps = [pairs[row] for row in rows]
    return sheet(
        [
            ("boxes", [_boxes(objects[row].layout) for row in rows]),
            ("held-out object", [_true(objects[row], renderer=renderer) for row in rows]),
            ("joint", made(joint.plain, rows)),
            ("joint, captions of two parts swapped", made(joint.swapped, swaps)),
            ("boxes of another object", [_boxes(joint.other_boxes[row].layout) for row in rows]),
            ("joint, told these", made(joint.other_boxes, rows)),
            ("independent branches", made(independent.plain, rows)),
        ]
    )


def _boxes(layout: Layout) -> Picture:
    cameras = ring_cameras(box_corners(layout.boxes).reshape(-1, 3), views=1, pixels=SIZE)
    drawn: Picture = wireframes(layout.boxes, cameras)[0]
    return drawn


def _true(made: MadeObject, *, renderer: Renderer) -> Picture:
    *parts, _ = made.colored()
    colors = [np.tile(colors[:1], (len(mesh.vertices), 1)) for mesh, colors in parts]
    return _shaded([mesh for mesh, _ in parts], colors, layout=made.layout, renderer=renderer)


def _made(found: Sampled, *, renderer: Renderer) -> Picture:
    """Each part in the colour of its pictures.

    Pictures of so few cells are mostly silhouette, so that painting meshes with them would show
    the background.
    """
    meshes = [look.solid.mesh() for look in found.looks]
    colors = [
        np.tile(np.array(look.rgb), (len(mesh.vertices), 1))
        for look, mesh in zip(found.looks, meshes, strict=True)
    ]
    return _shaded(meshes, colors, layout=found.layout, renderer=renderer)


def _shaded(
    meshes: Sequence[TriangleMesh],
    colors: Sequence[NDArray[np.float64]],
    *,
    layout: Layout,
    renderer: Renderer,
) -> Picture:
    cameras = ring_cameras(box_corners(layout.boxes).reshape(-1, 3), views=1, pixels=SIZE)
    (view,) = shaded_views(
        TriangleMesh.union(meshes), np.concatenate(colors), cameras=cameras, renderer=renderer
    )
    return view
