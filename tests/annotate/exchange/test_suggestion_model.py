from pathlib import Path

import pytest

from annotate.exchange.suggestion_model import PATH, read_model, write_model
from annotate.review.suggest.model import SuggestionModel
from partworks.errors import UsageError
from partworks.store import Store

MODEL = SuggestionModel(coefficients={"one": -1.5, "alike": 0.25}, examples=7)


def test_a_model_comes_back_from_the_root(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    assert read_model(store) == SuggestionModel(), "the shipped one where nothing was learnt"
    write_model(store, MODEL)
    assert read_model(store) == MODEL
    assert store.list("") == [PATH], "nothing else is left behind"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no JSON"),
        (b'{"coefficients": {"one": 1', "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        (b"[1, 2]", "a list"),
        (b"{}", "`coefficients` and `examples`"),
        (b'{"coefficients": {"colour": 1.0}}', "colour"),
        (b'{"coefficients": {"one": NaN}}', "no numbers"),
    ],
)
def test_a_damaged_file_is_refused_by_its_name(tmp_path: Path, content: bytes, words: str) -> None:
    store = Store(str(tmp_path))
    store.write(PATH, content)
    with pytest.raises(UsageError) as caught:
        read_model(store)
    message = str(caught.value)
    assert words in message and f"{store.url}/{PATH}" in message
    assert "partworks annotate train" in message and "delete it" in message
