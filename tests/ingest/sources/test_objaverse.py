from __future__ import annotations

import gzip
import hashlib
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.fetch.config import FetchConfig
from ingest.sources import fetch, objaverse, open_source, states_licences
from partworks.errors import Failed, UsageError
from partworks.records import SourceRecord
from tests.ingest.mirror import OBJAVERSE, Manner, Mirror, add_objaverse, annotation, serving

UIDS = tuple(hashlib.md5(bytes([number])).hexdigest() for number in range(40))
QUICK = FetchConfig(attempts=3, backoff_s=0.01)
LVIS = {"chair": sorted(UIDS[:6]), "mug": sorted(UIDS[4:9])}


def glb(number: int) -> bytes:
    return b"glTF\x02\x00\x00\x00" + (14).to_bytes(4, "little") + bytes([number, 7])


def said(number: int) -> dict[str, Any]:
    """Licences, face counts and tags that differ from object to object."""
    return annotation(
        UIDS[number],
        license=("by", "cc0", "by-nc", "by-sa", None)[number % 5],
        faceCount=number * 100,
        tags=[{"name": f"tag {number % 3}", "slug": "x"}],
        categories=[{"name": ("animals-pets", "cars-vehicles")[number % 2]}],
    )


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    made = Mirror()
    add_objaverse(
        made,
        {uid: glb(number) for number, uid in enumerate(UIDS)},
        annotations={uid: said(number) for number, uid in enumerate(UIDS)},
        lvis=LVIS,
        per_folder=8,
    )
    with serving(made):
        monkeypatch.setenv("HF_ENDPOINT", made.url + "/")
        yield made


def listed(words: str = "") -> list[SourceRecord]:
    return list(open_source(f"objaverse:{words}").records())


def uids(words: str) -> set[str]:
    found = [record.uid for record in listed(words)]
    assert len(found) == len(set(found))
    return set(found)


def numbers(words: str) -> set[int]:
    return {UIDS.index(uid) for uid in uids(words)}


def test_everything_is_listed_with_all_that_is_known_of_it(mirror: Mirror) -> None:
    records = {record.uid: record for record in listed()}
    assert records.keys() == {*UIDS}
    record = records[UIDS[5]]
    assert record.location == f"{mirror.url}{OBJAVERSE}{record.metadata['path']}"
    assert record == replace(
        record,
        uid=UIDS[5],
        ext="glb",
        name=f"Thing {UIDS[5][:4]}",
        licence="CC-BY-4.0",
        creator="Jo Maker",
        creator_url="https://sketchfab.com/jo",
        link=f"https://sketchfab.com/3d-models/{UIDS[5]}",
        categories=("cars-vehicles", "chair", "mug"),
        tags=("tag 2",),
        source="objaverse",
        attribution=f'"Thing {UIDS[5][:4]}" (https://sketchfab.com/3d-models/{UIDS[5]}) '
        "by Jo Maker (https://sketchfab.com/jo), CC-BY-4.0",
    )
    assert {record.licence for record in records.values()} == {
        "CC-BY-4.0", "CC0-1.0", "CC-BY-NC-4.0", "CC-BY-SA-4.0", "unknown",
    }  # fmt: skip
    assert states_licences(record)
    assert pickle.loads(pickle.dumps(record)) == record  # noqa: TID251
    assert listed() == list(records.values()), "the order does not change"


def test_selections(mirror: Mirror, tmp_path: Path) -> None:
    assert numbers("lvis=chair") == set(range(6))
    assert numbers("lvis=chair+mug") == set(range(9))
    assert numbers("tag=TAG-1") == set(range(1, 40, 3))
    assert numbers("category=cars_vehicles") == set(range(1, 40, 2))
    assert numbers("category=mug") == set(range(4, 9))
    assert numbers("licence=cc0+by-sa") == {n for n in range(40) if n % 5 in (1, 3)}
    assert numbers("licence=CC-BY") == set(range(0, 40, 5))
    assert numbers("licence=unknown") == set(range(4, 40, 5))
    assert numbers("min_faces=500,max_faces=1_000") == set(range(5, 11))
    assert numbers("lvis=chair,licence=cc0,max_faces=200") == {1}
    names = tmp_path / "ids.txt"
    names.write_text(f"# mine\n{UIDS[3]}\n{UIDS[9]}.glb,0.7\n\n{'0' * 32}\n")
    source = open_source(f"objaverse:uids={names}")
    assert {record.uid for record in source.records()} == {UIDS[3], UIDS[9]}
    assert source.ignored == {"unknown id": 1}
    names = names.with_suffix(".json")
    names.write_text(json.dumps([UIDS[3], UIDS[5]]))
    assert numbers(f"uids={names},lvis=mug") == {5}


def test_samples_are_seeded_and_nested(mirror: Mirror) -> None:
    ten = uids("sample=10,seed=3")
    assert len(ten) == 10 and ten == uids("seed=3,sample=10")
    assert uids("sample=4,seed=3") < ten
    assert uids("sample=10,seed=4") != ten
    assert uids("sample=100") == {*UIDS}
    assert uids("sample=3,lvis=chair") < {*UIDS[:6]}


def test_only_the_metadata_that_matter_are_fetched_and_only_once(mirror: Mirror) -> None:
    listed("lvis=chair")
    folders = {objaverse.folder_of(objaverse.object_paths()[uid]) for uid in UIDS[:6]}
    asked = {path for path in mirror.paths() if "/metadata/" in path}
    assert asked == {f"{OBJAVERSE}metadata/{folder}.json.gz" for folder in folders}
    assert len(folders) < 5
    mirror.forget()
    listed("lvis=chair")
    assert mirror.paths() == []


