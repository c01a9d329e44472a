"""The report of `python -m train validate`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.trainer.states import TrainerFn

from partworks.errors import UsageError
from shards.reader import ShardIndex
from train.callbacks.folders import run_folder
from train.data import PartDataModule
from train.encode.config import EncodeConfig
from train.metrics.evaluation import EvaluationConfig, Evaluator
from train.rendering.choice import RendererName, choose_renderer
from train.samples import WHOLE
from train.shapes import VALIDATION
from train.validation.comparison import Comparison, compare
from train.validation.findings import Findings, Report
from train.validation.reconstruction import (
    Reconstructing,
    ReconstructionConfig,
    reconstruct_parts,
)
from train.validation.truth import ObjectTruth

FOLDER = "validation"
_TRUTHS = ("mesh.npz", "field.npz")


class ValidationReport(Callback):
    """Reconstructs the parts of the validation split, and compares, writes and draws them.

    It does so in `validate`; the validations of `fit` stay as cheap as they are without it. Files
    go to `validation/` in the run's folder: `report.txt`, which is printed too, `report.json` with
    every part, and for each object `<key>.glb` with its reconstructed parts and `<key>.png`. Equal
    weights, samples and settings give equal files.

    Args:
        evaluation: what is measured, how finely, and the seed of all that is random in it.
        parts: the first so many parts of the split alone; None is all that the data has.
        resolution: of the grid that meshes are extracted from; None is that of training.
        points: surface points that the network is given; None is as many as in training.
        own_frame: compare each part in a frame that it fills, besides the object's, in which small
            parts are few cells wide.
        meshes: write the GLBs.
        pictures: write the PNGs.
        renderer: see `train.rendering.choice`.
    """

    def __init__(
        self,
        *,
        evaluation: EvaluationConfig | None = None,
        parts: int | None = None,
        resolution: int | None = None,
        points: int | None = None,
        own_frame: bool = True,
        meshes: bool = True,
        pictures: bool = True,
        renderer: RendererName = "auto",
    ) -> None:
        if parts is not None and parts < 1:
            raise UsageError(f"parts of the validation report is {parts}, expected at least 1")
        self.evaluation = evaluation or EvaluationConfig()
        self.parts = parts
        self.resolution = resolution
        self.encoding = EncodeConfig(points=points, seed=self.evaluation.seed)
        self.own_frame = own_frame
        self.meshes = meshes
        self.pictures = pictures
        self.renderer: RendererName = renderer
        self.report: Report | None = None

    def on_validation_epoch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """Report, while averaged weights are still in place of the last ones."""
        if trainer.state.fn != TrainerFn.VALIDATING:
            return
        data = trainer.datamodule  # type: ignore[attr-defined]
        if not isinstance(data, PartDataModule) or not isinstance(pl_module, Reconstructing):
            raise UsageError(
                "the validation report needs shards and a module that reconstructs; take "
                "ValidationReport out of trainer.callbacks"
            )
        # Every rank has to ask.
        folder = run_folder(trainer) / FOLDER
        chosen = chosen_parts(data, limit=self.parts)
        keys = list(chosen)[trainer.global_rank :: trainer.world_size]
        found = [
            self._object(data, key, chosen[key], module=pl_module, folder=folder) for key in keys
        ]
        gathered = {each.key: each for each in _gather(found, world=trainer.world_size)}
        self.report = Report(
            split=data.splits[1],
            findings=[gathered[key] for key in chosen],
            evaluation=self.evaluation,
            conditions=self._conditions(data, pl_module),
        )
        if trainer.is_global_zero:
            _write(folder / "report.txt", self.report.text().encode())
            _write(folder / "report.json", self.report.to_json().encode())
            trainer.print(f"\n{self.report.text()}\nfiles: {folder}")

    def _object(
        self,
        data: PartDataModule,
        key: str,
        parts: list[int],
        *,
        module: lightning.LightningModule,
        folder: Path,
    ) -> Findings:
        """Reconstruct and compare an object, and write its files."""
        assert isinstance(module, Reconstructing)
        truth = read_truth(ShardIndex(data.root), key)
        config = self._reconstruction(data, module)
        predicted = reconstruct_parts(module, truth.points, key=key, parts=parts, config=config)
        evaluator = Evaluator(
            config=self.evaluation,
            renderer=choose_renderer(self.renderer, module.device),
            device=module.device,
        )
        compared: Comparison = compare(
            truth, predicted, parts=parts, evaluator=evaluator, own_frame=self.own_frame
        )
        if self.meshes:
            _write(folder / f"{key}.glb", compared.glb())
        if self.pictures and compared.rows:
            _write(folder / f"{key}.png", compared.picture())
        return compared.findings

    def _reconstruction(
        self, data: PartDataModule, module: lightning.LightningModule
    ) -> ReconstructionConfig:
        network = getattr(getattr(module, "model", None), "config", None)
        return ReconstructionConfig(
            encoding=self.encoding.resolved(data.options),
            resolution=self.resolution,
            sharp=bool(getattr(network, "sharp_points", False)),
            device=module.device,
        )

    def _conditions(
        self, data: PartDataModule, module: lightning.LightningModule
    ) -> dict[str, object]:
        config = self._reconstruction(data, module)
        return {
            "frame": config.encoding.frame,
            "surface_points": config.encoding.points,
            "resolution": self.resolution or "as in training",
            "seed": self.evaluation.seed,
        }


def chosen_parts(data: PartDataModule, *, limit: int | None) -> dict[str, list[int]]:
    """Key -> parts, in the order of the validation split, as many as the data and `limit` say."""
    dataset = data.dataset(data.splits[1], phase=VALIDATION)
    names = (dataset.name(item) for item in range(len(dataset)))
    chosen: dict[str, list[int]] = {}
    for count, (key, part) in enumerate(each for each in names if each[1] != WHOLE):
        if count == limit:
            break
        chosen.setdefault(key, []).append(part)
    return chosen


def read_truth(index: ShardIndex, key: str) -> ObjectTruth:
    """What the shards know of an object; DamagedSampleError if it cannot be read."""
    there = index.members(key)
    wanted = ["json", "points.npz", *(name for name in _TRUTHS if name in there)]
    return ObjectTruth.of(key, index.decode(key, wanted))


def _gather(found: list[Findings], *, world: int) -> Iterator[Findings]:
    if world == 1:
        yield from found
        return
    shares: list[list[Findings]] = [[] for _ in range(world)]
    torch.distributed.all_gather_object(shares, found)
    for share in shares:
        yield from share


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
