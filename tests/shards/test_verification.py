from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from partworks import layout
from partworks.artifacts.captions import Captions
from partworks.artifacts.npz import from_npz, to_npz
from partworks.artifacts.parts import Parts
from partworks.records import Attempt
from partworks.stage import Breach
from partworks.store import Store
from shards import tar
from shards.record import to_json
from shards.stage import Shards
from tests.shards.made import SMALL, TABLE, make_object, pack_objects, write_object
from tests.shards.packed import attempt

UIDS = ("a", "b", "c")
CONFIG = dataclasses.replace(SMALL, val_share=0.0, test_share=0.0)
SHARD = "shards/train-000000.tar"

Members = dict[str, bytes]
Mutation = Callable[[Members, dict[str, Any]], None]


@dataclasses.dataclass
class Root:
    """A root with its shards, and what the ledger would say."""

    store: Store
    done: list[Attempt]

    def finish(self) -> None:
        for path, data in Shards(CONFIG, store=self.store).finish(self.done):
            if data is not None:
                self.store.write(path, data)

    def breaches(self, done: list[Attempt] | None = None) -> list[Breach]:
        stage = Shards(CONFIG, store=self.store)
        examination = stage.examine(self.done if done is None else done)
        found = [
            breach
            for path in self.store.list("shards")
            for breach in examination.file(path, self.store.read(path))
        ]
        return [*found, *examination.whole()]

    def change(self, uid: str, how: Mutation) -> None:
        """Change a sample as the stage could have made it, and put the shards together again."""
        path = layout.sample(uid)
        data = self.store.read(path)
        members = {
            each.name.removeprefix(f"{uid}."): data[each.offset : each.offset + each.size]
            for each in tar.members(data)
        }
        record = json.loads(members["json"])
        how(members, record)
        members["json"] = to_json(record)
        changed = tar.pack({f"{uid}.{name}": members[name] for name in sorted(members)})
        self.store.write(path, changed)
        self.done = [each for each in self.done if each.uid != uid] + [attempt(uid, changed)]
        self.finish()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Root:
    store = Store(str(tmp_path_factory.mktemp("verification")))
    for index, uid in enumerate(UIDS):
        squeeze = np.array([1.0, 1.0 - 0.1 * index, 1.0])
        boxes = [(tuple(low * squeeze), tuple(high * squeeze)) for low, high in np.array(TABLE)]
        write_object(store, uid, make_object(boxes, uid=uid))
    root = Root(store, pack_objects(store, UIDS, config=CONFIG))
    root.finish()
    return root


@pytest.fixture
def root(made: Root, tmp_path: Path) -> Root:
    store = Store(str(tmp_path))
    for path in made.store.list(""):
        store.write(path, made.store.read(path))
    return Root(store, list(made.done))


def kinds(breaches: list[Breach]) -> set[tuple[str, str]]:
    return {(breach.kind, breach.path) for breach in breaches}


def said(breaches: list[Breach]) -> str:
    return "\n".join(breach.message for breach in breaches)


def test_a_sound_root_has_no_breach(root: Root) -> None:
    assert root.breaches() == []


def test_a_flipped_bit_names_shard_sample_and_member(root: Root) -> None:
    data = bytearray(root.store.read(SHARD))
    (row,) = [each for each in tar.members(bytes(data)) if each.name == "b.points.npz"]
    data[row.offset + 100] ^= 1
    root.store.write(SHARD, bytes(data))
    (breach,) = root.breaches()
    assert (breach.kind, breach.path) == ("checksum", SHARD)
    assert breach.message == "sample b: points.npz not as the index says"


def test_a_cut_shard_names_what_is_lost(root: Root) -> None:
    data = root.store.read(SHARD)
    (row,) = [each for each in tar.members(data) if each.name == "b.points.npz"]
    root.store.write(SHARD, data[: row.offset + 100])
    breaches = root.breaches()
    assert {breach.path for breach in breaches} == {SHARD}
    lost = said([breach for breach in breaches if breach.kind == "checksum"])
    assert "sample b" in lost and "sample c" in lost and "sample a" not in lost


