"""that a request counts once is asked under the lock of its case; the index over its key is no longer needed"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INDEX = "ix_event_shard_key_case_id_key"


def upgrade() -> None:
    op.drop_index(op.f(INDEX), table_name="event")


def downgrade() -> None:
    given = sa.text("key IS NOT NULL")
    op.create_index(
        op.f(INDEX),
        "event",
        ["shard_key", "case_id", "key"],
        unique=True,
        sqlite_where=given,
        postgresql_where=given,
    )
