"""A scripted reviewer who knows the true parts, and counts each click, key and drag.

It uses the tools of the page as they are: every edit is an operation that is folded, seeds are
solved, suggestions are asked for. Its prices are those of `PRICES`.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.review.base import Base
from annotate.review.fold import step
from annotate.review.mirror import mirrored_sides
from annotate.review.operations import Level, Merge, Operation
from annotate.review.split.geodesic import geodesic_sides
from annotate.review.split.plan import plan_split
from annotate.review.split.tree import tree_sides
from annotate.review.state import State, first_state
from annotate.review.suggest.facts import ObjectFacts
from annotate.review.suggest.model import SuggestionModel
from annotate.review.suggest.ranking import suggest
from partworks.evaluation.effort import holds
from partworks.evaluation.overlap import Overlap, measure_overlap

Int64 = NDArray[np.int64]

PRICES = MappingProxyType(
    {
        "accept": 1,  # the key that ends the object
        "slider": 1,  # a drag
        "next": 1,  # the key that shows the next suggestion, of those with what is selected
        "suggestion": 1,  # the key that takes it
        "mirror": 1,  # the key that does the same on the other side
        "merge": 1,  # the key, beside a click on each group
        "tree": 2,  # a click on the group and a key
        "seeds": 3,  # a click, a key and Enter, beside a click for each seed
        "cleave": 3,  # a click, a key and Enter, beside a click on each atom that leaves
        "brush": 8,  # a click, two keys and five strokes for each part that leaves
    }
)
GOOD = 0.97
"""Seeds are taken if so much of the group's area falls where it belongs."""


