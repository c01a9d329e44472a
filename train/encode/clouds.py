"""What the encoder is given: points of parts, of the whole, of boxes, each in its frame."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from partworks.errors import UsageError
from shards.reader import Points
from train.encode.boxes import box_edge_points, box_points
from train.encode.config import EncodeConfig

Float32 = NDArray[np.float32]
Subject = Literal["part", "object", "box", "box_variant"]
SUBJECTS: tuple[Subject, ...] = ("part", "object", "box", "box_variant")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clouds:
    """Points with unit normals that are encoded together.

    Attributes:
        surface: (B, S, 6) float32.
        sharp: (B, M, 6) float32 on sharp edges, or None for networks that read none.
    """

    surface: Float32
    sharp: Float32 | None


def seeded(key: str, subject: str, *, seed: int) -> np.random.Generator:
    """A generator that hangs on the seed, the object and what of it is meant, and nothing else."""
    words = np.frombuffer(hashlib.sha256(f"{subject} of {key}".encode()).digest(), "<u4")
    return np.random.default_rng([seed, *words.tolist()])


def clouds_of(
    points: Points, *, key: str, config: EncodeConfig, sharp: bool
) -> dict[Subject, Clouds]:
    """The clouds of an object that the config asks for.

    Args:
        key: of the object, for what is random.
        config: one that is resolved.
        sharp: whether the network reads points on sharp edges.

    Raises:
        UsageError: the network needs points that the shards do not have.
    """
    found: dict[Subject, Clouds] = {
        "part": part_clouds(points, key=key, config=config, sharp=sharp)
    }
    if config.wholes:
        edges = _there(points.object_sharp, "object_sharp")[None] if sharp else None
        found["object"] = _thinned(
            points.object_surface[None], edges, key=key, subject="object", config=config
        )
    if config.boxes:
        found["box"] = _box_clouds(points, key=key, config=config, sharp=sharp)
        if config.box_variants:
            found["box_variant"] = _variant_clouds(points, key=key, config=config, sharp=sharp)
    return found


def part_clouds(points: Points, *, key: str, config: EncodeConfig, sharp: bool) -> Clouds:
    """The clouds of all parts of an object, in the config's frame."""
    assert config.frame is not None
    surface = points.part_surface
    edges = _there(points.part_sharp, "part_sharp") if sharp else None
    if config.frame == "part":
        surface = to_part_frame(surface, points)
        edges = None if edges is None else to_part_frame(edges, points)
    return _thinned(surface, edges, key=key, subject="part", config=config)


def to_part_frame(surface: Float32, points: Points) -> Float32:
    """(P, S, 6) points of parts where each part fills [-1, 1]³; normals stay as they are."""
    position = surface[..., :3] - points.part_center[:, None]
    position /= points.part_scale[:, None, None]
    return np.concatenate([position, surface[..., 3:]], axis=-1)


def _box_clouds(points: Points, *, key: str, config: EncodeConfig, sharp: bool) -> Clouds:
    generator = seeded(key, "boxes", seed=config.seed)
    surface, boxes = points.box_surface, points.part_box
    if surface is None:
        count = config.box_points
        surface = np.stack([box_points(box, count=count, generator=generator) for box in boxes])
    edges = None
    if sharp:
        count = _there(points.part_sharp, "part_sharp").shape[1]
        edges = np.stack([box_edge_points(box, count=count, generator=generator) for box in boxes])
    return _thinned(surface, edges, key=key, subject="box", config=config)


def moved_boxes(boxes: Float32, *, config: EncodeConfig, key: str) -> Float32:
    """(K, P, 2, 3) float32: each box K times, its corners moved by up to `box_jitter` of a side."""
    generator = seeded(key, "box variants", seed=config.seed)
    shape = (config.box_variants, *boxes.shape)
    shares = generator.uniform(-config.box_jitter, config.box_jitter, shape)
    moved: Float32 = (boxes + shares * (boxes[:, 1:] - boxes[:, :1])).astype(np.float32)
    return moved


def _variant_clouds(points: Points, *, key: str, config: EncodeConfig, sharp: bool) -> Clouds:
    """K times the P boxes, one after another; the points on them are made here."""
    boxes = moved_boxes(points.part_box, config=config, key=key).reshape(-1, 2, 3)
    generator = seeded(key, "points of box variants", seed=config.seed)
    count = config.box_points
    surface = np.stack([box_points(box, count=count, generator=generator) for box in boxes])
    edges = None
    if sharp:
        count = _there(points.part_sharp, "part_sharp").shape[1]
        edges = np.stack([box_edge_points(box, count=count, generator=generator) for box in boxes])
    return _thinned(surface, edges, key=key, subject="box_variant", config=config)


def _thinned(
    surface: Float32, sharp: Float32 | None, *, key: str, subject: Subject, config: EncodeConfig
) -> Clouds:
    """No more points of each cloud than the config says: the same rows of all that it has."""

    def chosen(cloud: Float32, kind: str, count: int | None) -> Float32:
        if count is None or count >= cloud.shape[1]:
            return cloud
        generator = seeded(key, f"{kind}, {subject}", seed=config.seed)
        return cloud[:, generator.permutation(cloud.shape[1])[:count]]

    return Clouds(
        surface=chosen(surface, "surface", config.points),
        sharp=None if sharp is None else chosen(sharp, "sharp", config.sharp_points),
    )


def _there(array: Float32 | None, name: str) -> Float32:
    if array is None:
        raise UsageError(
            f"the network reads points on sharp edges, but points.npz has no {name}; set "
            "points.sharp_points of the shards stage and run it again"
        )
    return array
