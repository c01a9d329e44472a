"""The materials of an OBJ file.

MTL predates physically based shading: `Kd` and `map_Kd` become the base colour, the exponent `Ns` a
roughness as Blender maps it, `d` the opacity. Numbers that cannot be read keep their defaults; a
broken MTL never rejects an object.
"""

from __future__ import annotations

import math
import posixpath
from collections.abc import Callable, Mapping

from partworks.geometry.formats.text import decode_text
from partworks.geometry.mesh import Image, Material, TextureRef, Wrap
from partworks.geometry.pictures import ReadPicture
from partworks.geometry.side_files import SideFiles

Statements = Mapping[str, str]
_OPTION_WIDTH = {"-mm": 2, "-o": 3, "-s": 3, "-t": 3}


def parse_mtl(data: bytes) -> dict[str, Statements]:
    """Material name -> lower-case keyword -> the rest of its line; the first of a name counts."""
    materials: dict[str, Statements] = {}
    current: dict[str, str] = {}
    for line in decode_text(data).split("\n"):
        keyword, _, rest = line.strip().replace("\t", " ").partition(" ")
        if keyword.lower() == "newmtl":
            current = {}
            materials.setdefault(rest.strip(), current)
        elif keyword and not keyword.startswith("#"):
            current[keyword.lower()] = rest.strip()
    return materials


class MtlLibrary:
    """The material libraries that an OBJ names, and the images that they name.

    Args:
        files: the side files of the OBJ.
        read_picture: checks an image, see `pictures.Pictures.read`.
        warn: takes `missing_material_file` and `missing_texture`.
    """

    def __init__(
        self, files: SideFiles, *, read_picture: ReadPicture, warn: Callable[[str], None]
    ) -> None:
        self._files = files
        self._read_picture = read_picture
        self._warn = warn
        self._statements: dict[str, tuple[Statements, str]] = {}
        self._known_images: dict[str, int | None] = {}
        self.images: list[Image] = []

    def add(self, name: str) -> None:
        """Read the library of an `mtllib` line: one file whose name may hold spaces, or several."""
        whole = self._files.find(name)
        names = [name] if whole is not None else name.split()
        for each in names:
            found = self._files.find(each)
            if found is None:
                self._warn("missing_material_file")
                continue
            path, content = found
            for material, statements in parse_mtl(content).items():
                self._statements.setdefault(material, (statements, posixpath.dirname(path)))

    def material(self, name: str) -> Material:
        """The material called `name`; a plain one of that name where no library has it."""
        statements, folder = self._statements.get(name, ({}, ""))
        color_map = self._texture(statements, ("map_kd",), folder)
        # Exporters leave Kd black beside a map, and viewers then show the map alone.
        color = (1.0, 1.0, 1.0) if color_map else _color(statements, "kd", (0.8, 0.8, 0.8))
        opacity = _opacity(statements)
        masked = "map_d" in statements and color_map is not None
        return Material(
            name=name,
            base_color=(*color, opacity),
            base_color_texture=color_map,
            metallic=_number(statements, "pm", 0.0),
            roughness=_roughness(statements),
            normal_texture=self._texture(statements, ("norm", "map_kn"), folder),
            emissive=_color(statements, "ke", (0.0, 0.0, 0.0)),
            emissive_texture=self._texture(statements, ("map_ke",), folder),
            alpha_mode="BLEND" if opacity < 1 else "MASK" if masked else "OPAQUE",
            double_sided=True,
        )

    def _texture(
        self, statements: Statements, keys: tuple[str, ...], folder: str
    ) -> TextureRef | None:
        line = next((statements[key] for key in keys if statements.get(key)), None)
        if line is None:
            return None
        path, wrap = _map_path(line)
        found = self._files.find(path, folder=folder) if path else None
        if found is None:
            self._warn("missing_texture")
            return None
        image = self._image(*found)
        return None if image is None else TextureRef(image=image, wrap_u=wrap, wrap_v=wrap)

    def _image(self, path: str, content: bytes) -> int | None:
        if path not in self._known_images:
            picture = self._read_picture(content, posixpath.basename(path), "")
            self._known_images[path] = None if picture is None else len(self.images)
            if picture is not None:
                self.images.append(picture)
        return self._known_images[path]


def _map_path(line: str) -> tuple[str, Wrap]:
    """The file name of a `map_` line, whose options come first, and how it wraps."""
    tokens = line.split()
    wrap: Wrap = "repeat"
    start = 0
    while start < len(tokens) and tokens[start].startswith("-"):
        option = tokens[start].lower()
        if option == "-clamp" and tokens[start + 1 : start + 2] == ["on"]:
            wrap = "clamp"
        most = start + 1 + _OPTION_WIDTH.get(option, 1)
        start += 1
        if option in ("-o", "-s", "-t"):  # one to three numbers
            while start < min(most, len(tokens)) and _parse(tokens[start]) is not None:
                start += 1
        else:
            start = most
    return " ".join(tokens[start:]), wrap


def _parse(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _number(statements: Statements, key: str, default: float) -> float:
    words = statements.get(key, "").split()
    found = _parse(words[-1]) if words else None  # `d -halo 0.5` ends in its number
    return default if found is None else min(max(found, 0.0), 1.0)


def _color(
    statements: Statements, key: str, default: tuple[float, float, float]
) -> tuple[float, float, float]:
    numbers = [_parse(word) for word in statements.get(key, "").split()[:3]]
    red, green, blue = (numbers * 3)[:3] if len(numbers) == 1 else (numbers + [None] * 3)[:3]
    if red is None or green is None or blue is None:
        return default
    return (_unit(red), _unit(green), _unit(blue))


def _unit(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _opacity(statements: Statements) -> float:
    opacity = _number(statements, "d", 1.0 - _number(statements, "tr", 0.0))
    # Exporters disagree on which of `d` and `Tr` is 1 for opaque; an invisible part is never meant.
    return opacity if opacity > 0 else 1.0


def _roughness(statements: Statements) -> float:
    if "pr" in statements:
        return _number(statements, "pr", 0.5)
    exponent = _parse((statements.get("ns") or "250").split()[-1])
    return 1 - math.sqrt(min(max(250.0 if exponent is None else exponent, 0.0), 1000.0) / 1000)
