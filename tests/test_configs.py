"""The settings files that come with the project can be read and mean something."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonargparse import ArgumentParser

from partworks.config import add_settings, default_settings, settings_from

FILES = sorted((Path(__file__).resolve().parents[1] / "configs").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_read_and_changes_something(path: Path) -> None:
    parser = ArgumentParser(exit_on_error=False)
    add_settings(parser)
    found = settings_from(parser, parser.parse_args(["--config", str(path)]))
    assert found.configs != default_settings().configs


def test_there_are_some() -> None:
    assert {"partverse", "trellis", "sam2"} <= {path.stem for path in FILES}
