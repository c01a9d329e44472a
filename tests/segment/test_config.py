import pytest

from segment.config import SegmentConfig


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_segments", 0),
        ("concave_crease", 0.0),
        ("convex_crease", 181.0),
        ("min_region_share", 0.5),
        ("weld_tolerance", -1e-9),
        ("soup_tolerance", 1.0),
        ("patches", -1),
        ("samples", 999),
        ("method", "magic"),
        ("mask_parting", 1.1),
        ("mask_joining", -0.1),
    ],
)
def test_values_out_of_range_are_named(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        SegmentConfig(**{name: value})


def test_defaults_are_valid() -> None:
    assert SegmentConfig().max_segments == 512