def test_a_foreign_member_is_seen(root: Root) -> None:
    data = root.store.read(SHARD)[: -len(tar.END)]
    root.store.write(SHARD, data + tar.entry("x.json", b"{}") + tar.END)
    assert said(root.breaches()) == "x.json is in the tar and not in the index"


def test_a_shard_of_another_version_is_seen(root: Root) -> None:
    """Whole in itself and with its index, but not of the samples that the ledger knows."""
    path = layout.sample("b")
    other = tar.pack({"b.json": b"{}"})
    root.store.write(path, other)
    root.done = [attempt("b", other) if each.uid == "b" else each for each in root.done]
    (breach,) = root.breaches()
    assert (breach.kind, breach.path) == ("cross_reference", SHARD)
    assert "sample b: it is not samples/" in breach.message


def test_objects_without_a_shard_and_the_other_way_round(root: Root) -> None:
    extra = [*root.done, attempt("d", b"")]
    assert said(root.breaches(extra)) == (
        "1 objects are done and in no shard; run the shards stage to its end: d"
    )
    missing = said(root.breaches(root.done[1:]))
    assert missing == "1 objects are in a shard and not in the ledger as done: a"


def test_a_manifest_must_be_of_its_shard(root: Root) -> None:
    path = "shards/manifests/train-000000.parquet"
    sound = root.store.read(path)
    root.change("a", lambda members, record: record.update(name="new"))
    root.store.write(path, sound)
    assert kinds(root.breaches()) == {("cross_reference", path)}
    root.store.write(path, sound[:50])
    assert kinds(root.breaches()) == {("unreadable", path)}


def test_a_table_that_cannot_be_read(root: Root) -> None:
    root.store.write("shards/ATTRIBUTION.parquet", b"PAR1")
    assert kinds(root.breaches()) == {("unreadable", "shards/ATTRIBUTION.parquet")}


def with_points(change: Callable[[dict[str, Any]], None], name: str = "points.npz") -> Mutation:
    def mutate(members: Members, record: dict[str, Any]) -> None:
        arrays = from_npz(members[name])
        change(arrays)
        members[name] = to_npz(arrays)

    return mutate


def nan(arrays: dict[str, Any]) -> None:
    arrays["object_surface"][3, 5] = np.nan


def one_part_fewer(arrays: dict[str, Any]) -> None:
    arrays["part_scale"] = arrays["part_scale"][1:]


def points_of_others(arrays: dict[str, Any]) -> None:
    arrays["part_surface"] = arrays["part_surface"][::-1].copy()


def points_off_the_surface(arrays: dict[str, Any]) -> None:
    arrays["object_surface"][:, :3] *= 0.999


def moved_box(arrays: dict[str, Any]) -> None:
    arrays["part_box"] += 0.01


def other_row(arrays: dict[str, Any]) -> None:
    arrays["part_row"][0] = -1


def beyond_truncation(arrays: dict[str, Any]) -> None:
    arrays["object_near"][0, 0, 3] = 5.0


def face_of_another_part(arrays: dict[str, Any]) -> None:
    arrays["face_part"][0] = arrays["face_part"][-1]


def corner_that_is_not_there(arrays: dict[str, Any]) -> None:
    arrays["faces"][3, 1] = len(arrays["vertices"])


def turned_face(arrays: dict[str, Any]) -> None:
    arrays["faces"][5] = arrays["faces"][5, ::-1]


def no_picture(members: Members, record: dict[str, Any]) -> None:
    members["object.00.webp"] = members["object.00.webp"][:40]


def no_points(members: Members, record: dict[str, Any]) -> None:
    del members["points.npz"]


def no_field(members: Members, record: dict[str, Any]) -> None:
    del members["field.npz"]


def other_caption(members: Members, record: dict[str, Any]) -> None:
    record["parts"][2]["caption_long"] = "Another part."