@pytest.mark.parametrize("name", ["object-paths", "lvis-annotations", "metadata/000-001"])
@pytest.mark.parametrize("damage", ["half", "empty", "words", "list"])
def test_a_damaged_list_is_fetched_again(mirror: Mirror, name: str, damage: str) -> None:
    before = listed()
    path = Path("~/.objaverse/hf-objaverse-v1").expanduser() / f"{name}.json.gz"
    whole = path.read_bytes()
    path.write_bytes(
        {
            "half": whole[: len(whole) // 2],
            "empty": b"",
            "words": b"not found",
            "list": gzip.compress(b"[]"),
        }[damage]
    )
    mirror.forget()
    assert listed() == before
    assert mirror.paths() == [f"{OBJAVERSE}{name}.json.gz"]
    assert path.read_bytes() == whole
    assert [other.name for other in path.parent.iterdir() if other.name.startswith(".")] == []


def test_a_list_that_cannot_be_had_is_the_users_to_know(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.sources.hub.METADATA_FETCH", QUICK)
    path = f"{OBJAVERSE}metadata/000-002.json.gz"
    mirror.manners[path] = Manner(kind="server_error")
    with pytest.raises(UsageError, match=r"HTTP 500.*3 attempts.*run again"):
        listed()
    mirror.manners[path] = Manner(kind="server_error", times=0)
    mirror.forget()
    assert len(listed()) == 40
    assert f"{OBJAVERSE}object-paths.json.gz" not in mirror.paths(), "what has come is kept"
    mirror.files[path] = b"rubbish"
    Path("~/.objaverse/hf-objaverse-v1/metadata/000-002.json.gz").expanduser().unlink()
    with pytest.raises(UsageError, match="came, but cannot be read"):
        listed()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("lvis", "'lvis' is not key=value"),
        ("lvs=chair", "did you mean lvis"),
        ("seed=1,seed=2", "seed is given twice"),
        ("sample=0", "expected a whole number from 1"),
        ("max_faces=-1", "expected a whole number from 1"),
        ("uids=/no/such/file", "cannot be read"),
        ("licence=??", "is no licence"),
        ("lvis=chiar", "'chiar' is no LVIS category; did you mean chair"),
    ],
)
def test_words_that_make_no_sense(mirror: Mirror, words: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        listed(words)


def test_bytes_are_fetched_and_checked_against_the_hubs_sum(mirror: Mirror) -> None:
    record = next(open_source("objaverse:").records())
    assert fetch(record, QUICK) == glb(UIDS.index(record.uid))
    mirror.manners[f"/lying/{record.uid}.glb"] = Manner(kind="wrong")
    with pytest.raises(Failed, match="fetch_wrong_hash"):
        fetch(record, QUICK)


def test_what_the_package_has_fetched_is_not_fetched_again(mirror: Mirror) -> None:
    record = next(open_source("objaverse:").records())
    path = Path("~/.objaverse/hf-objaverse-v1").expanduser() / record.metadata["path"]
    path.parent.mkdir(parents=True)
    path.write_bytes(glb(99))
    mirror.forget()
    assert fetch(record, QUICK) == glb(99)
    assert mirror.paths() == []
    path.write_bytes(glb(99)[:-1])
    assert fetch(record, QUICK) == glb(UIDS.index(record.uid)), "half a file is no file"
    path.write_bytes(glb(99))
    right = hashlib.sha256(glb(UIDS.index(record.uid))).hexdigest()
    assert hashlib.sha256(fetch(replace(record, sha256=right), QUICK)).hexdigest() == right


def test_odd_annotations_do_no_harm(mirror: Mirror) -> None:
    odd: dict[str, Any] = {
        UIDS[0]: {},
        UIDS[1]: {"name": 3, "license": {"slug": "by-sa"}, "user": None, "tags": None},
        UIDS[2]: {"user": {"profileUrl": "javascript:x"}, "viewerUrl": "file:///x", "tags": [7]},
        "../../x": {},
    }
    path = objaverse.object_paths()[UIDS[0]]
    folder = objaverse.folder_of(path)
    name = f"{OBJAVERSE}metadata/{folder}.json.gz"
    table = {**json.loads(gzip.decompress(mirror.files[name])), **odd}
    mirror.files[name] = gzip.compress(json.dumps(table).encode())
    found = {record.uid: record for record in listed()}
    assert "../../x" not in found
    record = found[UIDS[0]]
    assert (record.name, record.licence, record.creator) == ("", "unknown", "")
    assert record.link == f"https://sketchfab.com/3d-models/{UIDS[0]}"


def test_the_package_reads_what_we_keep_and_says_the_same(mirror: Mirror) -> None:
    """`objaverse` itself, unmodified and without a network, on our cache."""
    ours = {record.uid: record for record in listed()}
    script = (
        "import json, objaverse\n"
        "print(json.dumps([objaverse.load_uids(), objaverse.load_lvis_annotations(),"
        f" objaverse.load_annotations({list(UIDS[:5])!r})]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ}, capture_output=True, check=True
    )
    theirs, lvis, annotations = json.loads(done.stdout)
    assert {*theirs} == ours.keys() and lvis == LVIS
    for uid, table in annotations.items():
        assert ours[uid].name == table["name"]
        assert ours[uid].creator == table["user"]["displayName"]
