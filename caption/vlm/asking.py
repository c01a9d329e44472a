"""A question until it is answered: one reply, one repair, or a failure with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

from caption.vlm.answers import AnswerT, Unreadable, WrongPicture, read
from caption.vlm.question import Question
from caption.vlm.replies import Replies
from caption.vlm.reply import Reply
from partworks.errors import Failed

Check = Callable[[AnswerT], str]
"""What is wrong with an answer beyond its form, in words for the model; empty if nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Generic[AnswerT]):
    """An answer, and what it took: the replies that were read for it."""

    answer: AnswerT
    replies: tuple[Reply, ...]


async def ask(
    question: Question, kind: type[AnswerT], *, replies: Replies, check: Check[AnswerT]
) -> Told[AnswerT]:
    """The answer to a question.

    A reply that cannot be read, breaks a rule or is about another picture is sent back once with
    the complaint. What then still cannot be used is forgotten, and the object fails: no text is
    ever taken from elsewhere.
    """
    assert question.answer is kind
    first = await replies.reply(question)
    try:
        return Told(answer=_accept(first, question, kind, check), replies=(first,))
    except Unreadable as error:
        again = question.repaired(first.text, str(error))
    except Failed:
        await replies.drop(question)
        raise
    second = await replies.reply(again)
    try:
        return Told(answer=_accept(second, again, kind, check), replies=(first, second))
    except Unreadable as error:
        await _drop(replies, question, again)
        reason = "wrong_picture" if isinstance(error, WrongPicture) else "unreadable_answer"
        raise Failed(
            reason, f"the second answer to {_what(question)} cannot be used either: {error}"
        ) from error
    except Failed:
        await _drop(replies, question, again)
        raise


def _accept(
    reply: Reply, question: Question, kind: type[AnswerT], check: Check[AnswerT]
) -> AnswerT:
    if reply.error:
        raise Failed(
            "endpoint_failed", f"the batch has no answer to {_what(question)}: {reply.error}"
        )
    if reply.refusal:
        raise Failed(
            "model_refused", f"the model refuses to answer to {_what(question)}: {reply.refusal}"
        )
    try:
        answer = read(reply.text, kind, labels=question.labels)
    except WrongPicture:
        raise
    except Unreadable as error:
        cut = "it ends in the middle, so be briefer; " if reply.cut else ""
        raise Unreadable(f"{cut}{error}") from error
    if complaint := check(answer):
        raise Unreadable(complaint)
    return answer


def _what(question: Question) -> str:
    return f"{question.kind} ({', '.join(question.labels)})"


async def _drop(replies: Replies, *questions: Question) -> None:
    for question in questions:
        await replies.drop(question)