def other_title(members: Members, record: dict[str, Any]) -> None:
    record["captions"]["short"] = "Another object."


def other_geometry(members: Members, record: dict[str, Any]) -> None:
    record["geometry_hash"] = "0" * 64


def other_uid(members: Members, record: dict[str, Any]) -> None:
    record["uid"] = "c"


def a_pickle(members: Members, record: dict[str, Any]) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, part_surface=np.array([{}], object))
    members["points.npz"] = buffer.getvalue()


@pytest.mark.parametrize(
    ("how", "kind", "word"),
    [
        (with_points(nan), "unreadable", "1 numbers of object_surface are not finite"),
        (with_points(one_part_fewer), "cross_reference", "5 rows of part_scale"),
        (with_points(points_of_others), "cross_reference", "outside its box"),
        (with_points(points_of_others), "cross_reference", "off its surface"),
        (with_points(points_off_the_surface), "cross_reference", "points of the object lie"),
        (with_points(moved_box), "cross_reference", "part_box of points.npz is not"),
        (with_points(other_row, "field.npz"), "cross_reference", "part_row of field.npz is"),
        (with_points(beyond_truncation, "field.npz"), "cross_reference", "beyond the truncation"),
        (with_points(face_of_another_part, "mesh.npz"), "cross_reference", "faces in the parts"),
        (with_points(corner_that_is_not_there, "mesh.npz"), "cross_reference", "are not there"),
        (with_points(turned_face, "mesh.npz"), "cross_reference", "triangles of mesh.npz are"),
        (no_picture, "unreadable", "object.00.webp is no picture"),
        (no_points, "cross_reference", "it has no points.npz"),
        (no_field, "cross_reference", "must be there together"),
        (other_caption, "cross_reference", "the captions of part 2 are not"),
        (other_title, "cross_reference", "its caption (short) is not"),
        (other_geometry, "geometry_hash", "made for geometry 000000000000"),
        (other_uid, "cross_reference", "its json says"),
        (a_pickle, "unreadable", "pickle"),
    ],
)
def test_a_sample_must_hold_together(root: Root, how: Mutation, kind: str, word: str) -> None:
    root.change("b", how)
    breaches = [breach for breach in root.breaches() if word in breach.message]
    assert kinds(breaches) == {(kind, SHARD)}
    assert all(breach.message.startswith("sample b: ") for breach in breaches)


def parts_of_another_object(store: Store) -> None:
    write_object(store, "b", make_object(TABLE[:3], uid="b"))


def captions_anew(store: Store) -> None:
    captions = Captions.from_bytes(store.read(layout.captions("b")))
    whole = dataclasses.replace(captions.whole, long="Told anew.")
    store.write(layout.captions("b"), dataclasses.replace(captions, whole=whole).to_bytes())


def labels_anew(store: Store) -> None:
    parts = Parts.from_bytes(store.read(layout.parts("b")))
    labels = parts.face_labels[::-1].copy()
    store.write(layout.parts("b"), dataclasses.replace(parts, face_labels=labels).to_bytes())


@pytest.mark.parametrize("how", [parts_of_another_object, captions_anew, labels_anew])
def test_inputs_that_changed_are_seen_where_they_count(
    root: Root, how: Callable[[Store], None]
) -> None:
    how(root.store)
    assert {breach.path for breach in root.breaches()} == {SHARD}
    assert all("sample b: " in breach.message for breach in root.breaches())


def test_a_stale_object_is_not_compared(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its inputs were made anew after it; the ledger still has its sample."""
    rows = list(root.done)

    class Known:
        def __init__(self, store: Store) -> None:
            pass

        def attempts(self, stage: str) -> Iterator[Attempt]:
            return iter(rows)

    monkeypatch.setattr("shards.verification.Ledger", Known)
    captions_anew(root.store)
    current = [each for each in root.done if each.uid != "b"]
    assert root.breaches(current) == []
