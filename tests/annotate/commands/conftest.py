"""Fixtures of these tests."""

from tests.annotate.database.fixtures import migrated_file  # noqa: F401
