"""Latents of one object.

Shape suffixes: B clouds at a time, S points, T latent tokens, D latent channels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from partworks.errors import UsageError
from train.encode.clouds import Clouds, Subject, seeded
from train.encode.config import EncodeConfig
from train.encode.tokens import token_points
from train.models.vecset.model import VecSetAutoencoder

Arrays = dict[str, NDArray[Any]]
_WHOLE: Subject = "object"
_VARIANT: Subject = "box_variant"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """Latents of the clouds of one subject, on the CPU, single precision.

    Attributes:
        latent_BTD: mean, or a draw.
        logvar_BTD: log variance of the posterior.
        points_BT3: where the tokens started, or None where queries are learned.
    """

    latent_BTD: Tensor
    logvar_BTD: Tensor
    points_BT3: Tensor | None


def latent_arrays(
    network: VecSetAutoencoder, clouds: Mapping[Subject, Clouds], *, key: str, config: EncodeConfig
) -> Arrays:
    """The arrays of an object's `latents.npz`.

    Returns:
        part_latent [P, T, D], object_latent [T, D], box_latent [P, T, D] and box_variant_latent
        [K, P, T, D], those that have clouds, in the config's dtype; with `logvar` the same with
        that ending; where the network starts at farthest points also part_token_points and so on,
        float32 with 3 in place of D, in the frame of the cloud.

    Raises:
        UsageError: latents are not finite in the dtype that is asked for.
    """
    arrays: Arrays = {}
    for subject, cloud in clouds.items():
        encoded = encode_clouds(network, cloud, key=key, subject=subject, config=config)
        found = {"latent": _stored(encoded.latent_BTD, key=key, config=config)}
        if config.logvar:
            found["logvar"] = _stored(encoded.logvar_BTD, key=key, config=config)
        if encoded.points_BT3 is not None:
            found["token_points"] = encoded.points_BT3.numpy()
        for name, array in found.items():
            arrays[f"{subject}_{name}"] = _arranged(array, subject, config=config)
    return arrays


@torch.no_grad()
def encode_clouds(
    network: VecSetAutoencoder,
    clouds: Clouds,
    *,
    key: str,
    subject: Subject,
    config: EncodeConfig,
) -> Encoded:
    """Encode clouds, `chunk` at a time, whatever else the program does.

    Noise is drawn on the CPU and for all clouds, so that every device and chunk draws the same.
    """
    device = network.to_moments.weight.device
    numbers = 3 + network.config.point_features
    noises = torch.split(_noise(network, clouds, key, subject, config), config.chunk)
    means, logvars, places = [], [], []
    for chunk, noise in zip(_chunks(clouds, config.chunk), noises, strict=True):
        surface, sharp = (
            None if points is None else torch.from_numpy(points[..., :numbers]).to(device)
            for points in (chunk.surface, chunk.sharp)
        )
        assert surface is not None
        posterior = network.encode(surface, sharp_BSF=sharp, tokens=config.tokens)
        latent = posterior.mean_BTD
        if config.latent == "sample":
            latent = posterior.displaced(noise.to(latent))
        means.append(latent.float().cpu())
        logvars.append(posterior.logvar_BTD.float().cpu())
        count = latent.shape[1]
        places.append(token_points(network.config, surface, sharp_BSF=sharp, tokens=count))
    known = [place.float().cpu() for place in places if place is not None]
    return Encoded(
        latent_BTD=torch.cat(means),
        logvar_BTD=torch.cat(logvars),
        points_BT3=torch.cat(known) if known else None,
    )


def _arranged(array: NDArray[Any], subject: Subject, *, config: EncodeConfig) -> NDArray[Any]:
    """Clouds of a subject in the shape that they are stored in."""
    if subject == _WHOLE:
        return array.reshape(array.shape[1:])
    if subject == _VARIANT:
        return array.reshape(config.box_variants, -1, *array.shape[1:])
    return array


def _noise(
    network: VecSetAutoencoder, clouds: Clouds, key: str, subject: Subject, config: EncodeConfig
) -> Tensor:
    shape = (len(clouds.surface), config.tokens or network.config.tokens, network.config.latent_dim)
    words = seeded(key, f"noise, {subject}", seed=config.seed)
    return torch.randn(shape, generator=torch.Generator().manual_seed(int(words.integers(2**63))))


def _chunks(clouds: Clouds, size: int) -> Iterator[Clouds]:
    for start in range(0, len(clouds.surface), size):
        rows = slice(start, start + size)
        sharp = None if clouds.sharp is None else clouds.sharp[rows]
        yield Clouds(surface=clouds.surface[rows], sharp=sharp)


def _stored(values_BTD: Tensor, *, key: str, config: EncodeConfig) -> NDArray[Any]:
    with np.errstate(over="ignore"):
        array = values_BTD.numpy().astype(config.dtype)
    if not np.isfinite(array).all():
        raise UsageError(
            f"the latents of {key} are not finite as {config.dtype}; the checkpoint is of a run "
            "that diverged, or settings.dtype float16 is too small for it"
        )
    return array
