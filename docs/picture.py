"""Draws the README's picture: `python docs/picture.py ROOT`, from a root of the generated samples.

A row an object: the object, its segments, its parts, views of single parts, and captions.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from partworks import layout
from partworks.artifacts.captions import Captions
from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import Renders
from partworks.artifacts.segments import Segments
from partworks.geometry.glb import read_glb
from partworks.geometry.measures import face_areas
from partworks.geometry.mesh import Mesh
from partworks.ledger import Ledger
from partworks.report.colouring import Look, look_at_object, paint_labels
from partworks.report.palette import Color
from partworks.report.pictures import RenderedViews
from partworks.store import Store

OBJECTS = ("robot", "breakfast table", "rocket")
PARTS = 6
TILE = 256
TEXT = 330
GAP = 12
HEAD = 34
INK, FAINT, PAPER = (30, 34, 40), (110, 116, 124), (255, 255, 255)
TARGET = Path(__file__).parent / "images" / "pipeline.webp"
COLUMNS = ("ingest", "segment", "annotate: auto", "render: raster", "caption: template")


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, the same on every machine."""
    return ImageFont.load_default(size)


def wrap(text: str, width: int, size: int) -> list[str]:
    """Lines of at most `width` pixels."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font(size).getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def on_paper(image: Image.Image) -> Image.Image:
    """The picture without transparency."""
    paper = Image.new("RGB", image.size, PAPER)
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def draw_row(store: Store, uid: str) -> Image.Image:
    """One object on its way through the pipeline."""
    mesh = read_glb(store.read(layout.object_glb(uid)))
    segments = Segments.from_bytes(store.read(layout.segments(uid)))
    parts = Parts.from_bytes(store.read(layout.parts(uid)))
    views = RenderedViews(Renders(store.read(layout.renders(uid))))
    captions = Captions.from_bytes(store.read(layout.captions(uid)))
    look: Look = look_at_object(mesh, views.camera)
    in_segments, _ = paint_labels(look, segments.face_labels, count=segments.count)
    in_parts, colors = paint_labels(look, parts.face_labels, count=parts.count)
    shown = largest_parts(mesh, parts)
    pieces = [views.object_view(), in_segments, in_parts, part_sheet(views, shown)]
    row = Image.new("RGB", (4 * (TILE + GAP) + TEXT, TILE), PAPER)
    for column, piece in enumerate(pieces):
        row.paste(on_paper(piece), (column * (TILE + GAP), 0))
    write_captions(row, 4 * (TILE + GAP), captions, shown, colors)
    return row


def largest_parts(mesh: Mesh, parts: Parts) -> list[int]:
    """The parts with the most area, in part order."""
    labelled = parts.face_labels >= 0
    areas = face_areas(mesh.vertices, mesh.faces)[labelled]
    share = np.bincount(parts.face_labels[labelled], areas, minlength=parts.count)
    return sorted(np.argsort(-share, kind="stable")[:PARTS].tolist())


def part_sheet(views: RenderedViews, shown: list[int]) -> Image.Image:
    """Views of single parts, two columns of three."""
    sheet = Image.new("RGBA", (TILE, TILE))
    side = TILE // 3
    for index, part in enumerate(shown):
        picture = views.part_view(part)
        if picture is not None:
            small = picture.resize((side, side), Image.Resampling.LANCZOS)
            sheet.paste(small, (21 + (index % 2) * (side + 42), (index // 2) * side))
    return sheet


def write_captions(
    row: Image.Image, left: int, captions: Captions, shown: list[int], colors: list[Color]
) -> None:
    """The captions of the object and of some parts."""
    draw = ImageDraw.Draw(row)
    top = 4
    for line in wrap(captions.whole.short, TEXT - 8, 14):
        draw.text((left, top), line, INK, font(14))
        top += 18
    top += 6
    for part in shown:
        lines = wrap(captions.parts[part].short, TEXT - 26, 12)
        if top + 15 * len(lines) > TILE:
            break
        draw.rounded_rectangle((left, top + 3, left + 9, top + 12), 2, fill=colors[part])
        for line in lines:
            draw.text((left + 16, top), line, FAINT, font(12))
            top += 15
        top += 4


def main(root: str) -> int:
    """Draw the picture from a root of samples."""
    store = Store(root)
    names = {
        str(read_glb(store.read(layout.object_glb(row.uid))).extras["name"]): row.uid
        for row in Ledger(store).attempts("caption")
    }
    rows = [draw_row(store, names[name]) for name in OBJECTS]
    height = HEAD + len(rows) * (TILE + GAP)
    canvas = Image.new("RGB", (rows[0].width + 2 * GAP, height + GAP), PAPER)
    draw = ImageDraw.Draw(canvas)
    for column, name in enumerate(COLUMNS):
        center = GAP + column * (TILE + GAP) + (TILE if column < 4 else TEXT) // 2
        draw.text((center, HEAD // 2 + 2), name, INK, font(18), anchor="mm")
    for index, row in enumerate(rows):
        canvas.paste(row, (GAP, HEAD + index * (TILE + GAP)))
    canvas.save(TARGET, "WEBP", quality=88, method=6)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
