"""Meshes and pictures for tests of reading and writing."""

from __future__ import annotations

import io
from dataclasses import fields

import numpy as np
from PIL import Image as Pillow

from partworks.geometry.mesh import Image, Material, Mesh, MeshNode, TextureRef


def png(color: tuple[int, int, int] = (200, 100, 50), size: int = 4) -> bytes:
    """A PNG of one colour."""
    buffer = io.BytesIO()
    Pillow.new("RGB", (size, size), color).save(buffer, "PNG")
    return buffer.getvalue()


def jpeg() -> bytes:
    """A JPEG with a gradient."""
    ramp = np.arange(64, dtype=np.uint8).reshape(8, 8) * 4
    buffer = io.BytesIO()
    Pillow.fromarray(ramp).convert("RGB").save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def patch(
    *,
    seed: int = 0,
    name: str = "",
    mesh_name: str = "",
    material: int | None = None,
    rich: bool = False,
) -> MeshNode:
    """A bumpy 3 × 3 grid of quads whose vertices no two patches share; `rich`: every attribute."""
    rng = np.random.default_rng(seed)
    side = 4
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    z = rng.normal(size=(side, side))
    vertices = np.stack([x + 10 * seed, y, z], axis=-1).reshape(-1, 3).astype(np.float32)
    corner = np.arange(side * side).reshape(side, side)
    a, b, c, d = corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]
    faces = np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))])
    normals = rng.normal(size=vertices.shape)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return MeshNode(
        vertices=vertices,
        faces=rng.permutation(faces).astype(np.int32),
        uv=rng.uniform(-2, 2, (len(vertices), 2)).astype(np.float32) if rich else None,
        colors=rng.uniform(0, 1, (len(vertices), 4)).astype(np.float32) if rich else None,
        normals=normals.astype(np.float32) if rich else None,
        name=name,
        mesh_name=mesh_name,
        material=material,
    )


def rich_mesh() -> Mesh:
    """A mesh that uses everything a `Mesh` can hold, with names that other tools trip over."""
    brass = Material(
        name="brass",
        base_color=(0.9, 0.7, 0.2, 0.5),
        base_color_texture=TextureRef(image=1, wrap_u="mirror", wrap_v="clamp"),
        metallic=0.25,
        roughness=1 / 3,
        metallic_roughness_texture=TextureRef(image=0),
        normal_texture=TextureRef(image=0, wrap_u="mirror", wrap_v="clamp"),
        normal_scale=0.5,
        occlusion_texture=TextureRef(image=0),
        emissive=(0.0, 0.125, 1.0),
        emissive_texture=TextureRef(image=1),
        alpha_mode="MASK",
        alpha_cutoff=0.3,
        double_sided=True,
    )
    names = ["wheel", "body/left", "wheel", "", "колесо 🚗", "wheel.001", "w" * 400]
    return Mesh(
        nodes=tuple(
            patch(
                seed=index,
                name=name,
                mesh_name=name[::-1],
                material=(None, 0, 2)[index % 3],
                rich=index % 2 == 1,
            )
            for index, name in enumerate(names)
        ),
        materials=(brass, Material(name="unused", alpha_mode="BLEND"), Material()),
        images=(
            Image(data=png(), mime="image/png", name="a"),
            Image(data=jpeg(), mime="image/jpeg"),
            Image(data=png((0, 0, 0)), mime="image/png", name="unused"),
        ),
        extras={"name": "Auto 🚗", "to_source": [[1.0, 0.0], [0.0, 1e-7]], "face_count": 126},
    )


def assert_same(a: Mesh, b: Mesh) -> None:
    """Both meshes are equal in every array, name, material, picture byte and extra."""
    assert a.materials == b.materials
    assert a.images == b.images
    assert dict(a.extras) == dict(b.extras)
    assert a.geometry_hash == b.geometry_hash
    assert len(a.nodes) == len(b.nodes)
    for left, right in zip(a.nodes, b.nodes, strict=True):
        for field in fields(MeshNode):
            if field.name == "place":  # of the file it was read from; it is not written
                continue
            mine, other = getattr(left, field.name), getattr(right, field.name)
            if isinstance(mine, np.ndarray):
                assert mine.dtype == other.dtype
                np.testing.assert_array_equal(mine, other)
            else:
                assert mine == other
