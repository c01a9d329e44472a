"""The JSON of a glTF file: parsed, checked for version and extensions, its tables at hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NoReturn

from partworks.errors import Rejected
from partworks.geometry.gltf.fields import Fields, clean_text

SUPPORTED_EXTENSIONS = frozenset(
    {
        "EXT_mesh_gpu_instancing",
        "EXT_meshopt_compression",
        "EXT_texture_webp",
        "KHR_draco_mesh_compression",
        "KHR_mesh_quantization",
        "KHR_meshopt_compression",
        "KHR_node_visibility",
        "KHR_texture_transform",
        # Nothing of these is part of the object.
        "EXT_lights_image_based",
        "KHR_animation_pointer",
        "KHR_lights_punctual",
        "KHR_xmp_json_ld",
        # Their textures are dropped with a warning.
        "KHR_texture_basisu",
        "MSFT_texture_dds",
    }
)
# A material extension changes how a surface shines, not its shape or faces.
_HARMLESS_PREFIX = "KHR_materials_"


class Document:
    """A glTF document whose entries are looked up by table and index.

    Args:
        text: the JSON, in UTF-8.
        binary: the BIN chunk of the GLB it came in, or None.

    Raises:
        Rejected: `invalid_json`, `invalid_gltf`, `unsupported_version` or
            `unsupported_extension`.
    """

    def __init__(self, text: bytes, binary: memoryview | None) -> None:
        self.root = Fields(_parse(text), "document")
        self.binary = binary
        self._tables: dict[str, list[Fields]] = {}
        _check_version(self.root)
        _check_extensions(self.root)

    def table(self, name: str) -> list[Fields]:
        """A top-level list such as `nodes`, empty where absent."""
        if name not in self._tables:
            self._tables[name] = self.root.children(name)
        return self._tables[name]

    def entry(self, table: str, index: int, *, asked_by: str) -> Fields:
        """The entry that `asked_by` refers to; rejects `dangling_reference` if there is none."""
        entries = self.table(table)
        if index >= len(entries):
            raise Rejected(
                "dangling_reference",
                f"{asked_by} refers to {table}[{index}], the file has {len(entries)} {table}",
            )
        return entries[index]

    @cached_property
    def extras(self) -> Mapping[str, Any]:
        """`asset.extras`, with `asset.copyright` added where it says one; empty where absent."""
        asset = self.root.child("asset")
        assert asset is not None, "checked with the version"
        extras = asset.value("extras")
        told: dict[str, Any] = _writable(extras) if isinstance(extras, dict) else {}
        if asset.text("copyright"):
            told.setdefault("copyright", asset.text("copyright"))
        return told


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _parse(text: bytes) -> object:
    try:
        return json.loads(text.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except RecursionError:
        raise Rejected("invalid_json", "the JSON is nested too deeply to read") from None
    except ValueError as error:
        raise Rejected("invalid_json", f"the glTF's JSON cannot be parsed: {error}") from None


def _writable(value: dict[str, Any]) -> dict[str, Any]:
    """The same JSON without what cannot be written again: lone surrogates, numbers beyond float."""
    try:
        text = clean_text(json.dumps(value, ensure_ascii=False))
        cleaned: dict[str, Any] = json.loads(text, parse_constant=lambda name: None)
    except RecursionError:
        raise Rejected("invalid_json", "asset.extras is nested too deeply to read") from None
    return cleaned


def _check_version(root: Fields) -> None:
    asset = root.child("asset")
    if asset is None:
        raise Rejected("invalid_gltf", "the JSON has no asset, which every glTF 2.0 file has")
    version = asset.text("minVersion") or asset.text("version")
    if version.split(".")[0] != "2":
        raise Rejected("unsupported_version", f"glTF version {version!r}, expected 2.x")


def _check_extensions(root: Fields) -> None:
    required = root.texts("extensionsRequired")
    unknown = sorted(
        name
        for name in required
        if name not in SUPPORTED_EXTENSIONS and not name.startswith(_HARMLESS_PREFIX)
    )
    if unknown:
        raise Rejected(
            "unsupported_extension", f"the file requires {', '.join(unknown)}, which is not known"
        )
