"""What tokens cost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars for a million tokens."""

    input: float
    output: float

    def of(self, *, input_tokens: float, output_tokens: float) -> float:
        """US dollars for so many tokens."""
        return (self.input * input_tokens + self.output * output_tokens) / 1e6

    def scaled(self, factor: float) -> Price:
        """A share of the price, such as a batch endpoint takes."""
        return Price(input=self.input * factor, output=self.output * factor)


def price_of(model: str, *, input_price: float | None, output_price: float | None) -> Price:
    """The price given, or the table's for what is not given; ValueError where neither says.

    A model whose price nobody knows is refused: its costs would be counted as nothing.
    """
    known = known_prices().get(model)
    if known is None and (input_price is None or output_price is None):
        raise ValueError(
            f"the price of model {model!r} is not in the table; set --caption.vlm.input_price and "
            "--caption.vlm.output_price, in US$ for a million tokens (0 for a model of your own)"
        )
    return Price(
        input=known.input if input_price is None and known else input_price or 0.0,
        output=known.output if output_price is None and known else output_price or 0.0,
    )


def known_prices() -> dict[str, Price]:
    """The table that is shipped, by model; providers change their prices, so it may be late."""
    table = json.loads(files("caption.vlm").joinpath("prices.json").read_text(encoding="utf-8"))
    return {
        model: Price(input=prices[0], output=prices[1]) for model, prices in table["models"].items()
    }
