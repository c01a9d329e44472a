import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from partworks import layout
from partworks.artifacts.caption_edits import (
    PREFIX,
    Author,
    CaptionEdits,
    digest_of,
    edit_digests,
    labels_hash,
)
from partworks.store import Store

EDITS = CaptionEdits(
    texts={"whole": {"short": "A chair."}, "3": {"name": "leg", "color": "grün"}},
    geometry_hash="abc",
    labels_hash="def",
    by="ann",
    at="2026-01-02T03:04:05Z",
)


def test_round_trip() -> None:
    assert CaptionEdits.from_bytes(EDITS.to_bytes()) == EDITS
    assert EDITS.to_bytes() == EDITS.to_bytes()


def test_fields() -> None:
    assert EDITS.of_whole == {"short": "A chair."}
    assert EDITS.of_part(3) == {"name": "leg", "color": "grün"} and EDITS.of_part(2) == {}


def test_the_digest_is_of_what_matters() -> None:
    assert EDITS.digest.startswith(PREFIX) and digest_of(EDITS.to_bytes()) == EDITS.digest
    assert replace(EDITS, by="bob", at="later").digest == EDITS.digest
    others = [
        replace(EDITS, texts={"whole": {"short": "A stool."}}),
        replace(EDITS, geometry_hash="x"),
        replace(EDITS, labels_hash="x"),
    ]
    assert len({EDITS.digest, *(other.digest for other in others)}) == 4


@pytest.mark.parametrize(
    "texts",
    [
        {"-1": {"name": "x"}},
        {"03": {"name": "x"}},
        {"": {"name": "x"}},
        {"٣": {"name": "x"}},
        {"all": {"name": "x"}},
        {"3": {"flags": "x"}},
        {"3": {"name": 4}},
        {"3": {"name": "x" * 4001}},
    ],
)
def test_what_cannot_be_edited_is_refused(texts: dict[str, dict[str, str]]) -> None:
    with pytest.raises(ValueError, match=r"edits are of|caption has|must be a text"):
        replace(EDITS, texts=texts)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"3", b"{}", b'{"texts": 3, "geometry_hash": ""}', b"\xff"]
)
def test_damaged_files_are_refused_and_have_a_digest(data: bytes) -> None:
    with pytest.raises(ValueError):
        CaptionEdits.from_bytes(data)
    assert digest_of(data).startswith(PREFIX) and digest_of(data) != digest_of(data + b" ")


def test_unknown_fields_are_refused() -> None:
    table = {**json.loads(EDITS.to_bytes()), "more": 1}
    with pytest.raises(ValueError, match="more"):
        CaptionEdits.from_bytes(json.dumps(table).encode())


def test_digests_of_a_root(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    assert edit_digests(store) == {}
    store.write(layout.caption_edits("chair"), EDITS.to_bytes())
    store.write(layout.caption_edits("broken"), b"{")
    store.write("review/captions/notes.txt", b"not an object's")
    assert edit_digests(store) == {"chair": EDITS.digest, "broken": digest_of(b"{")}


def test_labels_have_one_hash_whatever_their_type() -> None:
    labels = np.array([0, 1, -1], np.int32)
    assert labels_hash(labels) == labels_hash(labels.astype(">i4"))
    assert labels_hash(labels) != labels_hash(labels[::-1])


def test_each_text_has_its_author_and_digests_do_not_ask_for_them() -> None:
    signed = replace(EDITS, authors={"whole": {"short": Author(by="ann", at="then")}})
    assert CaptionEdits.from_bytes(signed.to_bytes()) == signed
    assert signed.digest == EDITS.digest
    older = json.loads(EDITS.to_bytes())
    del older["authors"]
    assert CaptionEdits.from_bytes(json.dumps(older).encode()) == EDITS
    for damaged in (3, {"whole": 3}, {"whole": {"short": {"by": "ann"}}}):
        with pytest.raises(ValueError, match="authors"):
            CaptionEdits.from_bytes(json.dumps({**older, "authors": damaged}).encode())
