"""The look of a mesh at points on its faces: colour, emitted light, smooth normals."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.bump import bend, tilts
from partworks.geometry.image_sampling import (
    HELD_TEXELS,
    Encoding,
    Texture,
    decode_image,
    linear_to_srgb,
    srgb_to_linear,
)
from partworks.geometry.measures import face_areas
from partworks.geometry.mesh import AlphaMode, Material, Mesh, MeshNode, TextureRef

__all__ = [
    "Surface",
    "alpha_meaning",
    "base_color",
    "decode_image",
    "linear_to_srgb",
    "srgb_to_linear",
]

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]


def base_color(mesh: Mesh, face_id: NDArray[Any], barycentric: NDArray[Any]) -> Float32:
    """(…, 4) float32 linear RGBA at points of a mesh: texture × factor × vertex colour.

    Decodes the mesh's images at each call; for several calls keep a `Surface`.

    Args:
        mesh: what the points lie on.
        face_id: (…,) int; -1 gives zeros.
        barycentric: (…, 3) weights of the corners of each face.
    """
    return Surface(mesh).base_color(face_id, barycentric)


def alpha_meaning(material: Material) -> AlphaMode:
    """How a material's alpha is to be read: its mode, save where that can only be a mistake.

    A cutoff above the material's own factor cuts everything away, whatever the texture says;
    exporters write that for opaque materials whose alpha they have lost.
    """
    if material.alpha_mode == "MASK" and material.base_color[3] < material.alpha_cutoff:
        return "OPAQUE"
    return material.alpha_mode


class Surface:
    """Samples the materials of one mesh; each image is decoded once, when first needed."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self._textured = np.array([node.uv is not None for node in mesh.nodes], bool)
        self._colored = any(node.colors is not None for node in mesh.nodes)
        self._bumpy = any(material.normal_texture is not None for material in mesh.materials)
        self._textures: dict[tuple[int, Encoding], Texture] = {}

    @cached_property
    def glows(self) -> bool:
        """Whether any material emits light."""
        return any(any(material.emissive) for material in self._mesh.materials)

    @cached_property
    def _uv(self) -> Float32:
        return _per_vertex([node.uv for node in self._mesh.nodes], self._mesh, fill=0.0, width=2)

    @cached_property
    def _colors(self) -> Float32:
        colors = [node.colors for node in self._mesh.nodes]
        return _per_vertex(colors, self._mesh, fill=1.0, width=4)

    @cached_property
    def _normals(self) -> Float32:
        normals = [node.normals for node in self._mesh.nodes]
        return _per_vertex(normals, self._mesh, fill=0.0, width=3)

    @cached_property
    def _uv_scale(self) -> Float64:
        return _uv_scale(self._mesh, self._uv)

    def base_color(
        self,
        face_id: NDArray[Any],
        barycentric: NDArray[Any],
        *,
        footprint: NDArray[Any] | None = None,
    ) -> Float32:
        """(…, 4) float32 linear RGBA: texture × factor × vertex colour, alpha 1 where opaque.

        Args:
            face_id: (…,) int; -1 gives zeros.
            barycentric: (…, 3) weights of the corners of each face.
            footprint: (…,) length on the surface that one sample stands for, in the mesh's unit;
                finer texture is averaged. Without it the full texture is read.
        """
        hits = _Hits(face_id, barycentric, footprint)
        colors = np.ones((len(hits.face), 4), np.float32)
        if self._colored:
            colors = self._interpolate(self._colors, hits)
        for index, chosen in self._by_material(hits):
            material = Material() if index < 0 else self._mesh.materials[index]
            colors[chosen] *= np.asarray(material.base_color, np.float32)
            if material.base_color_texture is not None:
                colors[chosen] *= self._sample(material.base_color_texture, hits, chosen)
            if alpha_meaning(material) == "OPAQUE":
                colors[chosen, 3] = 1.0
        return hits.image(colors)

    def emission(
        self,
        face_id: NDArray[Any],
        barycentric: NDArray[Any],
        *,
        footprint: NDArray[Any] | None = None,
    ) -> Float32:
        """(…, 3) float32 linear RGB that the surface gives off: emissive texture × factor.

        The arguments are those of `base_color`.
        """
        hits = _Hits(face_id, barycentric, footprint)
        light = np.zeros((len(hits.face), 3), np.float32)
        if not self.glows:
            return hits.image(light)
        for index, chosen in self._by_material(hits):
            if index < 0 or not any(self._mesh.materials[index].emissive):
                continue
            material = self._mesh.materials[index]
            light[chosen] = np.asarray(material.emissive, np.float32)
            if material.emissive_texture is not None:
                light[chosen] *= self._sample(material.emissive_texture, hits, chosen)[:, :3]
        return hits.image(light)

    def normal(self, face_id: NDArray[Any], barycentric: NDArray[Any]) -> Float32:
        """(…, 3) float32 unit normal as authored, interpolated; 0 where a node has none."""
        hits = _Hits(face_id, barycentric)
        return hits.image(self._smooth(hits))

    def bumped_normal(
        self,
        face_id: NDArray[Any],
        barycentric: NDArray[Any],
        *,
        footprint: NDArray[Any] | None = None,
    ) -> Float32:
        """(…, 3) float32 unit normal as authored, bent by the material's normal map.

        Where there is a normal map but no authored normal, that of the face's front is bent; where
        there is neither, or the UVs do not say which way the map lies, it is that of `normal`. The
        arguments are those of `base_color`.
        """
        hits = _Hits(face_id, barycentric, footprint)
        normals = self._smooth(hits)
        if not self._bumpy or not len(hits.face):
            return hits.image(normals)
        textured = self._textured[self._mesh.face_node[hits.face]]
        for index, members in self._by_material(hits):
            material = Material() if index < 0 else self._mesh.materials[index]
            chosen = members[textured[members]]
            if material.normal_texture is None or not len(chosen):
                continue
            texels = self._sample(material.normal_texture, hits, chosen, "linear")
            corners = self._mesh.faces.take(hits.face[chosen], axis=0)
            normals[chosen] = bend(
                normals.take(chosen, axis=0),
                tilts(texels, scale=material.normal_scale),
                corners=self._mesh.vertices.take(corners, axis=0),
                uv=self._uv.take(corners, axis=0),
            )
        return hits.image(normals)

    def _smooth(self, hits: _Hits) -> Float32:
        normals = np.nan_to_num(self._interpolate(self._normals, hits), posinf=0.0, neginf=0.0)
        lengths = np.sqrt(np.einsum("nc,nc->n", normals, normals))[:, None]
        return np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 1e-6)

    def _by_material(self, hits: _Hits) -> list[tuple[int, NDArray[np.int64]]]:
        material = self._mesh.face_material[hits.face]
        present = np.flatnonzero(np.bincount(material + 1)) - 1
        return [(int(index), np.flatnonzero(material == index)) for index in present]

    def _interpolate(self, values: Float32, hits: _Hits) -> Float32:
        # `take` gathers rows several times as quickly as an index does.
        corners = values.take(self._mesh.faces.take(hits.face, axis=0), axis=0)
        result: Float32 = np.einsum("nkc,nk->nc", corners, hits.weights).astype(np.float32)
        return result

    def _sample(
        self,
        use: TextureRef,
        hits: _Hits,
        chosen: NDArray[np.int64],
        encoding: Encoding = "srgb",
    ) -> Float32:
        """(N, 4) the texture at the chosen hits; white where a node has no UVs."""
        texture = self._texture(use.image, encoding)
        chosen_hits = hits.subset(chosen)
        uv = self._interpolate(self._uv, chosen_hits).astype(np.float64)
        result = np.ones((len(chosen), 4), np.float32)
        textured = self._textured[self._mesh.face_node[chosen_hits.face]]
        level = np.where(textured, self._level(texture, chosen_hits), -1)
        for each in np.flatnonzero(np.bincount(level[textured])):
            here = level == each
            result[here] = texture.sample(uv[here], wrap=(use.wrap_u, use.wrap_v), level=int(each))
        return result

    def _level(self, texture: Texture, hits: _Hits) -> NDArray[np.int64]:
        """(N,) how often to halve the texture so that a texel is about as long as the footprint."""
        if hits.footprint is None:
            return np.zeros(len(hits.face), np.int64)
        height, width = texture.shape
        texels = hits.footprint * self._uv_scale[hits.face] * np.sqrt(height * width)
        halvings = np.rint(np.log2(np.maximum(texels, 1.0)))
        levels: NDArray[np.int64] = np.minimum(halvings, texture.last_level).astype(np.int64)
        return levels

    def _texture(self, image: int, encoding: Encoding) -> Texture:
        if (image, encoding) not in self._textures:
            texels = decode_image(self._mesh.images[image], most=HELD_TEXELS)
            self._textures[image, encoding] = Texture(texels, encoding)
        return self._textures[image, encoding]


