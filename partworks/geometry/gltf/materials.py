"""glTF materials, textures and images as Partworks keeps them: one UV set, transforms baked.

A `MeshNode` has one set of UVs. It is the one that the base colour texture uses, with its
KHR_texture_transform; another texture of the same material that wants other UVs is dropped.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from partworks.errors import Rejected
from partworks.geometry.gltf.accessors import Accessors
from partworks.geometry.gltf.constants import WRAP_MODES
from partworks.geometry.gltf.document import Document
from partworks.geometry.gltf.fields import Fields
from partworks.geometry.gltf.specular_glossiness import Gloss, convert
from partworks.geometry.mesh import AlphaMode, Image, Material, TextureRef
from partworks.geometry.pictures import ReadPicture
from partworks.geometry.side_files import SideFiles

Affine = tuple[float, ...]
_OTHER_SOURCES = ("EXT_texture_webp", "KHR_texture_basisu", "MSFT_texture_dds")
_IDENTITY: Affine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class UvUse:
    """Which UVs a texture reads.

    Attributes:
        uv_set: the TEXCOORD set.
        affine: (a, b, c, d, e, f): u' = a u + b v + c, v' = d u + e v + f.
    """

    uv_set: int = 0
    affine: Affine = _IDENTITY

    def apply(self, uv: NDArray[np.float32]) -> NDArray[np.float32]:
        """(V, 2) float32: the UVs with the texture transform baked in."""
        if self.affine == _IDENTITY:
            return uv
        a, b, c, d, e, f = self.affine
        u, v = uv.astype(np.float64).T
        moved = np.stack([a * u + b * v + c, d * u + e * v + f], axis=1)
        rounded: NDArray[np.float32] = moved.astype(np.float32)
        return rounded


class Materials:
    """The materials of a document, read when they are asked for.

    `materials` and `images` are what has been read so far, in the order of asking.
    """

    def __init__(
        self,
        document: Document,
        accessors: Accessors,
        *,
        files: SideFiles,
        read_picture: ReadPicture,
        warn: Callable[[str], None],
    ) -> None:
        self._document = document
        self._accessors = accessors
        self._files = files
        self._read_picture = read_picture
        self._warn = warn
        self._known: dict[int, int] = {}
        self._known_images: dict[int, int | None] = {}
        self._uses: list[UvUse] = []
        self.materials: list[Material] = []
        self.images: list[Image] = []

    def read_all(self) -> None:
        """Read everything in file order, used or not."""
        for index in range(len(self._document.table("images"))):
            self._image(index, asked_by="the file")
        for index in range(len(self._document.table("materials"))):
            self.index(index, "the file")

    def index(self, source: int, asked_by: str) -> int:
        """The place in `materials` of the document's material `source`."""
        if source not in self._known:
            entry = self._document.entry("materials", source, asked_by=asked_by)
            reader = _MaterialReader(entry, self._texture, self._warn)
            self._known[source] = len(self.materials)
            material, gloss = reader.material()
            if gloss is not None:
                material = convert(material, gloss, self.images)
            self.materials.append(material)
            self._uses.append(reader.uv_use or UvUse())
        return self._known[source]

    def uv_use(self, index: int | None) -> UvUse:
        """The UVs that `materials[index]` reads; the first set where there is no material."""
        return UvUse() if index is None else self._uses[index]

    def _texture(self, index: int, asked_by: str) -> TextureRef | None:
        texture = self._document.entry("textures", index, asked_by=asked_by)
        wraps = [10497, 10497]
        sampler_index = texture.integer("sampler", None)
        if sampler_index is not None:
            sampler = self._document.entry("samplers", sampler_index, asked_by=texture.where)
            wraps = [sampler.integer("wrapS", 10497), sampler.integer("wrapT", 10497)]
        image = self._first_readable(texture)
        if image is None:
            return None
        wrap_u, wrap_v = (WRAP_MODES.get(code, "repeat") for code in wraps)
        return TextureRef(image=image, wrap_u=wrap_u, wrap_v=wrap_v)

    def _first_readable(self, texture: Fields) -> int | None:
        """The plain source if it can be read, else another one: a plain one keeps its bytes."""
        others = [texture.extension(name) for name in _OTHER_SOURCES]
        for entry in (texture, *others):
            source = None if entry is None else entry.integer("source", None)
            if source is not None:
                found = self._image(source, asked_by=texture.where)
                if found is not None:
                    return found
        if "extensions" in texture and "source" not in texture and not any(others):
            self._warn("unsupported_texture")
        return None

    def _image(self, index: int, *, asked_by: str) -> int | None:
        if index not in self._known_images:
            self._known_images[index] = self._read_image(index, asked_by)
        return self._known_images[index]

    def _read_image(self, index: int, asked_by: str) -> int | None:
        entry = self._document.entry("images", index, asked_by=asked_by)
        data = self._image_bytes(entry)
        if data is None:
            self._warn("missing_texture")
            return None
        image = self._read_picture(data, entry.text("name"), entry.text("mimeType"))
        if image is None:
            return None
        self.images.append(image)
        return len(self.images) - 1

    def _image_bytes(self, entry: Fields) -> bytes | None:
        view = entry.integer("bufferView", None)
        if view is not None:
            return bytes(self._accessors.view(view, asked_by=entry.where)[0])
        return self._files.read_uri(entry.text("uri")) if "uri" in entry else None


