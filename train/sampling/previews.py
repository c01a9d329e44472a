"""A sheet that shows what was made of a layout: boxes, pictures, and meshes with their colours."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from train.metrics.mesh import TriangleMesh
from train.metrics.mesh_files import part_color
from train.rendering.barycentric import barycentric
from train.rendering.base import Renderer, ground_truth
from train.rendering.cameras import Cameras
from train.sampling.assembly import GeneratedObject, GeneratedPart
from train.sampling.coloring import GREY
from train.sampling.views import ring_cameras
from train.sampling.wireframes import box_corners, wireframes

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

SIZE = 128
VIEWS = 4
_LABEL = 130
_MARGIN = 6
_AMBIENT = 0.35
_PER_LINE = 18
_LINES = 3


def preview(generated: GeneratedObject, *, renderer: Renderer) -> bytes:
    """A PNG: a row for the boxes, for the whole, for all parts together, and for each part.

    Parts are shown by their pictures, where there are any, beside their meshes.
    """
    layout = generated.layout
    cameras = ring_cameras(box_corners(layout.boxes).reshape(-1, 3), views=VIEWS, pixels=SIZE)
    rows: list[tuple[str, list[NDArray[np.uint8]]]] = [
        (f"{layout.name}\n{layout.text}", list(wireframes(layout.boxes, cameras)))
    ]
    shaded = shaded_views(*_together(generated.parts), cameras=cameras, renderer=renderer)
    by_part = shaded_views(
        *_together(generated.parts, by_part=True), cameras=cameras, renderer=renderer
    )
    rows.append(("parts", [*shaded, *by_part]))
    for part, told in zip(
        (generated.whole, *generated.parts), ("whole", *_prompts(generated)), strict=True
    ):
        note = "" if part.images is not None or not part.mesh.is_empty else "\nno surface"
        rows.append((told + note, _shown(part, renderer=renderer)))
    return sheet(rows)


def shaded_views(
    mesh: TriangleMesh, colors: Float64, *, cameras: Cameras, renderer: Renderer
) -> list[NDArray[np.uint8]]:
    """(H, W, 3) uint8 pictures on white, lit from the camera.

    Args:
        colors: (V, 3) sRGB of the vertices.
    """
    vertices, faces = torch.from_numpy(mesh.vertices).float(), torch.from_numpy(mesh.faces)
    maps = ground_truth(renderer, vertices, faces, cameras)
    view, row, column = maps.seen_NHW.nonzero().unbind(dim=1)
    face = maps.face_id_NHW[view, row, column]
    wide = cameras.to(vertices)
    corners = wide.view(vertices)[view[:, None], faces[face]]
    shares = barycentric(corners, wide.ray_slopes(view, row, column)).numpy()
    color = (shares[..., None] * colors[faces[face].numpy()]).sum(axis=1)
    backward = wide.camera_to_world_N44[view, :3, 2]
    light = (maps.normal_NHW3[view, row, column] * backward).sum(dim=-1).clamp(0, 1).numpy()
    lit = color * (_AMBIENT + (1 - _AMBIENT) * light)[:, None]
    pictures = np.full((len(cameras), cameras.height, cameras.width, 3), 255, np.uint8)
    pictures[view.numpy(), row.numpy(), column.numpy()] = np.rint(255 * lit.clip(0, 1))
    return list(pictures)


def sheet(rows: Sequence[tuple[str, Sequence[NDArray[Any]]]]) -> bytes:
    """A PNG with one labelled row of pictures under the other."""
    columns = max((len(pictures) for _, pictures in rows), default=0)
    step = SIZE + _MARGIN
    size = (_LABEL + max(columns, 1) * step + _MARGIN, len(rows) * step + _MARGIN)
    paper = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(paper)
    font = ImageFont.load_default(12)
    for place, (label, pictures) in enumerate(rows):
        top = _MARGIN + place * step
        draw.multiline_text((_MARGIN, top), _wrapped(label), fill="black", font=font)
        for column, picture in enumerate(pictures):
            image = Image.fromarray(picture).resize((SIZE, SIZE), Image.Resampling.BOX)
            paper.paste(image, (_LABEL + column * step, top))
    buffer = io.BytesIO()
    paper.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def as_bytes(image: NDArray[Any]) -> NDArray[np.uint8]:
    """Like `image` uint8, of sRGB in 0…1."""
    rounded: NDArray[np.uint8] = np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)
    return rounded


def _shown(part: GeneratedPart, *, renderer: Renderer) -> list[NDArray[np.uint8]]:
    pictures: list[NDArray[np.uint8]] = []
    if part.images is not None:
        places = [row * len(part.images) // VIEWS for row in range(VIEWS)]
        pictures += [as_bytes(part.images[place]) for place in dict.fromkeys(places)]
    if not part.mesh.is_empty:
        cameras = ring_cameras(
            part.mesh.vertices[np.unique(part.mesh.faces)], views=VIEWS, pixels=SIZE
        )
        mesh, colors = _together([part])
        pictures += shaded_views(mesh, colors, cameras=cameras, renderer=renderer)
    return pictures


def _together(
    parts: Sequence[GeneratedPart], *, by_part: bool = False
) -> tuple[TriangleMesh, Float64]:
    colors = [
        np.full((len(part.mesh.vertices), 3), part_color(row) if by_part else GREY)
        if by_part or part.colors is None
        else part.colors
        for row, part in enumerate(parts)
    ]
    return TriangleMesh.union([part.mesh for part in parts]), np.concatenate(colors)


def _prompts(generated: GeneratedObject) -> list[str]:
    return [
        part.name if part.prompt == part.name else f"{part.name}\n{part.prompt}"
        for part in generated.layout.parts
    ]


def _wrapped(label: str) -> str:
    """No more than a few short lines of each paragraph."""
    lines = [
        line
        for paragraph in label.split("\n")
        for line in textwrap.wrap(
            paragraph, _PER_LINE, max_lines=_LINES, placeholder=" …", break_long_words=True
        )
    ]
    return "\n".join(lines)
