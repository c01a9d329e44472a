from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from partworks.errors import Rejected
from partworks.geometry.gltf.accessors import Accessors
from partworks.geometry.gltf.container import split_glb
from partworks.geometry.gltf.document import Document
from partworks.geometry.load import load_mesh
from partworks.geometry.side_files import SideFiles
from tests.geometry.made_gltf import MadeGltf
from tests.geometry.meshopt.reference import Case, cases
from tests.shared_assets import requires_shared, shared

GRID = next(case for case in cases("TRIANGLES") if case.name == "triangles grid 4")
SIDE = 15
NAMES = ("EXT_meshopt_compression", "KHR_meshopt_compression")


def sheet(name: str = NAMES[0], **bent: Any) -> MadeGltf:
    """A grid of 14 × 14 squares whose indices are compressed and have no plain copy."""
    made = MadeGltf()
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    points = np.stack([x, y, 0 * x], axis=-1).reshape(-1, 3).astype(np.float32)
    plain, stream = made.view(bytes(4 * GRID.count)), made.view(GRID.stream)
    packed = {
        "buffer": 0,
        "byteOffset": made.json["bufferViews"][stream]["byteOffset"],
        "byteLength": len(GRID.stream),
        "byteStride": 4,
        "mode": "TRIANGLES",
        "count": GRID.count,
        **bent,
    }
    made.json["bufferViews"][plain].update(buffer=1, extensions={name: packed})
    made.json["buffers"].append({"byteLength": 4 * GRID.count, "extensions": {name: {}}})
    made.json["extensionsRequired"] = [name]
    made.json["accessors"].append(
        {"bufferView": plain, "componentType": 5125, "count": GRID.count, "type": "SCALAR"}
    )
    made.mesh({"indices": 0, "attributes": {"POSITION": made.array(points)}})
    return made


@pytest.mark.parametrize("name", NAMES)
def test_compressed_indices_give_the_grid(name: str) -> None:
    mesh = load_mesh(sheet(name).to_glb(), "glb").mesh
    corners = mesh.vertices[mesh.faces]
    areas = np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    np.testing.assert_array_equal(areas, 1)
    # The squares one after another, as they were encoded.
    np.testing.assert_array_equal(
        corners.min(axis=1)[::2, :2],
        np.indices((14, 14)).transpose(1, 2, 0).reshape(-1, 2)[:, ::-1],
    )


@pytest.mark.parametrize(
    ("bent", "reason"),
    [
        ({"count": GRID.count + 3}, "bad_meshopt"),
        ({"count": 1 << 40}, "too_large"),
        ({"byteStride": 3}, "bad_meshopt"),
        ({"byteStride": 1 << 40}, "too_large"),
        ({"mode": "SPIRALS"}, "bad_meshopt"),
        ({"mode": "ATTRIBUTES"}, "bad_meshopt"),
        ({"mode": "ATTRIBUTES", "filter": "SHARP"}, "bad_meshopt"),
        ({"byteOffset": 1 << 20}, "bad_accessor"),
        ({"buffer": 1}, "missing_buffer"),
        ({"buffer": 9}, "dangling_reference"),
    ],
)
def test_compression_that_lies_is_named(bent: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        load_mesh(sheet(**bent).to_glb(), "glb")
    assert caught.value.reason == reason


@requires_shared
@pytest.mark.parametrize(
    ("name", "faces"),
    [
        ("meshopt_box.glb", 12),
        ("meshopt_pirate.glb", 5010),
        ("meshopt_no_fallback/meshopt-no-fallback.gltf", 60),
    ],
)
def test_real_files_have_the_bounds_that_they_claim(name: str, faces: int) -> None:
    path = shared("assets/nasty/real") / name
    data, side = path.read_bytes(), {p.name: p.read_bytes() for p in path.parent.glob("*.bin")}
    text, binary = split_glb(data) if path.suffix == ".glb" else (data, None)
    document = Document(text, binary)
    found = Accessors(document, SideFiles(side, max_bytes=1 << 20), max_count=1 << 20)
    claimed = [k for k, entry in enumerate(document.table("accessors")) if "min" in entry]
    assert claimed
    for index in claimed:
        entry = document.entry("accessors", index, asked_by="")
        values = found.read(index, asked_by="", types=("VEC3",))
        np.testing.assert_array_equal(values.min(axis=0), entry.numbers("min", 3))
        np.testing.assert_array_equal(values.max(axis=0), entry.numbers("max", 3))
    mesh = load_mesh(data, path.suffix, files=side).mesh
    assert mesh.face_count == faces
    for node in mesh.nodes:
        assert node.normals is not None
        lengths = np.linalg.norm(node.normals, axis=1)
        np.testing.assert_allclose(lengths, 1, atol=1e-5)


def test_the_case_is_the_grid() -> None:
    assert isinstance(GRID, Case)
    assert GRID.count == 14 * 14 * 2 * 3
