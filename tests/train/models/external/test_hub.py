from __future__ import annotations

from pathlib import Path

import pytest

from train.models.external.errors import CheckpointError
from train.models.external.hub import locate, readable, require_covered


def test_a_folder_of_a_pipeline_or_of_the_model(tmp_path: Path) -> None:
    assert locate(tmp_path, "vae")["pretrained_model_name_or_path"] == str(tmp_path)
    (tmp_path / "vae").mkdir()
    found = locate(str(tmp_path), "vae")
    assert found == {
        "pretrained_model_name_or_path": str(tmp_path / "vae"),
        "local_files_only": True,
    }


def test_a_name_on_the_hub() -> None:
    assert locate("owner/model", "vae") == {
        "pretrained_model_name_or_path": "owner/model",
        "subfolder": "vae",
    }


@pytest.mark.parametrize("source", ["/no/such", "./no/such", "model", "a/b/c"])
def test_a_path_that_is_not_there(source: str) -> None:
    with pytest.raises(CheckpointError, match="there is no folder"):
        locate(source, "vae")


def test_what_programs_raise_is_said_plainly() -> None:
    with (
        pytest.raises(CheckpointError, match=r"cannot read the vae of x \(OSError: no network\)"),
        readable("x", "vae"),
    ):
        raise OSError("no network\nand more")


@pytest.mark.parametrize("kind", ["missing_keys", "unexpected_keys", "mismatched_keys"])
def test_no_key_is_left_over(kind: str) -> None:
    require_covered("x", "vae", {kind: []})
    with pytest.raises(CheckpointError, match=f"{kind}: k0, k1, k2, k3, k4 and 2 more"):
        require_covered("x", "vae", {kind: [f"k{index}" for index in range(7)]})