class _Hits:
    """The points that lie on a face, flat, and the way back to the image they came from."""

    def __init__(
        self,
        face_id: NDArray[Any],
        barycentric: NDArray[Any],
        footprint: NDArray[Any] | None = None,
    ) -> None:
        faces = np.asarray(face_id)
        self._shape = faces.shape
        self.face = faces.reshape(-1)
        self.weights = np.asarray(barycentric).reshape(-1, 3)
        self.footprint = None if footprint is None else footprint.reshape(-1)
        self._where: NDArray[np.int64] | None = None
        if faces.size and faces.min() < 0:
            self._where = np.flatnonzero(self.face >= 0)
            self.face = self.face[self._where]
            self.weights = self.weights.take(self._where, axis=0)
            self.footprint = None if self.footprint is None else self.footprint[self._where]

    def subset(self, chosen: NDArray[np.int64]) -> _Hits:
        if len(chosen) == len(self.face):
            return self
        footprint = None if self.footprint is None else self.footprint[chosen]
        return _Hits(self.face[chosen], self.weights.take(chosen, axis=0), footprint)

    def image(self, values: Float32) -> Float32:
        """Values of the hits as (…, C), zero elsewhere."""
        if self._where is None:
            return values.reshape(*self._shape, values.shape[1])
        full = np.zeros((int(np.prod(self._shape)), values.shape[1]), np.float32)
        full[self._where] = values
        return full.reshape(*self._shape, values.shape[1])


def _per_vertex(values: list[Float32 | None], mesh: Mesh, *, fill: float, width: int) -> Float32:
    """(V, width): an attribute of all nodes, `fill` where a node lacks it."""

    def whole(node: MeshNode, value: Float32 | None) -> Float32:
        return np.full((len(node.vertices), width), fill, np.float32) if value is None else value

    if not mesh.nodes:
        return np.zeros((0, width), np.float32)
    return np.concatenate([whole(n, v) for n, v in zip(mesh.nodes, values, strict=True)])


def _uv_scale(mesh: Mesh, uv: Float32) -> Float64:
    """(F,) float64: length in UV space per length on the face; 0 for faces without area."""
    flat = np.zeros((len(uv), 3))
    flat[:, :2] = np.where(np.isfinite(uv), uv, 0.0)
    areas = face_areas(mesh.vertices, mesh.faces)
    scale = np.divide(
        face_areas(flat, mesh.faces), areas, out=np.zeros_like(areas), where=areas > 0
    )
    roots: Float64 = np.sqrt(scale)
    return roots
