from collections.abc import Iterator

import numpy as np
import pytest

from segment.proposers.sam2 import Sam2Config, Sam2Proposer, draw_points
from tests.segment.proposers.made_views import left_half, wall


class StandIn:
    """Finds, at each point, the pixels that look like the one under it."""

    def __init__(self) -> None:
        self.asked: list[tuple[np.ndarray, np.ndarray]] = []

    def masks(self, image: np.ndarray, points: np.ndarray) -> Iterator[tuple[np.ndarray, float]]:
        self.asked.append((image, points))
        for x, y in points:
            row, column = int(y * image.shape[0]), int(x * image.shape[1])
            yield (image == image[row, column]).all(axis=2), 0.5 + x / 2


def two_tones() -> tuple[np.ndarray, np.ndarray]:
    left = left_half()
    color = np.full((64, 64, 3), 200, np.uint8)
    color[left] = 90
    return left, color


def test_masks_of_all_modes_are_joined_and_ranked() -> None:
    left, color = two_tones()
    diameter = np.where(np.arange(64)[:, None] < 32, 0.1, 0.3).repeat(64, axis=1)
    model = StandIn()
    config = Sam2Config(modes=("color", "diameter"), prompts=8)
    (masks,) = Sam2Proposer(config, model=model).propose(
        [wall(color=color, diameter=diameter.astype(np.float32))],
        generator=np.random.default_rng(0),
    )
    assert [points.shape for _, points in model.asked] == [(8, 2), (8, 2)]
    assert masks.count == 16 and (np.diff(masks.score) <= 0).all()
    found = {masks.mask(k).tobytes() for k in range(masks.count)}
    assert found == {m.tobytes() for m in (left, ~left, left.T.copy(), ~left.T)}


def test_points_lie_on_the_object_and_are_drawn_by_the_generator() -> None:
    hit = np.zeros((20, 40), bool)
    hit[3:9, 30:] = True
    points = draw_points(hit, count=1000, generator=np.random.default_rng(0))
    assert len(points) == 60 == len(np.unique(points, axis=0))
    assert hit[(points[:, 1] * 20).astype(int), (points[:, 0] * 40).astype(int)].all()
    few, again, other = (
        draw_points(hit, count=5, generator=np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert np.array_equal(few, again) and not np.array_equal(few, other)


def test_global_random_numbers_do_not_matter() -> None:
    view = wall(color=two_tones()[1])
    proposer = Sam2Proposer(Sam2Config(modes=("color",), prompts=4), model=StandIn())
    np.random.seed(0)  # noqa: NPY002
    first = proposer.propose([view], generator=np.random.default_rng(5))[0]
    np.random.seed(1)  # noqa: NPY002
    second = proposer.propose([view], generator=np.random.default_rng(5))[0]
    assert first.pixels.tobytes() == second.pixels.tobytes()
    assert first.score.tobytes() == second.score.tobytes()


def test_crumbs_are_cleaned_by_share_of_the_image() -> None:
    left, color = two_tones()
    color[10, 10] = 200
    for min_share, crumbs in ((1 / 1024, 0), (0.0, 1)):
        proposer = Sam2Proposer(
            Sam2Config(modes=("color",), prompts=64, min_share=min_share), model=StandIn()
        )
        (masks,) = proposer.propose([wall(color=color)], generator=np.random.default_rng(0))
        right = next(m for m in map(masks.mask, range(masks.count)) if m[0, 63])
        assert (right & left).sum() == crumbs


def test_a_view_that_sees_nothing_is_not_asked_about() -> None:
    model = StandIn()
    nothing = wall(face_id=np.full((64, 64), -1, np.int32))
    (masks,) = Sam2Proposer(Sam2Config(), model=model).propose(
        [nothing], generator=np.random.default_rng(0)
    )
    assert masks.count == 0 and not model.asked


@pytest.mark.parametrize(
    "wrong", [{"modes": ()}, {"modes": ("matte",)}, {"prompts": 0}, {"box_nms_thresh": 2.0}]
)
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Sam2Config(**wrong)  # type: ignore[arg-type]


def test_untrained_weights_do_not_pass_for_a_model() -> None:
    names = [
        Sam2Proposer(Sam2Config(checkpoint=checkpoint), model=StandIn()).name
        for checkpoint in ("weights.pt", "random")
    ]
    assert names == ["sam2", "sam2-untrained"]
