"""Billing systems: their own ids, how far their books were read, and the time that stands there already."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "remote_key",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("remote", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("system", "kind", "key"),
    )
    op.create_table(
        "books_pull",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("things", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("system", "part"),
    )
    op.create_table(
        "billed",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("remote", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "target", "remote"),
    )
    op.create_index("ix_billed_day", "billed", ["timekeeper", "day"], unique=False)
