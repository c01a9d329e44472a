"""Signs from a watertight proxy, for surfaces whose own winding numbers do not tell.

A shell around the surface (`watertight_shell`) has a certain inside, but keeps a distance: near the
surface its sign is that of another shape. So it decides two things only. Away from the surface it
gives the sign. At the surface it says for each face which side is outside; winding numbers of the
faces turned accordingly give the sign in between. Both must agree where both are asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.measures import face_normals
from partworks.geometry.sampling import sample_surface, surface_points
from shards.closed import has_no_rim
from shards.field.body import Body
from shards.field.native import surface_distances, watertight_shell, winding_numbers

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

COARSE, FINE = 2_000, 10_000
"""Leaves of the octree: shells within about 0.09 and 0.03 of the surface, in 0.1 s and in 1 s."""

MAX_GAP = 0.08
"""How far the shell may keep from the surface, in the body's frame."""

CLEAR = 1.5
"""Distances, in gaps, at which the shell's sign is the surface's."""

PROBES = 4096

MAX_SHEET = 0.02
"""Share of the surface that may have the outside on both sides."""

MAX_SHEET_COARSE = 0.25
"""The same of a coarse shell, which takes thin bodies for sheets; shells of sheets take longest."""

MAX_DISPUTED = 0.01
"""Share of clear points at which shell and turned faces may disagree."""

MAX_DOUBTFUL = 0.03
"""Share of all points near the surface at which the turned faces may leave the sign open."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shell:
    """A closed surface around a body.

    Attributes:
        vertices: (V, 3) float64 in the body's frame.
        faces: (F, 3) int64.
        gap: how far it keeps from the body, but for a hundredth of its vertices.
    """

    vertices: Float64
    faces: Int64
    gap: float

    @property
    def reach(self) -> float:
        """How far from the body the shell's inside is the body's."""
        return CLEAR * self.gap

    def inside(self, points: Float64) -> Mask:
        """(N,) bool: the points in it."""
        return winding_numbers(self.vertices, self.faces, points) > 0.5


def proxy_inside(
    body: Body, points: Float64, *, distances: Float64, generator: np.random.Generator
) -> Mask | str:
    """Which points are inside the body, or why no sign can be trusted.

    Args:
        points: (N, 3) float64 in the body's frame.
        distances: (N,) float64 of the points from the body's surface.

    Returns:
        (N,) bool; or `no_proxy`: the shell is not closed or strays from the surface; `sheet`: much
        of the surface has the outside on both sides; `ambiguous`: shell and surface disagree on
        what is inside.
    """
    coarse = make_shell(body, resolution=COARSE)
    if coarse is None:
        return "no_proxy"
    sheet, _ = _turn_outwards(body, coarse, generator=generator)
    if sheet > MAX_SHEET_COARSE:
        return "sheet"
    shell = make_shell(body, resolution=FINE)
    if shell is None or shell.gap > MAX_GAP:
        return "no_proxy"
    sheet, turned = _turn_outwards(body, shell, generator=generator)
    if sheet > MAX_SHEET:
        return "sheet"
    in_shell, clear = shell.inside(points), distances > shell.reach
    doubts, inside = min(
        (_compare(body, faces, points, in_shell=in_shell, clear=clear) for faces in turned),
        key=itemgetter(0),
    )
    if doubts > 1:
        return "ambiguous"
    return inside if inside.any() else "no_volume"


def make_shell(body: Body, *, resolution: int = FINE) -> Shell | None:
    """A shell around a body, or None if it is not closed."""
    vertices, faces = watertight_shell(body.vertices, body.faces, resolution=resolution)
    if not len(faces) or not np.isfinite(vertices).all() or not has_no_rim(faces):
        return None
    gaps = surface_distances(body.vertices, body.faces, vertices)
    return Shell(vertices=vertices, faces=faces, gap=float(np.quantile(gaps, 0.99)))


def _compare(
    body: Body, faces: Int64, points: Float64, *, in_shell: Mask, clear: Mask
) -> tuple[float, Mask]:
    """Doubts that winding numbers of some faces leave, 1 being as many as may be, and the signs."""
    winding = winding_numbers(body.vertices, faces, points)
    disputed = float(np.mean((in_shell != (winding > 0.5))[clear])) if clear.any() else 1.0
    doubtful = float(np.mean((np.abs(winding - 0.5) < 0.25)[~clear])) if not clear.all() else 0.0
    inside: Mask = np.where(clear, in_shell, winding > 0.5)
    return max(disputed / MAX_DISPUTED, doubtful / MAX_DOUBTFUL), inside


def _turn_outwards(
    body: Body, shell: Shell, *, generator: np.random.Generator
) -> tuple[float, tuple[Int64, Int64]]:
    """The share of the area that is a sheet, and the faces, turned so that they face outwards.

    Each face is asked at its centroid and at those of `PROBES` even points that fall on it. Faces
    with the inside on both sides at every probe are a wall within, which must be left out, or close
    what others leave open within, and must stay: the faces come with and without them.
    """
    faces = body.faces
    even, weights = sample_surface(body.vertices, faces, count=PROBES, generator=generator)
    face = np.concatenate([even, np.arange(len(faces))])
    weights = np.concatenate([weights, np.full((len(faces), 3), 1 / 3)])
    at = surface_points(body.vertices, faces, face, weights)
    step = shell.reach * face_normals(body.vertices, faces)[face]
    front, back = shell.inside(at + step), shell.inside(at - step)
    sheet = np.mean((~front & ~back)[: len(even)])
    votes = np.bincount(face, back.astype(float) - front, minlength=len(faces))
    buried = np.bincount(face, ~(front & back), minlength=len(faces)) == 0
    turned = np.where((votes < 0)[:, None], faces[:, ::-1], faces)
    return float(sheet), (np.ascontiguousarray(turned), np.ascontiguousarray(turned[~buried]))
