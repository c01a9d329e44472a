from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from render.rigs import Rig


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "a b"}, "small letters and digits, not 'a b'"),
        ({"name": "../x"}, "small letters and digits"),
        ({"target": "scene"}, "target must be one of object, parts, not scene"),
        ({"placement": "orbit"}, "placement must be one of ring, hammersley, lenses, object"),
        ({"passes": ("depth", "glow")}, "passes must be different ones of depth, normal"),
        ({"passes": ("depth", "depth")}, "different ones"),
        ({"views": 0}, "views must be 1 to 1000, not 0"),
        ({"size": 4}, "size must be 8 to 4096 pixels, not 4"),
        ({"size": 5000}, "size must be 8 to 4096 pixels"),
        ({"elevation": 91.0}, "elevation must be -90 to 90"),
        ({"fov": 0.5}, "fov must be 1 to 150"),
        ({"placement": "lenses", "fov": 50.0, "fov_to": 40.0}, "fov_to must be at least fov"),
        ({"radius": -1.0}, "radius must be 0 to 100"),
        ({"placement": "object"}, "needs a placement of its own"),
        ({"masked": True}, "needs a placement of its own and is not masked"),
        ({"target": "parts", "masked": True}, "its placement is `object`"),
        ({"target": "parts", "passes": ("boxes",)}, "boxes are drawn in views of the object"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Rig(**settings)


def test_every_setting_is_explained() -> None:
    assert Rig.__doc__ is not None
    for field in fields(Rig):
        assert f"        {field.name}: " in Rig.__doc__


def test_a_name_becomes_the_end_of_the_folders() -> None:
    assert Rig().suffix == "" and Rig(name="cond").suffix == "_cond"
