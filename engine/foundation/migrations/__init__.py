"""The tables of an installation, brought up to date step by step (Alembic); each step runs in one transaction."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from engine.foundation.database import Database, protect_history

FOLDER = Path(__file__).parent


def upgrade(url: str) -> None:
    """Create the tables or bring them to this version; harmless when they are. Raises Unavailable."""
    database = Database(url)
    try:
        with database.write() as tx:
            config = Config()
            config.set_main_option("script_location", str(FOLDER))
            config.attributes["connection"] = tx
            command.upgrade(config, "head")
            protect_history(tx)
    finally:
        database.dispose()
