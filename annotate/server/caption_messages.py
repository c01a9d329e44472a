"""What goes over the wire about captions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from annotate.server.messages import Answer, Request
from partworks.artifacts.caption_edits import MOST_CHARACTERS

FieldName = Literal["name", "short", "long", "color", "material", "shape", "relation"]
Target = Annotated[str, Field(pattern=r"^(whole|0|[1-9][0-9]{0,5})$")]
Version = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class CaptionRow(Answer):
    """An object in the list; `flagged` and `edited` count its captions."""

    uid: str
    name: str
    short: str
    captioner: str
    parts: int
    flagged: int
    edited: int
    problem: str


class CaptionPage(Answer):
    """A page of objects, flagged ones first; `after` asks for the next one."""

    objects: list[CaptionRow]
    total: int
    after: str | None


class PictureView(Answer):
    """A picture of the object or of one part."""

    url: str
    width: int
    height: int


class PlaceView(Answer):
    """Where a part is in a picture of the object: x0, y0, x1, y1 in pixels, ends exclusive."""

    picture: PictureView
    box: list[int]


class CaptionEditView(Answer):
    """Who wrote a text in place of the captioner's, when, and what it stands in place of."""

    by: str
    at: str
    before: str


class CaptionView(Answer):
    """The caption of `whole`, or of a part by its number, as it is after the next run.

    `was_edited` if the stage took a text that was withdrawn since: the next run writes it anew.
    """

    target: str
    title: str
    texts: dict[str, str]
    source: str
    flags: list[str]
    unsure: bool
    doubtful: bool
    confidence: float | None
    edits: dict[str, CaptionEditView]
    was_edited: bool
    place: PlaceView | None
    alone: PictureView | None


class CaptionedObject(Answer):
    """All captions of an object; a change names `version`. `closed` says why none is taken."""

    uid: str
    version: str
    geometry_hash: str
    captioner: str
    model: str
    closed: str
    stale: int
    pictures: list[PictureView]
    pictures_problem: str
    captions: list[CaptionView]


class WithdrawalRequest(Request):
    """Take back what reviewers wrote of one field, upon the captions at `version`."""

    version: Version
    target: Target
    field: FieldName


class CaptionRequest(WithdrawalRequest):
    """A text for one field, upon the captions at `version`."""

    text: Annotated[str, Field(max_length=MOST_CHARACTERS)]
