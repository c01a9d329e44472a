"""Published weights into CraftsMan's denoisers, and theirs into a published format."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from torch import Tensor

from train.models.dit.model import DiT
from train.models.dit.simple import SimpleDenoiser
from train.models.external.coverage import CoverageReport
from train.models.external.errors import CheckpointError
from train.models.external.files import read_tensors
from train.models.external.formats import DIT_FORMATS, SIMPLE_FORMATS, Format
from train.models.external.load import fill

_C = TypeVar("_C")
_logger = logging.getLogger(__name__)


def load_dit(
    model: DiT | SimpleDenoiser, path: Path, *, format_name: str = "craftsman-dit"
) -> CoverageReport:
    """Fill a denoiser from a file, and log the account of its tensors.

    Args:
        model: of the checkpoint's size; a network on the meta device gets memory on the CPU.
        format_name: one of `DIT_FORMATS`, or of `SIMPLE_FORMATS` for a `SimpleDenoiser`.

    Raises:
        CheckpointError: the file is unreadable or unsafe, or anything in it or in the network is
            unaccounted for; the network is then unchanged.
    """
    try:
        report = load_dit_tensors(model, read_tensors(path), format_name=format_name)
    except CheckpointError as error:
        raise CheckpointError(f"cannot load {path} as {format_name}: {error}") from error
    _logger.info("loaded %s as %s:\n%s", path, format_name, report.table())
    return report


def load_dit_tensors(
    model: DiT | SimpleDenoiser,
    tensors: Mapping[str, Tensor],
    *,
    format_name: str = "craftsman-dit",
) -> CoverageReport:
    """Fill a denoiser from tensors under their published names; see `load_dit`."""
    if isinstance(model, DiT):
        published = _choose(DIT_FORMATS, format_name)
        return fill(model, tensors, published=published, keys=published.keys(model.config))
    simple = _choose(SIMPLE_FORMATS, format_name)
    return fill(model, tensors, published=simple, keys=simple.keys(model.config))


def export_dit(model: DiT, *, format_name: str = "craftsman-dit") -> dict[str, Tensor]:
    """The weights under their published names, with the prefix of the format."""
    published = _choose(DIT_FORMATS, format_name)
    theirs = published.keys(model.config).to_theirs(model.state_dict())
    return {published.prefix + key: tensor for key, tensor in theirs.items()}


def _choose(formats: Mapping[str, Format[_C]], name: str) -> Format[_C]:
    if name not in formats:
        raise CheckpointError(f"no format {name!r}; expected one of {', '.join(formats)}")
    return formats[name]
