from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from ingest.judge.coding import STEP, decode_shape, encode_shape
from ingest.judge.config import JudgeConfig
from ingest.judge.duplicates import find_copies
from ingest.judge.measure import measure
from ingest.normalise import normalise
from ingest.samples import SAMPLES, build_sample
from partworks.geometry.mesh import Mesh, MeshNode
from partworks.records import Attempt, Output
from tests.ingest.judge.copies import COPIES, box, dev_meshes
from tests.shared_assets import requires_shared


def row(uid: str, mesh: Mesh, *, licence: str = "CC-BY-4.0", source: str = "") -> Attempt:
    """What ingest leaves of a mesh."""
    placed, _ = normalise(mesh, z_up=False)
    return Attempt(
        uid=uid,
        stage="ingest",
        status="ok",
        fingerprint="m",
        outputs=(Output(path=f"sources/xx/{uid}.glb", sha256=source or uid, size=1),),
        metrics={
            "licence": licence,
            **measure(placed, source_resolution=1e6, warnings=()),
        },
    )


def reasons(rows: list[Attempt], **settings: object) -> Mapping[str, tuple[str, str]]:
    found = find_copies(rows, JudgeConfig(**settings))  # type: ignore[arg-type]
    return {uid: (copy.reason, copy.of) for uid, copy in found.items()}


def test_no_sample_is_a_copy_of_another() -> None:
    assert reasons([row(name, build_sample(name).mesh) for name in SAMPLES]) == {}


def test_every_copy_of_a_sample_is_found_and_told_whose_it_is() -> None:
    meshes = {name: build_sample(name).mesh for name in SAMPLES}
    rows = [row(f"0-{name}", mesh) for name, mesh in meshes.items()]
    expected = {}
    for kind, copy in COPIES.items():
        if kind == "decimated":  # of a dozen faces, see the test with real assets
            continue
        for name, mesh in meshes.items():
            rows.append(row(f"1-{kind}-{name}", copy(mesh)))
            expected[f"1-{kind}-{name}"] = f"0-{name}"
    found = reasons(rows)
    assert {uid: of for uid, (_, of) in found.items()} == expected
    assert reasons(rows[::-1]) == found, "whatever the order"


def test_equal_bytes_and_equal_content_are_exact() -> None:
    chair, mug = (build_sample(name).mesh for name in ("chair", "mug"))
    renamed = replace(chair, extras={"name": "other"})
    rows = [row("a", chair), row("b", renamed), row("c", mug, source="s"), row("d", chair)]
    rows += [replace(row("e", build_sample("lamp").mesh, source="s"))]
    found = reasons(rows)
    assert found == {
        "b": ("exact_duplicate", "a"),
        "d": ("exact_duplicate", "a"),
        "e": ("exact_duplicate", "c"),
    }
    assert set(reasons(rows, exact_duplicates="keep")) == {"b", "d"}
    assert reasons(rows, exact_duplicates="keep", near_duplicates="keep") == {}


def test_the_freest_licence_stays_and_then_the_smallest_uid() -> None:
    mesh = build_sample("chair").mesh
    rows = [row(uid, mesh, licence=licence) for uid, licence in (
        ("a", "unknown"), ("b", "CC-BY-NC-4.0"), ("c", "CC-BY-SA-4.0"), ("d", "MIT"),
        ("e", "CC-BY-3.0"), ("f", "CC0-1.0"), ("g", "CC0-1.0"),
    )]  # fmt: skip
    for most, stays in ((7, "f"), (5, "d"), (3, "c"), (2, "b")):
        found = reasons(rows[:most])
        assert {of for _, of in found.values()} == {stays} and len(found) == most - 1


def test_plain_shapes_are_told_apart_by_their_colours() -> None:
    def painted(*colors: tuple[float, float, float]) -> Mesh:
        vertices, faces = box(1.0, 1.5, 2.0)
        shades = np.ones((len(vertices), 4), np.float32)
        for index in range(len(vertices)):
            shades[index, :3] = colors[index % len(colors)]
        return Mesh(nodes=(MeshNode(vertices=vertices, faces=faces, colors=shades),))

    red, blue = (0.8, 0.0, 0.0), (0.0, 0.0, 0.8)
    rows = [row("a", painted(red)), row("b", painted(blue)), row("c", painted(red, blue))]
    assert reasons(rows) == {}
    again = COPIES["turned"](painted(blue))
    assert reasons([*rows, row("d", again)]) == {"d": ("near_duplicate", "b")}
    assert set(reasons(rows, plain_convexity=1.1)) == {"b", "c"}


def test_no_chain_forms() -> None:
    """Of three in a row, the middle one goes, and both ends stay: they are no copies."""
    base = row("a", build_sample("chair").mesh)
    steps = decode_shape(str(base.metrics["shape"]))
    assert steps is not None

    def moved(uid: str, by: float) -> Attempt:
        signature = steps * STEP
        signature[0] += by
        more = {"shape": encode_shape(signature), "content": uid}
        return replace(base, uid=uid, outputs=(), metrics={**base.metrics, **more})

    rows = [moved("a", 0.0), moved("b", 0.02), moved("c", 0.04)]
    assert reasons(rows) == {"b": ("near_duplicate", "a")}


@requires_shared
@pytest.mark.slow
def test_every_copy_of_a_real_asset_is_found_and_no_other() -> None:
    meshes = dev_meshes()
    rows = [row(f"0-{name}", mesh) for name, mesh in meshes.items()]
    assert reasons(rows) == {}
    for kind, copy in COPIES.items():
        copies = [row(f"1-{name}", copy(mesh)) for name, mesh in meshes.items()]
        found = {uid: of for uid, (_, of) in reasons([*rows, *copies]).items()}
        assert found == {f"1-{name}": f"0-{name}" for name in meshes}, kind


@requires_shared
def test_some_copies_of_real_assets_are_found() -> None:
    names = ("fox", "truck_red", "motorcycle", "house_small", "alien", "food_burger")
    meshes = {name: mesh for name, mesh in dev_meshes().items() if name in names}
    rows = [row(f"0-{name}", mesh) for name, mesh in meshes.items()]
    for kind, copy in COPIES.items():
        copies = [row(f"1-{name}", copy(mesh)) for name, mesh in meshes.items()]
        found = {uid: of for uid, (_, of) in reasons([*rows, *copies]).items()}
        assert found == {f"1-{name}": f"0-{name}" for name in meshes}, kind
