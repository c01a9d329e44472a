"""Seeds part a dumbbell at its neck, wherever they lie."""

import numpy as np
import pytest
import trimesh

from annotate.review.split.geodesic import geodesic_sides
from annotate.review.split.minimum_cut import minimum_cut_sides
from annotate.review.surface import ReviewSurface, read_surface
from tests.annotate.review.made import dumbbell, single

MESH = dumbbell()
SURFACE = read_surface(MESH)
ALL = np.ones(MESH.face_count, bool)
CELL = 4 / 60


def nearest(surface: ReviewSurface, point: tuple[float, float, float]) -> np.ndarray:
    return np.asarray([np.linalg.norm(surface.centroids - point, axis=1).argmin()])


@pytest.mark.parametrize("left", [(-2, 0, 0), (-1, 1, 0), (-0.5, 0, 0.9)])
@pytest.mark.parametrize("right", [(2, 0, 0), (1, 0, 1)])
@pytest.mark.parametrize("cut", [geodesic_sides, minimum_cut_sides])
def test_a_dumbbell_falls_apart_at_its_neck(left: tuple, right: tuple, cut: object) -> None:
    seeds = nearest(SURFACE, left), nearest(SURFACE, right)
    sides = cut(SURFACE, ALL, seeds)  # type: ignore[operator]
    assert sides[seeds[0]] == 0 and sides[seeds[1]] == 1
    wrong = (SURFACE.centroids[:, 0] > 0) != (sides == 1)
    # The neck is thin: half a turn of its waist is the most that may be on the other side.
    assert np.abs(SURFACE.centroids[wrong, 0]).max(initial=0) < 0.14
    assert SURFACE.areas[wrong].sum() < 0.02 * SURFACE.areas.sum()


def test_without_the_penalty_the_border_is_half_way() -> None:
    seeds = nearest(SURFACE, (-2, 0, 0)), nearest(SURFACE, (0.5, 0, 0.8))
    plain = geodesic_sides(SURFACE, ALL, seeds, concave_penalty=0.0)
    assert (plain[SURFACE.centroids[:, 0] < -0.5] == 1).any()
    helped = geodesic_sides(SURFACE, ALL, seeds)
    assert (helped[SURFACE.centroids[:, 0] < -0.15] == 0).all()


def test_a_seam_is_no_border() -> None:
    corners = MESH.vertices[MESH.faces].reshape(-1, 3)
    soup = trimesh.Trimesh(corners, np.arange(len(corners)).reshape(-1, 3), process=False)
    torn = read_surface(single(soup))
    seeds = nearest(SURFACE, (-2, 0, 0)), nearest(SURFACE, (2, 0, 0))
    assert (geodesic_sides(torn, ALL, seeds) == geodesic_sides(SURFACE, ALL, seeds)).all()


def test_inside_out_is_cut_alike() -> None:
    turned = trimesh.Trimesh(MESH.vertices, MESH.faces[:, ::-1], process=False)
    surface = read_surface(single(turned))
    seeds = nearest(SURFACE, (-2, 0, 0)), nearest(SURFACE, (0.5, 0, 0.8))
    assert (geodesic_sides(surface, ALL, seeds) == geodesic_sides(SURFACE, ALL, seeds)).all()


@pytest.mark.parametrize("cut", [geodesic_sides, minimum_cut_sides])
def test_what_no_seed_reaches_goes_with_its_neighbour(cut: object) -> None:
    shapes = [trimesh.creation.box(extents=(1, 1, 1)).subdivide() for _ in range(3)]
    for shape, x in zip(shapes, (0, 2, 9), strict=True):
        shape.apply_translation((x, 0, 0))
    surface = read_surface(single(*shapes))
    sides = cut(  # type: ignore[operator]
        surface, np.ones(len(surface.faces), bool), (np.array([0]), np.array([48 + 1]))
    )
    assert sides.reshape(3, 48).tolist() == [[0] * 48, [1] * 48, [1] * 48]


def test_only_the_group_is_walked() -> None:
    inside = SURFACE.centroids[:, 0] < 0
    seeds = nearest(SURFACE, (-2, 0, 0)), nearest(SURFACE, (-0.2, 0, 0.3))
    assert geodesic_sides(SURFACE, inside, seeds).shape == (inside.sum(),)
    with pytest.raises(ValueError, match="seed 1 has no face"):
        geodesic_sides(SURFACE, inside, (seeds[0], nearest(SURFACE, (2, 0, 0))))
    with pytest.raises(ValueError, match="shares a face"):
        geodesic_sides(SURFACE, inside, (seeds[0], seeds[0]))


def test_scribbles_and_more_than_two_sides() -> None:
    x = SURFACE.centroids[:, 0]
    seeds = [np.flatnonzero(np.abs(x - at) < CELL) for at in (-1.8, 0.0, 1.8)]
    sides = geodesic_sides(SURFACE, ALL, seeds)
    order = np.argsort(x)
    assert set(sides.tolist()) == {0, 1, 2}
    assert np.corrcoef(sides[order], x[order])[0, 1] > 0.8
