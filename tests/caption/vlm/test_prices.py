from __future__ import annotations

import pytest

from caption.vlm.prices import Price, known_prices, price_of


def test_tokens_cost_by_the_million() -> None:
    price = Price(input=2.0, output=8.0)
    assert price.of(input_tokens=500_000, output_tokens=250_000) == 3.0
    assert price.scaled(0.5).of(input_tokens=500_000, output_tokens=250_000) == 1.5


def test_what_is_given_goes_before_the_table() -> None:
    model, known = next(iter(known_prices().items()))
    assert price_of(model, input_price=None, output_price=None) == known
    assert price_of(model, input_price=0.0, output_price=None) == Price(
        input=0.0, output=known.output
    )


def test_a_price_that_nobody_knows_is_not_nothing() -> None:
    assert price_of("mine", input_price=0.0, output_price=0.0) == Price(input=0.0, output=0.0)
    for given in (
        {"input_price": None, "output_price": 1.0},
        {"input_price": 1.0, "output_price": None},
    ):
        with pytest.raises(ValueError, match="input_price"):
            price_of("mine", **given)
