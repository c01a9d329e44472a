import json
from typing import Any

import pytest

from partworks.errors import Rejected
from partworks.geometry.gltf.document import Document


def document(**entries: Any) -> Document:
    table = {"asset": {"version": "2.0"}, **entries}
    return Document(json.dumps(table).encode(), None)


def test_entries_are_found_by_table_and_index() -> None:
    found = document(nodes=[{"name": "a"}, {"name": "b"}])
    assert found.entry("nodes", 1, asked_by="the test").text("name") == "b"
    assert found.table("meshes") == []
    with pytest.raises(Rejected, match=r"dangling_reference: the test refers to nodes\[2\].*has 2"):
        found.entry("nodes", 2, asked_by="the test")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "invalid_json"),
        (b"{,}", "invalid_json"),
        (b'{"asset": {"version": "2.0"}, "x": NaN}', "invalid_json"),
        (b"\xff\xfe", "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b'{"asset": {"version": "2.0"}, "x": ' + b"9" * 5000 + b"}", "invalid_json"),
        (b"[]", "invalid_gltf"),
        (b"{}", "invalid_gltf"),
        (b'{"asset": {"version": 2}}', "invalid_gltf"),
        (b'{"asset": {"version": "1.0"}}', "unsupported_version"),
        (b'{"asset": {"version": "2.0", "minVersion": "3.0"}}', "unsupported_version"),
        (b'{"asset": {}}', "unsupported_version"),
    ],
)
def test_broken_json_is_named(text: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        Document(text, None)
    assert caught.value.reason == reason


def test_a_byte_order_mark_is_skipped() -> None:
    read = Document(b'\xef\xbb\xbf{"asset": {"version": "2.1"}, "nodes": [{}]}', None)
    assert len(read.table("nodes")) == 1


def test_unknown_extensions_matter_only_where_required() -> None:
    document(extensionsUsed=["ACME_teleport"])
    document(extensionsRequired=["KHR_draco_mesh_compression", "KHR_materials_new_shine"])
    with pytest.raises(Rejected, match=r"unsupported_extension.*ACME_teleport"):
        document(extensionsRequired=["KHR_mesh_quantization", "ACME_teleport"])


def test_extras_keep_their_json_and_the_copyright() -> None:
    asset = {"version": "2.0", "copyright": "2020 Ann", "extras": {"author": "Bob", "n": [1.5]}}
    assert document(asset=asset).extras == {"author": "Bob", "n": [1.5], "copyright": "2020 Ann"}
    assert document(asset={"version": "2.0", "extras": "text"}).extras == {}


def test_extras_can_always_be_written_again() -> None:
    told = rb'{"a": "\ud800!", "b": 1e999, "c": "\ud83d\ude97"}'
    extras = Document(b'{"asset": {"version": "2.0", "extras": ' + told + b"}}", None).extras
    assert extras == {"a": "\ufffd!", "b": None, "c": "🚗"}
    json.dumps(extras, ensure_ascii=False, allow_nan=False).encode()
