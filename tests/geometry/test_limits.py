import pytest

from partworks.geometry.limits import LoadLimits


def test_limits_must_let_something_through() -> None:
    with pytest.raises(ValueError, match="max_faces is 0, expected >= 1"):
        LoadLimits(max_faces=0)
