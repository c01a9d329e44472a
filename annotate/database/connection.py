"""Opening the database: SQLite in a file by default, PostgreSQL by its URL, one way to use both."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from annotate.database.migrate import upgrade
from partworks.errors import UsageError

BUSY_MS = 15_000
POOL = 20
WRITES = "partworks_writes"


class Database:
    """The review database; safe to share between threads.

    Args:
        url: `sqlite:///path/to/review.db` or `postgresql://user@host/name`.

    Raises:
        UsageError: the URL is of neither kind.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        # PostgreSQL's default isolation sees each statement's own moment anyway, so that readers
        # lose nothing without BEGIN and ROLLBACK but two ways to the server and back.
        self._reader = (
            self.engine
            if self.is_sqlite
            else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        )
        self._turn = threading.Lock()

    @classmethod
    def opened(cls, url: str) -> Database:
        """The database with all migrations run."""
        database = cls(url)
        with database._in_turn():
            upgrade(database.engine)
        return database

    @contextmanager
    def read(self) -> Iterator[Session]:
        """For statements that change nothing; on SQLite all of them see one moment."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction, committed at the end and rolled back on an error."""
        engine = self.engine.execution_options(**{WRITES: True})
        with self._in_turn(), Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """SQLite lets one writer in and makes the others poll with growing sleeps; threads that
        wait for a lock instead are served at once. PostgreSQL has no need of it.
        """
        if not self.is_sqlite:
            yield
            return
        if not self._turn.acquire(timeout=BUSY_MS / 1000):
            raise TimeoutError("another thread writes for too long, or this one does so already")
        try:
            yield
        finally:
            self._turn.release()

    def close(self) -> None:
        """Let all connections go."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UsageError(f"the database URL cannot be read: {url!r}; {_EXPECTED}") from error
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(parsed, pool_size=POOL, max_overflow=POOL, pool_pre_ping=True)
    if backend != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise UsageError(f"{url!r} is no database for reviews; {_EXPECTED}")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        parsed,
        pool_size=POOL,
        max_overflow=POOL,
        connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False},
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


_EXPECTED = "expected sqlite:///FILE or postgresql://USER@HOST/NAME"


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """Durable commits, and transactions that are begun by `_begin_sqlite` alone."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """Writers ask for the write lock first: a reader that turns writer may be refused at once."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