@dataclass(slots=True, kw_only=True)
class Reviewer:
    """Finishes one object.

    Attributes:
        base, facts: of the object. truth: (F,) int32, negative where unknown.
        model: suggests, or None for a page without suggestions.
        actions: clicks, keys and drags so far, by what they were for.
        log: the operations.
        listed: how many suggestions the page lists, each a key away; with 0 a key shows the next
            one and another takes it.
        looking: whether the page shows a suggestion unasked.
    """

    base: Base
    facts: ObjectFacts
    truth: NDArray[np.int32]
    model: SuggestionModel | None = None
    actions: Counter[str] = field(default_factory=Counter)
    log: list[Operation] = field(default_factory=list)
    listed: int = 0
    looking: bool = False
    state: State = field(init=False)

    def __post_init__(self) -> None:
        self.state = first_state(self.base)

    @property
    def total(self) -> int:
        """All actions."""
        return sum(self.actions.values())

    def finish(self, *, count: int | None = None) -> None:
        """Set the slider if a count is given, split what is mixed, merge what belongs together."""
        if count is not None:
            self._pay("slider")
            self._do(Level(**self._stamp("slider"), count=count))
        while (mixed := self._mixed()) is not None:
            self._split(mixed)
        while parts := self._unfinished():
            self._merge_once(parts)
        self._pay("accept")

    def _stamp(self, tool: str) -> dict[str, Any]:
        number = len(self.log)
        return {"id": str(uuid.UUID(int=number)), "at": number, "tool": tool}

    def _pay(self, what: str, *, clicks: int = 0) -> None:
        self.actions[what] += PRICES[what] + clicks

    def _do(self, *operations: Operation) -> None:
        for operation in operations:
            self.state = step(self.base, self.state, operation)
            self.log.append(operation)

    def _overlap(self) -> tuple[Int64, Overlap]:
        ids, dense = np.unique(self.state.group_of_face, return_inverse=True)
        areas = self.facts.surface.areas
        return ids.astype(np.int64), measure_overlap(dense, self.truth, areas=areas)

    def _owners(self) -> dict[int, int]:
        """Group -> the true part that most of it lies in, of the groups that any is known of."""
        ids, overlap = self._overlap()
        table = overlap.table(overlap.area)
        known = table.sum(axis=1) > 0
        return {int(ids[row]): int(table[row].argmax()) for row in np.flatnonzero(known).tolist()}

    def _mixed(self) -> int | None:
        ids, overlap = self._overlap()
        held = holds(
            overlap.area, overlap.segment_area[overlap.segment], overlap.part_area[overlap.part]
        )
        several = np.bincount(overlap.segment[held], minlength=len(overlap.segment_faces)) > 1
        return int(ids[several.argmax()]) if several.any() else None

    def _split(self, group: int) -> None:
        """The cheapest of the tools that gets the group apart."""
        faces = np.flatnonzero(self.state.group_of_face == group)
        truth = self._held_truth(faces)
        options = [self._by_tree(group, faces, truth), self._by_seeds(group, faces, truth)]
        options += [self._by_atoms(faces, truth), self._by_brush(faces, truth)]
        price, tool, sides = min(
            (option for option in options if option is not None), key=lambda option: option[0]
        )
        self.actions[tool] += PRICES["brush"] if tool == "brush" else price
        self._apply(group, sides, tool)
        if self.model is not None:
            leaving = [faces[sides == side] for side in np.unique(sides)[1:]]
            self._mirror(leaving)

    def _apply(self, group: int, sides: Int64, tool: str) -> None:
        numbers = iter(range(len(self.log), len(self.log) + 10**6))
        self._do(
            *plan_split(self.state, group, sides).operations(
                new_id=lambda: str(uuid.UUID(int=next(numbers))),
                at=len(self.log),
                tool=tool,
                method=tool,
            )
        )

    def _mirror(self, leaving: list[Int64]) -> None:
        """Split the other side alike, on request, where that is right."""
        for plane in self.facts.planes:
            found = mirrored_sides(self.state, leaving, plane)
            if found is None:
                continue
            group, sides = found
            faces = np.flatnonzero(self.state.group_of_face == group)
            truth = self._held_truth(faces)
            parts = {int(np.bincount(truth[sides == side]).argmax()) for side in np.unique(sides)}
            # Each side has a part of its own, and nearly all of what leaves belongs there.
            left = sides > 0
            if (
                len(parts) == len(np.unique(sides))
                and self._wrong(faces[left], truth[left], sides[left]) <= 1 - GOOD
            ):
                self._pay("mirror")
                self._apply(group, sides, "mirror")
                return

    def _held_truth(self, faces: Int64) -> Int64:
        """(K,) int64: the true part of each face, 0…; slivers and what is unknown go elsewhere."""
        truth = self.truth[faces].astype(np.int64)
        areas = self.facts.surface.areas
        whole = np.bincount(np.maximum(self.truth, 0), areas * (self.truth >= 0))
        own = np.bincount(np.maximum(truth, 0), areas[faces] * (truth >= 0), len(whole))
        kept = holds(own, own.sum(), whole)
        main = int(own.argmax())
        truth = np.where((truth >= 0) & kept[np.maximum(truth, 0)], truth, main)
        _, dense = np.unique(truth, return_inverse=True)
        return dense.astype(np.int64)

    def _wrong(self, faces: Int64, truth: Int64, sides: Int64) -> float:
        """The share of the area that is not of the part that owns its side."""
        areas = self.facts.surface.areas[faces]
        table = np.zeros((sides.max() + 1, truth.max() + 1))
        np.add.at(table, (sides, truth), areas)
        return 1.0 - float(table.max(axis=1).sum() / max(areas.sum(), 1e-300))

    def _by_tree(self, group: int, faces: Int64, truth: Int64) -> tuple[int, str, Int64] | None:
        """Finer levels of the group until its pieces are pure; needless pieces cost a click."""
        parts = int(truth.max()) + 1
        for pieces in range(parts, 4 * parts + 1):
            _, sides = np.unique(
                tree_sides(self.base, self.state, group, count=pieces), return_inverse=True
            )
            if self._wrong(faces, truth, sides) <= 1 - GOOD:
                price = PRICES["tree"] * (pieces - 1)
                return price + (pieces - parts), "tree", sides
        return None

    def _by_seeds(self, group: int, faces: Int64, truth: Int64) -> tuple[int, str, Int64] | None:
        """A click in the middle of each part, and more where the border is not right yet."""
        surface = self.facts.surface
        parts = int(truth.max()) + 1
        seeds = [_middle_face(surface.centroids, faces[truth == part]) for part in range(parts)]
        inside = self.state.group_of_face == group
        for clicks in range(parts, 3 * parts + 1):
            sides = geodesic_sides(surface, inside, seeds)
            if self._wrong(faces, truth, sides) <= 1 - GOOD:
                return PRICES["seeds"] + clicks, "seeds", sides
            wrong = surface.areas[faces] * (sides != truth)
            part = int(np.bincount(truth, wrong).argmax())
            missed = faces[(truth == part) & (sides != part)]
            seeds[part] = np.append(seeds[part], _middle_face(surface.centroids, missed))
        return None

    def _by_atoms(self, faces: Int64, truth: Int64) -> tuple[int, str, Int64] | None:
        """Atoms are clicked out of the group, part by part, where atoms are pure."""
        atoms, atom = np.unique(self.state.atom_of_face[faces], return_inverse=True)
        areas = self.facts.surface.areas[faces]
        table = np.zeros((len(atoms), truth.max() + 1))
        np.add.at(table, (atom, truth), areas)
        owner = table.argmax(axis=1)
        if self._wrong(faces, truth, owner[atom]) > 1 - GOOD or len(np.unique(owner)) < 2:
            return None
        counts = np.bincount(owner)
        counts = counts[counts > 0]
        leaving = int(counts.sum() - counts.max())
        return PRICES["cleave"] * (len(counts) - 1) + leaving, "cleave", owner[atom]

    def _by_brush(self, faces: Int64, truth: Int64) -> tuple[int, str, Int64]:
        """One part of several is painted, the smallest; the others come next."""
        areas = np.bincount(truth, self.facts.surface.areas[faces])
        return PRICES["brush"] * int(truth.max()), "brush", (truth == areas.argmin()).astype(int)

    def _unfinished(self) -> list[frozenset[int]]:
        """The groups of each true part that lies in several."""
        of_part: dict[int, set[int]] = {}
        for group, part in self._owners().items():
            of_part.setdefault(part, set()).add(group)
        return [frozenset(groups) for groups in of_part.values() if len(groups) > 1]

    def _merge_once(self, parts: list[frozenset[int]]) -> None:
        """Do what saves most against clicking each group of a part and pressing a key."""
        best = max(self._options(parts), key=lambda option: (option.saved, len(option.merged)))
        self.actions[best.tool] += best.price
        self._do(Merge(**self._stamp(best.tool), groups=tuple(sorted(best.merged))))
        # Whoever takes a suggestion is shown the next one without asking.
        self.looking = best.tool == "suggestion"

    def _options(self, parts: list[frozenset[int]]) -> Iterator[Option]:
        for part in parts:
            yield Option(merged=part, price=len(part) + PRICES["merge"], tool="merge", saved=0)
        if self.model is None:
            return
        offers = [frozenset(s.groups) for s in suggest(self.facts, self.state, model=self.model)]
        for place, offered in enumerate(offers):
            for part in parts:
                if offered & part:
                    yield from _with(part, offered, self._asked(place))
                # With a group selected, only what holds it is offered.
                for group in sorted(offered & part):
                    before = sum(group in other for other in offers[:place])
                    yield from _with(part, offered, 1 + self._asked(before, anew=True))

    def _asked(self, place: int, *, anew: bool = False) -> int:
        """Keys until the suggestion at a place in the list is in sight."""
        if self.listed:
            return PRICES["next"] * max(0, place + 1 - self.listed)
        return PRICES["next"] * (place + (0 if self.looking and not anew else 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A merge: of which groups, at what price, and what that saves against the plain way."""

    merged: frozenset[int]
    price: int
    tool: str
    saved: int


def _with(part: frozenset[int], offered: frozenset[int], asked: int) -> Iterator[Option]:
    """Take a suggestion that is within a part, or put it right first, a click a group."""
    if offered <= part:
        price = asked + PRICES["suggestion"]
        # Of a part that is not done then, the merged groups are one click instead of many.
        plain = len(part) + 1 if offered == part else len(offered) - 1
        yield Option(merged=offered, price=price, tool="suggestion", saved=plain - price)
    # What is only in a list has to be selected before it can be put right.
    price = max(asked, 1) + len(offered ^ part) + PRICES["merge"]
    yield Option(merged=part, price=price, tool="suggestion", saved=len(part) + 1 - price)


def _middle_face(centroids: NDArray[np.float64], faces: Int64) -> Int64:
    """(1,) the face that lies nearest to the mean of some."""
    away = np.linalg.norm(centroids[faces] - centroids[faces].mean(axis=0), axis=1)
    return faces[[int(away.argmin())]]
