"""The `sam2` package's automatic mask generator: loaded, and asked with points of our own.

torch and sam2 are imported only when a model is loaded.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.errors import UsageError
from segment.proposers.sam2 import RANDOM, Sam2Config

Bool = NDArray[np.bool_]
Float64 = NDArray[np.float64]
UInt8 = NDArray[np.uint8]

BYTES_PER_PIXEL = 64
"""What a prompt needs for each pixel of the picture: three masks of logits, and copies of them."""

CPU_MEMORY = 1 << 29
CUDA_SHARE = 0.25
MOST_POINTS = 256


class Sam2Model:
    """A SAM 2 that finds masks at points; the same points give the same masks on one device.

    Args:
        network: what `sam2.build_sam.build_sam2` builds.
        config: thresholds and batch.
    """

    def __init__(self, network: Any, config: Sam2Config) -> None:
        from sam2.automatic_mask_generator import (  # type: ignore[import-untyped]
            SAM2AutomaticMaskGenerator,
        )

        self._batch = config.batch
        self._device = network.device
        with warnings.catch_warnings():
            # It scripts its resizing with torch.jit, which torch calls deprecated.
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            self._generator = SAM2AutomaticMaskGenerator(
                network,
                points_per_side=None,
                point_grids=[],
                pred_iou_thresh=config.pred_iou_thresh,
                stability_score_thresh=config.stability_score_thresh,
                stability_score_offset=config.stability_score_offset,
                box_nms_thresh=config.box_nms_thresh,
                output_mode="uncompressed_rle",
            )

    def masks(self, image: UInt8, points: Float64) -> Iterator[tuple[Bool, float]]:
        """See `PointPrompted.masks`; the score is predicted overlap times stability."""
        self._generator.point_grids = [points]
        self._generator.points_per_batch = self._batch or fitting_batch(
            image.shape[0] * image.shape[1], device=self._device
        )
        for found in self._generator.generate(image):
            score = found["predicted_iou"] * found["stability_score"]
            yield decode_runs(found["segmentation"]), score


def load_model(config: Sam2Config) -> Sam2Model:
    """Build SAM 2 and read its weights.

    Raises:
        UsageError: no such configuration, checkpoint or device, or the two do not fit.
    """
    import torch

    device = config.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise UsageError("device is cuda, but torch finds no CUDA device; use `auto` or `cpu`")
    path = Path(config.checkpoint)
    if config.checkpoint == RANDOM:
        # Forked, so that the weights are the same each time and no one else's numbers change.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            network = _build(config.model, None, device=device)
    elif config.checkpoint and path.is_file():
        network = _build(config.model, path, device=device)
    else:
        network = _download(config.checkpoint, device=device)
    return Sam2Model(network, config)


def fitting_batch(pixels: int, *, device: Any) -> int:
    """How many points at a time the device has room for, for a picture of so many pixels.

    Judged by what the device has in all, not by what is free, so that it never varies.
    """
    import torch

    memory = float(CPU_MEMORY)
    if torch.device(device).type == "cuda":
        memory = CUDA_SHARE * torch.cuda.get_device_properties(device).total_memory
    return int(np.clip(memory // (BYTES_PER_PIXEL * pixels), 1, MOST_POINTS))


def decode_runs(encoded: dict[str, Any]) -> Bool:
    """(H, W) bool: a mask out of the lengths of its runs, column by column, zeros first."""
    height, width = encoded["size"]
    counts = np.asarray(encoded["counts"], np.int64)
    column_by_column = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
    return column_by_column.reshape(width, height).T


def _build(model: str, checkpoint: Path | None, *, device: str) -> Any:
    from hydra.errors import MissingConfigException
    from sam2.build_sam import build_sam2  # type: ignore[import-untyped]

    try:
        return build_sam2(
            model, str(checkpoint) if checkpoint else None, device, apply_postprocessing=False
        )
    except MissingConfigException:
        raise UsageError(
            f"sam2 has no configuration {model!r}; it has {', '.join(known_configurations())}"
        ) from None
    except (RuntimeError, KeyError, EOFError, UnpicklingError) as error:
        raise UsageError(
            f"{checkpoint} is no checkpoint for {model}: {type(error).__name__} {error}; give "
            "weights of SAM 2, and the configuration of the same size"
        ) from error


def _download(name: str, *, device: str) -> Any:
    from sam2.build_sam import HF_MODEL_ID_TO_FILENAMES, build_sam2_hf

    if name not in HF_MODEL_ID_TO_FILENAMES:
        raise UsageError(
            f"checkpoint {name!r} is neither a file nor a name that sam2 knows on the hub; expected"
            f" a path, one of {', '.join(HF_MODEL_ID_TO_FILENAMES)}, or `{RANDOM}` for untrained"
            " weights"
        )
    try:
        return build_sam2_hf(name, device=device, apply_postprocessing=False)
    except (ImportError, OSError, ValueError) as error:
        raise UsageError(
            f"cannot fetch {name} from the hub: {error}; install huggingface_hub and check the "
            "network, or give the path of a checkpoint that is on this machine"
        ) from error


def known_configurations() -> list[str]:
    """The configurations that come with sam2, as `Sam2Config.model` names them."""
    top = Path(str(files("sam2")))
    found = sorted((top / "configs").glob("sam2*/sam2*_hiera_*.yaml"))
    return [path.relative_to(top).as_posix() for path in found if "training" not in path.parts[-2]]
