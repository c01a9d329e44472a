"""One object of a GitHub repository, through `objaverse.xl`, in a process of its own.

The package clones the repository, finds the commit and the large files, and calls back for the
object. It also loses what git says, ends with all its workers at one broken link, and waits for
ever; so each object is a call of its own, with a deadline, and git's words are taken from its
trace.
"""

from __future__ import annotations

import functools
import json
import os
import random
import re
import resource
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from ingest.fetch.clock import Clock
from ingest.fetch.config import FetchConfig
from ingest.fetch.hosts import slot
from ingest.fetch.persist import persist
from ingest.fetch.trouble import Trouble
from ingest.sources.bundle import pack
from ingest.sources.references import side_files
from partworks.errors import Failed
from partworks.isolation import Child, Limits, Report
from partworks.records import SourceRecord

PACKED = frozenset(("gltf", "obj"))
"""Formats that come with side files, and so as a zip with them."""
_LIMITS = Limits(memory_mb=2048)
_VERDICT = "verdict.json"
_TRACE = "git-trace"
_ABSENT = re.compile(
    r"not found|does not exist|could not read Username|Authentication failed|access denied"
    r"|remote ref|not our ref", re.IGNORECASE
)  # fmt: skip
_AWAY = re.compile(
    r"resolve host|connect to|timed out|Connection|early EOF|hung up|SSL|429|50[0-9]", re.IGNORECASE
)

Order = tuple[str, str, str, int]
"""What the child is asked: file identifier, SHA-256, working folder, largest file in bytes."""


def fetch(record: SourceRecord, config: FetchConfig, *, most: int) -> bytes:
    """The file, or a zip of it with its side files.

    Raises:
        Failed: with a reason of `ingest.fetch.trouble.REASONS`; the message ends with git's words.
        Rejected: `fetch_too_large`.
    """

    def attempt(clock: Clock, generator: random.Random) -> bytes:
        host = "https://github.com"
        with (
            slot(host, per_host=config.per_host, clock=clock, generator=generator),
            tempfile.TemporaryDirectory(prefix="partworks-repository-") as folder,
        ):
            order = (record.location, record.metadata["sha256"], folder, most)
            child = Child("ingest.sources.repository:open_clone", (), limits=_LIMITS)
            try:
                report = child.call(order, deadline_s=max(clock.remaining, 1.0))
            finally:
                child.close()
            return _judge(Path(folder), report, most=most)

    return persist(record.location, attempt, config=config, seed=record.uid)


def open_clone() -> Callable[[Order], None]:
    """The child's side: the handler clones, and leaves a verdict in the working folder."""
    from importlib import import_module

    downloader: Any = import_module("objaverse.xl.github").GitHubDownloader
    pandas: Any = import_module("pandas")

    def clone(order: Order) -> None:
        identifier, sha256, folder, most = order
        _confine(folder, most)
        downloader.download_objects(
            pandas.DataFrame([{"fileIdentifier": identifier, "sha256": sha256}]),
            download_dir=str(Path(folder) / "objaverse"),
            processes=1,
            handle_found_object=functools.partial(_found, folder),
            handle_modified_object=functools.partial(_modified, folder),
            handle_missing_object=functools.partial(_missing, folder),
        )

    return clone


def _confine(folder: str, most: int) -> None:
    """Everything into the working folder, which is removed however this ends; no questions."""
    os.environ |= {
        "TMPDIR": folder,
        "GIT_TRACE2": str(Path(folder) / _TRACE),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": os.environ.get("GIT_ALLOW_PROTOCOL", "https:http"),
    }
    tempfile.tempdir = folder
    largest = min(8 * most, 1 << 40)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))


def _found(folder: str, local_path: str, **_: object) -> None:
    """The package's callback: keep the object before the clone is removed."""
    main = Path(local_path).resolve()
    root = main
    while root.parent != root and not (root / ".git").exists():
        root = root.parent
    if not main.is_relative_to(Path(folder).resolve()):
        return _settle(folder, "unsafe")
    data = main.read_bytes()
    if main.suffix[1:].lower() in PACKED:
        sides = side_files(main, root)
        data = pack({main.name: data, **{name: path.read_bytes() for name, path in sides.items()}})
    (Path(folder) / "object").write_bytes(data)
    return _settle(folder, "found")


def _modified(folder: str, new_sha256: str, **_: object) -> None:
    _settle(folder, "modified", sha256=new_sha256)


def _missing(folder: str, **_: object) -> None:
    _settle(folder, "missing")


def _settle(
    folder: str, kind: Literal["found", "modified", "missing", "unsafe"], **facts: str
) -> None:
    verdict = json.dumps({"kind": kind, **facts})
    (Path(folder) / _VERDICT).write_text(verdict, encoding="utf-8")


def _judge(folder: Path, report: Report, *, most: int) -> bytes:
    """The bytes, or the trouble that the child's report, its verdict and git's trace tell of."""
    verdict = _verdict(folder)
    said = _git_words(folder)
    tail = f"; git says: {said}" if said else ""
    match verdict.get("kind"):
        case "found":
            return _read(folder / "object", most)
        case "modified":
            raise Trouble(
                "fetch_wrong_hash",
                f"the file in the repository has SHA-256 {verdict['sha256']}, not the one listed",
                again=False,
            )
        case "unsafe":
            raise Trouble("fetch_refused", "the file is a link out of the repository", again=False)
        case "missing" if not _AWAY.search(said) or _ABSENT.search(said):
            raise Trouble("fetch_not_found", f"the repository has no such file{tail}", again=False)
        case "missing":
            raise Trouble("fetch_unreachable", f"the repository cannot be cloned{tail}")
    if report.kind == "deadline":
        raise Trouble("fetch_timeout", f"cloning was {report.message}{tail}")
    why = f"{report.kind}: {report.message}" if report.message else "no callback was called"
    raise Failed("fetch_failed", f"objaverse.xl gave up, {why}{tail}", stderr=report.stderr)


def _verdict(folder: Path) -> Mapping[str, str]:
    try:
        found: Mapping[str, str] = json.loads((folder / _VERDICT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _git_words(folder: Path) -> str:
    """The last errors of git's trace, whose lines are `time file:line error words`."""
    try:
        text = (folder / _TRACE).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    words = [found[1] for found in re.finditer(r"(?m)^\S+ \S+ +error (.+)$", text)]
    return "; ".join(dict.fromkeys(word.strip()[:300] for word in words[-4:]))


def _read(path: Path, most: int) -> bytes:
    size = path.stat().st_size
    if size > most:
        raise Trouble("fetch_too_large", f"{size} bytes, the limit is {most}", again=False)
    return path.read_bytes()
