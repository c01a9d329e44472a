from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import pytest
import trimesh
from lightning.pytorch.callbacks import Callback
from PIL import Image

from partworks.errors import UsageError
from shards.reader import ShardIndex
from tests.shards.made import make_root
from tests.train.encode.made import STAGE, contents
from tests.train.validation.made import Boxes
from train.data import PartDataModule
from train.metrics.evaluation import EvaluationConfig
from train.queries import QueryConfig
from train.quiet import silence
from train.validation.report import ValidationReport

SOURCE = Path(__file__).resolve().parents[3]
EVALUATION = EvaluationConfig(points=3000, views=1, view_size=64, resolution=32)


def validate(
    root: str, folder: Path, *, module: Boxes | None = None, processes: int = 1, **settings: Any
) -> dict[str, Any]:
    """The report of a validation, from its JSON."""
    silence()
    options = settings.pop("data", {})
    report = ValidationReport(evaluation=EVALUATION, **settings)
    trainer = lightning.Trainer(
        accelerator="cpu", devices=processes, strategy="ddp" if processes > 1 else "auto",
        logger=False, enable_progress_bar=False, enable_model_summary=False, callbacks=[report],
        enable_checkpointing=False, use_distributed_sampler=False, default_root_dir=folder,
    )  # fmt: skip
    queries = QueryConfig(surface=64, count=0)
    trainer.validate(
        module or Boxes(),
        datamodule=PartDataModule(root, queries=queries, **{"split": "train", **options}),
        verbose=False,
    )
    found: dict[str, Any] = json.loads((folder / "validation" / "report.json").read_text())
    return found


