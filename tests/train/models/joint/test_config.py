from __future__ import annotations

from typing import Any

import pytest

from tests.train.models.joint.made import small_config
from train.models.joint.config import JointConfig, Placement
from train.models.pixart.config import PixArtConfig


def test_the_rule_gives_the_placement_of_the_full_size() -> None:
    """Trainer reference, section 4.3."""
    places = Placement()
    assert places == Placement.for_depths(32, 28) == JointConfig().places
    assert [len(getattr(places, name)) for name in Placement.__dataclass_fields__] == [
        *(16, 7, 7, 7, 8)
    ]
    assert places.exchange == places.image_views == (3, 7, 11, 15, 19, 23, 27)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"geometry": None, "images": None}, "both None"),
        ({"text_width": 11}, "text_width is 10, expected text_width, 11"),
        ({"placement": Placement()}, r"placement\.geometry_parts has \[5, 7"),
        ({"placement": Placement(boxes=(-1,), geometry_parts=())}, r"placement\.boxes has \[-1\]"),
        ({"control_blocks": 4}, "control_blocks is 4, expected 1 to 3"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small_config(**settings)


def test_one_network_alone_needs_no_placement_of_the_other() -> None:
    alone = small_config(images=None)
    assert alone.places.exchange == () and alone.places.geometry_parts == (1, 3)
    assert small_config(geometry=None).places.boxes == ()
    tiny = PixArtConfig(layers=1, heads=2, head_width=2, text_width=10)
    assert small_config(images=tiny, control=False).places.image_parts == ()
