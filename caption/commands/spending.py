"""`partworks caption spending`: what the requests of a root have cost."""

from __future__ import annotations

from dataclasses import asdict

from jsonargparse import ArgumentParser, Namespace

from caption.commands.model import model_of
from caption.vlm.spending import read_spending
from partworks.commands.shared import add_json, add_root, open_root, print_json, print_table

TEXT = "Say what the requests of a root have cost, and what is left of the budget."


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `spending`."""
    add_root(parser)
    add_json(parser)


def execute(parsed: Namespace) -> int:
    """Print US dollars and requests."""
    store, dataset = open_root(parsed.root)
    budget = model_of(dataset).budget
    found = read_spending(store)
    if parsed.json:
        print_json({**asdict(found), "budget": budget})
        return 0
    rows: list[list[object]] = [
        ["requests", f"{found.requests}"],
        ["spent, US$", f"{found.spent:.4f}"],
        ["held for requests under way, US$", f"{found.held:.4f}"],
        ["budget, US$", "none" if budget is None else f"{budget:.4f}"],
    ]
    print_table(("what", "how much"), rows)
    return 0
