from __future__ import annotations

import json
from pathlib import Path

from partworks import layout
from partworks.store import Store
from partworks.takedown.replies import replies_about


def keep(store: Store, key: str, *pictures: str) -> str:
    path = layout.reply(key)
    store.write(path, json.dumps({"text": "x", "pictures": pictures}).encode())
    return path


def test_replies_are_found_by_the_pictures_that_were_shown(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    caption = {"request": {"image": "p1"}}
    table = {"whole": caption, "parts": [{"request": None}, {"request": {"image": "p2"}}]}
    store.write(layout.captions("chair"), json.dumps(table).encode())
    first, second = keep(store, "aa11", "p1"), keep(store, "bb22", "p9", "p2")
    keep(store, "cc33", "p3")
    store.write(layout.reply("dd44"), b"{broken")
    assert replies_about(store, ["chair"]) == [first, second]
    assert replies_about(store, ["table"]) == []
