import numpy as np
import pytest

from partworks.artifacts.npz import from_npz, to_npz
from partworks.artifacts.segments import Segments


def chain(default_height: float = 0.35) -> Segments:
    """Four segments that join one after another at 0.1, 0.4 and 0.9."""
    return Segments(
        face_labels=np.array([0, 1, 2, 3, 3], np.int32),
        merge_children=np.array([[0, 1], [2, 4], [3, 5]], np.int32),
        merge_height=np.array([0.1, 0.4, 0.9], np.float32),
        segment_area=np.ones(4, np.float32),
        segment_score=np.ones(4, np.float32),
        geometry_hash="a" * 64,
        method="structure",
        default_height=default_height,
    )


@pytest.mark.parametrize(
    ("height", "labels"),
    [(0.0, [0, 1, 2, 3, 3]), (0.1, [0, 0, 1, 2, 2]), (0.35, [0, 0, 1, 2, 2]), (1.0, [0] * 5)],
)
def test_the_default_output_merges_what_is_not_above_the_height(
    height: float, labels: list[int]
) -> None:
    segments = chain(height)
    found = Segments.from_bytes(segments.to_bytes())
    assert found.default_labels.tolist() == labels
    assert found.count_at(height) == max(labels) + 1


def test_bytes_and_back() -> None:
    found = Segments.from_bytes(chain().to_bytes())
    assert found.default_height == pytest.approx(0.35) and found.method == "structure"
    assert found.merge_children.tolist() == chain().merge_children.tolist()


def test_segments_of_an_earlier_version_say_what_to_do() -> None:
    arrays = dict(from_npz(chain().to_bytes()))
    del arrays["default_height"]
    with pytest.raises(ValueError, match="run the segment stage again"):
        Segments.from_bytes(to_npz(arrays))
