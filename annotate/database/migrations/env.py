"""What Alembic runs to connect; the connection is handed in by `annotate.database.migrate`."""

from __future__ import annotations

from alembic import context

from annotate.database.tables import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
context.run_migrations()
