import numpy as np
import pytest
import trimesh

from caption.facts import observe, relation_of
from tests.caption.shapes import BLUE, RED, WHITE, ball_on_box, dull, object_of, subject_of


def box_at(middle: tuple[float, float, float], half: float = 0.5) -> np.ndarray:
    return np.stack([np.asarray(middle) - half, np.asarray(middle) + half])


@pytest.mark.parametrize(
    ("middle", "word"),
    [
        ((0, 1.0, 0), "above"),
        ((0, -1.0, 0), "below"),
        ((0, 0, 1.0), "in front of"),
        ((0, 0, -1.0), "behind"),
        ((-1.0, 0, 0), "to the left of"),
        ((1.0, 0, 0), "to the right of"),
        ((0, 0.95, 0), "above"),
        ((0, 0.5, 0), ""),
        ((0, 0, 0), ""),
        ((1.2, 1.2, 0), ""),
        ((0.3, 3.0, -0.2), "above"),
    ],
)
def test_relations(middle: tuple[float, float, float], word: str) -> None:
    assert relation_of(box_at(middle), box_at((0, 0, 0))) == word


def test_a_red_ball_on_a_blue_box() -> None:
    facts = observe(
        subject_of(ball_on_box(), ["box", "ball"]), samples=500, generator=np.random.default_rng(0)
    )
    box, ball = facts.parts
    assert (box.look.colors, box.look.form, box.relation) == (("blue",), "block", ("below", "ball"))
    assert (ball.look.colors, ball.look.form) == (("red",), "ball")
    assert ball.relation == ("above", "box") and ball.place == ("top",)
    assert ball.share == pytest.approx(0.64 * np.pi / (6 + 0.64 * np.pi), rel=0.02)
    assert facts.look.colors == ("blue", "red")
    assert facts.noun == "toy" and facts.sides == pytest.approx((1, 1.8, 1), abs=1e-5)
    assert not (box.hidden or ball.hidden)


def test_parts_that_no_view_shows_are_hidden() -> None:
    subject = subject_of(ball_on_box(), ["box", "ball"], pixels=[[5, 0], [0, 0]])
    facts = observe(subject, samples=500, generator=np.random.default_rng(0))
    assert [part.hidden for part in facts.parts] == [False, True]


def test_dropped_faces_and_clear_glass_have_no_say_in_colours() -> None:
    box = trimesh.creation.box()
    mesh = object_of(
        (box, (0, 0, 0), dull(RED)),
        (box, (2, 0, 0), dull((*BLUE[:3], 0.0), alpha_mode="BLEND")),
        (box, (4, 0, 0), dull(WHITE)),
    )
    subject = subject_of(mesh, ["cube", "pane", "dropped"])
    subject.parts.face_labels[mesh.face_node == 2] = -1
    facts = observe(subject, samples=500, generator=np.random.default_rng(0))
    assert facts.look.colors == ("red",)
    assert facts.parts[1].look.colors == () and facts.parts[1].look.material == "transparent"
    assert facts.parts[2].share == 0 and facts.parts[2].look.form == "piece"
    assert sum(part.share for part in facts.parts) == pytest.approx(1)


def test_a_part_with_the_objects_name_is_its_main_part() -> None:
    mesh = object_of(
        (trimesh.creation.box(), (0, 0, 0), dull(RED)),
        (trimesh.creation.box(), (2, 0, 0), dull(RED)),
        name="police_car",
    )
    facts = observe(
        subject_of(mesh, ["police car", "wheel"]), samples=50, generator=np.random.default_rng(0)
    )
    assert [part.noun for part in facts.parts] == ["main part", "wheel"]
