"""The migrations make the schema of the models, and can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from annotate.database.connection import Database
from annotate.database.migrate import downgrade, upgrade
from annotate.database.tables import APPEND_ONLY, Base
from partworks.errors import UsageError
from tests.annotate.database.scene import Scene, new_task, operation


def test_migrations_and_models_are_one_schema(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_down_and_up_again(database: Database) -> None:
    downgrade(database.engine, "base")
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    upgrade(database.engine)
    assert set(Base.metadata.tables) <= set(inspect(database.engine).get_table_names())


def test_running_them_again_changes_nothing(database_url: str) -> None:
    found = []
    for _ in range(2):
        database = Database.opened(database_url)
        inspector = inspect(database.engine)
        found.append({name: inspector.get_columns(name) for name in inspector.get_table_names()})
        database.close()
    assert set(Base.metadata.tables) <= set(found[0])
    assert str(found[0]) == str(found[1])


@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_is_only_added_to_cannot_be_changed(database: Database, table: str, verb: str) -> None:
    scene = Scene(database)
    scene.add(new_task("a", want=2))
    for name in ("ann", "bob"):
        claim = scene.got(scene.person(name))
        scene.work(scene.person(name), claim, operation())
        scene.submit(scene.person(name), claim)
    with database.read() as session:
        assert session.scalar(text(f"SELECT count(*) FROM {table}")) > 0
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.execute(text(verb.format(table)))


@pytest.mark.parametrize("url", ["", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "review.db"])
def test_other_databases_are_refused_with_what_is_expected(url: str) -> None:
    with pytest.raises(UsageError, match="expected sqlite:///FILE"):
        Database(url)


def test_sqlite_is_durable_and_checks_references(migrated_file: Path) -> None:
    database = Database(f"sqlite:///{migrated_file}")
    with database.read() as session:
        found = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    database.close()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 15_000,
    }


def test_a_failed_write_leaves_nothing(database: Database) -> None:
    scene = Scene(database)
    with pytest.raises(RuntimeError), database.write() as session:
        session.execute(text("INSERT INTO account VALUES (1, 'x', 'lead', '', true, 0)"))
        raise RuntimeError
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM account")) == 0
    assert scene.person("ann").account_id is not None
