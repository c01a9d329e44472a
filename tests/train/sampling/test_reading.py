from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from partworks.errors import UsageError
from shards.reader import ShardIndex
from tests.train.sampling.made import CABINET, CHAIR
from train.sampling.reading import layout_of_object, layout_of_table, read_layouts
from train.sampling.results import layout_file

SEAT = {"name": "seat", "box": [[0, 0, 0], [1, 1, 1]]}


def written(folder: Path, content: Any, name: str = "layout.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize("layout", [CHAIR, CABINET], ids=lambda each: each.name)
def test_what_is_written_is_read(layout: Any, tmp_path: Path) -> None:
    path = tmp_path / "layout.json"
    path.write_bytes(layout_file(layout))
    assert read_layouts(path) == [layout]


def test_a_file_may_have_several(tmp_path: Path) -> None:
    table = {"name": "a", "text": "", "parts": [SEAT]}
    found = read_layouts(written(tmp_path, [table, {**table, "name": "b"}]))
    assert [each.name for each in found] == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "Invalid JSON"),
        ({"name": "a", "text": ""}, "parts: Field required"),
        ({"name": "a", "text": "", "parts": [SEAT], "colour": 1}, "colour: .*[Uu]nexpected"),
        ({"name": "a", "text": "", "parts": [{**SEAT, "box": [[0, 0, 0], [1, 1]]}]}, "box"),
        ({"name": "a", "text": "", "parts": [{**SEAT, "box": [[0, 0, 0], [1, 1, "2"]]}]}, "box"),
        ({"name": "a", "text": "", "parts": [SEAT, SEAT]}, "are called 'seat'"),
        ('{"name": "a", "text": "", "parts": [{"name": "s", "box": [[0,0,0],[1,1,NaN]]}]}', "box"),
        ({"urdf": "none.urdf", "texts": {}}, "none.urdf, which cannot be read"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(content: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        read_layouts(written(tmp_path, content))
    assert "layout.json" in str(caught.value)


def test_absent_files_are_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_layouts(tmp_path / "none.json")


def test_urdfs_may_have_texts(tmp_path: Path) -> None:
    written(
        tmp_path,
        '<robot name="my lamp"><link name="foot"><visual><geometry><box size="1 2 3"/></geometry>'
        "</visual></link></robot>",
        "lamp.urdf",
    )
    path = written(tmp_path, {"urdf": "lamp.urdf", "texts": {"foot": "an iron foot"}})
    (found,) = read_layouts(path)
    assert (found.name, found.text) == ("my_lamp", "my lamp")
    assert found.parts[0].text == "an iron foot"
    assert read_layouts(tmp_path / "lamp.urdf")[0].parts[0].text == "foot"


def test_objects_of_a_training_set(root: str) -> None:
    index = ShardIndex(root)
    layout = layout_of_object(index, "obj0")
    table = index.decode("obj0", ("json",))["json"]
    assert len(layout.parts) == len(table["parts"]) == 6
    boxes = index.decode("obj0", ("points.npz",))["points.npz"].part_box
    np.testing.assert_allclose(layout.fitted_boxes, boxes, atol=1e-6)
    assert all(part.text for part in layout.parts)
    with pytest.raises(UsageError, match="no object 'none'; give one of its 8 keys, such as obj"):
        layout_of_object(index, "none")


def test_captions_that_nobody_wrote_give_way_to_others() -> None:
    rows = [
        {"name": "leg", "box_min": [0, 0, 0], "box_max": [1, 1, 1], **captions}
        for captions in (
            {"caption_name": "leg", "caption_short": "a leg", "caption_long": "a long leg"},
            {"caption_name": "leg", "caption_short": "", "caption_long": ""},
        )
    ]
    table = {"parts": rows, "captions": {"name": "table", "short": "", "long": "a table"}}
    found = layout_of_table("key", table, captions="long")
    assert [part.text for part in found.parts] == ["a long leg", "leg"]
    assert [part.name for part in found.parts] == ["leg 1", "leg 2"]
    assert layout_of_table("key", table, captions="short").text == "a table"
    assert layout_of_table("key", table, captions="name").parts[0].text == "leg"
