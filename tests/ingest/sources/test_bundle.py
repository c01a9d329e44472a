from __future__ import annotations

import io
import zipfile

from ingest.sources.bundle import pack


def test_equal_members_give_equal_bytes_in_any_order() -> None:
    first = pack({"m.gltf": b"{}", "ä/x.bin": b"bin"})
    assert pack({"ä/x.bin": b"bin", "m.gltf": b"{}"}) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.namelist() == ["m.gltf", "ä/x.bin"]
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.read("ä/x.bin") == b"bin"
