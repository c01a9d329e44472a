"""Published weights into a network, and a network's weights into a published format."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from train.models.external.coverage import CoverageReport, cover
from train.models.external.errors import CheckpointError
from train.models.external.files import read_tensors, write_tensors
from train.models.external.formats import FORMATS, Format
from train.models.external.keys import KeyMap
from train.models.vecset.config import VecSetConfig
from train.models.vecset.model import VecSetAutoencoder

_logger = logging.getLogger(__name__)


def load_checkpoint(model: VecSetAutoencoder, path: Path, *, format_name: str) -> CoverageReport:
    """Fill a network from a file, and log the account of its tensors.

    Args:
        model: of the checkpoint's size; a network on the meta device gets memory on the CPU.
        format_name: one of `FORMATS`.

    Raises:
        CheckpointError: the file is unreadable or unsafe, or anything in it or in the network is
            unaccounted for; the network is then unchanged.
    """
    try:
        report = load_tensors(model, read_tensors(path), format_name=format_name)
    except CheckpointError as error:
        raise CheckpointError(f"cannot load {path} as {format_name}: {error}") from error
    _logger.info("loaded %s as %s:\n%s", path, format_name, report.table())
    return report


def load_tensors(
    model: VecSetAutoencoder, tensors: Mapping[str, Tensor], *, format_name: str
) -> CoverageReport:
    """Fill a network from tensors under their published names; see `load_checkpoint`."""
    published = _format(format_name)
    return fill(model, tensors, published=published, keys=published.keys(model.config))


def fill(
    model: nn.Module, tensors: Mapping[str, Tensor], *, published: Format[Any], keys: KeyMap
) -> CoverageReport:
    """Fill any network from tensors under their published names; see `load_checkpoint`.

    Args:
        keys: of `published` for a network of this size.
    """
    state = model.state_dict()
    theirs = published.without_prefix(tensors)
    if len(theirs) < len(tensors):
        raise CheckpointError(
            f"the checkpoint has keys both with and without {published.prefix!r}; keep one set"
        )
    report = cover(theirs, state, keys=keys, ignored=published.ignored)
    report.require_total()
    ours = keys.to_ours(theirs, like=state)
    for key in keys.added:
        ours[key] = torch.zeros(state[key].shape)
    absent = all(tensor.is_meta for tensor in state.values())
    if absent:
        # Own memory: parameters must not share rows of one fused tensor, nor a file's pages.
        ours = {key: tensor.to(state[key].dtype, copy=True) for key, tensor in ours.items()}
    model.load_state_dict(ours, strict=True, assign=absent)
    return report


def export_tensors(model: VecSetAutoencoder, *, format_name: str) -> dict[str, Tensor]:
    """The network's weights under their published names, with the prefix of the format."""
    published = _format(format_name)
    keys = published.keys(model.config)
    state = model.state_dict()
    added = [key for key in keys.added if bool(state[key].any())]
    if added:
        raise CheckpointError(
            f"format {format_name} has no place for {', '.join(added)}, which training has made"
            " other than 0; export without it would be another network"
        )
    theirs = {**keys.to_theirs(state), **keys.constants}
    return {published.prefix + key: tensor for key, tensor in theirs.items()}


def save_checkpoint(model: VecSetAutoencoder, path: Path, *, format_name: str) -> None:
    """Write the weights as a safetensors file that programs of the format's family can read."""
    write_tensors(path, export_tensors(model, format_name=format_name))


def _format(name: str) -> Format[VecSetConfig]:
    if name not in FORMATS:
        raise CheckpointError(f"no format {name!r}; expected one of {', '.join(FORMATS)}")
    return FORMATS[name]
