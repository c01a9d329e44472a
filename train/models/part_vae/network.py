"""The network of a run: a published one or one of its own sizes, with or without its weights."""

from __future__ import annotations

from pathlib import Path

from partworks.errors import UsageError
from train.models.external.formats import VARIANT_FORMATS
from train.models.external.load import load_checkpoint
from train.models.vecset.config import VecSetConfig
from train.models.vecset.head import with_flexicubes_head
from train.models.vecset.model import VecSetAutoencoder
from train.models.vecset.variants import VARIANTS


def build_network(
    network: VecSetConfig | str,
    *,
    checkpoint: str | None,
    checkpoint_format: str | None,
    flexicubes_head: bool,
) -> VecSetAutoencoder:
    """The network of a run.

    Args:
        network: sizes, or the name of a published variant.
        checkpoint: a file of published weights, which must fit to the last tensor.
        checkpoint_format: the family that the file is of; by default the variant's, or CraftsMan's.
        flexicubes_head: widen the output to FlexiCubes' parameters, after weights have been
            loaded, so that the surface is the same at first.

    Raises:
        UsageError: there is no such variant, or the checkpoint cannot be taken.
    """
    if isinstance(network, str) and network not in VARIANTS:
        raise UsageError(f"no network {network!r}; there are {', '.join(VARIANTS)}")
    config = VARIANTS[network] if isinstance(network, str) else network
    if config.output == "flexicubes" and (checkpoint or flexicubes_head):
        raise UsageError(
            "published networks have no FlexiCubes output; give the network's own output and set "
            "flexicubes_head"
        )
    model = VecSetAutoencoder(config)
    if checkpoint is not None:
        known = VARIANT_FORMATS.get(network) if isinstance(network, str) else None
        load_checkpoint(
            model,
            Path(checkpoint).expanduser(),
            format_name=checkpoint_format or known or "craftsman",
        )
    return with_flexicubes_head(model) if flexicubes_head else model
