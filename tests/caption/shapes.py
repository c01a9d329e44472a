"""Hand-made objects with parts and a renders zip that only has the overlap."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import trimesh

from caption.subject import Subject
from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import PartOverlap, Renders, pack
from partworks.geometry.mesh import Material, Mesh, MeshNode

RED, BLUE, WHITE = (0.6, 0.01, 0.01, 1.0), (0.02, 0.1, 0.55, 1.0), (0.9, 0.9, 0.9, 1.0)


def dull(color: Sequence[float], **values: Any) -> Material:
    red, green, blue, alpha = color
    settings = {"metallic": 0.0, "roughness": 0.8, **values}
    return Material(base_color=(red, green, blue, alpha), **settings)


def object_of(
    *entries: tuple[Any, Sequence[float], Material], name: str = "", extras: Mapping[str, Any] = {}
) -> Mesh:
    """A node per (shape, middle, material)."""
    nodes = tuple(
        MeshNode(
            vertices=(shape.vertices + np.asarray(middle)).astype(np.float32),
            faces=shape.faces.astype(np.int32),
            material=index,
        )
        for index, (shape, middle, _) in enumerate(entries)
    )
    materials = tuple(material for _, _, material in entries)
    return Mesh(nodes=nodes, materials=materials, extras={"name": name, **extras})


def renders(pixels: Sequence[Sequence[int]]) -> bytes:
    totals = [sum(column) for column in zip(*pixels, strict=True)]
    overlap = tuple(
        PartOverlap(
            pixels=tuple(row),
            shares=tuple(count / max(totals[view], 1) for view, count in enumerate(row)),
            best_view=int(np.argmax(row)) if any(row) else -1,
            box=(0, 0, 1, 1) if any(row) else (-1, -1, -1, -1),
        )
        for row in pixels
    )
    return pack({}, overlap=overlap, checks={}, backend="none")


def parts_of(mesh: Mesh, names: Sequence[str]) -> Parts:
    return Parts(
        face_labels=mesh.face_node,
        part_names=tuple(names),
        source="auto",
        geometry_hash=mesh.geometry_hash,
    )


def subject_of(
    mesh: Mesh, names: Sequence[str], *, pixels: Sequence[Sequence[int]] | None = None
) -> Subject:
    """A subject with a part per node, all of them visible unless `pixels` says otherwise."""
    seen = [[9, 9]] * len(names) if pixels is None else pixels
    return Subject(
        uid="thing", mesh=mesh, parts=parts_of(mesh, names), renders=Renders(renders(seen))
    )


def ball_on_box() -> Mesh:
    """A red ball on a blue box."""
    return object_of(
        (trimesh.creation.box(extents=(1, 1, 1)), (0, -0.5, 0), dull(BLUE)),
        (trimesh.creation.icosphere(subdivisions=3, radius=0.4), (0, 0.4, 0), dull(RED)),
        name="Toy_01",
    )
