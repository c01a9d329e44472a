"""COLLADA's effects as metallic-roughness materials.

An effect predates physically based shading: `diffuse` becomes the base colour, the exponent
`shininess` a roughness as for OBJ, `transparent` and `transparency` the opacity.
"""

from __future__ import annotations

import math
import posixpath
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from collada.material import OPAQUE_MODE, Map

from partworks.geometry.mesh import Image, Material, TextureRef
from partworks.geometry.pictures import ReadPicture
from partworks.geometry.side_files import SideFiles


class DaeMaterials:
    """The materials that were asked for, and the images that they name.

    Args:
        files: the side files of the model.
        read_picture: checks an image, see `pictures.Pictures.read`.
        warn: takes `missing_texture`.
    """

    def __init__(
        self, files: SideFiles, *, read_picture: ReadPicture, warn: Callable[[str], None]
    ) -> None:
        self._files = files
        self._read_picture = read_picture
        self._warn = warn
        self._known: dict[int, int] = {}
        self._known_images: dict[str, int | None] = {}
        self.materials: list[Material] = []
        self.images: list[Image] = []

    def index(self, target: Any) -> int:
        """The place in `materials` of pycollada's material `target`."""
        if id(target) not in self._known:
            self._known[id(target)] = len(self.materials)
            self.materials.append(self._material(target))
        return self._known[id(target)]

    def _material(self, target: Any) -> Material:
        effect = target.effect
        color_map = self._texture(effect.diffuse)
        color = (1.0, 1.0, 1.0) if color_map else _rgb(effect.diffuse, 0.8)
        opacity = _opacity(effect)
        cut = isinstance(effect.transparent, Map) and color_map is not None
        emissive_map = self._texture(effect.emission)
        return Material(
            name=str(target.name or target.id or ""),
            base_color=(*color, opacity),
            base_color_texture=color_map,
            metallic=0.0,
            roughness=_roughness(effect.shininess),
            normal_texture=self._texture(effect.bumpmap),
            emissive=(1.0, 1.0, 1.0) if emissive_map else _rgb(effect.emission, 0.0),
            emissive_texture=emissive_map,
            alpha_mode="BLEND" if opacity < 1 else "MASK" if cut else "OPAQUE",
            double_sided=True,
        )

    def _texture(self, value: Any) -> TextureRef | None:
        if not isinstance(value, Map):
            return None
        path = unquote(str(value.sampler.surface.image.path or "")).removeprefix("file://")
        found = self._files.find(path) if path else None
        if found is None:
            self._warn("missing_texture")
            return None
        name, content = found
        if name not in self._known_images:
            picture = self._read_picture(content, posixpath.basename(name), "")
            self._known_images[name] = None if picture is None else len(self.images)
            if picture is not None:
                self.images.append(picture)
        index = self._known_images[name]
        return None if index is None else TextureRef(image=index)


def uv_set(use: Any) -> str | None:
    """The `set` of the UVs that a MaterialNode's diffuse texture reads, None where it is silent."""
    diffuse = use.target.effect.diffuse
    if not isinstance(diffuse, Map):
        return None
    bound = [each[2] for each in use.inputs if each[0] == diffuse.texcoord]
    return None if not bound or bound[0] is None else str(bound[0])


def _rgb(value: Any, default: float) -> tuple[float, float, float]:
    try:
        red, green, blue = (min(max(float(part), 0.0), 1.0) for part in list(value)[:3])
    except (TypeError, ValueError):
        return (default, default, default)
    return (red, green, blue)


def _number(value: Any) -> float | None:
    found = float(value) if isinstance(value, int | float) else None
    return found if found is not None and math.isfinite(found) else None


def _opacity(effect: Any) -> float:
    """COLLADA 1.4, chapter 7: the alpha of `transparent`, or what its colour leaves."""
    share = _number(effect.transparency)
    share = 1.0 if share is None else share
    if effect.transparent is None or isinstance(effect.transparent, Map):
        opacity = share
    elif effect.opaque_mode == OPAQUE_MODE.RGB_ZERO:
        share = share or 1.0  # pycollada's default here is 0, the format's is 1
        red, green, blue = _rgb(effect.transparent, 0.0)
        opacity = 1 - share * (0.212671 * red + 0.71516 * green + 0.072169 * blue)
    else:
        parts = list(effect.transparent)
        opacity = share * (float(parts[3]) if len(parts) > 3 else 1.0)
    # Exporters disagree on which end is opaque; an invisible part is never meant.
    return min(opacity, 1.0) if 0 < opacity < math.inf else 1.0


def _roughness(shininess: Any) -> float:
    exponent = _number(shininess)
    return 1 - math.sqrt(min(max(250.0 if exponent is None else exponent, 0.0), 1000.0) / 1000)
