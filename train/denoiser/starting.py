"""Weights of an earlier stage of training, for a network that may have more than it had.

A stage trains what the one before has left and adds kinds of guidance. What the files do not have
must be such an addition; everything else is an error.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from train.encode.weights import Which, average_of
from train.models.external.errors import CheckpointError
from train.models.external.files import SAFETENSORS, read_tensors
from train.models.joint.model import JointDenoiser

ADDED = ("exchanges.", "geometry.boxes.", "images.control.")
"""Beginnings of the names of weights that a stage may add."""

_PREFIX = "model."
_CONTROL = "images.control."
_SHOWN = 5
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartReport:
    """What a network started from.

    Attributes:
        loaded: file -> names of its tensors, all of which were taken.
        new: names of tensors that no file had, and how many numbers they hold.
        copied: the ControlNet took its blocks from the loaded network again.
    """

    loaded: Mapping[str, tuple[str, ...]]
    new: Mapping[str, int]
    copied: bool

    def table(self) -> str:
        """By file and by module, for a log."""
        lines = [f"{name}: {len(names)} tensors" for name, names in self.loaded.items()]
        groups = Counter[str]()
        for name, numbers in self.new.items():
            groups[_group(name)] += numbers
        lines += [f"new: {group} {numbers:,} weights" for group, numbers in sorted(groups.items())]
        if self.copied:
            lines.append("new: images.control.copies are those of the loaded images.network")
        return "\n".join(lines)


def start_from(
    model: JointDenoiser, paths: Sequence[str], *, which: Which = "average"
) -> StartReport:
    """Fill a network from checkpoints of earlier stages; log what became of everything.

    Args:
        paths: of `fit`, or exported averages: one, or one for each modality. Only weights are
            taken, neither moments nor steps.
        which: `average` takes averaged weights where a checkpoint has them.

    Raises:
        CheckpointError: a file cannot be read, two have the same tensor, one has what the network
            has not, or the network has what is neither in them nor added by a stage.
    """
    own = model.state_dict()
    found: dict[str, Tensor] = {}
    loaded: dict[str, tuple[str, ...]] = {}
    for path in paths:
        tensors = _tensors(Path(path), which=which)
        twice = sorted(tensors.keys() & found.keys())
        if twice:
            raise CheckpointError(
                f"{path} and an earlier file of init_from both have {_some(twice)}; give one "
                "checkpoint for each modality"
            )
        _check_fits(Path(path), tensors, own)
        found |= tensors
        loaded[str(path)] = tuple(sorted(tensors))
    missing = [name for name in own if name not in found]
    lost = [name for name in missing if not name.startswith(ADDED)]
    if lost:
        raise CheckpointError(
            f"the files of init_from lack {_some(lost)}, which no stage adds; give the checkpoints "
            "of both modalities, or a network of the same sizes"
        )
    model.load_state_dict(found, strict=False)
    copied = _copy_control(model, missing)
    report = StartReport(
        loaded=loaded, new={name: own[name].numel() for name in missing}, copied=copied
    )
    _logger.info("started from an earlier stage:\n%s", report.table())
    return report


def _tensors(path: Path, *, which: Which) -> dict[str, Tensor]:
    tensors = read_tensors(path)
    if which == "average" and path.suffix not in SAFETENSORS:
        tensors = {**tensors, **average_of(path)}
    return {name.removeprefix(_PREFIX): tensor for name, tensor in tensors.items()}


def _check_fits(path: Path, tensors: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> None:
    unknown = sorted(tensors.keys() - own.keys())
    if unknown:
        raise CheckpointError(
            f"{path} has {_some(unknown)}, which the network has not; build what the stage before "
            "has built"
        )
    odd = [name for name, tensor in tensors.items() if tensor.shape != own[name].shape]
    if odd:
        shapes = f"{tuple(tensors[odd[0]].shape)}, not {tuple(own[odd[0]].shape)}"
        raise CheckpointError(f"{path} has {_some(odd)} of other sizes: {shapes}")


def _copy_control(model: JointDenoiser, missing: Sequence[str]) -> bool:
    """A new ControlNet starts as a copy of what the network is now."""
    images = model.images
    if images is None or images.control is None:
        return False
    if not any(name.startswith(_CONTROL) for name in missing):
        return False
    images.control.copy_from(images.network)
    return True


def _group(name: str) -> str:
    return next(beginning.rstrip(".") for beginning in ADDED if name.startswith(beginning))


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more tensors" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
