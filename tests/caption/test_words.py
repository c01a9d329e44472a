import pytest

from caption.words import counted, is_plural, listed, noun_of, plural, sentence, with_article


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("red chair", "a red chair"),
        ("orange", "an orange"),
        ("old books", "old books"),
        ("glass", "glass"),
        ("brass ring", "a brass ring"),
        ("wooden feet", "wooden feet"),
        ("green grass", "green grass"),
    ],
)
def test_articles(phrase: str, expected: str) -> None:
    assert with_article(phrase) == expected


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("leg", "legs"),
        ("box", "boxes"),
        ("body", "bodies"),
        ("key", "keys"),
        ("upper shelf", "upper shelves"),
        ("bench", "benches"),
        ("glass", "glasses"),
        ("foot", "feet"),
        ("books", "books"),
    ],
)
def test_plurals(noun: str, expected: str) -> None:
    assert plural(noun) == expected


def test_plurals_are_recognised() -> None:
    assert all(map(is_plural, ["books", "stretchers", "feet", "two leaves"]))
    assert not any(map(is_plural, ["glass", "bus", "axis", "leg", "gas", ""]))


def test_counting() -> None:
    assert counted(1, "arm") == "an arm"
    assert counted(4, "leg") == "four legs"
    assert counted(13, "leg") == "13 legs"
    assert counted(3, "books") == "books"
    assert counted(2, "ice") == "ice"


def test_lists() -> None:
    assert [listed(["a", "b", "c"][:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_sentences() -> None:
    assert sentence("a  red ball , round") == "A red ball, round."
    assert sentence("ältere Lampe") == "Ältere Lampe."


@pytest.mark.parametrize(
    ("name", "noun"),
    [
        ("front left leg 2", "leg"),
        ("part 3", "part"),
        ("barbarian round shield", "round shield"),
        ("back", "back"),
        ("top left", "top left"),
        ("座面", "座面"),
        ("", ""),
    ],
)
def test_nouns(name: str, noun: str) -> None:
    assert noun_of(name) == noun
