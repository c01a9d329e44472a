"""Boxes of parts, and their wireframes, as the joint denoiser's image branch is guided by them.

Edges are drawn two pixels wide on white, hidden ones too, and without blending, so that a pixel is
either white or the exact colour of one part. Parts are drawn in order: a later, smaller one lies on
top.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from partworks.geometry.cameras import Camera
from partworks.geometry.mesh import Mesh

Float64 = NDArray[np.float64]
Color = tuple[int, int, int]

PALETTE: tuple[Color, ...] = (
    (230, 25, 75),
    (0, 110, 220),
    (45, 160, 50),
    (245, 130, 48),
    (145, 30, 180),
    (0, 150, 160),
    (225, 50, 230),
    (128, 100, 0),
    (128, 0, 0),
    (0, 0, 128),
    (110, 110, 110),
    (255, 150, 180),
    (120, 190, 0),
    (0, 200, 240),
    (230, 190, 0),
    (0, 70, 60),
)
"""sRGB colours by part index, apart from one another and from white; longer objects start over."""

LINE_WIDTH = 2
NEAR = 1e-3
_CORNERS = np.array(list(product((0, 1), repeat=3)))
_EDGES = np.array(
    [pair for pair in combinations(range(8), 2) if np.ptp(_CORNERS[list(pair)], axis=0).sum() == 1]
)


def part_color(index: int) -> Color:
    """The colour of the part at `index` of a sample."""
    return PALETTE[index % len(PALETTE)]


def label_boxes(mesh: Mesh, face_labels: NDArray[np.int32], *, count: int) -> NDArray[np.float64]:
    """(count, 2, 3) float64 corners of the box around each label; infinite without faces."""
    boxes = np.full((count, 2, 3), np.inf)
    boxes[:, 1] = -np.inf
    order = np.argsort(face_labels, kind="stable")
    present, first = np.unique(face_labels[order], return_index=True)
    if len(order):
        corners = mesh.vertices[mesh.faces[order]]
        low = np.minimum.reduceat(corners.min(axis=1), first)
        high = np.maximum.reduceat(corners.max(axis=1), first)
        boxes[present[present >= 0]] = np.stack([low, high], axis=1)[present >= 0]
    return boxes


def box_edges(boxes: NDArray[Any]) -> Float64:
    """(P, 12, 2, 3) float64 end points of the edges of (P, 2, 3) boxes."""
    low, high = np.moveaxis(np.asarray(boxes, np.float64), 1, 0)
    corners = np.where(_CORNERS == 1, high[:, None], low[:, None])
    edges: Float64 = corners[:, _EDGES]
    return edges


def draw_boxes(boxes: NDArray[Any], camera: Camera) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 wireframes of (P, 2, 3) boxes, lower and upper corners in the world frame."""
    lines = _clip_near(box_edges(boxes), camera)
    pixels = camera.project(lines.reshape(-1, 3)).reshape(lines.shape)[..., :2]
    image = Image.new("RGB", (camera.width, camera.height), "white")
    draw = ImageDraw.Draw(image)
    for index, edges in enumerate(pixels):
        for start, stop in edges[np.isfinite(edges).all(axis=(1, 2))]:
            draw.line([*start, *stop], fill=part_color(index), width=LINE_WIDTH)
    return np.asarray(image)


def _clip_near(lines: Float64, camera: Camera) -> Float64:
    """Cut lines (…, 2, 3) where they come nearer than `NEAR`; NaN if they are wholly so."""
    depth = (lines - camera.position) @ camera.forward
    span = depth[..., 1] - depth[..., 0]
    crossing = np.divide(NEAR - depth[..., 0], span, out=np.zeros_like(span), where=span != 0)
    cut = lines[..., 0, :] + crossing[..., None] * (lines[..., 1, :] - lines[..., 0, :])
    behind = depth < NEAR
    clipped = np.where(behind[..., None], cut[..., None, :], lines)
    clipped[behind.all(axis=-1)] = np.nan
    return clipped
