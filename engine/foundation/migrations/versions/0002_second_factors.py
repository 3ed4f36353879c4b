"""second factors, and where a session was opened"""

import sqlalchemy as sa
from alembic import op

import engine.foundation.columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_factor",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("created_at", engine.foundation.columns.Moment(), nullable=False),
        sa.Column("confirmed_at", engine.foundation.columns.Moment(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("person", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "half_sign_in",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("expires_at", engine.foundation.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_half_sign_in")),
    )
    op.create_index(op.f("ix_half_sign_in_person"), "half_sign_in", ["person"], unique=False)
    op.add_column("session", sa.Column("way", sa.String(length=16), nullable=True))
    op.add_column("session", sa.Column("address", sa.String(length=64), nullable=True))
    op.add_column("session", sa.Column("agent", sa.String(length=200), nullable=True))


def downgrade() -> None:
    for column in ("agent", "address", "way"):
        op.drop_column("session", column)
    op.drop_index(op.f("ix_half_sign_in_person"), table_name="half_sign_in")
    op.drop_table("half_sign_in")
    op.drop_table("recovery_code")
    op.drop_table("second_factor")
