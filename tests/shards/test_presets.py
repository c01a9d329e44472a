from __future__ import annotations

from typing import get_args

import pytest

from render.presets import PRESETS as RENDER_PRESETS
from shards.presets import PRESETS, PresetName


def test_every_name_has_a_preset() -> None:
    assert set(PRESETS) == set(get_args(PresetName))


def test_the_papers_numbers() -> None:
    assert PRESETS["copart"].points.part_points == 4096
    assert PRESETS["copart"].field.wanted and PRESETS["copart"].wireframes
    own = PRESETS["autopartgen"]
    assert own.points.part_points == own.points.object_points == 32768
    assert (own.max_parts, own.tail, own.part_masks) == (15, "merge", True)
    counts = own.field.surface_points, own.field.near_points, own.field.volume_points
    assert counts == (8192, 8192, 8192)
    assert PRESETS["partgen"].view_grids and PRESETS["partgen"].part_masks
    assert (PRESETS["trellis"].grid.resolution, PRESETS["trellis"].views) == (64, 150)
    assert PRESETS["trellis"].part_views == 0


@pytest.mark.parametrize("name", list(PRESETS))
def test_the_render_presets_that_are_named_have_what_is_wanted(name: PresetName) -> None:
    preset = PRESETS[name]
    assert preset.renders
    for render in preset.renders:
        whole, *others = RENDER_PRESETS[render].rigs  # type: ignore[index]
        assert not preset.part_masks or "part" in whole.passes
        assert set(preset.passes) <= set(whole.passes)
        alone = [rig for rig in others if not rig.name and rig.target == "parts"]
        assert not preset.part_views or any(not rig.masked for rig in alone)
        assert not preset.view_grids or (whole.grid and any(rig.grid for rig in alone))
