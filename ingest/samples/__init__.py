"""Objects made by code: textured, of many parts, with true part labels; no download, no licence.

Each family of objects has a file. Some come as one welded node, so that segmentation has work to
do: `mug`, `teapot`, `dog` and `chess_queen`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from ingest.samples.assemble import SampleObject
from ingest.samples.breakfast import breakfast_table
from ingest.samples.figures import chess_queen, dog, robot
from ingest.samples.furniture import bookshelf, chair, lamp
from ingest.samples.locomotive import locomotive
from ingest.samples.places import house, tree
from ingest.samples.tableware import mug, teapot
from ingest.samples.vehicles import car, rocket

__all__ = ["SAMPLES", "SampleObject", "build_sample", "build_samples"]

SAMPLES: Mapping[str, Callable[[], SampleObject]] = {
    "bookshelf": bookshelf,
    "breakfast_table": breakfast_table,
    "car": car,
    "chair": chair,
    "chess_queen": chess_queen,
    "dog": dog,
    "house": house,
    "lamp": lamp,
    "locomotive": locomotive,
    "mug": mug,
    "robot": robot,
    "rocket": rocket,
    "teapot": teapot,
    "tree": tree,
}


@cache
def build_sample(name: str) -> SampleObject:
    """One sample; the same bytes in every process."""
    return SAMPLES[name]()


def build_samples() -> tuple[SampleObject, ...]:
    """All samples, in the order of their names."""
    return tuple(build_sample(name) for name in SAMPLES)
