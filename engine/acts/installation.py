"""What one installation keeps for itself: its signing key, and whether it is well."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.foundation.database import Database
from engine.foundation.models import Setting

KEY = "signing_key"


def signing_key(database: Database) -> str:
    """The key that signs form tokens: made once, then the same for every process and start."""
    with database.write() as tx:
        upsert = postgresql.insert(Setting) if database.dialect == "postgresql" else sqlite.insert(Setting)
        made = {"key": secrets.token_hex(32)}
        tx.execute(upsert.values(name=KEY, value=made).on_conflict_do_nothing(index_elements=["name"]))
        return str(_stored(tx)["key"])


def is_well(database: Database) -> bool:
    """Whether the database answers. Raises Unavailable when it does not."""
    with database.read() as tx:
        tx.execute(select(Setting.name).limit(1)).first()
    return True


def _stored(tx: Connection) -> dict[str, object]:
    return dict(tx.execute(select(Setting.value).where(Setting.name == KEY)).scalar_one())
