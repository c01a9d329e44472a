"""From pieces with names and finishes to a mesh with true part labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from ingest.samples.finish import Finish, linear, to_png
from ingest.samples.pictures import Picture, plain, to_bytes
from ingest.samples.shape import Shape, join, smoothed, snapped
from partworks.geometry.mesh import Image, Material, Mesh, MeshNode, TextureRef

CELL = 256
MARGIN = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampleObject:
    """A generated object and what its parts truly are.

    Attributes:
        name: its name in `ingest.samples.SAMPLES`.
        mesh: textured geometry, in units and a place of its own.
        face_labels: (F,) int32, the part of each face.
        part_names: what the parts are called.
    """

    name: str
    mesh: Mesh
    face_labels: NDArray[np.int32]
    part_names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """A shape of one finish, and the part that it belongs to."""

    part: str
    shape: Shape
    finish: Finish


def piece(part: str, finish: Finish, *shapes: Shape) -> Piece:
    """One piece out of one or several shapes."""
    return Piece(part=part, shape=join(shapes), finish=finish)


def assemble(
    name: str,
    pieces: Iterable[Piece],
    *,
    unit: float = 1.0,
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> SampleObject:
    """A mesh with one node for each part and finish, scaled by `unit`, then moved by `offset`."""
    groups: dict[tuple[str, str], list[Piece]] = {}
    names = _part_names(pieces := list(pieces))
    for entry in sorted(pieces, key=lambda entry: names.index(entry.part)):
        groups.setdefault((entry.part, entry.finish.name), []).append(entry)
    finishes = {finish: members[0].finish for (_, finish), members in groups.items()}
    order = list(finishes)
    materials, images = _materials(list(finishes.values()))
    nodes, labels = [], []
    for (part, finish), members in groups.items():
        whole = join([_shaded(member.shape) for member in members])
        nodes.append(_node(part, whole, order.index(finish), unit=unit, offset=offset))
        labels.append(np.full(len(whole.faces), names.index(part), np.int32))
    mesh = Mesh(nodes=tuple(nodes), materials=materials, images=images)
    return SampleObject(name=name, mesh=mesh, face_labels=np.concatenate(labels), part_names=names)


def assemble_welded(
    name: str,
    pieces: Iterable[Piece],
    *,
    unit: float = 1.0,
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> SampleObject:
    """A mesh of one node and one material, so that nothing in the file tells the parts apart.

    The pictures of several finishes go into one atlas; metallic and roughness are the first one's.
    """
    names = _part_names(pieces := list(pieces))
    finish, shapes = _with_atlas(name, pieces)
    whole = _merged(join(shapes))
    labels = np.concatenate(
        [np.full(len(entry.shape.faces), names.index(entry.part), np.int32) for entry in pieces]
    )
    materials, images = _materials([finish])
    node = _node(name, whole, 0, unit=unit, offset=offset)
    mesh = Mesh(nodes=(node,), materials=materials, images=images)
    return SampleObject(name=name, mesh=mesh, face_labels=labels, part_names=names)


def _part_names(pieces: Sequence[Piece]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.part for entry in pieces))


def _shaded(shape: Shape) -> Shape:
    return smoothed(shape) if shape.normals is None else shape


def _node(
    name: str, shape: Shape, material: int, *, unit: float, offset: tuple[float, float, float]
) -> MeshNode:
    assert shape.normals is not None
    return MeshNode(
        name=name,
        mesh_name=name,
        material=material,
        vertices=(shape.vertices * unit + offset).astype(np.float32),
        faces=shape.faces.astype(np.int32),
        uv=shape.uv.astype(np.float32),
        normals=shape.normals.astype(np.float32),
        colors=None if shape.colors is None else shape.colors.astype(np.float32),
    )


def _materials(finishes: Sequence[Finish]) -> tuple[tuple[Material, ...], tuple[Image, ...]]:
    materials: list[Material] = []
    images: list[Image] = []

    def texture(picture: Picture | None, name: str) -> TextureRef | None:
        if picture is None:
            return None
        images.append(to_png(picture, name))
        return TextureRef(image=len(images) - 1)

    for finish in finishes:
        materials.append(
            Material(
                name=finish.name,
                base_color=(*linear(finish.color), finish.opacity),
                base_color_texture=texture(finish.picture, finish.name),
                normal_texture=texture(finish.relief, f"{finish.name} relief"),
                metallic=finish.metallic,
                roughness=finish.roughness,
                emissive=linear(finish.glow),
                alpha_mode=finish.alpha_mode,
            )
        )
    return tuple(materials), tuple(images)


def _with_atlas(name: str, pieces: Sequence[Piece]) -> tuple[Finish, list[Shape]]:
    """One finish for all pieces, and their shapes with UVs into its picture."""
    shapes = [_shaded(entry.shape) for entry in pieces]
    order = list(dict.fromkeys(entry.finish.name for entry in pieces))
    if len(order) == 1:
        return pieces[0].finish, shapes
    across = int(np.ceil(np.sqrt(len(order))))
    sheet = np.zeros((across * CELL, across * CELL, 3), np.uint8)
    for index, finish_name in enumerate(order):
        members = [i for i, entry in enumerate(pieces) if entry.finish.name == finish_name]
        uvs = np.concatenate([shapes[i].uv for i in members])
        start = np.floor(uvs.min(axis=0) + 1e-6)
        repeats = max(1, int(np.ceil((uvs - start).max() - 1e-6)))
        row, column = divmod(index, across)
        cell = _cell(pieces[members[0]].finish, repeats)
        sheet[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL] = cell
        for i in members:
            inside = MARGIN + (shapes[i].uv - start) / repeats * (CELL - 2 * MARGIN)
            place = np.add(inside, (column * CELL, row * CELL)) / len(sheet)
            shapes[i] = replace(shapes[i], uv=place)
    return replace(pieces[0].finish, name=name, color=(255, 255, 255), picture=sheet), shapes


def _cell(finish: Finish, repeats: int) -> Picture:
    """The finish's picture, repeated, in a cell whose margin goes on with the pattern."""
    picture = plain((255, 255, 255)) if finish.picture is None else finish.picture
    tiled = np.tile(picture, (repeats, repeats, 1))
    inner = CELL - 2 * MARGIN
    scaled = Pillow.fromarray(tiled).resize((inner, inner), Pillow.Resampling.BOX)
    wrapped = np.pad(np.asarray(scaled), ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)), "wrap")
    return to_bytes(wrapped * (np.asarray(finish.color) / 255))


def _merged(shape: Shape) -> Shape:
    """The shape with equal vertices made one, numbered as the faces meet them."""
    assert shape.normals is not None
    keys = [snapped(shape.vertices), snapped(shape.uv), snapped(shape.normals, 1e-4)]
    if shape.colors is not None:
        keys.append(snapped(shape.colors))
    rows = np.concatenate(keys, axis=1)[shape.faces.ravel()]
    _, first, inverse = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    chosen = shape.faces.ravel()[np.sort(first)]
    return replace(
        shape,
        vertices=shape.vertices[chosen],
        faces=np.argsort(np.argsort(first))[inverse.reshape(-1)].reshape(-1, 3),
        uv=shape.uv[chosen],
        normals=shape.normals[chosen],
        colors=None if shape.colors is None else shape.colors[chosen],
    )
