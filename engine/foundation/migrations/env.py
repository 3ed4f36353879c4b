"""Alembic's entry point: the caller hands over an open connection with its transaction."""

from alembic import context

from engine.foundation.models import Model

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Model.metadata, render_as_batch=connection.dialect.name == "sqlite"
)
context.run_migrations()
