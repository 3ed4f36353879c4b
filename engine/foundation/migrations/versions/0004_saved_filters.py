"""the filters that people keep for themselves"""

import sqlalchemy as sa
from alembic import op

import engine.foundation.columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_filter",
        sa.Column("id", engine.foundation.columns.Identifier(), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=48), nullable=False),
        sa.Column("asked", engine.foundation.columns.Document(), nullable=False),
        sa.Column("created_at", engine.foundation.columns.Moment(), nullable=False),
        sa.Column("removed_at", engine.foundation.columns.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
    )
    op.create_index(op.f("ix_saved_filter_person"), "saved_filter", ["person"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_saved_filter_person"), table_name="saved_filter")
    op.drop_table("saved_filter")
