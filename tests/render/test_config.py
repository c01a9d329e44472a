from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from jsonargparse import ArgumentParser

from partworks.config import as_tree
from partworks.plan import settings_that_matter
from render.config import BlenderConfig, RasterConfig, RenderConfig
from render.presets import PRESETS
from render.rigs import Rig


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("backend", "eevee", "backend must be one of raster, blender, not eevee"),
        ("preset", "partverse2", "preset must be one of preview, partverse, trellis-vae"),
        ("lighting", "disco", "lighting must be one of suns, area, sky, not disco"),
        ("image", "jpeg", "image must be one of png, webp"),
        ("depth", "pfm", "depth must be one of png, exr"),
        ("size", 4, "size must be 8 to 4096"),
        ("webp_quality", 0, "webp_quality must be 1 to 100"),
        ("least_coverage", 2.0, "least_coverage must be 0 to 1"),
        ("darkest", 256.0, "darkest must be 0 to 255"),
        ("rigs", (Rig(target="parts"),), "the first rig must be of the object"),
        ("rigs", (Rig(name="a"),), "have no name"),
        ("rigs", (Rig(), Rig()), "two rigs of the same target have the same name"),
        (
            "rigs",
            (Rig(size=64), Rig(target="parts", placement="object", size=32)),
            "has their size, 64, not 32",
        ),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(
    name: str, value: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        RenderConfig(**{name: value})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shading": "toon"}, "shading must be one of headlight, unlit, not toon"),
        ({"supersample": 9}, "supersample must be 1 to 8"),
        ({"layers": 0}, "layers must be 1 to 1000"),
    ],
)
def test_the_raster_backend_checks_its_own(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RasterConfig(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"device": "tpu"}, "device must be one of auto, cpu, cuda, optix, hip, metal"),
        ({"samples": 0}, "samples must be 1 to"),
        ({"bounces": -1}, "bounces must be 0 to"),
        ({"memory_mb": 10}, "memory_mb must be 512 to"),
        ({"view_deadline_s": 0.0}, "view_deadline_s must be 0.1 to"),
    ],
)
def test_the_blender_backend_checks_its_own(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BlenderConfig(**settings)


@pytest.mark.parametrize("config", [RenderConfig, RasterConfig, BlenderConfig])
def test_every_setting_is_explained(config: type) -> None:
    assert config.__doc__ is not None
    for field in fields(config):
        assert f"        {field.name}: " in config.__doc__


def test_what_only_bounds_the_work_leaves_the_fingerprint_alone() -> None:
    plain = settings_that_matter(RenderConfig())
    bounded = BlenderConfig(
        threads=7, restart_after=3, memory_mb=999, start_deadline_s=9, view_deadline_s=9
    )
    assert settings_that_matter(RenderConfig(blender=bounded)) == plain
    for blender in (BlenderConfig(samples=3), BlenderConfig(device="cpu")):
        assert settings_that_matter(RenderConfig(blender=blender)) != plain


def test_a_size_and_a_lighting_stand_above_the_presets_own() -> None:
    chosen = RenderConfig(preset="partgen", size=64, lighting="sky").chosen
    assert {rig.size for rig in chosen.rigs} == {64} and chosen.lighting == "sky"
    assert RenderConfig(preset="partgen").chosen == PRESETS["partgen"]


def test_own_rigs_replace_the_presets() -> None:
    rigs = (Rig(views=2), Rig(name="top", views=1, elevation=90))
    chosen = RenderConfig(preset="partverse", rigs=rigs).chosen
    assert chosen.rigs == rigs and chosen.lighting == "area"


def test_a_grid_that_no_webp_can_hold_is_refused() -> None:
    rigs = (Rig(views=25, size=4096, grid=True),)
    with pytest.raises(ValueError, match="20480 pixels wide, and a WebP at most 16383"):
        RenderConfig(rigs=rigs, image="webp")
    assert RenderConfig(rigs=rigs, image="webp", size=512).chosen.rigs[0].size == 512
    assert RenderConfig(rigs=rigs, image="png").rigs == rigs


def test_rigs_come_from_yaml_and_survive_a_rerun(tmp_path: Any) -> None:
    file = tmp_path / "rigs.yaml"
    file.write_text(
        "render:\n"
        "  rigs:\n"
        "  - {views: 3, size: 64}\n"
        "  - {target: parts, placement: object, size: 64, passes: [mask]}\n"
        "  blender: {samples: 3}\n"
    )

    def parser() -> ArgumentParser:
        made = ArgumentParser(exit_on_error=False)
        made.add_argument("--config", action="config")
        made.add_class_arguments(RenderConfig, "render")
        return made

    first = parser()
    config = first.instantiate(first.parse_args(["--config", str(file)]))["render"]
    assert config.rigs[1] == Rig(target="parts", placement="object", size=64, passes=("mask",))
    assert config.blender.samples == 3
    again = parser()
    again.set_defaults({f"render.{key}": value for key, value in as_tree(config).items()})
    assert again.instantiate(again.parse_args([]))["render"] == config
