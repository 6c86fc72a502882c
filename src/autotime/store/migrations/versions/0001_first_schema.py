"""The first schema: evidence, decisions, entries, submissions, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("evidence", "decision", "entry", "entry_void", "audit")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("prev", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "seq"),
    )
    op.create_table(
        "audit_salt",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "seq"),
    )
    op.create_table(
        "batch",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "target", "number"),
    )
    op.create_table(
        "client",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "code",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "decision",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("undoes", sa.String(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "number"),
    )
    op.create_index("ix_decision_day", "decision", ["timekeeper", "day"], unique=False)
    op.create_table(
        "entry",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "id"),
    )
    op.create_index("ix_entry_day", "entry", ["timekeeper", "day"], unique=False)
    op.create_index("ix_entry_decision", "entry", ["timekeeper", "decision"], unique=False)
    op.create_table(
        "entry_void",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "entry"),
    )
    op.create_table(
        "evidence",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("captured_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "id", "revision"),
    )
    op.create_table(
        "evidence_current",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "id"),
    )
    op.create_index("ix_current_at", "evidence_current", ["timekeeper", "at"], unique=False)
    op.create_index(
        "ix_current_until",
        "evidence_current",
        ["timekeeper", "until"],
        unique=False,
        sqlite_where=sa.text("until > at"),
        postgresql_where=sa.text("until > at"),
    )
    op.create_table(
        "example",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "decision", "kind", "evidence"),
    )
    op.create_index("ix_example_decision", "example", ["timekeeper", "decision"], unique=False)
    op.create_table(
        "feature",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "evidence"),
    )
    op.create_table(
        "matter",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "meta",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "key"),
    )
    op.create_table(
        "quarantine",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "account", "source", "key"),
    )
    op.create_table(
        "ranking",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "evidence"),
    )
    op.create_table(
        "run",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "number"),
    )
    op.create_table(
        "submission",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("entry_revision", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("copy", sa.Boolean(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "id"),
    )
    op.create_index("ix_submission_state", "submission", ["timekeeper", "state"], unique=False)
    op.create_index(
        "ux_submission_live",
        "submission",
        ["timekeeper", "entry", "entry_revision"],
        unique=True,
        sqlite_where=sa.text("copy = false AND state NOT IN ('refused', 'cancelled')"),
        postgresql_where=sa.text("copy = false AND state NOT IN ('refused', 'cancelled')"),
    )
    op.create_index(
        "ux_submission_target", "submission", ["timekeeper", "entry", "entry_revision", "target"], unique=True
    )
    op.create_table(
        "suggestion",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "id"),
    )
    op.create_index("ix_suggestion_day", "suggestion", ["timekeeper", "day", "status"], unique=False)
    op.create_table(
        "sync_cursor",
        sa.Column("timekeeper", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("timekeeper", "account", "source"),
    )
    op.create_table(
        "timekeeper",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )

    for table in APPEND_ONLY:
        _never_changed(table)


def _never_changed(table: str) -> None:
    """What was recorded is never updated or deleted, not even by this program."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION autotime_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'append-only'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION autotime_append_only()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
        )
