from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PIL import Image

from partworks.errors import UsageError
from partworks.geometry.glb import read_glb
from tests.train.sampling.made import CABINET, CHAIR
from tests.train.sampling.standin import StandIn, color_of
from train.rendering.portable import TorchRenderer
from train.sampling.assembly import GeneratedObject, assemble
from train.sampling.config import SamplingConfig
from train.sampling.generation import Task, generate
from train.sampling.layout import Layout
from train.sampling.results import read_object, write_object
from train.schedules.discrete import NoiseSchedule
from train.schedules.presets import PIXART

PLAIN = SamplingConfig(steps=3, geometry_scale=1, image_scale=1)
IN_BLENDER = """
import json, sys
import bpy

bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_scene.gltf(filepath=sys.argv[1])
found = {}
for each in bpy.context.scene.objects:
    # Blender has z up.
    corners = [tuple(each.matrix_world @ vertex.co) for vertex in each.data.vertices]
    colors = each.data.color_attributes
    found[each.name] = {
        "low": [min(corner[axis] for corner in corners) for axis in range(3)],
        "high": [max(corner[axis] for corner in corners) for axis in range(3)],
        "color": list(colors[0].data[0].color)[:3] if len(colors) else None,
    }
print("FOUND" + json.dumps(found))
"""


def made(layout: Layout) -> GeneratedObject:
    generator = StandIn()
    generator.geometry_schedule = NoiseSchedule(PIXART)
    (latents,) = generate(generator, [Task(layout=layout)], config=PLAIN)
    return assemble(generator, layout, latents=latents, renderer=TorchRenderer())


def write(folder: Path, layout: Layout) -> GeneratedObject:
    generated = made(layout)
    write_object(folder, generated, renderer=TorchRenderer(), settings={"seed": 0})
    return generated


def test_blender_opens_it_with_a_node_per_part(tmp_path: Path) -> None:
    write(tmp_path, CHAIR)
    done = subprocess.run(
        [sys.executable, "-c", IN_BLENDER, str(tmp_path / "object.glb")],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = json.loads(done.stdout.split("FOUND")[1].splitlines()[0])
    assert set(found) == {"seat", "back", "leg left", "leg right"}
    for part, (low, high) in zip(CHAIR.parts, CHAIR.boxes, strict=True):
        x, y, z = zip(low, high, strict=True)
        own = found[part.name]
        np.testing.assert_allclose(own["low"], [x[0], -z[1], y[0]], atol=0.02)
        np.testing.assert_allclose(own["high"], [x[1], -z[0], y[1]], atol=0.02)
        linear = ((color_of(part.prompt).numpy() + 0.055) / 1.055) ** 2.4
        np.testing.assert_allclose(own["color"], linear, atol=0.01)


def test_the_data_engine_reads_it(tmp_path: Path) -> None:
    generated = write(tmp_path, CHAIR)
    mesh = read_glb((tmp_path / "object.glb").read_bytes())
    assert len(mesh.faces) == sum(len(part.mesh.faces) for part in generated.parts)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    generated = write(tmp_path, CABINET)
    layout, latents = read_object(tmp_path)
    assert layout == CABINET
    for own, wanted in (
        (latents.parts.geometry, generated.latents.parts.geometry),
        (latents.parts.images, generated.latents.parts.images),
        (latents.whole.geometry, generated.latents.whole.geometry),
        (latents.whole.images, generated.latents.whole.images),
    ):
        assert own is not None and wanted is not None
        assert torch.equal(own, wanted)


def test_equal_objects_have_equal_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write(tmp_path / name, CABINET)
    files = sorted(path.relative_to(tmp_path / "first") for path in (tmp_path / "first").rglob("*"))
    assert len(files) > 15
    for name in files:
        first, second = tmp_path / "first" / name, tmp_path / "second" / name
        assert first.is_dir() or first.read_bytes() == second.read_bytes(), name


def test_articulated_objects_have_a_glb_per_link(tmp_path: Path) -> None:
    generated = write(tmp_path, CABINET)
    robot = ElementTree.fromstring((tmp_path / "cabinet.urdf").read_bytes())
    paths = [mesh.get("filename", "") for mesh in robot.iterfind("link/visual/geometry/mesh")]
    assert paths == ["links/00_body.glb", "links/01_door.glb"]
    door = read_glb((tmp_path / paths[1]).read_bytes())
    # Its frame lies at the hinge.
    expected = generated.parts[1].mesh.vertices - [0, 0, 1]
    np.testing.assert_allclose(door.vertices.min(axis=0), expected.min(axis=0), atol=1e-5)
    assert not (tmp_path / "chair.urdf").exists()


def test_views_and_settings(tmp_path: Path) -> None:
    write(tmp_path, CHAIR)
    with Image.open(tmp_path / "views/02_leg_left.03.png") as image:
        wanted = 255 * color_of("a leg").numpy()
        np.testing.assert_allclose(np.asarray(image).mean(axis=(0, 1)), wanted, atol=1)
    result = json.loads((tmp_path / "result.json").read_text())
    assert result == {"name": "chair", "empty_parts": [], "seed": 0}


def test_the_preview_shows_boxes_whole_and_parts(tmp_path: Path) -> None:
    write(tmp_path, CHAIR)
    with Image.open(tmp_path / "preview.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    rows = [pixels[6 + 134 * row : 134 * (row + 1), 130:] for row in range(7)]
    assert all((row != 255).any() for row in rows)
    # The seat's pictures, and its mesh lit from the camera, have its colour.
    color = (255 * color_of("a red seat").numpy()).round()
    assert (np.abs(rows[3] - color).max(axis=-1) <= 1).sum() > 4 * 128 * 128 * 0.9


def test_what_does_not_belong_together_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a", CHAIR)
    write(tmp_path / "b", CABINET)
    (tmp_path / "a/latents.safetensors").write_bytes(
        (tmp_path / "b/latents.safetensors").read_bytes()
    )
    with pytest.raises(UsageError, match="4 parts and latents of 2"):
        read_object(tmp_path / "a")
    (tmp_path / "a/latents.safetensors").write_bytes(b"nothing")
    with pytest.raises(UsageError, match="cannot read"):
        read_object(tmp_path / "a")
