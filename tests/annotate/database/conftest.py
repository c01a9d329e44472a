"""Fixtures of these tests."""

from tests.annotate.database.fixtures import (  # noqa: F401
    database,
    database_url,
    migrated_file,
    postgres_url,
)
