from caption.checks.everything import check, is_doubtful
from caption.facts import Look, ObjectFacts, PartFacts
from caption.views import Views
from partworks.artifacts.captions import Caption, Captions
from partworks.artifacts.renders import Renders
from tests.caption.pictures import painted, scene

BLUE, RED = (45, 105, 200), (200, 30, 35)
LOOK = Look(colors=(), material="", form="piece")


def told(color: str, **more: object) -> Caption:
    return Caption(name="x", short="A thing.", long="", color=color, source="vlm", **more)  # type: ignore[arg-type]


def checked(*parts: Caption, whole: Caption, variants: tuple[str, ...] = ()) -> Captions:
    facts = ObjectFacts(
        noun="toy",
        look=LOOK,
        sides=(1, 1, 1),
        parts=tuple(
            PartFacts(
                noun="x",
                look=LOOK,
                place=(),
                relation=("", ""),
                share=0.1,
                hidden=part == 2,
                sides=(1, 0, 0),
            )
            for part in range(len(parts))
        ),
        twins=((0, 1),) if len(parts) > 1 else (),
    )
    captions = Captions(
        captioner="vlm",
        model="",
        prompt_hash="",
        tokens=0,
        cost=0.0,
        whole=whole,
        parts=parts,
        variants=variants,
    )
    views = Views(Renders(painted(scene(), (BLUE, RED, RED))))
    return check(captions, facts, views=views, source="vlm", max_words=15)


def test_all_checks_leave_their_flags() -> None:
    found = checked(
        told("blue"),
        told("green"),
        told("purple"),
        whole=told("blue, red and green"),
        variants=("a b c d e f g",),
    )
    assert found.parts[0].flags == ()
    assert found.parts[1].flags == ("twin_adjusted",) and found.parts[1].color == "blue"
    assert found.parts[2].flags == ("never_visible",), "without pixels nothing is said of colours"
    assert found.whole.flags == ("color_disagrees:green", "variants:shortest_too_long")


def test_what_is_in_doubt() -> None:
    assert not is_doubtful(told("blue", flags=("never_visible", "twin_adjusted")))
    assert is_doubtful(told("blue", flags=("color_disagrees:blue", "never_visible")))
    assert is_doubtful(told("blue", unsure=True))


def test_captions_without_text_are_not_judged() -> None:
    silent = Caption(name="x", short="", long="", color="green", source="none")
    assert checked(silent, whole=told("blue")).parts == (silent,)
