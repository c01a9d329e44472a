"""What the model must answer: one pydantic model and one JSON schema for each kind of question."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Verdict = Literal["yes", "no", "cannot_tell"]
ATTRIBUTES = ("name", "color", "material", "shape", "relation")


class Answer(BaseModel, ABC):
    """An answer; fields that nobody asked for are an error, as the schema says."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    title: ClassVar[str]

    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """The pictures that the answer says it is about, in its order."""


class Described(Answer):
    """One part, or the whole."""

    title: ClassVar[str] = "description"

    image: str
    name: str = Field(min_length=1)
    short: str = Field(min_length=1)
    long: str = Field(min_length=1)
    color: str
    material: str
    shape: str
    relation: str
    confidence: float = Field(ge=0, le=1)
    unsure: bool

    def labels(self) -> tuple[str, ...]:
        """See `Answer.labels`."""
        return (self.image,)


class SeveralDescribed(Answer):
    """Several parts of one object."""

    title: ClassVar[str] = "descriptions"

    parts: list[Described]

    def labels(self) -> tuple[str, ...]:
        """See `Answer.labels`."""
        return tuple(part.image for part in self.parts)


class Shortened(Answer):
    """The chain of ever shorter texts of the whole (TRELLIS, supplement on captions)."""

    title: ClassVar[str] = "shortened"

    image: str
    detailed: str = Field(min_length=1)
    shorter: list[str]

    def labels(self) -> tuple[str, ...]:
        """See `Answer.labels`."""
        return (self.image,)


class Verified(Answer):
    """What holds of the claims about one picture."""

    title: ClassVar[str] = "verification"

    image: str
    name: Verdict
    color: Verdict
    material: Verdict
    shape: Verdict
    relation: Verdict

    def labels(self) -> tuple[str, ...]:
        """See `Answer.labels`."""
        return (self.image,)


class Unreadable(Exception):
    """An answer that does not say what was asked; the message says why, in words for the model."""


class WrongPicture(Unreadable):
    """An answer that says it is about another picture than those that were sent."""


AnswerT = TypeVar("AnswerT", bound=Answer)


def read(text: str, kind: type[AnswerT], *, labels: tuple[str, ...]) -> AnswerT:
    """The answer in a reply; `Unreadable` or `WrongPicture` where it is none for these pictures.

    Args:
        text: JSON, with or without a code fence around it, as models without structured outputs
            write it.
        labels: of the pictures that were sent; the answer must name the same, in this order.
    """
    try:
        answer = kind.model_validate_json(_without_fence(text))
    except ValidationError as error:
        raise Unreadable(_complaint(error)) from error
    if answer.labels() != labels:
        found, wanted = ", ".join(answer.labels()), ", ".join(labels)
        raise WrongPicture(f"it is about {found or 'no picture'}, the question was about {wanted}")
    return answer


@cache
def schema(kind: type[Answer]) -> dict[str, Any]:
    """The JSON schema, within what strict structured outputs allow: all required, none besides."""
    whole = kind.model_json_schema()
    strict: dict[str, Any] = _strict(whole, whole.get("$defs", {}))
    return strict


_UNSUPPORTED = ("title", "$defs", "minLength", "minimum", "maximum", "default", "description")


def _strict(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_strict(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _strict(definitions[node["$ref"].rsplit("/", 1)[-1]], definitions)
    kept = {key: value for key, value in node.items() if key not in _UNSUPPORTED}
    if "properties" in kept:
        fields = {name: _strict(value, definitions) for name, value in kept["properties"].items()}
        return {
            "type": "object",
            "properties": fields,
            "required": list(fields),
            "additionalProperties": False,
        }
    return {key: _strict(value, definitions) for key, value in kept.items()}


def _without_fence(text: str) -> str:
    stripped = text.strip()
    if stripped.startswith("```") and stripped.endswith("```"):
        return stripped.removesuffix("```").partition("\n")[2]
    return stripped


def _complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[:3]
    return "; ".join(
        f"{'.'.join(str(step) for step in each['loc']) or 'the text'}: {each['msg']}"
        for each in first
    )
