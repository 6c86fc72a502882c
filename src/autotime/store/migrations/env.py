"""Alembic's entry: migrations run on the connection they are given."""

from alembic import context

from autotime.store.indexes import DECLARED

context.configure(connection=context.config.attributes["connection"], target_metadata=DECLARED)
with context.begin_transaction():
    context.run_migrations()
