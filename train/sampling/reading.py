"""Layouts from files and from the objects of a training set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from partworks.errors import UsageError
from shards.reader import ShardIndex
from train.sampling.layout import Layout, PartLayout
from train.sampling.urdf_reading import layout_of_urdf

Captions = Literal["name", "short", "long"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UrdfLayout:
    """A JSON file that says what the links of a URDF are.

    Attributes:
        urdf: a path, from the folder of the JSON file.
        text: what the whole is; the robot's name where it is left out.
        texts: link to what it is; links that are left out go by their names.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    urdf: str
    text: str = ""
    texts: Mapping[str, str]


_ONE: TypeAdapter[Layout] = TypeAdapter(Layout)
_MANY: TypeAdapter[list[Layout]] = TypeAdapter(list[Layout])
_URDF: TypeAdapter[UrdfLayout] = TypeAdapter(UrdfLayout)


def read_layouts(path: Path) -> list[Layout]:
    """The layouts of a file: `.urdf`, or JSON of one layout, of a list, or of a `UrdfLayout`.

    Raises:
        UsageError: the file is absent, or not as it should be; it says where, and why.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the layout {path}: {error.strerror}") from error
    if path.suffix == ".urdf":
        return [layout_of_urdf(data, text="", texts={}, source=str(path))]
    kind = data.lstrip()[:1]
    try:
        if kind == b"[":
            return _MANY.validate_json(data)
        if re.search(rb'"urdf"\s*:', data) and b'"parts"' not in data:
            return [_through_urdf(_URDF.validate_json(data), path)]
        return [_ONE.validate_json(data)]
    except ValidationError as error:
        raise UsageError(f"{path} is no layout: {validation_message(error)}") from error


def layout_of_object(index: ShardIndex, key: str, *, captions: Captions = "short") -> Layout:
    """The boxes and captions of an object of a training set.

    Raises:
        UsageError: there is no such object.
    """
    return layout_of_table(key, sample_of(index, key, ("json",))["json"], captions=captions)


def layout_of_table(key: str, table: Mapping[str, Any], *, captions: Captions) -> Layout:
    """The same from the json of a sample."""
    names = _told_apart([row["name"] for row in table["parts"]])
    parts = [
        PartLayout(
            name=name,
            text=caption_of(row, captions, prefix="caption_"),
            box=(_point(row["box_min"]), _point(row["box_max"])),
        )
        for name, row in zip(names, table["parts"], strict=True)
    ]
    whole = caption_of(table["captions"], captions, prefix="") or "an object"
    return Layout(name=key, text=whole, parts=tuple(parts))


def sample_of(index: ShardIndex, key: str, members: tuple[str, ...]) -> dict[str, Any]:
    """Decoded members of an object.

    Raises:
        UsageError: there is no such object.
    """
    known = [each for split in index.splits() for each in index.keys(split)]
    if key not in known:
        raise UsageError(
            f"the training set at {index.url} has no object {key!r}; give one of its {len(known)} "
            f"keys, such as {', '.join(known[:3])}"
        )
    return dict(index.decode(key, members))


def validation_message(error: ValidationError) -> str:
    """What is wrong with a file, and where in it."""
    told = []
    for each in error.errors(include_url=False, include_input=False):
        place = ".".join(str(word) for word in each["loc"])
        message = each["msg"].removeprefix("Value error, ")
        told.append(f"{place}: {message}" if place else message)
    more = f" (and {len(told) - 3} more)" if len(told) > 3 else ""
    return "; ".join(told[:3]) + more


def _through_urdf(given: UrdfLayout, path: Path) -> Layout:
    source = path.parent / given.urdf
    try:
        data = source.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} names the URDF {source}, which cannot be read: {error.strerror}"
        ) from error
    return layout_of_urdf(data, text=given.text, texts=given.texts, source=str(source))


def caption_of(table: Mapping[str, Any], wanted: Captions, *, prefix: str) -> str:
    """The wanted caption, or the next best where nobody wrote it."""
    order = {"long": ("long", "short", "name"), "short": ("short", "long", "name")}
    for kind in order.get(wanted, ("name",)):
        if text := str(table.get(f"{prefix}{kind}") or "").strip():
            return text
    return ""


def _told_apart(names: list[str]) -> list[str]:
    """Names that differ, by a number where they did not."""
    short = [name[:56] or "part" for name in names]
    return [
        name if short.count(name) == 1 else f"{name} {short[: row + 1].count(name)}"
        for row, name in enumerate(short)
    ]


def _point(values: list[float]) -> tuple[float, float, float]:
    x, y, z = values
    return float(x), float(y), float(z)
