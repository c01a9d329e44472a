from __future__ import annotations

from pathlib import Path

import pytest

from partworks import layout
from partworks.errors import UsageError
from partworks.store import Store
from partworks.takedown.tombstones import Tombstones


def listed(*uids: str, date: str = "d1", reason: str = "") -> Tombstones:
    return Tombstones().joined_by(
        {uid: [f"sum of {uid}"] for uid in uids}, date=date, reason=reason
    )


def test_a_root_without_a_list_refuses_nothing(tmp_path: Path) -> None:
    found = Tombstones.load(Store(str(tmp_path)))
    assert not found.known and not found.refuses("a", "sum of a")


def test_the_list_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    listed("b", "a", reason="why").save(store)
    assert Tombstones.load(store) == listed("b", "a", reason="why")


def test_uid_and_bytes_are_refused_each_by_itself() -> None:
    found = listed("a")
    assert found.refuses("a") and found.refuses("a", "other") and found.refuses("b", "sum of a")
    assert not found.refuses("b") and not found.refuses("b", "sum of b")


def test_a_second_takedown_keeps_the_date_and_adds_checksums() -> None:
    again = listed("a", reason="first").joined_by({"a": ["more"]}, date="d2", reason="")
    assert again.known["a"].date == "d1" and again.known["a"].reason == "first"
    assert again.known["a"].sha256 == ("more", "sum of a")
    assert listed("a").joined_by({"a": []}, date="d2", reason="why").known["a"].reason == "why"


def test_a_uid_that_could_be_a_path_is_no_uid(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    text = '{"format": 1, "objects": [{"uid": "../x", "sha256": [], "date": "", "reason": ""}]}'
    store.write(layout.TAKEDOWNS, text.encode())
    with pytest.raises(ValueError, match="uid"):
        Tombstones.load(store)


def test_a_list_of_another_format_is_not_guessed_at(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    store.write(layout.TAKEDOWNS, b'{"format": 9, "objects": []}')
    with pytest.raises(UsageError, match="format 9"):
        Tombstones.load(store)
