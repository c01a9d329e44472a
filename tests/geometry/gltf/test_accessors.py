from typing import Any

import numpy as np
import pytest

from partworks.errors import Rejected
from partworks.geometry.gltf.accessors import Accessors, to_float
from partworks.geometry.gltf.container import split_glb
from partworks.geometry.gltf.document import Document
from partworks.geometry.side_files import SideFiles
from tests.geometry.made_gltf import MadeGltf

VEC3 = ("VEC3",)
VALUES = np.arange(12, dtype=np.float32).reshape(4, 3)


def accessors(made: MadeGltf, files: dict[str, bytes] | None = None) -> Accessors:
    document = Document(*split_glb(made.to_glb()))
    return Accessors(document, SideFiles(files or {}, max_bytes=1 << 20), max_count=1000)


def read(made: MadeGltf, index: int = 0) -> Any:
    return accessors(made).read(index, asked_by="the test", types=VEC3)


def made_with(**changes: Any) -> MadeGltf:
    made = MadeGltf()
    made.array(VALUES, **changes)
    return made


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "u4", "f4"])
def test_every_component_type(dtype: str) -> None:
    made = MadeGltf()
    made.array(VALUES.astype(dtype))
    found = read(made)
    assert found.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(found, VALUES)


def test_interleaved_and_unaligned_bytes() -> None:
    made = MadeGltf()
    rows = np.zeros(4, np.dtype([("pad", "u1"), ("xyz", "<f4", 3), ("more", "<u2")]))
    rows["xyz"] = VALUES
    made.array(VALUES)
    stride = rows.dtype.itemsize
    made.json["accessors"][0].update(bufferView=made.view(rows.tobytes(), byteStride=stride))
    made.json["accessors"][0]["byteOffset"] = 1
    np.testing.assert_array_equal(read(made), VALUES)


def sparse(made: MadeGltf, places: list[int], dtype: str = "u2") -> dict[str, Any]:
    return {
        "count": len(places),
        "indices": {
            "bufferView": made.view(np.array(places, dtype).tobytes()),
            "componentType": {"u2": 5123, "i2": 5122}[dtype],
        },
        "values": {"bufferView": made.view((-VALUES[: len(places)]).tobytes())},
    }


def test_sparse_values_replace_those_of_the_base() -> None:
    made = made_with()
    made.json["accessors"][0]["sparse"] = sparse(made, [3, 1])
    expected = VALUES.copy()
    expected[[3, 1]] = -VALUES[:2]
    np.testing.assert_array_equal(read(made), expected)


def test_sparse_values_without_a_base_replace_zeros() -> None:
    made = made_with()
    del made.json["accessors"][0]["bufferView"]
    made.json["accessors"][0]["sparse"] = sparse(made, [2])
    expected = np.zeros((4, 3))
    expected[2] = -VALUES[0]
    np.testing.assert_array_equal(read(made), expected)


@pytest.mark.parametrize("dtype", ["u2", "i2"])
def test_sparse_places_out_of_range(dtype: str) -> None:
    made = made_with()
    made.json["accessors"][0]["sparse"] = sparse(made, [4 if dtype == "u2" else -1], dtype)
    with pytest.raises(Rejected, match=r"bad_accessor.*beyond the 4"):
        read(made)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"count": 5}, "bad_accessor"),
        ({"count": 1 << 50}, "bad_accessor"),
        ({"count": -1}, "invalid_gltf"),
        ({"count": "4"}, "invalid_gltf"),
        ({"byteOffset": 1}, "bad_accessor"),
        ({"type": "VEC4"}, "bad_accessor"),
        ({"type": "VEC5"}, "bad_accessor"),
        ({"componentType": 5124}, "bad_accessor"),
        ({"bufferView": 7}, "dangling_reference"),
        ({"bufferView": None, "count": 1001}, "too_large"),
        ({"sparse": {"count": 1}}, "invalid_gltf"),
    ],
)
def test_broken_accessors_are_named(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        read(made_with(**changes))
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"byteLength": 49}, "bad_accessor"),
        ({"byteOffset": 1}, "bad_accessor"),
        ({"byteStride": 4}, "bad_accessor"),
        ({"byteStride": 16}, "bad_accessor"),
        ({"buffer": 1}, "dangling_reference"),
    ],
)
def test_broken_buffer_views_are_named(changes: dict[str, Any], reason: str) -> None:
    made = made_with()
    made.json["bufferViews"][0].update(changes)
    with pytest.raises(Rejected) as caught:
        read(made)
    assert caught.value.reason == reason


def test_a_buffer_that_says_more_than_it_holds() -> None:
    made = made_with()
    made.json["buffers"][0]["byteLength"] = 4096
    with pytest.raises(Rejected, match=r"truncated.*4096"):
        read(made)


def test_buffers_in_side_files() -> None:
    made = made_with()
    made.json["buffers"][0]["uri"] = "data%20of/mesh.bin"
    found = accessors(made, {"data of/mesh.bin": VALUES.tobytes()})
    np.testing.assert_array_equal(found.read(0, asked_by="", types=VEC3), VALUES)
    with pytest.raises(Rejected, match=r"missing_buffer.*data%20of/mesh.bin"):
        read(made)


def test_normalised_integers() -> None:
    """The equations of glTF 2.0, section 3.6.2.2."""
    signed = np.array([-128, -127, 0, 127], np.int8)
    np.testing.assert_array_equal(to_float(signed, normalized=True), [-1, -1, 0, 1])
    words = np.array([0, 65535], np.uint16)
    np.testing.assert_array_equal(to_float(words, normalized=True), [0, 1])
    np.testing.assert_array_equal(to_float(words, normalized=False), [0, 65535])
    floats = np.array([0.1, 7], np.float32)
    np.testing.assert_array_equal(to_float(floats, normalized=True), floats)
