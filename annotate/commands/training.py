"""`partworks annotate train`: suggestions that go by what reviewers did."""

from __future__ import annotations

import sys
from dataclasses import asdict

from jsonargparse import ArgumentParser, Namespace

from annotate.commands.place import add_place, place_of
from annotate.exchange.retraining import Retrained, retrain
from annotate.exchange.suggestion_model import PATH
from partworks.commands.shared import add_json, print_json
from partworks.errors import UsageError

TEXT = "Learn from accepted reviews what to suggest; a server takes it up when it starts."


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `train`."""
    add_place(parser)
    parser.add_argument(
        "--limit",
        type=int,
        default=2000,
        help="Learn from at most so many objects, the latest; each takes about a second.",
    )
    parser.add_argument(
        "--anyway",
        action="store_true",
        help="Take up what was learnt even if the shipped model does better on reviews held out.",
    )
    add_json(parser)


def execute(parsed: Namespace) -> int:
    """Train, write the model, and say what it was made of."""
    if parsed.limit < 1:
        raise UsageError(f"--limit is {parsed.limit}; it must be 1 or more")
    place = place_of(parsed)
    with place.opened() as database:
        done = retrain(place.store, database, most=parsed.limit, anyway=parsed.anyway)
    if parsed.json:
        print_json(_document(done))
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(done))
    return 1 if done.unfit else 0


def _document(done: Retrained) -> dict[str, object]:
    taken_up = done.taken_up
    return {
        "file": PATH if done.written else None,
        "held_out_log_loss": asdict(done.comparison),
        "reviews": done.reviews,
        "examples": done.model.examples,
        "without_pairs": done.without_pairs,
        "outdated": list(done.outdated),
        "unfit": done.unfit,
        "suggestions": {
            **{name: getattr(taken_up, name) for name in ("merges", "taken", "kept")},
            "share_of_merges": taken_up.share,
            "accepted": taken_up.kept / taken_up.taken if taken_up.taken else None,
        },
        "coefficients": asdict(done.model)["coefficients"],
    }


def _lines(done: Retrained) -> list[str]:
    taken_up = done.taken_up
    lines = [f"{uid}: left out: {why}" for uid, why in done.unfit.items()]
    if done.outdated:
        lines.append(f"{len(done.outdated)} left out because they were segmented anew since")
    lines.append(
        f"learnt from {done.model.examples} pairs of groups in {done.reviews} accepted reviews; "
        f"log loss on reviews held out: {done.comparison.learnt:.3f} learnt, "
        f"{done.comparison.shipped:.3f} shipped"
    )
    lines.append(
        f"{PATH}: written; start the server again to use it"
        if done.written
        else "nothing was written: the shipped model does better; --anyway takes this one up"
    )
    if taken_up.share is None:
        return [*lines, "suggestions so far: nobody has merged anything"]
    kept = f", {taken_up.kept} of {taken_up.taken} taken ones kept" if taken_up.taken else ""
    return [
        *lines,
        f"suggestions so far: {taken_up.share:.0%} of {taken_up.merges} merges took one{kept}",
    ]
