"""Alembic's entry: migrations run on the connection they are given."""

from alembic import context
from sqlmodel import SQLModel

from autotime.store import tables  # noqa: F401 - fills the metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata)
with context.begin_transaction():
    context.run_migrations()
