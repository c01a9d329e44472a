"""Replies of captioning models about an object's pictures: they are kept by request, not by uid."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from partworks import layout
from partworks.store import Store

FOLDER = "requests/replies"


def replies_about(store: Store, uids: Collection[str]) -> list[str]:
    """Paths of the kept replies to questions that showed a picture of one of the objects.

    The captions of an object name the pictures that were shown for them, and a reply names those
    that it was about. Replies for captions that were replaced since are not found this way.
    """
    shown = {image for uid in uids for image in _pictures(store, uid)}
    if not shown:
        return []
    return [path for path in store.list(FOLDER) if shown & {*_shown(store, path)}]


def _pictures(store: Store, uid: str) -> Iterator[str]:
    for caption in _captions(_read(store, layout.captions(uid))):
        request = caption.get("request") if isinstance(caption, dict) else None
        if isinstance(request, dict) and request.get("image"):
            yield request["image"]


def _captions(table: dict[str, Any]) -> list[Any]:
    return [table.get("whole"), *table.get("parts", ())]


def _shown(store: Store, path: str) -> list[str]:
    return list(_read(store, path).get("pictures", ()))


def _read(store: Store, path: str) -> dict[str, Any]:
    """The JSON of a file; empty where there is none, or none that can be read."""
    try:
        table = json.loads(store.read(path))
    except (FileNotFoundError, ValueError):
        return {}
    return table if isinstance(table, dict) else {}
