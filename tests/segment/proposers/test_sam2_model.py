import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from partworks.errors import UsageError
from segment.proposers.sam2 import Sam2Config, Sam2Proposer
from segment.proposers.sam2_model import (
    Sam2Model,
    decode_runs,
    fitting_batch,
    known_configurations,
    load_model,
)
from tests.segment.proposers.made_views import left_half, wall

# Untrained logits lie near zero, and masks overlap: thresholds that let them pass.
TINY = Sam2Config(
    model="configs/sam2.1/sam2.1_hiera_t.yaml",
    checkpoint="random",
    device="cpu",
    modes=("diameter",),
    prompts=2,
    batch=1,
    pred_iou_thresh=0.0,
    stability_score_thresh=0.0,
    stability_score_offset=1e-3,
    box_nms_thresh=1.0,
)


@pytest.fixture(scope="module")
def tiny() -> Sam2Model:
    return load_model(TINY)


def test_an_untrained_model_gives_the_same_masks_twice(tiny: Sam2Model) -> None:
    view = wall(diameter=np.where(left_half(), 0.1, 0.3).astype(np.float32))
    proposer = Sam2Proposer(TINY, model=tiny)
    state = torch.random.get_rng_state()
    first, second = (
        proposer.propose([view], generator=np.random.default_rng(0))[0] for _ in range(2)
    )
    assert 1 <= first.count <= 6 and first.shape == (64, 64)
    assert first.pixels.tobytes() == second.pixels.tobytes()
    assert first.score.tobytes() == second.score.tobytes()
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_checkpoint_on_disk_gives_the_masks_of_its_weights(
    tiny: Sam2Model, tmp_path: Path
) -> None:
    path = tmp_path / "weights.pt"
    torch.save({"model": tiny._generator.predictor.model.state_dict()}, path)
    loaded = load_model(replace(TINY, checkpoint=str(path)))
    ours, theirs = (each._generator.predictor.model.state_dict() for each in (tiny, loaded))
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_a_file_that_is_no_checkpoint_is_named(tmp_path: Path) -> None:
    garbage, other = tmp_path / "garbage.pt", tmp_path / "other.pt"
    garbage.write_bytes(b"no weights here")
    torch.save({"model": {"weight": torch.zeros(3)}}, other)
    for path in (garbage, other):
        with pytest.raises(UsageError, match=rf"{path.name} is no checkpoint for"):
            load_model(replace(TINY, checkpoint=str(path)))


def test_a_missing_checkpoint_says_what_is_expected() -> None:
    for missing in ("", "weights/nowhere.pt", "facebook/sam9"):
        with pytest.raises(UsageError, match="neither a file nor a name") as caught:
            load_model(replace(TINY, checkpoint=missing))
        assert "facebook/sam2.1-hiera-large" in str(caught.value)


def test_an_unknown_configuration_lists_the_known_ones() -> None:
    assert TINY.model in known_configurations() and len(known_configurations()) == 8
    with pytest.raises(UsageError, match=r"no configuration 'configs/nope\.yaml'") as caught:
        load_model(replace(TINY, model="configs/nope.yaml"))
    assert TINY.model in str(caught.value)


def test_a_hub_that_cannot_be_reached_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(UsageError, match=r"cannot fetch facebook/sam2\.1-hiera-tiny from the hub"):
        load_model(replace(TINY, checkpoint="facebook/sam2.1-hiera-tiny"))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_missing_device_says_so() -> None:
    with pytest.raises(UsageError, match="finds no CUDA device"):
        load_model(replace(TINY, device="cuda"))


def test_batches_shrink_as_pictures_grow() -> None:
    sizes = [fitting_batch(side * side, device="cpu") for side in (64, 512, 1024, 8192)]
    assert sizes == [256, 32, 8, 1]


def test_runs_are_read_column_by_column() -> None:
    mask = np.random.default_rng(0).random((5, 7)) < 0.5
    flat = mask.T.reshape(-1)
    starts = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff([0, *starts, flat.size]).tolist()
    runs = counts if not flat[0] else [0, *counts]
    assert np.array_equal(decode_runs({"size": [5, 7], "counts": runs}), mask)
    assert not decode_runs({"size": [5, 7], "counts": [35]}).any()