class _MaterialReader:
    """One material; the first texture read decides which UVs the others may use."""

    def __init__(
        self,
        entry: Fields,
        texture: Callable[[int, str], TextureRef | None],
        warn: Callable[[str], None],
    ) -> None:
        self._entry = entry
        self._texture = texture
        self._warn = warn
        self.uv_use: UvUse | None = None

    def material(self) -> tuple[Material, Gloss | None]:
        """The material; factors outside [0, 1] are clipped.

        With a `Gloss` it is still one of diffuse and specular light, to be converted.
        """
        entry = self._entry
        surface = entry.child("pbrMetallicRoughness") or Fields({}, entry.where)
        glossy = entry.extension("KHR_materials_pbrSpecularGlossiness")
        color_keys = ("baseColorFactor", "baseColorTexture")
        if glossy is not None:
            surface, color_keys = glossy, ("diffuseFactor", "diffuseTexture")
        alpha_mode = self._alpha_mode()
        color_texture = self._use(surface, color_keys[1])
        normal_texture = self._use(entry, "normalTexture")
        normal = entry.child("normalTexture")
        material = Material(
            name=entry.text("name"),
            base_color=cast(
                tuple[float, float, float, float],
                _unit(surface.numbers(color_keys[0], 4) or [1.0] * 4),
            ),
            base_color_texture=color_texture,
            metallic=_unit([surface.number("metallicFactor", 1.0)])[0],
            roughness=_unit([surface.number("roughnessFactor", 1.0)])[0],
            metallic_roughness_texture=self._use(surface, "metallicRoughnessTexture"),
            normal_texture=normal_texture,
            normal_scale=normal.number("scale", 1.0) if normal and normal_texture else 1.0,
            occlusion_texture=self._use(entry, "occlusionTexture"),
            emissive=self._emissive(),
            emissive_texture=self._use(entry, "emissiveTexture"),
            alpha_mode=alpha_mode,
            alpha_cutoff=entry.number("alphaCutoff", 0.5) if alpha_mode == "MASK" else 0.5,
            double_sided=entry.flag("doubleSided"),
        )
        return material, None if glossy is None else self._gloss(glossy)

    def _gloss(self, glossy: Fields) -> Gloss:
        """The default specular factor is white, a mirror; who says nothing of it means no metal."""
        texture = self._use(glossy, "specularGlossinessTexture")
        told = glossy.numbers("specularFactor", 3) or [1.0 if texture else 0.0] * 3
        return Gloss(
            specular=cast(tuple[float, float, float], _unit(told)),
            glossiness=_unit([glossy.number("glossinessFactor", 1.0)])[0],
            texture=texture,
        )

    def _emissive(self) -> tuple[float, float, float]:
        """The factor, times KHR_materials_emissive_strength as far as [0, 1] allows."""
        strong = self._entry.extension("KHR_materials_emissive_strength")
        strength = 1.0 if strong is None else max(strong.number("emissiveStrength", 1.0), 0.0)
        factor = self._entry.numbers("emissiveFactor", 3) or [0.0] * 3
        return cast(tuple[float, float, float], _unit([part * strength for part in factor]))

    def _alpha_mode(self) -> AlphaMode:
        found = self._entry.text("alphaMode", "OPAQUE")
        if found not in ("OPAQUE", "MASK", "BLEND"):
            raise Rejected(
                "invalid_gltf",
                f"{self._entry.where}.alphaMode is {found!r}, expected OPAQUE, MASK or BLEND",
            )
        return cast(AlphaMode, found)

    def _use(self, holder: Fields, key: str) -> TextureRef | None:
        info = holder.child(key)
        if info is None:
            return None
        use = _uv_use(info)
        if self.uv_use is not None and use != self.uv_use:
            self._warn("dropped_texture")
            return None
        texture = self._texture(info.needed_integer("index"), info.where)
        if texture is not None:
            self.uv_use = use
        return texture


def _uv_use(info: Fields) -> UvUse:
    uv_set = info.integer("texCoord", 0)
    transform = info.extension("KHR_texture_transform")
    if transform is None:
        return UvUse(uv_set=uv_set)
    u, v = transform.numbers("offset", 2) or [0.0, 0.0]
    scale_u, scale_v = transform.numbers("scale", 2) or [1.0, 1.0]
    turn = transform.number("rotation", 0.0)
    cosine, sine = math.cos(turn), math.sin(turn)
    return UvUse(
        uv_set=transform.integer("texCoord", uv_set),
        affine=(cosine * scale_u, sine * scale_v, u, -sine * scale_u, cosine * scale_v, v),
    )


def _unit(values: list[float]) -> tuple[float, ...]:
    return tuple(min(max(value, 0.0), 1.0) for value in values)
