"""One shard of latents out of one shard of the training set."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from shards.reader import Points, ShardIndex
from shards.reader.writing import ShardWriter, to_json, to_stored_npz
from train.encode.clouds import clouds_of
from train.encode.conditions import Companions
from train.encode.config import IMAGES, LATENTS, TEXTS
from train.encode.latents import Arrays, latent_arrays
from train.encode.manifest import Manifest, manifest_name
from train.encode.moments import Moments, total
from train.encode.output import OutputFolder
from train.encode.plan import ShardPlan
from train.models.vecset.model import VecSetAutoencoder

_IN_SAMPLES = (
    *("checkpoint", "weights_sha256", "variant", "frame", "settings"),
    *("image_codec", "text_encoder"),
)
"""What of the identity every sample's json repeats."""

_WRITTEN = ("json", LATENTS, IMAGES, TEXTS)


def write_shard(
    plan: ShardPlan,
    *,
    index: ShardIndex,
    network: VecSetAutoencoder,
    companions: Companions,
    identity: Mapping[str, Any],
    folder: OutputFolder,
) -> None:
    """Encode the samples of a shard, and write it and then its manifest.

    Args:
        companions: on the network's device; what is set is in their config.

    Raises:
        UsageError: a sample lacks what is to be encoded.
        DamagedSampleError: a sample cannot be read; nothing is written then.
    """
    writer, sums = ShardWriter(), list[dict[str, Moments]]()
    config, device = companions.config, network.to_moments.weight.device
    stated = {name: identity[name] for name in _IN_SAMPLES if name in identity}
    for key in plan.keys:
        copied = [name for name in index.match(key, config.members) if name not in _WRITTEN]
        wanted = ["json", "points.npz", *index.match(key, companions.members)]
        found = index.read(key, dict.fromkeys([*wanted, *copied]))
        decoded = index.decoded(key, {name: found[name] for name in wanted})
        points: Points = decoded["points.npz"]
        clouds = clouds_of(points, key=key, config=config, sharp=network.config.sharp_points)
        arrays = latent_arrays(network, clouds, key=key, config=config)
        others = companions.arrays(decoded, key=key, device=device)
        sums.append(_moments({**arrays, **others.get(IMAGES, {})}))
        members = {
            "json": to_json({**decoded["json"], "latents": stated}),
            LATENTS: to_stored_npz(arrays),
            **{name: to_stored_npz(each) for name, each in others.items()},
            **{name: found[name] for name in copied},
        }
        writer.add(
            key,
            members,
            split=plan.split,
            family=index.family(key),
            parts=index.part_count(key),
        )
    data = writer.to_bytes()
    manifest = Manifest(
        digest=plan.digest,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        rows=writer.rows,
        moments=total(sums),
    )
    folder.delete(manifest_name(plan.shard))
    folder.write(plan.shard, data)
    folder.write(manifest_name(plan.shard), manifest.to_bytes())


def _moments(arrays: Arrays) -> dict[str, Moments]:
    last = {
        # Channels of pictures come before rows and columns.
        name: np.moveaxis(array, -3, -1) if name.endswith("_image_latent") else array
        for name, array in arrays.items()
        if name.endswith("_latent")
    }
    return {name: Moments.of(array) for name, array in last.items()}
