"""A private PostgreSQL server on a free loopback port, in a temporary folder, ended by its id."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

USER = "reviewer"


@contextmanager
def server() -> Iterator[str]:
    """The URL of a fresh server, without a database's name; skips where there are no binaries."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("needs PostgreSQL's initdb and postgres (Debian: postgresql)")
    with tempfile.TemporaryDirectory(prefix="partworks-postgres-") as folder, socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
        s.close()
        data = Path(folder) / "data"
        unprivileged = _unprivileged(Path(folder))
        initdb = [binaries / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "-N"]
        subprocess.run(
            [*unprivileged, *map(str, initdb)], check=True, capture_output=True, cwd=folder
        )
        options = ["-p", str(port), "-h", "127.0.0.1", "-k", folder, "-c", "max_connections=200"]
        # fsync stays on: what is measured here should hold where it matters.
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(
                [*unprivileged, str(binaries / "postgres"), "-D", str(data), *options],
                stdout=log,
                stderr=log,
                cwd=folder,
            )
        try:
            _wait(port, process)
            yield f"postgresql://{USER}@127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)  # fast shutdown: open sessions are ended
            process.wait(30)


@contextmanager
def fresh_database(url: str, name: str, *, template: str = "template1") -> Iterator[str]:
    """A database of that name on the server, dropped at the end."""
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield f"{url}/{name}"
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def available() -> bool:
    """Whether the programs of a server are there."""
    return _binaries() is not None


def _binaries() -> Path | None:
    """Debian keeps the server's programs off the PATH."""
    found = shutil.which("initdb")
    known = [Path(found).resolve().parent] if found else []
    known += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((p for p in known if (p / "initdb").exists() and (p / "postgres").exists()), None)


def _unprivileged(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root; another user then owns the folder and the process."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "nobody")
    # Should the tests be killed, their server goes too.
    dies = "--pdeathsig=INT"
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", dies, "--"]


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "PostgreSQL did not start"
        try:
            psycopg.connect(f"postgresql://{USER}@127.0.0.1:{port}/postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("PostgreSQL did not answer within ten seconds")
