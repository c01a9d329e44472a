"""What the ledger says of a stage as a whole: time, bytes, cost, numbers and words to count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from partworks.ledger import Ledger
from partworks.records import parse_scalar

MANY_WORDS = 12
"""A metric with more different words than this names objects rather than kinds of them."""

LONG_WORD = 40
"""A longer word is a hash or a coded vector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """The latest attempts of one stage that are ok, N of them.

    Attributes:
        seconds: (N,) float64 wall time.
        sizes: (N,) int64 bytes that each left in the root.
        cost: US dollars.
        numbers: metric -> (M,) float64, in ascending order.
        words: metric -> word -> objects.
        tools: name -> version -> objects.
    """

    seconds: NDArray[np.float64]
    sizes: NDArray[np.int64]
    cost: float
    numbers: Mapping[str, NDArray[np.float64]]
    words: Mapping[str, Counter[str]]
    tools: Mapping[str, Counter[str]]


def measure(ledger: Ledger, stage: str) -> Measurements:
    """Read the ledger of a stage."""
    columns = ["status", "seconds", "cost", "outputs", "metrics", "tools"]
    table = ledger.latest(stage, columns)
    table = table.filter(pc.equal(table["status"], "ok"))
    numbers, words = _split(_tally(table["metrics"]))
    return Measurements(
        seconds=table["seconds"].to_numpy().astype(np.float64),
        sizes=_sizes(table["outputs"]),
        cost=float(pc.sum(table["cost"], min_count=0).as_py()),
        numbers=numbers,
        words={key: found for key, found in words.items() if _is_readable(found)},
        tools=_tally(table["tools"]),
    )


def _is_readable(found: Counter[str]) -> bool:
    """Whether words are few, and none of them a hash or a coded vector."""
    return len(found) <= MANY_WORDS and max(map(len, found), default=0) <= LONG_WORD


def _sizes(outputs: pa.ChunkedArray) -> NDArray[np.int64]:
    """(N,) bytes of the files of each row."""
    rows = pc.list_parent_indices(outputs).to_numpy()
    sizes = pc.struct_field(pc.list_flatten(outputs), "size").to_numpy()
    return np.bincount(rows, weights=sizes, minlength=len(outputs)).astype(np.int64)


def _tally(maps: pa.ChunkedArray) -> dict[str, Counter[str]]:
    """key -> value -> how many rows have it; keys and values sorted."""
    chunks = maps.chunks
    pairs = pa.table(
        {
            "key": pa.chunked_array([chunk.keys for chunk in chunks], pa.string()),
            "value": pa.chunked_array([chunk.items for chunk in chunks], pa.string()),
        }
    )
    found: dict[str, Counter[str]] = {}
    groups = pairs.group_by(["key", "value"]).aggregate([([], "count_all")])
    for row in groups.sort_by([("key", "ascending"), ("value", "ascending")]).to_pylist():
        found.setdefault(row["key"], Counter())[row["value"]] = row["count_all"]
    return found


def _split(
    tallies: Mapping[str, Counter[str]],
) -> tuple[dict[str, NDArray[np.float64]], dict[str, Counter[str]]]:
    """Metrics whose values are all finite numbers, and the others."""
    numbers: dict[str, NDArray[np.float64]] = {}
    words: dict[str, Counter[str]] = {}
    for key, tally in tallies.items():
        values: list[Any] = [parse_scalar(text) for text in tally]
        if all(not isinstance(value, str) and np.isfinite(value) for value in values):
            numbers[key] = np.sort(np.repeat(np.array(values, float), list(tally.values())))
        else:
            words[key] = tally
    return numbers, words
