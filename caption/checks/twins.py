"""Parts that are copies or mirror images of one another, such as the four legs of a chair."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.measures import face_areas
from partworks.geometry.mesh import Mesh

Float64 = NDArray[np.float64]

CLOSE = 0.02
"""How much area and spread of twins may differ, as a share."""


def find_twins(
    mesh: Mesh, face_labels: NDArray[np.int32], *, kinds: Sequence[object]
) -> tuple[tuple[int, ...], ...]:
    """Groups of two or more parts of equal form, in order; each part is in one group at the most.

    Two parts are twins if they are of one kind, and area and the three principal spreads of their
    surfaces agree; these do not change when a thing is moved, turned or mirrored.

    Args:
        mesh: the object.
        face_labels: (F,) int32 part of each face, negative for none.
        kinds: for each part what twins have in common besides, such as a noun.
    """
    forms = [_form(mesh, np.flatnonzero(face_labels == part)) for part in range(len(kinds))]
    groups: list[list[int]] = []
    for part, form in enumerate(forms):
        if form[0] <= 0:
            continue
        for group in groups:
            if kinds[group[0]] == kinds[part] and _equal(forms[group[0]], form):
                group.append(part)
                break
        else:
            groups.append([part])
    return tuple(tuple(group) for group in groups if len(group) > 1)


def _equal(one: Float64, other: Float64) -> bool:
    area = abs(one[0] - other[0]) <= CLOSE * max(one[0], other[0])
    spread = np.abs(one[1:] - other[1:]).max() <= CLOSE * max(one[1:].max(), other[1:].max())
    return bool(area and spread)


def _form(mesh: Mesh, faces: NDArray[np.int64]) -> Float64:
    """(4,) float64: area, and the standard deviations of the surface along its main axes."""
    if not len(faces):
        return np.zeros(4)
    corners = mesh.vertices[mesh.faces[faces]].astype(np.float64)
    areas = face_areas(mesh.vertices, mesh.faces[faces]).astype(np.float64)
    total = float(areas.sum())
    if total <= 0:
        return np.zeros(4)
    middle = (corners.mean(axis=1) * areas[:, None]).sum(axis=0) / total
    corners = corners - middle
    # Over a triangle, the integral of x xᵀ is A / 12 (Σ v vᵀ + s sᵀ) with s the sum of its corners.
    summed = corners.sum(axis=1)
    second = np.einsum("f,fki,fkj->ij", areas, corners, corners)
    second += np.einsum("f,fi,fj->ij", areas, summed, summed)
    variances = np.linalg.eigvalsh(second / (12 * total)).clip(0)
    form: Float64 = np.round(np.concatenate([[total], np.sqrt(variances)]), 9)
    return form
