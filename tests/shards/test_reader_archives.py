from __future__ import annotations

import io
import tracemalloc
import zipfile

import numpy as np
import pytest

from shards.reader import UndecodableError, read_arrays
from shards.reader.archives import check_layout
from tests.shards.reader_set import npz

RNG = np.random.default_rng(0)
ARRAYS = {
    "floats": RNG.normal(size=(3, 5, 6)).astype(np.float32),
    "columns": np.asfortranarray(RNG.normal(size=(4, 7))),
    "flags": RNG.random(9) < 0.5,
    "nothing": np.zeros((0, 4), np.int16),
    "scalar": np.float64(2.5),
    "words": np.array(["part", "label"]),
}


def archive(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in members.items():
            opened.writestr(f"{name}.npy", data)
    return buffer.getvalue()


def header(shape: str, descr: str = "<f4") -> bytes:
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}}}"
    text += " " * (117 - len(text)) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_are_those_of_numpy(save) -> None:  # type: ignore[no-untyped-def]
    buffer = io.BytesIO()
    save(buffer, **ARRAYS)
    own = read_arrays(buffer.getvalue())
    with np.load(io.BytesIO(buffer.getvalue())) as theirs:
        assert set(own) == set(theirs) == set(ARRAYS)
        for name, array in own.items():
            assert (array.dtype, array.shape) == (theirs[name].dtype, theirs[name].shape)
            np.testing.assert_array_equal(array, theirs[name])
            assert array.flags.writeable
            assert array.flags.c_contiguous


def test_only_what_is_asked_for_is_read() -> None:
    assert set(read_arrays(npz(**ARRAYS), only=("flags", "others"))) == {"flags"}


def test_pickled_objects_are_refused() -> None:
    with pytest.raises(UndecodableError, match="pickled objects, which are never read"):
        read_arrays(npz(values=np.array([{}], object)))


@pytest.mark.parametrize(
    "shape", ["(1000000000000,)", "(2147483648, 2147483648)", "(-1,)", "(0, 10**30)", "(3)", "[3]"]
)
def test_a_claimed_shape_is_not_believed(shape: str) -> None:
    tracemalloc.start()
    with pytest.raises(UndecodableError, match=r"claims|header"):
        read_arrays(archive(values=header(shape) + bytes(12)))
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_the_same_header_with_a_true_shape_is_read() -> None:
    values = read_arrays(archive(values=header("(3,)") + bytes(12)))["values"]
    assert values.tolist() == [0, 0, 0]


@pytest.mark.parametrize("descr", ["<U0", "<f9", "|O"])
def test_odd_types_are_refused(descr: str) -> None:
    with pytest.raises(UndecodableError):
        read_arrays(archive(values=header("(3,)", descr) + bytes(12)))


def test_a_huge_header_is_refused() -> None:
    text = b"(" * 60_000
    data = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text
    with pytest.raises(UndecodableError, match="header"):
        read_arrays(archive(values=data))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = archive(values=header("(50000000,)") + bytes(200_000_000))
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    with pytest.raises(UndecodableError, match="at most 100000000 allowed"):
        read_arrays(bomb, limit=100_000_000)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_a_bomb_that_lies_of_its_size_is_refused() -> None:
    bomb = bytearray(archive(values=header("(500000,)") + bytes(2_000_000)))
    true = (len(header("(500000,)")) + 2_000_000).to_bytes(4, "little")
    assert bomb.count(true) == 2
    tracemalloc.start()
    with pytest.raises(UndecodableError):
        read_arrays(bytes(bomb.replace(true, (1000).to_bytes(4, "little"))))
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_too_many_arrays_are_refused() -> None:
    with pytest.raises(UndecodableError, match="257 arrays in an archive, at most 256 allowed"):
        read_arrays(archive(**{f"a{number}": b"" for number in range(257)}))


def test_every_cut_and_every_flipped_bit_ends_in_that_error_or_the_same_arrays() -> None:
    """A bit may lie in a field that nothing reads, such as a time."""
    values = np.arange(12, dtype=np.int32).reshape(3, 4)
    whole = npz(values=values)
    refused = 0
    for size in range(len(whole)):
        with pytest.raises(UndecodableError):
            read_arrays(whole[:size])
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x04
        try:
            arrays = read_arrays(bytes(damaged))
        except UndecodableError:
            refused += 1
        else:
            assert all(np.array_equal(array, values) for array in arrays.values())
    assert refused > len(whole) // 2


def test_a_checksum_that_has_been_compared_need_not_be_again() -> None:
    whole = npz(values=np.arange(12, dtype=np.int32))
    damaged = bytearray(whole)
    damaged[whole.index(np.arange(4, 12, dtype=np.int32).tobytes())] ^= 0x40
    with pytest.raises(UndecodableError, match="another checksum"):
        read_arrays(bytes(damaged))
    assert read_arrays(bytes(damaged), check=False)["values"][4] == 4 ^ 0x40


def test_a_layout_ties_lengths_together() -> None:
    layout = {"a": ("float32", "P 3"), "b": ("int32", "P"), "c": ("int32", "Q")}
    arrays = {"a": np.zeros((4, 3), np.float32), "b": np.zeros(4, np.int32)}
    check_layout(arrays, layout, optional=("c",))
    with pytest.raises(UndecodableError, match="no array c; there are a, b"):
        check_layout(arrays, layout)
    with pytest.raises(UndecodableError, match=r"b is int32 \(5,\), expected int32 \(P\)"):
        check_layout({**arrays, "b": np.zeros(5, np.int32)}, layout, optional=("c",))
    with pytest.raises(UndecodableError, match="b is int64"):
        check_layout({**arrays, "b": np.zeros(4, np.int64)}, layout, optional=("c",))
    with pytest.raises(UndecodableError, match=r"a is float32 \(4, 2\)"):
        check_layout({**arrays, "a": np.zeros((4, 2), np.float32)}, layout, optional=("c",))
