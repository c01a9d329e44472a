"""The arrays of an `.npz`, read without trust.

`numpy.load` believes the shape that an array claims and the size that an archive claims, and takes
the memory before it looks. Here the zip's own table and every array's header are looked at first,
and pickled objects are refused.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from shards.reader.errors import UndecodableError

MAX_BYTES = 1 << 30
"""What the arrays of one archive may take unpacked, and so any member."""

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_LOCAL_SIGNATURE = b"PK\x03\x04"
_ENCRYPTED = 1

MAX_ARRAYS = 256
MAX_HEADER = 4096

Layout = Mapping[str, tuple[str, str]]
"""Array -> dtype and shape: a number is a length, a letter stands for the same length all over."""

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
"""What zipfile raises for bytes that are no sound archive, depending on which are wrong."""

_HEADERS: dict[tuple[int, int], Callable[..., tuple[tuple[int, ...], bool, np.dtype[Any]]]] = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
}


def read_arrays(
    data: bytes,
    *,
    only: Collection[str] | None = None,
    limit: int = MAX_BYTES,
    check: bool = True,
) -> dict[str, NDArray[Any]]:
    """The arrays of an archive by name, writable and contiguous.

    Args:
        data: the archive.
        only: the arrays to read; None means all.
        limit: bytes that the arrays may take.
        check: compare the arrays' checksums; needless where that of the archive has been compared.

    Raises:
        UndecodableError: if it is no archive of arrays, is broken, larger than `limit`, or has
            pickled objects.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = {info.filename: info for info in archive.infolist()}
            _check_sizes(entries, limit)
            return {
                name.removesuffix(".npy"): _read_array(
                    name, _unpack(data, archive, info, check=check)
                )
                for name, info in entries.items()
                if only is None or name.removesuffix(".npy") in only
            }
    except UndecodableError:
        raise
    except _BROKEN as error:
        raise UndecodableError(f"no sound archive of arrays: {error}") from error


def _unpack(
    data: bytes, archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, check: bool
) -> bytes | memoryview:
    if info.compress_type == zipfile.ZIP_DEFLATED:
        with archive.open(info) as stream:
            # Asked for everything, zipfile unpacks what there is, not what the table says.
            return stream.read(info.file_size)
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & _ENCRYPTED:
        raise UndecodableError(f"{info.filename} is packed by method {info.compress_type}")
    # What is stored as it is needs no copy on its way to an array.
    signature, name_size, extra_size = _LOCAL_HEADER.unpack_from(data, info.header_offset)
    start = info.header_offset + _LOCAL_HEADER.size + name_size + extra_size
    content = memoryview(data)[start : start + info.file_size]
    if signature != _LOCAL_SIGNATURE or len(content) != info.file_size:
        raise UndecodableError(f"{info.filename} is not where the archive has it")
    if check and zlib.crc32(content) != info.CRC:
        raise UndecodableError(f"{info.filename} has another checksum than the archive says")
    return content


def _check_sizes(entries: Mapping[str, zipfile.ZipInfo], limit: int) -> None:
    if len(entries) > MAX_ARRAYS:
        raise UndecodableError(f"{len(entries)} arrays in an archive, at most {MAX_ARRAYS} allowed")
    for name in entries:
        if not name.endswith(".npy"):
            raise UndecodableError(f"{name!r} in an archive of arrays, expected names in .npy")
    total = sum(info.file_size for info in entries.values())
    if total > limit:
        raise UndecodableError(f"arrays of {total} bytes, at most {limit} allowed")


def _read_array(name: str, content: bytes | memoryview) -> NDArray[Any]:
    stream = io.BytesIO(content[: MAX_HEADER + 16])
    try:
        read_header = _HEADERS[npy.read_magic(stream)]  # type: ignore[no-untyped-call]
        shape, fortran_order, dtype = read_header(stream, max_header_size=MAX_HEADER)
    except (ValueError, KeyError, SyntaxError, TypeError) as error:
        raise UndecodableError(f"{name} has no sound header: {error}") from error
    if dtype.hasobject:
        raise UndecodableError(f"{name} has pickled objects, which are never read")
    if not dtype.itemsize or not all(0 <= length <= MAX_BYTES for length in shape):
        raise UndecodableError(f"{name} claims {dtype} {shape}")
    start = stream.tell()
    count = int(np.prod(shape, dtype=object))
    if count * dtype.itemsize != len(content) - start:
        raise UndecodableError(
            f"{name} claims {dtype} {shape}, which is {count * dtype.itemsize} bytes, and has "
            f"{len(content) - start}"
        )
    flat: NDArray[Any] = np.zeros(0, dtype)
    if count:
        flat = np.frombuffer(content, dtype, count, start)
    return flat.reshape(shape[::-1]).T.copy("C") if fortran_order else flat.reshape(shape).copy()


def check_layout(
    arrays: Mapping[str, NDArray[Any]], layout: Layout, *, optional: Collection[str] = ()
) -> None:
    """UndecodableError unless the arrays are those of `layout`, in type and shape."""
    lengths: dict[str, int] = {}
    for name, (dtype, shape) in layout.items():
        if name not in arrays:
            if name in optional:
                continue
            raise UndecodableError(f"no array {name}; there are {', '.join(arrays) or 'none'}")
        array = arrays[name]
        expected = shape.split()
        fits = array.dtype == np.dtype(dtype) and array.ndim == len(expected)
        for word, length in zip(expected, array.shape, strict=False):
            fits = fits and length == (int(word) if word.isdigit() else lengths.get(word, length))
            lengths.setdefault(word, length)
        if not fits:
            known = {word: lengths[word] for word in expected if word.isalpha() and word in lengths}
            raise UndecodableError(
                f"{name} is {array.dtype} {array.shape}, expected {dtype} ({', '.join(expected)})"
                f" with {known}"
            )