def test_boxes_are_found_almost_whole(
    tables: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = validate(tables, tmp_path)
    assert found["counts"] == {"objects": 1, "parts": 6, "no_surface": 0, "no_truth": 0}
    assert found["conditions"]["frame"] == "part"
    for table in ("object_frame", "own_frame"):
        rows = found[table]["rows"]
        assert sum(row["part"] is not None for row in rows) == 6
        # The box around 64 random points is a little smaller than the box around the part.
        assert all(row["iou"] > 0.9 for row in rows)
    assert [row["part"] for row in found["object_frame"]["rows"]][:2] == [None, "part00 top"]
    printed = capsys.readouterr().out
    assert (tmp_path / "validation" / "report.txt").read_text() in printed
    assert "0 of them reconstructed without any surface" in printed


def test_a_module_that_is_wrong_by_a_known_factor(tables: str, tmp_path: Path) -> None:
    found = validate(tables, tmp_path, module=Boxes(grow=0.5))
    (cup,) = (row for row in found["own_frame"]["rows"] if row["part"] == "part05 cup")
    # Each of its sides is halved, and 16 to 32 cells long.
    assert cup["iou"] == pytest.approx(1 / 8, abs=0.03)


def test_parts_without_a_surface_are_counted_and_worth_nothing(tables: str, tmp_path: Path) -> None:
    found = validate(tables, tmp_path, module=Boxes(blind_to_tall=True))
    (key,) = found["no_surface"]
    legs = [f"part0{number} leg" for number in (1, 2, 3, 4)]
    assert found["no_surface"][key] == legs
    assert found["counts"]["no_surface"] == 4
    rows = {row["part"]: row for row in found["object_frame"]["rows"]}
    assert all(rows[leg]["iou"] == 0 and rows[leg]["chamfer_summed"] is None for leg in legs)
    assert found["object_frame"]["means"]["parts"]["chamfer_summed"]["left_out"] == 4
    assert found["object_frame"]["means"]["parts"]["iou"]["mean"] < 2 / 6 + 1e-6
    scene = trimesh.load(tmp_path / "validation" / f"{key}.glb", process=False)
    assert sorted(scene.graph.nodes_geometry) == ["part00 top", "part05 cup"]


def test_files_show_every_part_where_it_was(tables: str, tmp_path: Path) -> None:
    validate(tables, tmp_path)
    (key,) = ShardIndex(tables).keys("val")
    scene = trimesh.load(tmp_path / "validation" / f"{key}.glb", process=False)
    points = ShardIndex(tables).decode(key, ["points.npz"])["points.npz"]
    assert len(scene.geometry) == 6
    for name, mesh in scene.geometry.items():
        part = int(name[4:6])
        assert mesh.bounds == pytest.approx(points.part_box[part], abs=0.1)
    with Image.open(tmp_path / "validation" / f"{key}.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    # A row for the whole and one for each part, and something is drawn in both halves.
    assert pixels.shape[0] >= 7 * 64
    for left in (150, 150 + 64):
        assert (pixels[60:120, left : left + 64] != 255).any()


def test_without_meshes_the_signs_of_the_field_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = str(tmp_path / "root")
    make_root(root, [f"obj{number}" for number in range(8)], config=STAGE)
    members = ShardIndex.members
    monkeypatch.setattr(
        ShardIndex, "members",
        lambda self, key: tuple(each for each in members(self, key) if each != "mesh.npz"),
    )  # fmt: skip
    found = validate(root, tmp_path / "run")
    assert "object_frame" not in found and "own_frame" not in found
    rows = found["field"]["rows"]
    assert [row["part"] for row in rows][:2] == [None, "part00 top"]
    assert all(row["sign_iou"] > 0.8 for row in rows)
    assert "No mesh.npz: instead, IoU of inside and outside" in capsys.readouterr().out
    assert list((tmp_path / "run" / "validation").glob("*.png"))


def test_the_first_parts_alone(tables: str, tmp_path: Path) -> None:
    """An object of which some parts are left out has no whole."""
    found = validate(tables, tmp_path, parts=2, data={"val_split": "train", "wholes": True})
    assert found["counts"] == {"objects": 1, "parts": 2, "no_surface": 0, "no_truth": 0}
    assert [row["part"] for row in found["object_frame"]["rows"]] == ["part00 top", "part01 leg"]
    found = validate(tables, tmp_path, parts=8, data={"val_split": "train", "wholes": True})
    assert found["counts"]["parts"] == 8 and found["counts"]["objects"] == 2
    assert sum(row["part"] is None for row in found["object_frame"]["rows"]) == 1


def test_equal_validations_leave_equal_files(tables: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        validate(tables, tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_files_can_be_left_out(tables: str, tmp_path: Path) -> None:
    found = validate(tables, tmp_path, meshes=False, pictures=False, own_frame=False)
    assert "own_frame" not in found
    assert sorted(contents(tmp_path / "validation")) == ["report.json", "report.txt"]


def test_averaged_weights_are_still_in_place(tables: str, tmp_path: Path) -> None:
    """Callbacks that put weights back do so at the end of validation."""
    events: list[str] = []

    class Average(Callback):
        def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
            events.append("put back")

    class Watched(ValidationReport):
        def on_validation_epoch_end(self, trainer: Any, pl_module: Any) -> None:
            events.append("reported")
            super().on_validation_epoch_end(trainer, pl_module)

    silence()
    trainer = lightning.Trainer(
        accelerator="cpu", devices=1, logger=False, enable_progress_bar=False,
        enable_model_summary=False, enable_checkpointing=False, default_root_dir=tmp_path,
        callbacks=[Average(), Watched(evaluation=EVALUATION, parts=1)],
    )  # fmt: skip
    data = PartDataModule(tables, queries=QueryConfig(surface=64, count=0))
    trainer.validate(Boxes(), datamodule=data, verbose=False)
    assert events == ["reported", "put back"]


def test_other_modules_and_counts_are_refused(tables: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="parts of the validation report is 0"):
        ValidationReport(parts=0)

    class Other(lightning.LightningModule):
        def validation_step(self, batch: Any, batch_idx: int) -> None:
            """Nothing."""

    with pytest.raises(UsageError, match="take ValidationReport out"):
        validate(tables, tmp_path, module=Other())  # type: ignore[arg-type]


_TWO = """
import sys
from pathlib import Path
import torch
from tests.train.validation.test_report import validate
torch.set_num_threads(1)
if __name__ == "__main__":
    validate(sys.argv[1], Path(sys.argv[2]), processes=2, parts=13, data={"val_split": "train"})
"""


@pytest.mark.slow
def test_two_processes_report_what_one_does(tables: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(_TWO)
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(
        [sys.executable, str(program), tables, str(tmp_path / "two")],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    validate(tables, tmp_path / "one", parts=13, data={"val_split": "train"})
    assert contents(tmp_path / "two") == contents(tmp_path / "one")
