import numpy as np
import trimesh

from segment.cuts import CHEAPEST, cut_prices
from tests.segment.painted import surface_of
from tests.segment.shapes import box, mesh, node


def test_flat_edges_cost_their_length_and_creases_less() -> None:
    surface = surface_of(mesh(node(box((1, 1, 1), cuts=1))))
    price = cut_prices(surface) / surface.length * np.sqrt(surface.total_area)
    flat = np.abs(surface.angle) < 1e-3
    assert np.allclose(price[flat], 1) and np.allclose(price[~flat], 0.16)


def test_concave_creases_cost_least() -> None:
    # A notch: two walls that meet at a right angle, seen from between them.
    corners = np.asarray([[0, 0, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1], [0, 1, 1], [0, 1, 0]], float)
    walls = trimesh.Trimesh(corners, [[0, 2, 1], [0, 3, 2], [0, 4, 3], [0, 5, 4]], process=False)
    surface = surface_of(mesh(node(walls)))
    crease = np.abs(surface.angle) > 1
    price = cut_prices(surface) / surface.length * np.sqrt(surface.total_area)
    assert surface.angle[crease] < 0 and np.allclose(price[crease], CHEAPEST)


def test_prices_do_not_depend_on_the_size() -> None:
    small, large = (
        cut_prices(surface_of(mesh(node(box((size, 2 * size, size)))))) for size in (1.0, 50.0)
    )
    assert np.allclose(small, large)


def test_shells_part_for_next_to_nothing() -> None:
    halves = trimesh.creation.icosphere(subdivisions=2)
    upper = halves.triangles_center[:, 2] > 0
    parts = [
        node(trimesh.Trimesh(halves.vertices, halves.faces[side], process=False), name=name)
        for side, name in ((upper, "upper"), (~upper, "lower"))
    ]
    surface = surface_of(mesh(*parts))
    left, right = surface.pairs.T
    outer = surface.shell[left] != surface.shell[right]
    price = cut_prices(surface) / surface.length * np.sqrt(surface.total_area)
    assert outer.any() and np.allclose(price[outer], CHEAPEST) and price[~outer].min() > CHEAPEST


def test_no_area() -> None:
    flat = trimesh.Trimesh(np.zeros((4, 3)), [[0, 1, 2], [1, 3, 2]], process=False)
    assert np.isfinite(cut_prices(surface_of(mesh(node(flat))))).all()
