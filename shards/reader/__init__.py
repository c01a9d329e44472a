"""Reads the shards; stands alone, so that training knows no other part of the data engine.

`ShardIndex` finds any member of any sample by (shard, offset, size) at any fsspec URL.
`ShardDataset` is the map-style view of one split, whose order a batch sampler chooses
(`StepBatches`, `EverySampleOnce`); `stream` reads a split shard by shard. The functions `decode_*`
turn the bytes of a member into values.

    index = ShardIndex("s3://bucket/run1")
    dataset = ShardDataset(index, split="train", members=("json", "points.npz"), decode=True)
    batches = StepBatches(Draws(len(dataset), seed=0), batch_size=8, rank=rank, world=world)
    for sample in stream("s3://bucket/run1", rank=rank, world=world):
        points = sample["points.npz"]
"""

from __future__ import annotations

from shards.reader.archives import read_arrays
from shards.reader.batches import Draw, Draws, EverySampleOnce, StepBatches
from shards.reader.damage import DamageLog, OnDamage, first_sound
from shards.reader.dataset import ShardDataset
from shards.reader.decoders import (
    Field,
    Grid,
    Points,
    decode_field,
    decode_grid,
    decode_image,
    decode_json,
    decode_member,
    decode_points,
)
from shards.reader.errors import DamagedSampleError, ShardsNotFoundError, UndecodableError
from shards.reader.files import Location
from shards.reader.index import ShardIndex
from shards.reader.mesh import Mesh, decode_mesh
from shards.reader.streaming import ShardStream, stream

__all__ = [
    "DamageLog",
    "DamagedSampleError",
    "Draw",
    "Draws",
    "EverySampleOnce",
    "Field",
    "Grid",
    "Location",
    "Mesh",
    "OnDamage",
    "Points",
    "ShardDataset",
    "ShardIndex",
    "ShardStream",
    "ShardsNotFoundError",
    "StepBatches",
    "UndecodableError",
    "decode_field",
    "decode_grid",
    "decode_image",
    "decode_json",
    "decode_member",
    "decode_mesh",
    "decode_points",
    "first_sound",
    "read_arrays",
    "stream",
]
