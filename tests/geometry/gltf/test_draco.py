from typing import Any

import DracoPy
import numpy as np
import pytest
import trimesh

from partworks.errors import Rejected
from partworks.geometry.gltf.draco import decode_draco
from partworks.geometry.load import LoadLimits, load_mesh
from tests.geometry.made_gltf import MadeGltf, volume
from tests.shared_assets import requires_shared, shared

SPHERE = trimesh.creation.icosphere(subdivisions=3)


def encoded(**options: Any) -> bytes:
    data: bytes = DracoPy.encode(
        SPHERE.vertices.astype(np.float32),
        SPHERE.faces.astype(np.uint32),
        quantization_bits=14,
        **options,
    )
    return data


def decode(data: bytes, *, faces: int = len(SPHERE.faces)) -> Any:
    return decode_draco(data, max_faces=faces, max_vertices=len(SPHERE.vertices), where="the test")


@pytest.mark.parametrize("options", [{}, {"preserve_order": True}])
def test_a_sphere_survives_compression(options: dict[str, Any]) -> None:
    found = decode(encoded(**options))
    positions = next(iter(found.attributes.values()))
    assert found.faces.shape == SPHERE.faces.shape
    assert volume(positions, found.faces) == pytest.approx(SPHERE.volume, rel=1e-3)
    if options:
        np.testing.assert_array_equal(found.faces, SPHERE.faces)


@pytest.mark.parametrize("options", [{}, {"preserve_order": True}])
def test_more_than_the_accessors_promise_is_refused_unread(options: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match=r"bad_draco.*642 vertices and 1280 faces"):
        decode(encoded(**options), faces=1279)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"DRACO",
        b"OCARD\x02\x02\x01\x01\0\0",
        b"DRACO\x09\x02\x01\x01\0\0",
        b"DRACO\x02\x02\x01\x01\0\0",
        b"DRACO\x02\x02\x01\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
        encoded()[:200],
        DracoPy.encode(SPHERE.vertices.astype(np.float32)),
    ],
)
def test_what_is_no_mesh_is_named(data: bytes) -> None:
    with pytest.raises(Rejected) as caught:
        decode(data)
    assert caught.value.reason == "bad_draco"


def made(*, promised: int = len(SPHERE.faces)) -> MadeGltf:
    found = MadeGltf()
    positions = {"componentType": 5126, "type": "VEC3", "count": len(SPHERE.vertices)}
    corners = {"componentType": 5125, "type": "SCALAR", "count": 3 * promised}
    found.json["accessors"] = [positions, corners]
    extension = {"bufferView": found.view(encoded()), "attributes": {"POSITION": 0}}
    found.json["extensionsRequired"] = ["KHR_draco_mesh_compression"]
    found.mesh(
        {
            "attributes": {"POSITION": 0},
            "indices": 1,
            "extensions": {"KHR_draco_mesh_compression": extension},
        }
    )
    return found


def test_a_compressed_primitive_is_read() -> None:
    mesh = load_mesh(made().to_glb(), "glb").mesh
    assert volume(mesh.vertices, mesh.faces) == pytest.approx(SPHERE.volume, rel=1e-3)


def test_limits_hold_before_decoding() -> None:
    with pytest.raises(Rejected, match="too_many_faces"):
        load_mesh(made().to_glb(), "glb", limits=LoadLimits(max_faces=1000))
    with pytest.raises(Rejected, match="bad_draco"):
        load_mesh(made(promised=1000).to_glb(), "glb", limits=LoadLimits(max_faces=1000))


def test_attributes_that_the_data_lacks() -> None:
    found = made()
    primitive = found.json["meshes"][0]["primitives"][0]
    primitive["extensions"]["KHR_draco_mesh_compression"]["attributes"]["POSITION"] = 7
    with pytest.raises(Rejected, match=r"bad_draco.*POSITION"):
        load_mesh(found.to_glb(), "glb")


@requires_shared
def test_a_large_scan_loads() -> None:
    data = shared("assets/nasty/real/draco_dragon_348k_faces.gltf").read_bytes()
    mesh = load_mesh(data, "gltf").mesh
    assert mesh.face_count == 348_503
    low, high = mesh.bounds
    np.testing.assert_allclose(low, [-1.4182, -0.00087, -0.62365], atol=2e-3)  # its quantisation
    np.testing.assert_allclose(high, [1.58472, 2.11686, 0.72027], atol=2e-3)


@requires_shared
def test_draco_beside_sparse_accessors() -> None:
    folder = shared("assets/nasty/real/draco_sparse")
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    mesh = load_mesh(files["DracoSparseMesh.gltf"], "gltf", files=files).mesh
    assert mesh.face_count == 102
    np.testing.assert_allclose(
        mesh.bounds,
        [[-0.0396516, 0.0495865, 0.028699], [-0.0134827, 0.0891258, 0.0316506]],
        atol=1e-6,
    )
