"""What the code offers is documented, and what the docs name exists."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from partworks.cli import COMMANDS
from partworks.stages import STAGES

DOCS = Path(__file__).resolve().parents[1] / "docs"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["command-line.md", "reasons.md"])
def test_the_generated_pages_are_fresh(generate: ModuleType, name: str) -> None:
    found = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert found == generate.PAGES[name](), "run `python docs/generate.py`"


def test_every_command_has_a_section() -> None:
    page = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")
    assert re.findall(r"^## partworks (\w+)$", page, re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize("stage", list(STAGES))
def test_every_stage_has_a_page_that_explains_its_settings(stage: str) -> None:
    page = (DOCS / "stages" / f"{stage}.md").read_text(encoding="utf-8")
    for field in dataclasses.fields(STAGES[stage].config_class()):
        assert f"`{field.name}`" in page, f"docs/stages/{stage}.md does not explain {field.name}"
    for reason in STAGES[stage].stage_class().reasons:
        table = (DOCS / "reference" / "reasons.md").read_text(encoding="utf-8")
        assert f"`{reason}`" in table


def test_every_dependency_has_a_line() -> None:
    page = (DOCS / "dependencies.md").read_text(encoding="utf-8")
    project = (DOCS.parent / "pyproject.toml").read_text(encoding="utf-8")
    block = project.split("dependencies = [", 1)[1].split("[project.scripts]")[0]
    for name in re.findall(r'^\s+"([A-Za-z0-9_-]+)', block, re.MULTILINE):
        assert f"| {name} |" in page, f"docs/dependencies.md has no line for {name}"


def test_links_between_pages_lead_somewhere() -> None:
    for page in DOCS.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+\.(?:md|png|webp))\)", page.read_text("utf-8")):
            assert (page.parent / target).resolve().is_file(), f"{page.name} links to {target}"
