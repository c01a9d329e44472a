"""The second look: whether the picture bears out what was claimed about it."""

from __future__ import annotations

from caption.vlm import prompts
from caption.vlm.answers import ATTRIBUTES, Described, Verified
from caption.vlm.asking import ask
from caption.vlm.question import Picture, Question, label_of, notes_of
from caption.vlm.replies import Replies
from caption.vlm.reply import Reply

MARKED = (
    "Its left side shows a whole object with one part marked; its right side shows that part by "
    "itself."
)
WHOLE = "It shows one object."


async def verify(
    described: Described, picture: Picture, *, part: int | None, replies: Replies
) -> tuple[tuple[str, ...], tuple[Reply, ...]]:
    """Flags for what the model denies at a second look, sorted, and the replies they are from.

    Args:
        described: the claims.
        picture: what they are about.
        part: its index; None for the whole.
        replies: who answers.
    """
    label = label_of("whole" if part is None else f"part{part:02d}", picture)
    question = Question(
        kind="verify",
        text=prompts.text(
            "verify",
            label=label,
            subject=WHOLE if part is None else MARKED,
            notes=notes_of([(label, picture)]),
            claims=claims_of(described),
        ),
        labels=(label,),
        pictures=(picture,),
        answer=Verified,
    )
    told = await ask(question, Verified, replies=replies, check=lambda _: "")
    return flags_of(described, told.answer), told.replies


def claims_of(described: Described) -> str:
    """One line for each attribute that something is said about."""
    return "\n".join(
        f"- {attribute}: {claim}"
        for attribute in ATTRIBUTES
        if (claim := getattr(described, attribute))
    )


def flags_of(described: Described, verified: Verified) -> tuple[str, ...]:
    """`verify_no:material` for each attribute that was claimed and is denied, sorted."""
    return tuple(
        sorted(
            f"verify_no:{attribute}"
            for attribute in ATTRIBUTES
            if getattr(described, attribute) and getattr(verified, attribute) == "no"
        )
    )
