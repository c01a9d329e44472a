"""Damaged files give a mesh or a named rejection, and never another exception."""

import copy
import json
import random
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from partworks.errors import Rejected
from partworks.geometry.glb import read_glb, write_glb
from partworks.geometry.gltf.container import split_glb
from partworks.geometry.load import REASONS, LoadLimits, load_mesh
from tests.geometry.formats.test_ply import mixed
from tests.geometry.gltf.test_draco import made as draco_sphere
from tests.geometry.gltf.test_skins import ALL_FIRST, skinned
from tests.geometry.made_gltf import pack_glb
from tests.geometry.made_mesh import rich_mesh

# Small limits: a damaged count must not cost the test its memory or its time.
LIMITS = LoadLimits(max_faces=10_000, max_vertices=10_000, max_nodes=500)

NASTY: list[Any] = [
    None, True, False, -1, 0, 1, 2, 3, 4, 5, 6, 255, 5121, 5123, 5125, 5126, 10497,
    0.5, -1e30, 1e308, 2**31, 2**53, 2**64, 10**30,
    "", "x", "../x", "SCALAR", "VEC2", "VEC3", "VEC4", "MAT4", "data:,", "\ud800",
    [], {}, [0], [[]], {"a": 1}, [0, 0, 0], [1e300] * 4,
]  # fmt: skip

SOURCES: dict[str, bytes] = {
    "rich.glb": write_glb(rich_mesh()),
    "skinned.glb": skinned([[0, 1, 0, 0]] * 4, ALL_FIRST).to_glb(),
    "draco.glb": draco_sphere().to_glb(),
}
TEXTS: dict[str, bytes] = {
    "a.obj": b"mtllib a.mtl\no a\nv 0 0 0 1 0 0\nv 1 0 0\nv 0 1 0\nv 1 1 0\nvt 0 0\nvn 0 0 1\n"
    b"usemtl wood\nf 1/1/1 2/1/1 3/1/1\ng b\nf -1 -2 -3 -4\nl 1 2\n",
    "ascii.ply": mixed("ascii"),
    "little.ply": mixed("binary_little_endian"),
    "big.ply": mixed("binary_big_endian"),
    "a.off": b"OFF\n4 2 0\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n4 0 1 2 3\n3 0 1 2\n",
    "ascii.stl": b"solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\n"
    b"vertex 0 1 0\nendloop\nendfacet\nendsolid a\n",
    "binary.stl": bytes(80) + struct.pack("<I12fH", 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0),
}
FILES = {"a.mtl": b"newmtl wood\nKd 1 0 0\nmap_Kd a.png\n", "a.png": b"no picture"}


def damaged(data: bytes, rng: random.Random) -> bytes:
    """A few bytes overwritten, cut out, doubled or cut off."""
    found = bytearray(data)
    for _ in range(rng.choice([1, 2, 8, 40])):
        place = rng.randrange(len(found)) if found else 0
        length = rng.randrange(1, 20)
        kind = rng.random()
        if kind < 0.7 and found:
            found[place] = rng.randrange(256)
        elif kind < 0.8:
            del found[place : place + length]
        elif kind < 0.95:
            found[place:place] = found[place : place + length]
        elif kind < 0.97:
            del found[place:]
    return bytes(found)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in inner:
        if isinstance(child, dict | list):
            yield from places(child, (*path, key))
        else:
            yield (*path, key)


def bent(document: Any, rng: random.Random) -> Any:
    """Some values of the JSON deleted, replaced, or swapped for one from elsewhere in it."""
    document = copy.deepcopy(document)
    for _ in range(rng.choice([1, 1, 1, 3])):
        paths = list(places(document))
        path, other = rng.choice(paths), rng.choice(paths)
        holder, donor = document, document
        for key in path[:-1]:
            holder = holder[key]
        for key in other:
            donor = donor[key]
        kind = rng.random()
        if kind < 0.2:
            del holder[path[-1]]
        elif kind < 0.3:
            holder[path[-1]] = copy.deepcopy(donor)
        elif kind < 0.5 and isinstance(holder[path[-1]], int):
            holder[path[-1]] += rng.choice([-1, 1, 2, 100])
        else:
            holder[path[-1]] = copy.deepcopy(rng.choice(NASTY))
    return document


def survives(data: bytes, ext: str) -> bool:
    """Whether the file loads; what loads can be written and read again."""
    try:
        loaded = load_mesh(data, ext, files=FILES, limits=LIMITS)
    except Rejected as rejected:
        assert rejected.reason in REASONS
        return False
    again = read_glb(write_glb(loaded.mesh))
    assert again.geometry_hash == loaded.mesh.geometry_hash
    return True


@pytest.mark.parametrize("name", ["rich.glb", "skinned.glb"])
def test_damaged_glb_bytes(name: str) -> None:
    rng = random.Random(name)
    alive = sum(survives(damaged(SOURCES[name], rng), "glb") for _ in range(1000))
    assert 10 < alive < 990


@pytest.mark.parametrize("name", SOURCES)
def test_bent_gltf_json(name: str) -> None:
    rng = random.Random(name)
    text, binary = split_glb(SOURCES[name])
    document, content = json.loads(text), bytes(binary or b"")
    alive = sum(survives(pack_glb(bent(document, rng), content), "glb") for _ in range(1000))
    assert 10 < alive < 990


@pytest.mark.parametrize("name", SOURCES)
def test_glbs_cut_off_anywhere(name: str) -> None:
    data = SOURCES[name]
    for end in range(0, len(data), max(len(data) // 100, 1)):
        assert not survives(data[:end], "glb")


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_bent_is_read_strictly_too(name: str) -> None:
    rng = random.Random(name)
    text, binary = split_glb(SOURCES[name])
    for _ in range(150):
        data = pack_glb(bent(json.loads(text), rng), bytes(binary or b""))
        try:
            read_glb(data)
        except Rejected as rejected:
            assert rejected.reason in REASONS


@pytest.mark.parametrize("name", TEXTS)
def test_damaged_files_of_other_formats(name: str) -> None:
    rng = random.Random(name)
    ext = name.rpartition(".")[2]
    assert survives(TEXTS[name], ext)
    alive = sum(survives(damaged(TEXTS[name], rng), ext) for _ in range(1000))
    assert 0 < alive < 1000


def test_damaged_draco_headers() -> None:
    rng = random.Random(0)
    text, binary = split_glb(SOURCES["draco.glb"])
    assert binary is not None
    head, rest = bytes(binary[:16]), bytes(binary[16:])
    for _ in range(200):
        header = bytearray(head)
        header[rng.randrange(16)] = rng.randrange(256)
        survives(pack_glb(json.loads(text), bytes(header) + rest), "glb")
