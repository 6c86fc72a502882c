"""Bringing a store's schema up to date. Only here is Alembic loaded."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from autotime.store.engine import file_of, refuse_newer

MIGRATIONS = Path(__file__).parent / "migrations"


def bring_up_to_date(engine: Engine, url: str, key: bytes | None, schema: str) -> None:
    """Upgrades to the newest revision in one transaction; an existing file is copied first, to
    ``NAME-before-REVISION.backup`` beside it. ``NewerSchema`` if the store is ahead."""
    config = _config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    refuse_newer(schema, known)
    path = file_of(url)
    if schema and path is not None and key is not None:
        from autotime.store.backup import copy_to  # noqa: PLC0415 - backup opens stores, which come here

        copy_to(engine, path.with_name(f"{path.stem}-before-{schema}.backup"), key)
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":  # two programs may start on a new database at once
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('autotime schema'))"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
