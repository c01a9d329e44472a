from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from ingest.sources import references
from ingest.sources.references import side_files


def put(path: Path, data: bytes | str = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def names(main: Path, root: Path) -> list[str]:
    return sorted(side_files(main, root.resolve()))


@pytest.mark.parametrize(
    "uri",
    [
        "../secret.bin", "..%2Fsecret.bin", "%2e%2e/secret.bin", "in/../../secret.bin",
        "/etc/hostname", "file:///etc/hostname", "http://example.org/a.bin", "C:/secret.bin",
        "..\\secret.bin", "in\0.bin", "", ".", "x" * 5000, "x/" * 3000,
    ],
)  # fmt: skip
def test_paths_that_lead_out_are_not_followed(tmp_path: Path, uri: str) -> None:
    put(tmp_path / "secret.bin")
    put(tmp_path / "m/in/a.bin")
    main = put(tmp_path / "m/m.gltf", json.dumps({"buffers": [{"uri": uri}]}))
    assert names(main, tmp_path) == []


def test_a_link_out_of_the_root_is_not_followed(tmp_path: Path) -> None:
    secret = put(tmp_path / "secret.bin")
    root = tmp_path / "root"
    main = put(root / "m.gltf", json.dumps({"buffers": [{"uri": "a.bin"}, {"uri": "b.bin"}]}))
    put(root / "b.bin")
    (root / "a.bin").symlink_to(secret)
    assert names(main, root) == ["b.bin"]


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{", b"[" * 100_000, b"[]", b"null", b'{"buffers": 3}', b'{"buffers": {"uri": "a"}}',
        b'{"buffers": [7, null, {"uri": 7}, {"uri": null}]}', b"\xff\xfe\x00", b'{"a": 1e999999}',
    ],
)  # fmt: skip
def test_broken_json_has_no_side_files(tmp_path: Path, text: bytes) -> None:
    assert names(put(tmp_path / "m.gltf", text), tmp_path) == []


def test_a_glb_may_have_side_files_too(tmp_path: Path) -> None:
    text = json.dumps({"images": [{"uri": "Textures/colormap.png"}]}).encode()
    head = struct.pack("<4sII", b"glTF", 2, 20 + len(text))
    main = put(tmp_path / "m.glb", head + struct.pack("<I4s", len(text), b"JSON") + text)
    put(tmp_path / "textures/colormap.PNG")
    assert names(main, tmp_path) == ["textures/colormap.PNG"]
    for data in (head, b"", head + struct.pack("<I4s", 1 << 31, b"JSON") + b"{"):
        assert names(put(tmp_path / "broken.glb", data), tmp_path) == []


def test_an_obj_brings_its_libraries_and_their_maps(tmp_path: Path) -> None:
    main = put(tmp_path / "o.obj", "# x\r\nmtllib my lib.mtl\r\nmtllib a.mtl b.mtl gone.mtl\r\n")
    put(tmp_path / "my lib.mtl", "newmtl m\nmap_Kd -s 1 1 1 -bm 0.5 fine wood.png\n")
    put(tmp_path / "a.mtl", "newmtl n\nmap_Kd C:\\Users\\artist\\maps\\Bark.PNG\nnorm n.png\n")
    put(tmp_path / "b.mtl", "newmtl o\nbump -bm 1 sub\\bump.png\nmap_d ../secret.png\n")
    for name in ("fine wood.png", "bark.png", "n.png", "sub/bump.png", "unused.png"):
        put(tmp_path / name)
    put(tmp_path.parent / "secret.png")
    assert names(main, tmp_path) == [
        "a.mtl", "b.mtl", "bark.png", "fine wood.png", "my lib.mtl", "n.png", "sub/bump.png",
    ]  # fmt: skip


def test_maps_are_looked_up_from_the_librarys_folder(tmp_path: Path) -> None:
    main = put(tmp_path / "o.obj", "mtllib mat/o.mtl\n")
    put(tmp_path / "mat/o.mtl", "newmtl m\nmap_Kd wood.png\nmap_Ks ../shine.png\n")
    put(tmp_path / "mat/wood.png")
    put(tmp_path / "shine.png")
    assert names(main, tmp_path) == ["mat/o.mtl", "mat/wood.png", "shine.png"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_an_obj_may_come_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    main = put(tmp_path / "o.obj", "# вал\nmtllib o.mtl\n".encode(encoding))
    put(tmp_path / "o.mtl", "newmtl m\n")
    assert names(main, tmp_path) == ["o.mtl"]


def test_a_library_may_not_be_another_kind_of_file(tmp_path: Path) -> None:
    main = put(tmp_path / "o.obj", "mtllib passwd\nmtllib other.obj\nmtllib o.obj\n")
    put(tmp_path / "passwd", "newmtl m\nmap_Kd x.png\n")
    put(tmp_path / "other.obj")
    put(tmp_path / "x.png")
    assert names(main, tmp_path) == []


def test_another_model_is_no_side_file(tmp_path: Path) -> None:
    main = put(tmp_path / "m.gltf", json.dumps({"buffers": [{"uri": "other.glb"}]}))
    put(tmp_path / "other.glb")
    assert names(main, tmp_path) == []


def test_the_number_of_references_is_capped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "MAX_FILES", 10)
    uris = [f"{index:02d}.bin" for index in range(30)]
    for uri in uris:
        put(tmp_path / uri)
    main = put(tmp_path / "m.gltf", json.dumps({"buffers": [{"uri": uri} for uri in uris]}))
    assert names(main, tmp_path) == uris[:10]


def test_a_text_above_the_cap_is_read_to_its_last_whole_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "MAX_TEXT", 40)
    main = put(tmp_path / "o.obj", "mtllib д.mtl\n# " + "д" * 40 + "\nmtllib late.mtl\n")
    put(tmp_path / "д.mtl")
    put(tmp_path / "late.mtl")
    assert names(main, tmp_path) == ["д.mtl"]


@pytest.mark.parametrize("name", ["m.stl", "m.ply", "m.off", "m.zip"])
def test_other_formats_have_none(tmp_path: Path, name: str) -> None:
    put(tmp_path / "a.png")
    assert names(put(tmp_path / name, "mtllib a.png"), tmp_path) == []


def test_a_model_of_another_program_brings_the_pictures_that_it_names(tmp_path: Path) -> None:
    for name in ("wood.png", "textures/Bark.JPG", "Tex/leaf one.png", "unused.png"):
        put(tmp_path / name)
    put(tmp_path.parent / "secret.png")
    named = b'\x00S\x1b\x00\x00\x00C:\\maps\\wood.png\x00<a>textures/bark.jpg</a>"leaf%20one.png"'
    for ext in ("dae", "fbx", "blend", "usda"):
        main = put(tmp_path / f"m.{ext}", named + b" @../secret.png@ gone.png")
        assert names(main, tmp_path) == ["Tex/leaf one.png", "textures/Bark.JPG", "wood.png"]
