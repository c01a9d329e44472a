"""Objects that must not be parted by a split: copies of one another, and series of one creator.

A model that trained on an object has seen its copy too, so both belong in the same split.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from partworks.naming import clean_name

TOLERANCE = 0.002
"""Difference of two copies' shape descriptors at the most, in any of their numbers.

Over 75 objects (generated ones and artists' assets) the nearest two that differ are 0.063 apart.
Copies that were turned, rescaled, mirrored or subdivided are 0.000001 apart, and copies with places
rounded to 14 bits, as Draco does, 0.0004 at the most. The number of pairs within r grows as r⁴, so
that of ten million different objects one in a thousand would join another by chance. Copies with
fewer faces are 0.002 to 0.02 apart: the lightest simplification is found, the rest is not.
"""

_TREE_DIMENSIONS = 5
_STEPS = 4  # to the tolerance; copies mostly fall on one place of the grid

COLORS = frozenset(
    """
    amber aqua azure beige black blond blue bronze brown burgundy copper coral cream crimson cyan
    dark ebony emerald fuchsia gold golden gray green grey indigo ivory khaki lavender light lilac
    lime magenta maroon mint navy ochre olive orange orchid peach pink plum purple red rose ruby
    rust salmon sapphire scarlet sienna silver tan teal turquoise violet white yellow
    """.split()  # noqa: SIM905  a list of words reads better as text
)
VERSIONS = frozenset(
    """
    alpha alt alternative beta edit edition remake remix rev revised revision update updated var
    variant variation ver version
    """.split()  # noqa: SIM905
)
NOBODY = frozenset(
    """
    admin anonymous anon artist author creator guest me n/a na nobody none null tbd test undefined
    unknown user various
    """.split()  # noqa: SIM905
)
"""What stands in the place of a creator's name when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyFacts:
    """What decides the family of an object.

    Attributes:
        shape: the descriptor of `shards.shape`; empty where there is none.
        creator: who made it; empty where nobody knows.
        name: what people call it.
    """

    uid: str
    shape: tuple[float, ...] = ()
    creator: str = ""
    name: str = ""


def families(records: Sequence[FamilyFacts]) -> list[str]:
    """The family of each object: the smallest uid of those that copies and series join.

    It depends on the set of the records alone, not on their order.
    """
    edges = [*_same_shape(records), *_same_series(records)]
    count = len(records)
    if not count:
        return []
    pairs = np.concatenate([*edges, np.zeros((0, 2), np.int64)])
    graph = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), (count, count))
    _, group = connected_components(graph, directed=False)
    smallest: dict[int, str] = {}
    for row in sorted(range(count), key=lambda row: records[row].uid):
        smallest.setdefault(int(group[row]), records[row].uid)
    return [smallest[int(each)] for each in group]


def _same_shape(records: Sequence[FamilyFacts]) -> Iterable[NDArray[np.int64]]:
    """Pairs of rows that join all objects of nearly the same shape."""
    lengths: dict[int, list[int]] = {}
    for row, record in enumerate(records):
        if record.shape:
            lengths.setdefault(len(record.shape), []).append(row)
    for rows in lengths.values():  # one, unless descriptors of another version are about
        yield from _near(np.asarray(rows), np.array([records[row].shape for row in rows]))


def _near(rows: NDArray[np.int64], shapes: NDArray[np.float64]) -> Iterable[NDArray[np.int64]]:
    """Pairs of rows within the tolerance of one another.

    Shapes are rounded to quarters of the tolerance first. A thousand copies then are one place of
    the tree and not half a million pairs. The tree has the widest dimensions alone, which leave few
    candidates; in all eighteen the search takes fifty times as long.
    """
    grid = np.round(shapes * (_STEPS / TOLERANCE)).astype(np.int64)
    places, first, place = np.unique(grid, axis=0, return_index=True, return_inverse=True)
    yield np.stack([rows, rows[first][place.ravel()]], axis=1)
    widest = np.argsort(-places.std(axis=0), kind="stable")[:_TREE_DIMENSIONS]
    pairs: NDArray[np.int64] = KDTree(places[:, widest]).query_pairs(
        _STEPS + 0.5, p=np.inf, output_type="ndarray"
    )
    apart = np.abs(places[pairs[:, 0]] - places[pairs[:, 1]]).max(axis=1, initial=0)
    yield rows[first][pairs[apart <= _STEPS]]


def _same_series(records: Sequence[FamilyFacts]) -> Iterable[NDArray[np.int64]]:
    """Pairs of rows that join all objects of a series."""
    first: dict[tuple[str, str], int] = {}
    pairs = []
    for row, record in enumerate(records):
        creator = creator_key(record.creator)
        stem = name_stem(record.name) if creator else ""
        if stem:
            pairs.append((row, first.setdefault((creator, stem), row)))
    yield np.asarray(pairs, np.int64).reshape(-1, 2)


def creator_key(creator: str) -> str:
    """A creator's name in one spelling; empty where it names nobody."""
    text = unicodedata.normalize("NFKC", creator).casefold()
    text = " ".join(text.split()).strip(" .,-_?()[]<>")
    return "" if text in NOBODY else text


def name_stem(name: str) -> str:
    """A name without what tells the pieces of a series apart; empty where it says nothing.

    `Chair_02 (red)`, `chair v3` and `Chair` all are `chair`. Words such as `object` or `untitled`,
    and names that are a number or a colour alone, are no names.
    """
    words = clean_name(name).split()
    while words and words[-1] in COLORS | VERSIONS:
        words.pop()
    return " ".join(words)
