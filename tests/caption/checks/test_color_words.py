import pytest

from caption.checks.color_words import ALSO, colors_said
from caption.colors import PROTOTYPES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A red ball.", {"red": ("red",)}),
        ("a dark red and silver lamp", {"dark red": ("dark red",), "silver": ALSO["silver"]}),
        ("Brown-and-white fur.", {"brown": ("brown",), "white": ("white",)}),
        ("A pale blue cup", {"pale blue": ("light blue",)}),
        ("A bright yellow cup", {"bright yellow": ("yellow",)}),
        ("A dark purple cup", {"dark purple": ("purple",)}),
        ("a gray box", {"gray": ("grey",)}),
        ("A greenish box", {}),
        ("A round box on a red table", {}),
        ("A round box with red dots", {}),
        ("", {}),
        ("Eine rote Lampe", {}),
    ],
)
def test_words(text: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert colors_said(text) == expected


def test_a_things_own_name_is_no_colour() -> None:
    assert colors_said("A green orange.", name="orange") == {"green": ("green",)}
    assert colors_said("An orange lamp.", name="lamp") == {"orange": ("orange",)}


def test_all_words_lead_to_prototypes() -> None:
    names = {name for name, _ in PROTOTYPES}
    assert {look for looks in ALSO.values() for look in looks} <= names
    assert not {*ALSO} & names
