"""The model of suggestions that a root has learnt, as a file of it."""

from __future__ import annotations

import json

from annotate.review.suggest.model import SuggestionModel
from partworks.errors import UsageError
from partworks.store import Store

PATH = "review/suggestions.json"


def write_model(store: Store, model: SuggestionModel) -> None:
    """Put the model in place of the one before, whole or not at all."""
    text = json.dumps(model.to_json(), indent=1, sort_keys=True, allow_nan=False)
    store.write(PATH, f"{text}\n".encode())


def read_model(store: Store) -> SuggestionModel:
    """What the root has learnt; the model that is shipped where it has learnt nothing.

    Raises:
        UsageError: the file is damaged, or was made for other features.
    """
    try:
        data = store.read(PATH)
    except FileNotFoundError:
        return SuggestionModel()
    try:
        value = json.loads(data)
    except ValueError as error:  # UnicodeDecodeError is one too
        raise _damaged(store, f"it is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise _damaged(store, f"it holds a {type(value).__name__}, where an object is expected")
    try:
        return SuggestionModel.from_json(value)
    except UsageError as error:
        raise _damaged(store, str(error)) from error


def _damaged(store: Store, what: str) -> UsageError:
    return UsageError(
        f"{store.url}/{PATH} cannot be used: {what}. Run `partworks annotate train` to write it "
        "anew, or delete it to have the suggestions that are shipped"
    )
