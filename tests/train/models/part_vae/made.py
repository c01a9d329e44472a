"""Small networks, and batches whose shapes are known in closed form."""

from __future__ import annotations

import numpy as np
import torch
import trimesh

from train.frames import Frame
from train.models.vecset.config import VecSetConfig
from train.queries import FieldRows, QueryConfig
from train.samples import Batch, Shape, collate, make_item

TRUNCATION = 0.1
SMALL = VecSetConfig(
    width=16,
    heads=2,
    tokens=4,
    latent_dim=3,
    frequencies=2,
    encoder_layers=1,
    decoder_layers=1,
    output="sdf",
    inside="negative",
)
QUERIES = QueryConfig(surface=32, count=60)


def ball(radius: float, *, generator: np.random.Generator, known: bool = True) -> Shape:
    """A ball around the origin, its distances and its mesh."""
    normals = generator.standard_normal((300, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    surface = np.concatenate([radius * normals, normals], axis=1).astype(np.float32)
    near = surface[:, :3] + generator.normal(scale=0.02, size=(300, 3))
    volume = generator.uniform(-1.05, 1.05, (300, 3))
    near, volume = (
        np.column_stack(
            [each, (np.linalg.norm(each, axis=1) - radius).clip(-TRUNCATION, TRUNCATION)]
        ).astype(np.float32)
        for each in (near, volume)
    )
    mesh = trimesh.creation.icosphere(subdivisions=4, radius=radius)
    return Shape(
        surface=surface,
        sharp=None,
        field=FieldRows(
            surface=surface,
            near=near,
            volume=volume,
            center=np.zeros(3),
            scale=1.0,
            truncation=TRUNCATION,
        )
        if known
        else None,
        mesh=(mesh.vertices.astype(np.float32), mesh.faces.astype(np.int32)),
        center=np.zeros(3),
        scale=1.0,
    )


def batch_of(*radii: float, unknown: tuple[int, ...] = (), queries: QueryConfig = QUERIES) -> Batch:
    """Balls, some of which have no signs."""
    items = []
    for number, radius in enumerate(radii):
        generator = np.random.default_rng(number)
        shape = ball(radius, generator=generator, known=number not in unknown)
        frame = Frame.upright(np.zeros(3), 1.0)
        items.append(
            {
                **make_item(shape, frame=frame, queries=queries, generator=generator),
                "place": torch.tensor(number),
                "key": f"ball{number}",
                "part": torch.tensor(0),
                "stand_in": torch.tensor(False),
            }
        )
    return collate(items)


def rows_of(batch: Batch, chosen: slice) -> Batch:
    """A part of a batch."""
    return {name: values[chosen] for name, values in batch.items()}
