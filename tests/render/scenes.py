"""Small meshes of which one knows what a picture must show, and a store that holds them."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image as PillowImage

from partworks import layout
from partworks.artifacts.parts import Parts
from partworks.geometry.cameras import Camera, look_at
from partworks.geometry.glb import write_glb
from partworks.geometry.mesh import AlphaMode, Image, Material, Mesh, MeshNode, TextureRef, Wrap
from partworks.store import Store

RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)


def box(
    center: tuple[float, float, float],
    extents: tuple[float, float, float],
    *,
    material: int | None = None,
    name: str = "box",
) -> MeshNode:
    """A box of twelve faces."""
    made = trimesh.creation.box(extents=extents)
    return MeshNode(
        vertices=(made.vertices + center).astype(np.float32),
        faces=made.faces.astype(np.int32),
        material=material,
        name=name,
    )


def tower() -> tuple[Mesh, Parts]:
    """A red slab, a green block on it with a white core inside, a blue ball of dropped faces."""
    ball = trimesh.creation.icosphere(subdivisions=3, radius=0.25)
    nodes = (
        box((0, -0.75, 0), (2, 0.5, 2), material=0, name="slab"),
        box((0, 0.25, 0), (1, 1.5, 1), material=1, name="cube"),
        MeshNode(
            vertices=(ball.vertices + np.array([0.75, -0.2, 0.75])).astype(np.float32),
            faces=ball.faces.astype(np.int32),
            material=2,
            name="ball",
        ),
        box((0, 0.25, 0), (0.5, 0.5, 0.5), name="core"),
    )
    colors = ((1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1))
    mesh = Mesh(
        nodes=nodes,
        materials=tuple(Material(base_color=c, metallic=0.0) for c in colors),
        extras={"name": "tower"},
    )
    labels = np.array([0, 1, -1, 2], np.int32)[mesh.face_node]
    return mesh, parts_of(mesh, labels, names=("slab", "cube", "core"))


def parts_of(mesh: Mesh, labels: NDArray[np.int32], *, names: tuple[str, ...]) -> Parts:
    return Parts(
        face_labels=labels, part_names=names, source="auto", geometry_hash=mesh.geometry_hash
    )


def picture(texels: NDArray) -> Image:
    buffer = io.BytesIO()
    PillowImage.fromarray(np.asarray(texels, np.uint8)).save(buffer, "PNG")
    return Image(data=buffer.getvalue(), mime="image/png")


def quadrants(alpha: tuple[int, int, int, int] = (255, 255, 255, 255)) -> Image:
    """Red and green above blue and yellow, 16 × 16 texels each."""
    colors = [(*c, a) for c, a in zip((RED, GREEN, BLUE, YELLOW), alpha, strict=True)]
    return picture(np.repeat(np.repeat(np.array(colors).reshape(2, 2, 4), 16, 0), 16, 1))


def board(
    *,
    alpha_mode: AlphaMode = "OPAQUE",
    alpha: tuple[int, int, int, int] = (255, 255, 255, 255),
    factor: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0),
    uv_from: tuple[float, float] = (0.0, 0.0),
    uv_to: tuple[float, float] = (1.0, 1.0),
    wrap: tuple[Wrap, Wrap] = ("repeat", "repeat"),
    colors: NDArray | None = None,
    emissive: bool = False,
    z: float = 0.0,
) -> Mesh:
    """The square [-1, 1]² facing +z with the quadrants on it, `uv_from` at its top left corner."""
    (u0, v0), (u1, v1) = uv_from, uv_to
    use = TextureRef(image=0, wrap_u=wrap[0], wrap_v=wrap[1])
    node = MeshNode(
        vertices=np.array([[-1, -1, z], [1, -1, z], [1, 1, z], [-1, 1, z]], np.float32),
        faces=np.array([[0, 1, 2], [0, 2, 3]], np.int32),
        uv=np.array([[u0, v1], [u1, v1], [u1, v0], [u0, v0]], np.float32),
        colors=None if colors is None else colors.astype(np.float32),
        material=0,
    )
    material = Material(
        base_color=factor,
        base_color_texture=use,
        metallic=0.0,
        alpha_mode=alpha_mode,
        emissive=(1.0, 1.0, 1.0) if emissive else (0.0, 0.0, 0.0),
        emissive_texture=use if emissive else None,
    )
    return Mesh(nodes=(node,), materials=(material,), images=(quadrants(alpha),))


def doubled(mesh: Mesh) -> Mesh:
    """The mesh with a second node, whose faces are the first one's turned over."""
    (node,) = mesh.nodes
    turned = replace(node, faces=node.faces[:, ::-1].copy(), name="back")
    return replace(mesh, nodes=(node, turned))


def stacked(*meshes: Mesh) -> Mesh:
    """All of them in one."""
    nodes: list[MeshNode] = []
    materials: list[Material] = []
    images: list[Image] = []
    for mesh in meshes:
        (material,), (node,) = mesh.materials, mesh.nodes
        assert material.base_color_texture is not None
        use = TextureRef(image=len(images))
        values = {name: getattr(material, name) for name in ("base_color", "alpha_mode")}
        materials.append(Material(base_color_texture=use, metallic=0.0, **values))
        nodes.append(
            MeshNode(vertices=node.vertices, faces=node.faces, uv=node.uv, material=len(nodes))
        )
        images += mesh.images
    return Mesh(nodes=tuple(nodes), materials=tuple(materials), images=tuple(images))


def front(size: int = 64) -> Camera:
    """A camera on +z that sees the board with a margin of a tenth."""
    return Camera(
        camera_to_world=look_at((0, 0, 6), (0, 0, 0)),
        fov_y=2 * float(np.arctan(1.1 / 6)),
        width=size,
        height=size,
    )


def put(root: Path, uid: str, mesh: Mesh, parts: Parts) -> Store:
    """A store with the object and its parts."""
    store = Store(str(root))
    store.write(layout.object_glb(uid), write_glb(mesh))
    store.write(layout.parts(uid), parts.to_bytes())
    return store


def decode(png: bytes) -> NDArray:
    with PillowImage.open(io.BytesIO(png)) as opened:
        return np.array(opened)


def overlap_of_masks(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Intersection over union."""
    return float((first & second).sum() / (first | second).sum())
