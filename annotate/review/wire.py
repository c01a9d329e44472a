"""Operations as JSON, strictly: what has a field too many, too few or of another type is refused.

Every field is there under its own name, besides `kind`; only `apart` of a refine may be left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from annotate.review.errors import OperationError
from annotate.review.operations import KINDS, Operation

MOST_NUMBER = 2**31 - 1
MOST_TIME = 2**53 - 1
MOST_LIST = 500_000
"""Numbers in one list of an operation: a run for every second face of a mesh of 500,000."""

MOST_NAME_BYTES = 200

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WORD = re.compile(r"[a-z0-9_-]{1,40}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

OPTIONAL = frozenset({"apart"})


def operation_to_json(operation: Operation) -> dict[str, Any]:
    """The JSON object of an operation: `id`, `at`, `tool`, `kind` and its own fields."""
    found: dict[str, Any] = {"kind": operation.kind}
    for field in fields(operation):
        found[field.name] = _listed(getattr(operation, field.name))
    return found


def operation_from_json(value: object) -> Operation:
    """The operation that a JSON object says.

    Raises:
        OperationError: `malformed`, `unknown_kind`, `too_large` or `bad_name`.
    """
    if not isinstance(value, dict):
        raise OperationError("malformed", f"an operation is an object, not {_type(value)}")
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise OperationError(
            "unknown_kind", f"kind is {kind!r:.60}; there are {', '.join(sorted(KINDS))}"
        )
    names = [field.name for field in fields(KINDS[kind])]
    extra = sorted(str(key)[:40] for key in value.keys() - {*names, "kind"})
    missing = sorted({*names} - OPTIONAL - value.keys())
    if extra or missing:
        raise OperationError(
            "malformed",
            f"a {kind} has the fields {', '.join(names)}; missing: {', '.join(missing) or 'none'}, "
            f"not known: {', '.join(extra[:5]) or 'none'}",
        )
    readers = {**_READERS, **_READERS_OF.get(kind, {})}
    arguments = {name: readers[name](name, value[name]) for name in names if name in value}
    return KINDS[kind](**arguments)


def _listed(value: Any) -> Any:
    return [_listed(item) for item in value] if isinstance(value, tuple) else value


def _type(value: object) -> str:
    return type(value).__name__


def _number(name: str, value: object, *, most: int = MOST_NUMBER) -> int:
    # True is an int in Python and a boolean in JSON; 1.0 is an int in JavaScript only.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise OperationError(
            "malformed", f"{name} must be a whole number in [0, {most}], not {value!r:.40}"
        )
    return value


def _numbers(name: str, value: object) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise OperationError("malformed", f"{name} must be a list, not {_type(value)}")
    if len(value) > MOST_LIST:
        raise OperationError(
            "too_large", f"{name} has {len(value)} numbers; {MOST_LIST} are the most"
        )
    return tuple(_number(name, item) for item in value)


def _lists(name: str, value: object) -> tuple[tuple[int, ...], ...]:
    if not isinstance(value, list):
        raise OperationError("malformed", f"{name} must be a list of lists, not {_type(value)}")
    if len(value) > MOST_LIST:
        raise OperationError("too_large", f"{name} has {len(value)} lists; {MOST_LIST} is the most")
    return tuple(_numbers(name, item) for item in value)


def _truth(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise OperationError("malformed", f"{name} must be true or false, not {value!r:.40}")
    return value


def _identifier(name: str, value: object) -> str:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise OperationError("malformed", f"{name} must be a UUID in lower case, not {value!r:.60}")
    return value


def _word(name: str, value: object) -> str:
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise OperationError(
            "malformed", f"{name} must be 1 to 40 of a-z, 0-9, _ and -, not {value!r:.60}"
        )
    return value


def _name(name: str, value: object) -> str:
    """A line of text: what is shown to people must neither hide nor break a page."""
    if not isinstance(value, str):
        raise OperationError("malformed", f"{name} must be text, not {_type(value)}")
    try:
        size = len(value.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise OperationError("bad_name", "the name has half of a surrogate pair") from error
    if size > MOST_NAME_BYTES:
        raise OperationError("bad_name", f"the name has {size} bytes; {MOST_NAME_BYTES} is most")
    if _CONTROL.search(value) or value != value.strip(" "):
        raise OperationError(
            "bad_name", "a name has no control characters, and no spaces around it; retype it"
        )
    return value


_READERS: dict[str, Callable[[str, object], Any]] = {
    "id": _identifier,
    "at": lambda name, value: _number(name, value, most=MOST_TIME),
    "tool": _word,
    "groups": _numbers,
    "group": _number,
    "atoms": _numbers,
    "atom": _number,
    "faces": _numbers,
    "method": _word,
    "apart": _truth,
    "count": _number,
    "name": _name,
    "dropped": _truth,
}

_READERS_OF: dict[str, dict[str, Callable[[str, object], Any]]] = {"cleave": {"atoms": _lists}}
