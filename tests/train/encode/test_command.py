from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from partworks.errors import UsageError
from shards.reader import DamagedSampleError, ShardDataset, ShardIndex, stream
from shards.reader.writing import INDEX_SCHEMA
from tests.shards.made import make_root
from tests.train.encode.made import STAGE, Holder, contents, data_of, run
from train.encode.command import NOTHING, EncodingJob
from train.encode.config import EncodeConfig
from train.encode.output import OutputFolder
from train.models.external.errors import CheckpointError

SOURCE = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def latents(training_set: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("latents") / "out"
    run(training_set, output)
    return output


def test_the_readers_of_shards_read_them(training_set: str, latents: Path) -> None:
    """Keys, splits, shards, order and families are those of the training set."""
    source, found = ShardIndex(training_set), ShardIndex(str(latents))
    assert found.checks
    assert found.splits() == source.splits()
    for split in source.splits():
        assert found.keys(split) == source.keys(split)
        assert list(found.damaged(split)) == []
        for key in source.keys(split):
            assert found.shard(key) == source.shard(key)
            assert found.family(key) == source.family(key)
            assert found.part_count(key) == source.part_count(key) == 6
            assert found.members(key) == ("json", "latents.npz")
    schema = pq.read_schema(latents / "index.parquet")
    assert schema.equals(INDEX_SCHEMA)
    original = pq.read_schema(Path(training_set) / "shards" / "index.parquet")
    assert schema.metadata == original.metadata
    dataset = ShardDataset(found, split="train", members=("latents.npz",), decode=True)
    streamed = {
        sample["__key__"]: sample for sample in stream(str(latents), members=("latents.npz",))
    }
    assert set(streamed) == set(source.keys("train"))
    assert len(dataset) == len(streamed)


def test_a_sample_says_what_made_it(training_set: str, latents: Path) -> None:
    source, found = ShardIndex(training_set), ShardIndex(str(latents))
    for key in source.keys("train"):
        before = source.decode(key, ["json"])["json"]
        after = found.decode(key, ["json"])["json"]
        made_by = after.pop("latents")
        assert after == before
        assert made_by["variant"] == "custom"
        assert made_by["frame"] == {"part": "part", "object": "object", "box": "object"}
        assert made_by["settings"]["points"] == 64
        assert made_by["checkpoint"] is None


def test_latents_are_those_of_the_network(training_set: str, latents: Path) -> None:
    source, found = ShardIndex(training_set), ShardIndex(str(latents))
    key = source.keys("train")[3]
    points = source.decode(key, ["points.npz"])["points.npz"]
    arrays = found.decode(key, ["latents.npz"])["latents.npz"]
    assert {name: array.shape for name, array in arrays.items()} == {
        "part_latent": (6, 6, 5), "object_latent": (6, 5), "box_latent": (6, 6, 5),
        "part_token_points": (6, 6, 3), "object_token_points": (6, 3),
        "box_token_points": (6, 6, 3),
    }  # fmt: skip
    own = points.part_surface.copy()
    own[..., :3] -= points.part_center[:, None]
    own[..., :3] /= points.part_scale[:, None, None]
    with torch.no_grad():
        expected = Holder().model.encode(torch.from_numpy(own)).mean_BTD.numpy()
    assert arrays["part_latent"] == pytest.approx(expected, abs=1e-5)


def test_statistics_are_of_the_numbers_in_the_shards(latents: Path) -> None:
    found = ShardIndex(str(latents))
    keys = found.keys("train")
    stacked = np.concatenate(
        [found.decode(key, ["latents.npz"])["latents.npz"]["part_latent"] for key in keys]
    ).reshape(-1, 5)
    tree = json.loads((latents / "statistics.json").read_text())
    told = tree["splits"]["train"]
    assert (told["objects"], told["parts"]) == (len(keys), 6 * len(keys))
    assert told["part_latent"]["tokens"] == len(stacked)
    assert told["part_latent"]["mean"] == pytest.approx(stacked.mean(axis=0, dtype=float), rel=1e-8)
    assert told["part_latent"]["std"] == pytest.approx(stacked.std(axis=0, dtype=float), rel=1e-8)
    assert tree["made_by"]["network"]["latent_dim"] == 5


def test_equal_calls_give_equal_bytes(training_set: str, latents: Path, tmp_path: Path) -> None:
    run(training_set, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(latents)


def test_who_made_the_objects_is_still_said(training_set: str, latents: Path) -> None:
    name = "ATTRIBUTION.parquet"
    assert (latents / name).read_bytes() == (Path(training_set) / "shards" / name).read_bytes()


def test_further_members_are_copied(training_set: str, tmp_path: Path) -> None:
    run(training_set, tmp_path / "out", members=("points.npz",), wholes=False, boxes=False)
    source, found = ShardIndex(training_set), ShardIndex(str(tmp_path / "out"))
    key = source.keys("val")[0]
    assert found.read(key, ["points.npz"]) == source.read(key, ["points.npz"])
    arrays = found.decode(key, ["latents.npz"])["latents.npz"]
    assert sorted(arrays) == ["part_latent", "part_token_points"]


def test_a_second_run_writes_nothing(
    training_set: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(training_set, tmp_path / "out")

    def write(self: OutputFolder, name: str, data: bytes) -> None:
        raise AssertionError(f"{name} was written again")

    monkeypatch.setattr(OutputFolder, "write", write)
    run(training_set, tmp_path / "out")


@pytest.mark.parametrize("stop", [1, 2, 3, 5])
def test_a_stopped_run_goes_on(
    training_set: str, latents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    """Wherever it was stopped, between a shard and its manifest too."""
    written: list[str] = []
    write = OutputFolder.write

    def stopping(self: OutputFolder, name: str, data: bytes) -> None:
        if len(written) == stop:
            raise InterruptedError
        written.append(name)
        write(self, name, data)

    monkeypatch.setattr(OutputFolder, "write", stopping)
    with pytest.raises(InterruptedError):
        run(training_set, tmp_path / "out")
    assert not (tmp_path / "out" / "index.parquet").exists()
    before, whole = list(written), (stop // 2) * 2
    written.clear()
    stop = 1000
    run(training_set, tmp_path / "out")
    assert not set(before[:whole]) & set(written), "what was whole is not made again"
    assert contents(tmp_path / "out") == contents(latents)


def test_other_weights_or_settings_are_other_latents(
    training_set: str, latents: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    run(training_set, output)
    module = Holder()
    torch.nn.init.ones_(module.model.to_moments.bias)
    run(training_set, output, module=module)
    changed = contents(output)
    tars = [name for name in changed if name.endswith(".tar")]
    assert tars and all(changed[name] != contents(latents)[name] for name in tars)
    run(training_set, output)
    assert contents(output) == contents(latents)


def test_a_cut_off_shard_is_made_again(training_set: str, latents: Path, tmp_path: Path) -> None:
    run(training_set, tmp_path / "out")
    shard = tmp_path / "out" / "train-000001.tar"
    shard.write_bytes(shard.read_bytes()[:1000])
    run(training_set, tmp_path / "out")
    assert contents(tmp_path / "out") == contents(latents)


def test_a_grown_training_set_needs_its_new_shards_alone(tmp_path: Path) -> None:
    root, output = str(tmp_path / "root"), tmp_path / "out"
    make_root(root, ["a", "b", "c"], config=STAGE)
    run(root, output)
    before = contents(output)
    make_root(root, ["a", "b", "c", "d"], config=STAGE)
    run(root, output)
    run(root, tmp_path / "fresh")
    assert contents(output) == contents(tmp_path / "fresh")
    kept = [name for name in before if name.endswith(".tar") and name in contents(output)]
    assert any(before[name] == contents(output)[name] for name in kept)


@pytest.mark.parametrize("place", ["", "/shards"])
def test_the_training_set_is_never_written_over(training_set: str, place: str) -> None:
    before = contents(Path(training_set))
    with pytest.raises(UsageError, match="is the training set itself"):
        run(training_set, Path(training_set + place))
    assert contents(Path(training_set)) == before


def test_shards_of_something_else_are_left_alone(training_set: str, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tar").write_bytes(b"years of work")
    with pytest.raises(UsageError, match=r"has thesis\.tar"):
        run(training_set, tmp_path / "mine")


def test_damage_stops_and_says_where(tmp_path: Path) -> None:
    root = tmp_path / "root"
    make_root(str(root), ["a", "b"], config=STAGE)
    index = ShardIndex(str(root))
    place = index.locate("a", "points.npz")
    shard = root / "shards" / place.shard
    content = bytearray(shard.read_bytes())
    content[place.offset + 200] ^= 1
    shard.write_bytes(content)
    with pytest.raises(DamagedSampleError, match=r"points\.npz of sample a has CRC-32"):
        run(str(root), tmp_path / "out")
    assert not (tmp_path / "out" / "index.parquet").exists()


def test_mixed_precision_of_training_changes_no_latent(
    training_set: str, latents: Path, tmp_path: Path
) -> None:
    run(training_set, tmp_path / "same", trainer_precision="bf16-mixed")
    assert contents(tmp_path / "same") == contents(latents)
    run(training_set, tmp_path / "mixed", trainer_precision="bf16-mixed", precision="trainer")
    key = ShardIndex(training_set).keys("train")[0]
    exact, mixed = (
        ShardIndex(str(folder)).decode(key, ["latents.npz"])["latents.npz"]["part_latent"]
        for folder in (latents, tmp_path / "mixed")
    )
    assert 1e-4 < np.abs(exact - mixed).max() < 0.1
    with pytest.raises(UsageError, match=r"set --trainer\.precision 32-true"):
        run(training_set, tmp_path / "true", trainer_precision="bf16-true")


class Checkpoint:
    """A checkpoint as `fit` leaves it."""

    def __init__(self, folder: Path, *, average: bool) -> None:
        self.path = folder / "last.ckpt"
        last, mean = Holder(), Holder()
        torch.nn.init.constant_(last.model.to_moments.bias, 2.0)
        torch.nn.init.constant_(mean.model.to_moments.bias, 3.0)
        state = {"updates": 1, "values": dict(mean.named_parameters())} if average else {}
        tree: dict[str, Any] = {"state_dict": last.state_dict(), "callbacks": {}}
        tree["callbacks"]["WeightAverage"] = {
            name: {key: value.detach() for key, value in each.items()}
            if isinstance(each, dict) else each
            for name, each in state.items()
        }  # fmt: skip
        torch.save(tree, self.path)


@pytest.mark.parametrize(
    "case",
    [(True, "average", "average", 3), (True, "last", "last", 2), (False, "average", "last", 2)],
)
def test_weights_come_from_a_checkpoint(
    training_set: str, tmp_path: Path, case: tuple[bool, str, str, float]
) -> None:
    average, asked, taken, bias = case
    path = str(Checkpoint(tmp_path, average=average).path)
    module = Holder()
    run(training_set, tmp_path / "out", module=module, ckpt_path=path, weights=asked)
    assert (module.model.to_moments.bias == bias).all()
    made_by = json.loads((tmp_path / "out" / "statistics.json").read_text())["made_by"]
    assert made_by["checkpoint"]["name"] == "last.ckpt"
    assert made_by["checkpoint"]["weights"] == taken
    assert len(made_by["checkpoint"]["sha256"]) == 64


def test_a_checkpoint_of_another_network_is_refused(training_set: str, tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, average=False)
    with pytest.raises(CheckpointError, match="not of the network that the configuration"):
        run(
            training_set, tmp_path / "out",
            module=Holder(latent_dim=7), ckpt_path=str(checkpoint.path),
        )  # fmt: skip
    with pytest.raises(CheckpointError, match="there is no file"):
        run(training_set, tmp_path / "out", ckpt_path=str(tmp_path / "none.ckpt"))


_PROGRAM = """
import sys
from pathlib import Path
import torch
from tests.train.encode.made import Holder, run
torch.set_num_threads(1)
run(sys.argv[1], Path(sys.argv[2]), module=Holder(max_points=None, width=64))
"""


@pytest.mark.slow
def test_killed_and_run_again(training_set: str, tmp_path: Path) -> None:
    """SIGKILL after the first shard; the second run ends with the bytes of an undisturbed one."""
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1"}

    def start(output: Path) -> subprocess.Popen[bytes]:
        call = [sys.executable, "-c", _PROGRAM, training_set, str(output)]
        return subprocess.Popen(
            call, cwd=tmp_path, env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    killed = start(tmp_path / "killed")
    deadline = time.monotonic() + 120
    while not list((tmp_path / "killed").glob("*.tar")) and time.monotonic() < deadline:
        time.sleep(0.001)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert not (tmp_path / "killed" / "index.parquet").exists()
    assert start(tmp_path / "killed").wait() == 0
    assert start(tmp_path / "straight").wait() == 0
    assert contents(tmp_path / "killed") == contents(tmp_path / "straight")


def shards_of(root: str, output: Path, *, rank: int, world: int) -> list[int]:
    """What a rank would be given to do."""
    job = EncodingJob(
        Holder().model,
        index=ShardIndex(root),
        folder=OutputFolder(str(output)),
        config=EncodeConfig().resolved(data_of(root).options),
        checkpoint=None,
    )
    job.trainer = SimpleNamespace(global_rank=rank, world_size=world)  # type: ignore[assignment]
    return [int(row) for row in job.predict_dataloader()]


def test_ranks_share_the_shards_and_none_is_without_a_turn(
    training_set: str, latents: Path, tmp_path: Path
) -> None:
    fresh = tmp_path / "fresh"
    assert [shards_of(training_set, fresh, rank=rank, world=3) for rank in range(3)] == [
        [0, 3], [1], [2],
    ]  # fmt: skip
    assert shards_of(training_set, fresh, rank=4, world=5) == [NOTHING]
    assert shards_of(training_set, latents, rank=0, world=1) == [NOTHING]


@pytest.mark.slow
def test_two_processes_make_what_one_makes(
    training_set: str, latents: Path, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(_TWO)
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(
        [sys.executable, str(program), training_set, str(tmp_path / "out")],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert contents(tmp_path / "out") == contents(latents)


_TWO = """
import sys
from pathlib import Path
import torch
from tests.train.encode.made import run
torch.set_num_threads(1)
if __name__ == "__main__":
    run(sys.argv[1], Path(sys.argv[2]), processes=2)
"""
