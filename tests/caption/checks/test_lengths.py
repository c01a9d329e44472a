import pytest

from caption.checks.lengths import TOO_LONG, check_lengths, variant_faults
from partworks.artifacts.captions import Caption


def words(count: int, first: str = "a") -> str:
    return " ".join([first] + ["b"] * (count - 1))


CHAIN = tuple(words(count) for count in (60, 40, 35, 30, 25, 20, 15, 12, 10, 8, 6, 5))


def test_a_good_chain() -> None:
    assert variant_faults(CHAIN) == ()
    assert variant_faults(()) == ()
    assert variant_faults(("A red ball.",)) == ()


@pytest.mark.parametrize(
    ("chain", "fault"),
    [
        ((*CHAIN, ""), "empty"),
        ((*CHAIN, CHAIN[-1]), "repeated"),
        ((words(9), words(7), words(8), words(3)), "growing"),
        ((words(60), words(41), words(5)), "detailed_too_long"),
        ((words(60), words(6)), "shortest_too_long"),
    ],
)
def test_faults(chain: tuple[str, ...], fault: str) -> None:
    assert variant_faults(chain) == (fault,)


def test_short_texts_are_short() -> None:
    caption = Caption(name="x", short=words(15), long="")
    assert check_lengths(caption, max_words=15) == caption
    assert check_lengths(caption, max_words=14).flags == (TOO_LONG,)
