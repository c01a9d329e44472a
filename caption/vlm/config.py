"""Settings of the vision-language model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from caption.vlm.prices import Price, price_of

FREE: dict[str, Any] = {"affects_output": False}


@dataclass(frozen=True, kw_only=True)
class VlmConfig:
    """Which model is asked, how, and what it may cost. The API key comes from OPENAI_API_KEY alone.

    Attributes:
        model: the model's name as the endpoint knows it.
        base_url: of an OpenAI-compatible endpoint, such as http://localhost:8000/v1; OpenAI's own
            if empty.
        mode: `live` asks at once; `batch` leaves requests for `partworks caption`, at the price of
            the provider's batch endpoint; `rehearse` asks nobody, predicts the cost and writes
            stand-ins, for `partworks estimate`.
        temperature: of sampling.
        seed: of sampling, where the endpoint knows one.
        max_tokens: of one answer to one picture.
        detail: how finely OpenAI's models look at a picture.
        structured: what holds the answer's form: `json_schema`, `json_object` (any JSON) or `none`.
        parts_per_request: pictures of so many parts of an object go into one request.
        verify: ask again, with the picture, whether each claim is true.
        variants: ever shorter texts of the whole object, 0 for none.
        concurrency: requests in flight of one worker at the most; fewer when the endpoint says 429
            or slows down.
        timeout_s: seconds for one request.
        attempts: tries of one request before its object fails.
        input_price: US$ for a million input tokens; from the table of known models if unset.
        output_price: US$ for a million output tokens; from the table of known models if unset.
        batch_discount: share of the price that the batch endpoint takes.
        budget: US$ that all requests of the root may cost together, ever; no limit if unset.
    """

    model: str = ""
    base_url: str = field(default="", metadata=FREE)
    mode: Literal["live", "batch", "rehearse"] = field(default="live", metadata=FREE)
    temperature: float = 0.0
    seed: int = 0
    max_tokens: int = 600
    detail: Literal["low", "high", "auto"] = "high"
    structured: Literal["json_schema", "json_object", "none"] = "json_schema"
    parts_per_request: int = 1
    verify: bool = True
    variants: int = 10
    concurrency: int = field(default=16, metadata=FREE)
    timeout_s: float = field(default=120.0, metadata=FREE)
    attempts: int = field(default=6, metadata=FREE)
    input_price: float | None = field(default=None, metadata=FREE)
    output_price: float | None = field(default=None, metadata=FREE)
    batch_discount: float = field(default=0.5, metadata=FREE)
    budget: float | None = field(default=None, metadata=FREE)

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is not None and value < least:
                raise ValueError(f"vlm.{name} is {value}; it must be {least} or more")
        if self.batch_discount > 1:
            raise ValueError(f"vlm.batch_discount is {self.batch_discount}; it must be at most 1")
        parts = urlsplit(self.base_url)
        if parts.username or parts.password or parts.query:
            raise ValueError(
                "vlm.base_url holds a name, a password or a query, and settings are kept in the "
                "root; put the key into the environment as OPENAI_API_KEY"
            )

    def check(self) -> None:
        """Refuse to work with half of it: ValueError without a model or without its price."""
        if not self.model:
            raise ValueError("caption.captioner is vlm, which needs --caption.vlm.model NAME")
        _ = self.price

    @property
    def price(self) -> Price:
        """What a request costs in this mode; ValueError where nobody says."""
        price = price_of(self.model, input_price=self.input_price, output_price=self.output_price)
        return price.scaled(self.batch_discount) if self.mode == "batch" else price


_LEAST: dict[str, float] = {
    "temperature": 0,
    "max_tokens": 16,
    "parts_per_request": 1,
    "variants": 0,
    "concurrency": 1,
    "timeout_s": 0.01,
    "attempts": 1,
    "input_price": 0,
    "output_price": 0,
    "batch_discount": 0,
    "budget": 0,
}
