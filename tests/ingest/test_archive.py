from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Mapping

import numpy as np
import pytest

from ingest.archive import REASONS, ArchiveLimits, open_archive
from partworks.errors import Rejected

LIMITS = ArchiveLimits(max_entries=50, max_bytes=1 << 26, max_ratio=100)


def zipped(
    members: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED, mode: int = 0o644
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def reason(data: bytes, limits: ArchiveLimits = LIMITS) -> str:
    with pytest.raises(Rejected) as caught:
        open_archive(data, limits)
    assert caught.value.reason in REASONS
    return caught.value.reason


def test_side_files_are_named_from_the_models_folder() -> None:
    opened = open_archive(
        zipped({"a/b/m.gltf": b"{}", "a/b/tex/x.png": b"x", "a/y.png": b"y", "a/b/": b""}), LIMITS
    )
    assert (opened.name, opened.ext, opened.data) == ("a/b/m.gltf", "gltf", b"{}")
    assert opened.files == {"tex/x.png": b"x", "../y.png": b"y"}


def test_the_best_format_is_the_main_model() -> None:
    members = {"m.off": b"", "m.STL": b"", "m.ply": b"", "m.obj": b"o", "m.gltf": b"g"}
    assert open_archive(zipped(members), LIMITS).name == "m.gltf"
    assert open_archive(zipped({**members, "x/M.GLB": b"b"}), LIMITS).ext == "glb"
    assert open_archive(zipped({"a.obj": b"o", "b.stl": b""}), LIMITS).files == {}


def test_junk_of_file_managers_is_no_model() -> None:
    members = {"m.glb": b"m", "__MACOSX/._m.glb": b"j", ".hidden.glb": b"j"}
    opened = open_archive(zipped(members), LIMITS)
    assert opened.data == b"m" and opened.files == {}


def test_backslashes_are_read_as_windows_means_them() -> None:
    data = zipped({"m.obj": b"o", "tex/wood.png": b"w"}).replace(b"tex/wood", b"tex\\wood")
    assert open_archive(data, LIMITS).files == {"tex/wood.png": b"w"}


@pytest.mark.parametrize(
    "name",
    ["../m.glb", "/etc/m.glb", "a/../../m.glb", "C:/m.glb", "c:m.glb", "a/..\\..\\m.glb"],
)
def test_names_that_lead_out_are_refused(name: str) -> None:
    assert reason(zipped({name: b"", "ok.glb": b""})) == "unsafe_path"


def test_links_are_refused() -> None:
    data = zipped({"m.glb": b"/etc/hostname"}, mode=stat.S_IFLNK | 0o777)
    assert reason(data) == "unsafe_path"


def test_two_models_are_ambiguous() -> None:
    assert reason(zipped({"a.glb": b"", "b.glb": b"", "c.obj": b""})) == "ambiguous_archive"


def test_a_name_given_twice_is_ambiguous() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped_twice("m.glb")
    assert reason(data) == "ambiguous_archive"


def zipped_twice(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, b"one")
        archive.writestr(name, b"two")
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["inner.zip", "a/b.tar.gz", "c.7Z", "d.rar"])
def test_nested_archives_are_refused(name: str) -> None:
    assert reason(zipped({"m.glb": b"", name: b""})) == "nested_archive"


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = zipped({"m.obj": b"\0" * (40 << 20)})
    assert len(bomb) < 1 << 17
    assert reason(bomb) == "archive_too_large"


def test_small_files_may_be_as_repetitive_as_they_like() -> None:
    data = zipped({"m.obj": b"\0" * (8 << 20)})
    assert len(open_archive(data, LIMITS).data) == 8 << 20


def test_sizes_and_counts_have_limits() -> None:
    noise = np.random.default_rng(1).bytes(200_000)
    assert reason(zipped({"m.glb": noise}), ArchiveLimits(max_bytes=100_000)) == "archive_too_large"
    many = zipped({f"{i}.png": b"" for i in range(60)} | {"m.glb": b""})
    assert reason(many) == "archive_too_large"


def test_a_directory_that_lies_about_its_count_is_counted() -> None:
    many = bytearray(zipped({f"{i}.png": b"" for i in range(60)} | {"m.glb": b""}))
    place = many.rfind(b"PK\x05\x06")
    many[place + 8 : place + 12] = struct.pack("<HH", 1, 1)
    assert reason(bytes(many)) == "archive_too_large"


def test_an_entry_that_lies_about_its_size_is_corrupt() -> None:
    data = bytearray(zipped({"m.glb": bytes(range(256)) * 400}))
    place = data.rfind(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 100)
    assert reason(bytes(data)) == "corrupt_archive"


def test_encrypted_and_exotic_entries_are_named() -> None:
    data = bytearray(zipped({"m.glb": b"abc"}))
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.find(mark) + at] |= 1
    assert reason(bytes(data)) == "encrypted_archive"
    assert reason(zipped({"m.glb": b"abc"}, method=zipfile.ZIP_LZMA)) == "unsupported_archive"


def test_what_is_no_zip_or_half_of_one_is_corrupt() -> None:
    whole = zipped({"m.glb": bytes(range(256)) * 40})
    for data in (b"", b"PK\x03\x04", b"hello", whole[: len(whole) // 2], whole[:-10]):
        assert reason(data) == "corrupt_archive"


def test_flipped_content_fails_its_checksum() -> None:
    data = bytearray(zipped({"m.glb": b"a" * 1000}, method=zipfile.ZIP_STORED))
    data[200] ^= 0xFF
    assert reason(bytes(data)) == "corrupt_archive"


def test_a_zip_without_a_model_says_so() -> None:
    assert reason(zipped({"readme.txt": b"hello"})) == "no_model_in_archive"
    assert reason(zipped({})) == "no_model_in_archive"


def test_damage_of_any_kind_ends_in_a_reason() -> None:
    generator = np.random.default_rng(2)
    whole = zipped({"a/m.gltf": b"{}" * 50, "a/x.bin": generator.bytes(300), "b.png": b"p" * 99})
    outcomes = set()
    for _ in range(1500):
        data = bytearray(whole)
        for place in generator.integers(0, len(data), generator.integers(1, 6)):
            data[place] = generator.integers(256)
        try:
            open_archive(bytes(data), LIMITS)
            outcomes.add("ok")
        except Rejected as refusal:
            assert refusal.reason in REASONS
            outcomes.add(refusal.reason)
    assert {"ok", "corrupt_archive", "unsupported_archive"} <= outcomes
