"""The XML of a COLLADA file, parsed by pycollada, which trusts what it reads."""

from __future__ import annotations

import contextlib
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

from collada import Collada
from collada.common import DaeError, DaeUnsupportedError

from partworks.errors import Rejected
from partworks.geometry.formats.text import decode_text

_DECLARED = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def parse_dae(data: bytes) -> Collada:
    """The document.

    A document type is refused: it is where entities are declared, which can grow without end or
    name other files, and no exporter writes one.

    Raises:
        Rejected: `not_a_model`, `unsafe_path` or `invalid_dae`.
    """
    if zipfile.is_zipfile(io.BytesIO(data)):  # pycollada would unpack it, whatever its size
        raise Rejected("not_a_model", "the file is an archive named .dae; unpack it first")
    text = decode_text(data)
    if "<COLLADA" not in text[: 1 << 20]:
        raise Rejected("not_a_model", "the file has no COLLADA element; the download went wrong")
    if _DECLARED.search(text) is not None:
        raise Rejected("unsafe_path", "the XML declares a document type, where entities come from")
    with understood():
        # Nothing of the disk is read: images are looked up among the side files, later.
        return Collada(io.BytesIO(data), ignore=[DaeUnsupportedError], aux_file_loader=_nothing)


@contextlib.contextmanager
def understood() -> Iterator[None]:
    """Whatever pycollada stumbles over says that the file is broken."""
    try:
        with warnings.catch_warnings():
            # Numbers up to the first word that is none, as NumPy reads them, are not the file's.
            warnings.filterwarnings("error", message="string or file could not be read")
            yield
    except (
        DaeError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError,
        RecursionError, SyntaxError, AssertionError, DeprecationWarning,
    ) as error:  # fmt: skip
        told = getattr(error, "msg", None) or error
        raise Rejected("invalid_dae", f"the COLLADA file cannot be read: {told}"[:500]) from None


def _nothing(name: str) -> Any:
    return None
