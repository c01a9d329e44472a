"""Boxes made on the spot, with everything that a batch of parts has."""

from __future__ import annotations

from dataclasses import dataclass

import lightning
import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset

from train.frames import BOUND
from train.queries import QueryConfig
from train.samples import Batch, collate

Float64 = NDArray[np.float64]

_CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
_SIDES = np.array(
    [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
)
_FACES = np.concatenate([_SIDES[:, [0, 1, 2]], _SIDES[:, [0, 2, 3]]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box around the origin, whose half sides are `half` (3,)."""

    half: Float64

    def distance(self, points: Float64) -> Float64:
        """(N,) signed distances of (N, 3) points, negative inside; exact."""
        over = np.abs(points) - self.half
        outside = np.linalg.norm(over.clip(min=0), axis=1)
        distance: Float64 = outside + over.max(axis=1).clip(max=0)
        return distance

    def surface(self, count: int, generator: np.random.Generator) -> Float64:
        """(count, 6) points on the sides with normals outwards, by area."""
        areas = self.half.prod() / self.half
        axis = generator.choice(3, size=count, p=areas / areas.sum())
        sign = generator.choice((-1.0, 1.0), size=count)
        normals = np.eye(3)[axis] * sign[:, None]
        points = generator.uniform(-1, 1, (count, 3)) * self.half
        return np.concatenate(
            [np.where(normals != 0, normals * self.half, points), normals], axis=1
        )

    def edges(self, count: int, generator: np.random.Generator) -> Float64:
        """(count, 6) points on the edges with normals between those of the two sides."""
        points = self.surface(count, generator)
        axis = np.abs(points[:, 3:]).argmax(axis=1)
        second = np.eye(3)[(axis + generator.integers(1, 3, count)) % 3]
        second = second * generator.choice((-1.0, 1.0), size=count)[:, None]
        normals = (points[:, 3:] + second) / np.sqrt(2)
        return np.concatenate(
            [np.where(second != 0, second * self.half, points[:, :3]), normals], axis=1
        )


class GeneratedDataset(Dataset[Batch]):
    """Boxes that hang on the seed and their number alone."""

    def __init__(self, count: int, *, queries: QueryConfig, truncation: float, seed: int) -> None:
        self.count = count
        self.queries = queries
        self.truncation = truncation
        self.seed = seed

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, place: int) -> Batch:
        """An item as `train.samples` describes them."""
        generator = np.random.default_rng([self.seed, place])
        half = generator.uniform(0.3, 1.0, 3)
        box = Box(half=half / half.max())
        item: Batch = {
            "surface": _tensor(box.surface(self.queries.surface, generator)),
            **_queries(box, self.queries, truncation=self.truncation, generator=generator),
            "truncation": torch.tensor(self.truncation, dtype=torch.float32),
            "trusted": torch.tensor(True),
            "stand_in": torch.tensor(False),
            "center": torch.zeros(3),
            "scale": torch.tensor(1.0),
            "place": torch.tensor(place),
            "key": f"box{place}",
            "part": torch.tensor(0),
            "mesh": (_tensor(_CORNERS * box.half), torch.from_numpy(_FACES)),
        }
        if self.queries.sharp:
            item["sharp"] = _tensor(box.edges(self.queries.sharp, generator))
        return item


class GeneratedParts(lightning.LightningDataModule):
    """Loaders of a few boxes.

    Args:
        queries: how many points there are of each kind.
        truncation: of distances.
        batch_size: boxes.
        batches: of an epoch.
    """

    def __init__(
        self,
        *,
        queries: QueryConfig,
        truncation: float,
        batch_size: int = 2,
        batches: int = 4,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.batch_size = batch_size
        self.boxes = GeneratedDataset(
            batch_size * batches, queries=queries, truncation=truncation, seed=seed
        )

    def train_dataloader(self) -> DataLoader[Batch]:
        """All of them in order."""
        return DataLoader(self.boxes, batch_size=self.batch_size, collate_fn=collate)

    def val_dataloader(self) -> DataLoader[Batch]:
        """The same."""
        return self.train_dataloader()


def _queries(
    box: Box, config: QueryConfig, *, truncation: float, generator: np.random.Generator
) -> Batch:
    on, near, around = config.counts
    surface = box.surface(on, generator)
    close = box.surface(near, generator)[:, :3] + generator.normal(scale=0.03, size=(near, 3))
    volume = generator.uniform(-BOUND, BOUND, (around, 3))
    places = np.concatenate([surface[:, :3], close, volume])
    distance = box.distance(places).clip(-truncation, truncation)
    # On the surface it is 0 but for rounding.
    distance[:on] = 0
    return {
        "queries": _tensor(places),
        "distance": _tensor(distance),
        "normals": _tensor(surface[:, 3:]),
        "near": torch.from_numpy(np.repeat([False, True, False], [on, near, around])),
    }


def _tensor(values: Float64) -> torch.Tensor:
    return torch.from_numpy(values.astype(np.float32))
