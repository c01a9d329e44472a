"""Layouts for tests."""

from __future__ import annotations

from train.sampling.layout import Joint, Layout, PartLayout


def part(name: str, *corners: float, text: str = "") -> PartLayout:
    x, y, z, right, top, front = corners
    return PartLayout(name=name, text=text, box=((x, y, z), (right, top, front)))


CHAIR = Layout(
    name="chair",
    text="a chair",
    parts=(
        part("seat", 0, 4, 0, 5, 5, 5, text="a red seat"),
        part("back", 0, 5, 0, 5, 10, 1),
        part("leg left", 0, 0, 0, 1, 4, 1, text="a leg"),
        part("leg right", 4, 0, 0, 5, 4, 1, text="a leg"),
    ),
)
"""Half of one, in a unit and a place of its own."""

CABINET = Layout(
    name="cabinet",
    text="a cabinet",
    parts=(part("body", 0, 0, 0, 2, 2, 1), part("door", 0, 0, 1, 2, 2, 1.1)),
    joints=(
        Joint(
            name="hinge",
            kind="revolute",
            parent="body",
            child="door",
            origin=(0.0, 0.0, 1.0),
            axis=(0.0, 2.0, 0.0),
            limits=(0.0, 1.5),
        ),
    ),
)


def row_of_cubes(count: int, *, name: str = "row") -> Layout:
    """Cubes beside one another that shrink from left to right."""
    parts = [
        part(f"cube {number}", 2 * number, 0, 0, 2 * number + side, side, side)
        for number, side in ((number, 1.5 - 0.05 * number) for number in range(count))
    ]
    return Layout(name=name, text="a row of cubes", parts=tuple(parts))
