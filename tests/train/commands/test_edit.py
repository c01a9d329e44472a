from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch

from tests.shards.made import SMALL, make_root
from tests.train.commands.test_sample import FEW, STANDIN, layout, run
from train.sampling.results import read_object


def written(folder: Path, **edit: object) -> str:
    path = folder / "edit.json"
    path.write_text(json.dumps(edit))
    return f"--edit={path}"


def test_sampled_objects_are_edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    sample = (f"--layout=[{layout(tmp_path)}]", f"--output={first}")
    assert run(monkeypatch, "sample", STANDIN, *FEW, *sample) == 0
    edit = written(tmp_path, parts=[{"name": "back", "text": "a bench"}])
    arguments = (f"--source={first / 'chair'}", edit, f"--output={second}")
    assert run(monkeypatch, "edit", STANDIN, *FEW, *arguments) == 0
    before, after = (read_object(folder / "chair")[1].parts for folder in (first, second))
    for own, was in ((after.geometry, before.geometry), (after.images, before.images)):
        assert own is not None and was is not None
        assert torch.equal(own[[0, 2, 3]], was[[0, 2, 3]])
    assert after.images is not None and before.images is not None
    assert not torch.allclose(after.images[1], before.images[1])
    assert read_object(second / "chair")[0].parts[1].text == "a bench"
    result = json.loads((second / "chair/result.json").read_text())
    assert result["kept_parts"] == ["seat", "leg left", "leg right"]


def test_objects_of_a_training_set_are_edited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = dataclasses.replace(SMALL, views=4, part_views=4)
    make_root(str(tmp_path / "root"), ["obj0"], config=config)
    generator = (STANDIN, "--generator.images=false")
    arguments = (f"--data={tmp_path / 'root'}", "--key=obj0", f"--output={tmp_path}")
    names = _names(tmp_path / "root")
    edit = written(tmp_path, resample=names[:1])
    assert run(monkeypatch, "edit", *generator, *FEW, edit, *arguments) == 0
    assert json.loads((tmp_path / "obj0/result.json").read_text())["kept_parts"] == names[1:]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give either --source FOLDER"),
        (["--source=nowhere"], "cannot read the layout nowhere"),
        (["--key=obj0"], "give either --source FOLDER"),
        (["--source=CHAIR", "--generator.images=false"], "has image latents of (4, 4, 4, 4)"),
    ],
)
def test_wrong_calls(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sample = (f"--layout=[{layout(tmp_path)}]", f"--output={tmp_path}")
    assert run(monkeypatch, "sample", STANDIN, *FEW, *sample) == 0
    given = [each.replace("CHAIR", str(tmp_path / "chair")) for each in arguments]
    edit = written(tmp_path, resample=["seat"])
    assert run(monkeypatch, "edit", STANDIN, edit, f"--output={tmp_path}", *given) == 2
    assert message in capsys.readouterr().err


def _names(root: Path) -> list[str]:
    from shards.reader import ShardIndex
    from train.sampling.reading import layout_of_object

    return [part.name for part in layout_of_object(ShardIndex(str(root)), "obj0").parts]
