from __future__ import annotations

import dataclasses
from pathlib import Path

from caption.vlm.config import VlmConfig
from caption.vlm.reasons import REASONS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "captioning.md").read_text("utf-8")


def test_every_setting_is_explained_and_every_reason_has_a_meaning() -> None:
    for field in dataclasses.fields(VlmConfig):
        assert f"| `{field.name}` |" in PAGE, field.name
    assert all(meaning.endswith(".") for meaning in REASONS.values())


def test_what_was_not_tested_is_said() -> None:
    assert PAGE.count("(untested)") >= 2 and "was not tested" in PAGE
