"""Edits computed by the server, to be shown before they are made: splits, and mirrored ones."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.database.tables import Task
from annotate.review.mirrored_gesture import TOOL as MIRROR
from annotate.review.mirrored_gesture import mirrored_gesture
from annotate.review.operations import Cleave, Operation, Refine
from annotate.review.runs import faces_of_runs, runs_of_faces
from annotate.review.split.components import component_sides
from annotate.review.split.geodesic import geodesic_sides
from annotate.review.split.minimum_cut import minimum_cut_sides
from annotate.review.split.plan import plan_split
from annotate.review.split.tree import tree_sides
from annotate.review.state import State
from annotate.review.surface import ReviewSurface
from annotate.review.wire import operation_to_json
from annotate.server import messages
from annotate.server.problems import Problem
from annotate.server.services import Services

Sides = NDArray[np.int64]
Inside = NDArray[np.bool_]


def _by_seeds(surface: ReviewSurface, inside: Inside, body: messages.PreviewRequest) -> Sides:
    return geodesic_sides(surface, inside, _seeds(body))


def _by_cut(surface: ReviewSurface, inside: Inside, body: messages.PreviewRequest) -> Sides:
    seeds = _seeds(body)
    if len(seeds) != 2:
        raise ValueError(f"a cut lies between two seeds, not {len(seeds)}")
    return minimum_cut_sides(surface, inside, (seeds[0], seeds[1]))


def _by_component(surface: ReviewSurface, inside: Inside, _body: messages.PreviewRequest) -> Sides:
    return component_sides(surface, inside)


def _seeds(body: messages.PreviewRequest) -> list[NDArray[Any]]:
    if len(body.seeds) < 2 or not all(body.seeds):
        raise ValueError("a split needs two seeds or more, each with a face")
    return [np.asarray(seed, np.int64) for seed in body.seeds]


TOOLS: Mapping[str, Callable[..., Sides]] = MappingProxyType(
    {"two-seed": _by_seeds, "cut": _by_cut, "components": _by_component}
)
"""Splits that need the object's geometry; besides there are `tree` and `mirror`."""


def computed(
    services: Services, task: Task, state: State, body: messages.PreviewRequest
) -> messages.Preview:
    """What a tool would do, as operations that the client may post as they are.

    Raises:
        Problem: `invalid` for tools, groups and seeds that there are not; `no_geometry`.
    """
    made = (_mirrored if body.tool == MIRROR else _split)(services, task, state, body)
    atoms = [list(group) for one in made if isinstance(one, Cleave) for group in one.atoms]
    leaving = np.unique(
        np.concatenate(
            [np.zeros(0, np.int64), *(_faces(one) for one in made if isinstance(one, Refine))]
        )
    )
    return messages.Preview(
        atoms=atoms,
        faces=list(runs_of_faces(leaving)),
        operations=[operation_to_json(one) for one in made],
    )


def _mirrored(
    services: Services, task: Task, state: State, _body: messages.PreviewRequest
) -> tuple[Operation, ...]:
    base = services.workbench.base(task)
    facts = services.workbench.surfaces.facts(task, base)
    return mirrored_gesture(
        base, facts.surface, facts.planes, state, new_id=_new_id, at=_now(services)
    )


def _split(
    services: Services, task: Task, state: State, body: messages.PreviewRequest
) -> tuple[Operation, ...]:
    inside = state.group_of_face == body.group
    if not inside.any():
        raise Problem("invalid", f"there is no group {body.group}; reload the object")
    base = services.workbench.base(task)
    if body.tool == "tree":
        sides = tree_sides(base, state, body.group, count=body.count)
    elif body.tool in TOOLS:
        surface = services.workbench.surfaces.facts(task, base).surface
        try:
            sides = TOOLS[body.tool](surface, inside, body)
        except ValueError as error:
            raise Problem("invalid", str(error)) from error
    else:
        known = ", ".join(("tree", MIRROR, *TOOLS))
        raise Problem("invalid", f"there is no tool {body.tool!r}; there are {known}")
    return plan_split(state, body.group, sides).operations(
        new_id=_new_id, at=_now(services), tool=body.tool, method=body.tool
    )


def _new_id() -> str:
    return str(uuid.uuid4())


def _now(services: Services) -> int:
    return int(services.clock() * 1000)


def _faces(refine: Refine) -> NDArray[np.int64]:
    return np.asarray(faces_of_runs(refine.faces), np.int64)
