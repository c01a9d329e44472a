"""One shard of latents out of one shard of the training set."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from shards.reader import Points, ShardIndex
from shards.reader.writing import ShardWriter, to_json, to_stored_npz
from train.encode.clouds import clouds_of
from train.encode.config import LATENTS, EncodeConfig
from train.encode.latents import Arrays, latent_arrays
from train.encode.manifest import Manifest, manifest_name
from train.encode.moments import Moments, total
from train.encode.output import OutputFolder
from train.encode.plan import ShardPlan
from train.models.vecset.model import VecSetAutoencoder

_IN_SAMPLES = ("checkpoint", "weights_sha256", "variant", "frame", "settings")
"""What of the identity every sample's json repeats."""

_WRITTEN = ("json", LATENTS)


def write_shard(
    plan: ShardPlan,
    *,
    index: ShardIndex,
    network: VecSetAutoencoder,
    config: EncodeConfig,
    identity: Mapping[str, Any],
    folder: OutputFolder,
) -> None:
    """Encode the samples of a shard, and write it and then its manifest.

    Raises:
        DamagedSampleError: a sample cannot be read; nothing is written then.
    """
    writer, sums = ShardWriter(), list[dict[str, Moments]]()
    stated = {name: identity[name] for name in _IN_SAMPLES}
    for key in plan.keys:
        copied = [name for name in index.match(key, config.members) if name not in _WRITTEN]
        found = index.read(key, ["json", "points.npz", *copied])
        decoded = index.decoded(key, {name: found[name] for name in ("json", "points.npz")})
        points: Points = decoded["points.npz"]
        clouds = clouds_of(points, key=key, config=config, sharp=network.config.sharp_points)
        arrays = latent_arrays(network, clouds, key=key, config=config)
        sums.append(_moments(arrays))
        members = {
            "json": to_json({**decoded["json"], "latents": stated}),
            LATENTS: to_stored_npz(arrays),
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
    return {name: Moments.of(array) for name, array in arrays.items() if name.endswith("_latent")}
