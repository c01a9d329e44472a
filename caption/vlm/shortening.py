"""Ever shorter texts of the whole object, for augmentation in training.

TRELLIS's chain (supplement, "text captions"): a raw description, a detailed one of at most 40
words, then ten shorter ones down to 5 words.
"""

from __future__ import annotations

from caption.vlm import prompts
from caption.vlm.answers import Described, Shortened
from caption.vlm.asking import ask
from caption.vlm.question import Picture, Question, label_of
from caption.vlm.replies import Replies
from caption.vlm.reply import Reply

DETAILED_WORDS = 40
LEAST_WORDS = 5


async def shorten(
    described: Described, picture: Picture, *, count: int, replies: Replies
) -> tuple[tuple[str, ...], tuple[Reply, ...]]:
    """The detailed text and `count` shorter ones, long to short, and the replies they are from.

    The model sees the words only; the label, made from the picture's digest, says whose they are.
    """
    label = label_of("whole", picture)
    question = Question(
        kind="shorten",
        text=prompts.text(
            "shorten",
            label=label,
            description=described.long,
            detailed_words=DETAILED_WORDS,
            count=count,
            least_words=LEAST_WORDS,
        ),
        labels=(label,),
        pictures=(),
        answer=Shortened,
    )
    told = await ask(
        question, Shortened, replies=replies, check=lambda answer: broken(answer, count=count)
    )
    return chain(told.answer), told.replies


def chain(answer: Shortened) -> tuple[str, ...]:
    """All texts, long to short; of equal length, as they came."""
    shorter = sorted(answer.shorter, key=lambda text: -_words(text))
    return (answer.detailed, *shorter)


def broken(answer: Shortened, *, count: int) -> str:
    """What is wrong with the number and the lengths of the texts; empty if nothing is."""
    lengths = [_words(text) for text in answer.shorter]
    longest = _words(answer.detailed)
    if longest > DETAILED_WORDS:
        return f'"detailed" has {longest} words, at most {DETAILED_WORDS} are allowed'
    if len(lengths) != count or min(lengths) == 0:
        return f'"shorter" has {sum(length > 0 for length in lengths)} texts, it must have {count}'
    if max(lengths) > longest:
        return f'a text of "shorter" has {max(lengths)} words, "detailed" has only {longest}'
    if min(lengths) > LEAST_WORDS:
        return f'the last of "shorter" has {min(lengths)} words, at most {LEAST_WORDS} are allowed'
    return ""


def _words(text: str) -> int:
    return len(text.split())
