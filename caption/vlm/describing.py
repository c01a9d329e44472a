"""The first look: what a part, several parts, or the whole is."""

from __future__ import annotations

from collections.abc import Sequence

from caption.vlm import prompts
from caption.vlm.answers import Described, SeveralDescribed
from caption.vlm.asking import ask
from caption.vlm.question import Picture, Question, label_of, notes_of
from caption.vlm.replies import Replies
from caption.vlm.reply import Reply

Description = tuple[Described, tuple[Reply, ...]]
"""What was said, and the replies that it was read from; several parts may share them."""


async def describe_parts(
    pictures: Sequence[tuple[int, Picture]], *, replies: Replies, max_words: int
) -> list[Description]:
    """Describe some parts in one request.

    Args:
        pictures: (part, picture).
        replies: who answers.
        max_words: of a short text.
    """
    if len(pictures) == 1:
        ((part, picture),) = pictures
        label = label_of(f"part{part:02d}", picture)
        return [await _describe("part", label, picture, replies=replies, max_words=max_words)]
    labels = tuple(label_of(f"part{part:02d}", picture) for part, picture in pictures)
    shown = tuple(picture for _, picture in pictures)
    question = Question(
        kind="parts",
        text=prompts.text(
            "parts",
            count=len(labels),
            labels=", ".join(labels),
            notes=notes_of(list(zip(labels, shown, strict=True))),
            max_words=max_words,
        ),
        labels=labels,
        pictures=shown,
        answer=SeveralDescribed,
        answers=len(labels),
    )

    def check(answer: SeveralDescribed) -> str:
        return "; ".join(
            f"{part.image}: {wrong}"
            for part in answer.parts
            if (wrong := too_long(part, max_words=max_words))
        )

    told = await ask(question, SeveralDescribed, replies=replies, check=check)
    return [(part, told.replies) for part in told.answer.parts]


async def describe_whole(picture: Picture, *, replies: Replies, max_words: int) -> Description:
    """Describe the object."""
    label = label_of("whole", picture)
    return await _describe("whole", label, picture, replies=replies, max_words=max_words)


def too_long(described: Described, *, max_words: int) -> str:
    """What is wrong with the lengths of the texts; empty if nothing is."""
    count = len(described.short.split())
    return f'"short" has {count} words, at most {max_words} are allowed' * (count > max_words)


async def _describe(
    kind: str, label: str, picture: Picture, *, replies: Replies, max_words: int
) -> Description:
    question = Question(
        kind=kind,
        text=prompts.text(
            kind, label=label, notes=notes_of([(label, picture)]), max_words=max_words
        ),
        labels=(label,),
        pictures=(picture,),
        answer=Described,
    )
    told = await ask(
        question,
        Described,
        replies=replies,
        check=lambda answer: too_long(answer, max_words=max_words),
    )
    return told.answer, told.replies
