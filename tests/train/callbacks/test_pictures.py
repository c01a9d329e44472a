from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lightning.pytorch.loggers import TensorBoardLogger
from PIL import Image
from torch import Tensor

from partworks.errors import UsageError
from tests.train.callbacks.standin import Line, fit
from train.callbacks.pictures import Reconstructions, splat
from train.commands.generated import _CORNERS, _FACES, Box
from train.metrics.mesh import TriangleMesh
from train.metrics.normal_maps import normal_maps
from train.rendering.cameras import Cameras, look_at, part_cameras
from train.rendering.choice import choose_renderer

BOX = Box(half=np.array([1.0, 0.6, 0.4]))


class Mean:
    def __init__(self, mean_BTD: Tensor) -> None:
        self.mean_BTD = mean_BTD


class BoxMaker(Line):
    """Makes the same box of whatever it is given, or nothing of the second part."""

    def encode(self, surface_BSF: Tensor, *, sharp_BSF: Tensor | None = None) -> Mean:
        del sharp_BSF
        return Mean(surface_BSF.mean(dim=1, keepdim=True))

    def reconstruct(
        self, latent_BTD: Tensor, *, resolution: int | None = None
    ) -> list[TriangleMesh]:
        del resolution
        mesh = TriangleMesh(vertices=_CORNERS * BOX.half, faces=_FACES.astype(np.int64))
        return [TriangleMesh.empty() if row == 1 else mesh for row in range(len(latent_BTD))]

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        return super().training_step({**batch, "surface": batch["surface"]}, batch_idx)


def batch(parts: int = 3) -> dict[str, Tensor]:
    generator = np.random.default_rng(0)
    surfaces = [BOX.surface(20_000, generator) for _ in range(parts)]
    return {"surface": torch.from_numpy(np.stack(surfaces).astype(np.float32))}


def test_points_make_the_map_that_their_surface_makes() -> None:
    cameras = part_cameras(
        3, center_3=torch.zeros(3, dtype=torch.float64), radius=1.5,
        generator=torch.Generator().manual_seed(0), size=48,
    )  # fmt: skip
    mesh = TriangleMesh(vertices=_CORNERS * BOX.half, faces=_FACES.astype(np.int64))
    device = torch.device("cpu")
    expected = normal_maps(mesh, cameras, renderer=choose_renderer("torch", device), device=device)
    found = splat(batch(1)["surface"][0].numpy(), cameras)
    both = (found != 0).any(axis=-1) & (expected != 0).any(axis=-1)
    assert both.sum() > 0.98 * (expected != 0).any(axis=-1).sum()
    agree = np.abs(found - expected).max(axis=-1)[both] < 1e-4
    # Squares reach over edges by a pixel.
    assert agree.mean() > 0.85


def test_the_nearest_point_is_seen_and_faces_the_camera() -> None:
    position = torch.tensor([[0.0, 0.0, 4.0]], dtype=torch.float64)
    cameras = Cameras(
        camera_to_world_N44=look_at(position, torch.zeros(3, dtype=torch.float64)),
        fov_y_N=torch.ones(1, dtype=torch.float64), unit_N=torch.ones(1, dtype=torch.float64),
        height=9, width=9,
    )  # fmt: skip
    points = np.array([[0, 0, 1, 0, 0.6, -0.8], [0, 0, -1, 1, 0, 0]], np.float32)
    for order in ([0, 1], [1, 0]):
        found = splat(points[order], cameras)
        assert np.allclose(found[0, 4, 4], [0, -0.6, 0.8])
        assert not found[0, 0].any()


def test_a_picture_has_a_row_for_each_part() -> None:
    pictures = Reconstructions(parts=2, views=2, size=40)
    data = pictures.picture(BoxMaker(), batch(3))
    assert data == pictures.picture(BoxMaker(), batch(3))
    image = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    three = Reconstructions(parts=3, views=2, size=40).picture(BoxMaker(), batch(3))
    taller = np.asarray(Image.open(io.BytesIO(three)))
    assert taller.shape[0] > image.shape[0] and taller.shape[1] == image.shape[1]
    assert data != Reconstructions(parts=2, views=2, size=40, seed=1).picture(BoxMaker(), batch(3))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Parts of the stand-in's data are points of the box."""

    def points(_: object, item: int) -> dict[str, Tensor]:
        surface = BOX.surface(64, np.random.default_rng(item)).astype(np.float32)
        return {"surface": torch.from_numpy(surface), "target": torch.tensor(0.0)}

    monkeypatch.setattr("tests.train.callbacks.standin.Points.__getitem__", points)
    monkeypatch.setattr(
        BoxMaker, "training_step",
        lambda self, batch, _: self.model(batch["surface"][:, 0, :3]).square().mean(),
    )  # fmt: skip
    return tmp_path


def test_each_validation_leaves_a_picture(folder: Path) -> None:
    pictures = Reconstructions(parts=1, views=1, size=16)
    fit(folder, [pictures], module=BoxMaker(), steps=6, val_check_interval=2)
    found = sorted(path.name for path in (folder / "pictures").iterdir())
    assert found == [f"step={step:08d}.png" for step in (2, 4, 6)]


def test_or_every_second_one_does(folder: Path) -> None:
    pictures = Reconstructions(parts=1, views=1, size=16, every_n_validations=2)
    fit(folder, [pictures], module=BoxMaker(), steps=6, val_check_interval=1)
    found = sorted(path.name for path in (folder / "pictures").iterdir())
    assert found == [f"step={step:08d}.png" for step in (2, 4, 6)]
    assert pictures.state_dict() == {"validations": 6}


def test_tensorboard_shows_them(folder: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    logger = TensorBoardLogger(str(folder), name="board")
    pictures = Reconstructions(parts=1, views=1, size=16)
    fit(folder, [pictures], module=BoxMaker(), steps=2, val_check_interval=2, logger=logger)
    events = EventAccumulator(logger.log_dir)
    events.Reload()
    (shown,) = events.Images("val/reconstructions")
    assert shown.step == 2
    (written,) = Path(logger.log_dir, "pictures").iterdir()
    ours, theirs = (
        np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        for data in (shown.encoded_image_string, written.read_bytes())
    )
    assert np.array_equal(ours, theirs)


def test_modules_without_meshes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Line cannot reconstruct meshes"):
        fit(tmp_path, [Reconstructions()])


@pytest.mark.parametrize("name", ["parts", "views", "size", "every_n_validations"])
def test_impossible_settings_are_refused(name: str) -> None:
    settings: dict[str, Any] = {name: 0}
    with pytest.raises(UsageError, match=f"{name} of Reconstructions is 0"):
        Reconstructions(**settings)
