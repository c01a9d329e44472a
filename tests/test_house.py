"""The rules of the house that a machine can check."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
STAGES = ("ingest", "segment", "annotate", "render", "caption", "shards")
PACKAGES = ("partworks", *STAGES, "train")
# Module -> top-level packages that it may import although its package may not.
ALLOWED = {"train": {"shards.reader"}}


def modules(package: str) -> list[Path]:
    return sorted((TOP / package).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Every absolute import of a module, wherever it stands in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_the_right_way(package: str) -> None:
    foreign = {*STAGES, "train"} - {package}
    for path in modules(package):
        for name in imports(path):
            head = name.split(".")[0]
            allowed = any(
                name == module or name.startswith(f"{module}.") or module.startswith(f"{name}")
                for module in ALLOWED.get(package, ())
            )
            assert head not in foreign or allowed, f"{path.relative_to(TOP)} imports {name}"


def test_the_shard_reader_stands_alone() -> None:
    for path in modules("shards/reader"):
        for name in imports(path):
            own = name == "shards.reader" or name.startswith("shards.reader.")
            assert own or name.split(".")[0] not in PACKAGES, f"{path.name} imports {name}"


def test_blenders_server_needs_nothing_that_blender_lacks() -> None:
    """Blender's interpreter has its own version and packages, and none of ours."""
    server = TOP / "render" / "blender" / "server"
    known = sys.stdlib_module_names | {"numpy", "bpy", "mathutils"}
    assert len(modules("render/blender/server")) > 5
    for path in modules("render/blender/server"):
        for name in imports(path):
            ours = name == "render.blender.server" or name.startswith("render.blender.server.")
            assert ours or name.split(".")[0] in known, f"{path.relative_to(TOP)} imports {name}"
    for package in (server.parent, server.parent.parent):
        assert not imports(package / "__init__.py"), f"{package.name}/__init__.py imports"


def test_blender_is_imported_in_its_own_processes_alone() -> None:
    importing = TOP / "ingest" / "blender" / "session.py"
    for package in PACKAGES:
        for path in modules(package):
            if {"bpy", "mathutils"} & imports(path):
                server = path.is_relative_to(TOP / "render" / "blender" / "server")
                assert server or path == importing, path


@pytest.mark.parametrize("package", PACKAGES)
def test_files_hold_one_idea(package: str) -> None:
    for path in modules(package):
        lines = path.read_text(encoding="utf-8").count("\n")
        assert lines <= 400, f"{path.relative_to(TOP)} has {lines} lines"


@pytest.mark.parametrize("package", PACKAGES)
def test_functions_are_short(package: str) -> None:
    for path in modules(package):
        if path.parent.name == "versions":
            continue  # a migration is a list of tables, and is never changed
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                where = f"{path.relative_to(TOP)}:{node.lineno} {node.name}"
                assert length <= 60, f"{where} has {length} lines"


def test_the_lock_names_versions_and_nothing_else() -> None:
    lines = (TOP / "requirements.lock").read_text().splitlines()
    assert len(lines) > 50
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z0-9,-]+\])?==[A-Za-z0-9.+!]+", line), line


def test_no_machine_is_named() -> None:
    """No path of a machine and no address of a package registry in what is committed."""
    pattern = re.compile(
        r"(?<![\w.])/(?:home|Users|work|root)/\w|//[^/ ]*(?:pypi|pythonhosted|npmjs)\.(?:org|com)"
    )
    for folder in (*PACKAGES, "tests", "docs", "benchmarks", "configs", "deploy", ".ci"):
        for path in (TOP / folder).rglob("*"):
            if {"node_modules", "static"} & set(path.parts):
                continue  # installed and built, never committed
            if (
                path.suffix in (".py", ".md", ".yaml", ".yml", ".toml", ".html")
                or path.name == "run"
            ):
                if path == Path(__file__).resolve():
                    continue
                found = pattern.search(path.read_text(encoding="utf-8"))
                assert found is None, f"{path.relative_to(TOP)}: {found}"
