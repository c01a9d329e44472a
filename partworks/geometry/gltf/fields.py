"""Typed reads of foreign JSON: each value is checked where it is taken, and named if wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

from partworks.errors import Rejected

DefaultT = TypeVar("DefaultT")


class Fields:
    """One JSON object of a glTF document, with its place in the document for messages.

    Every reader rejects a value of the wrong JSON type with `invalid_gltf`; an absent one gives the
    default.
    """

    __slots__ = ("_values", "where")

    def __init__(self, values: object, where: str) -> None:
        self.where = where
        if not isinstance(values, dict):
            raise Rejected("invalid_gltf", f"{where} is {_kind(values)}, expected a JSON object")
        self._values: Mapping[str, Any] = values

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def _wrong(self, key: str, expected: str) -> NoReturn:
        found = _kind(self._values[key])
        raise Rejected("invalid_gltf", f"{self.where}.{key} is {found}, expected {expected}")

    def value(self, key: str) -> Any:
        """The JSON value as it is, None where absent."""
        return self._values.get(key)

    def integer(self, key: str, default: DefaultT) -> int | DefaultT:
        """A whole number >= 0; 3.0 counts as one, as in JSON it is."""
        found = self._values.get(key)
        if found is None:
            return default
        if isinstance(found, float) and found.is_integer():
            found = int(found)
        if type(found) is not int or not 0 <= found < 1 << 53:
            self._wrong(key, "a whole number >= 0")
        return found

    def needed_integer(self, key: str) -> int:
        """A whole number >= 0 that must be there."""
        found = self.integer(key, None)
        if found is None:
            raise Rejected("invalid_gltf", f"{self.where} has no {key}, expected a number")
        return found

    def number(self, key: str, default: float) -> float:
        """A finite number."""
        found = self._values.get(key)
        if found is None:
            return default
        if not _is_number(found):
            self._wrong(key, "a finite number")
        return float(found)

    def numbers(self, key: str, count: int) -> list[float] | None:
        """`count` finite numbers."""
        found = self._values.get(key)
        if found is None:
            return None
        if not isinstance(found, list) or len(found) != count or not all(map(_is_number, found)):
            self._wrong(key, f"{count} finite numbers")
        return [float(number) for number in found]

    def indices(self, key: str) -> list[int]:
        """A list of whole numbers >= 0."""
        found = self._values.get(key)
        if found is None:
            return []
        if not isinstance(found, list) or any(type(x) is not int or x < 0 for x in found):
            self._wrong(key, "a list of whole numbers >= 0")
        return list(found)

    def text(self, key: str, default: str = "") -> str:
        """A string that UTF-8 can encode: lone surrogates become U+FFFD."""
        found = self._values.get(key)
        if found is None:
            return default
        if not isinstance(found, str):
            self._wrong(key, "a string")
        return clean_text(found)

    def texts(self, key: str) -> list[str]:
        """A list of strings."""
        found = self._values.get(key)
        if found is None:
            return []
        if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
            self._wrong(key, "a list of strings")
        return [clean_text(text) for text in found]

    def flag(self, key: str, default: bool = False) -> bool:
        """True or false."""
        found = self._values.get(key)
        if found is None:
            return default
        if not isinstance(found, bool):
            self._wrong(key, "true or false")
        return found

    def child(self, key: str) -> Fields | None:
        """A JSON object within this one."""
        found = self._values.get(key)
        return None if found is None else Fields(found, f"{self.where}.{key}")

    def children(self, key: str) -> list[Fields]:
        """A list of JSON objects."""
        found = self._values.get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            self._wrong(key, "a list")
        place = f"{self.where}.{key}" if self.where != "document" else key
        return [Fields(entry, f"{place}[{index}]") for index, entry in enumerate(found)]

    def integers(self, key: str) -> dict[str, int]:
        """A JSON object whose values are whole numbers >= 0, such as a primitive's attributes."""
        inner = self.child(key)
        return {} if inner is None else {name: inner.needed_integer(name) for name in inner._values}

    def extension(self, name: str) -> Fields | None:
        """The object that an extension adds to this one."""
        extensions = self.child("extensions")
        return None if extensions is None else extensions.child(name)


def clean_text(text: str) -> str:
    """Replace lone surrogates, which JSON can spell and UTF-8 cannot, by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond float64
        return False


def _kind(value: object) -> str:
    shown = repr(value)
    return f"{type(value).__name__} {shown if len(shown) <= 60 else shown[:57] + '...'}"
