"""Copies of a store: whole, encrypted, believed only once they are proven; and migrations that make one first."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from autotime.domain.errors import AutotimeError, Misused, NeedsPerson
from autotime.domain.people import Principal
from autotime.domain.spans import Span
from autotime.store import Store, schema
from autotime.store.backup import backup, restore
from autotime.store.engine import SCHEMA
from autotime.store.indexes import DECLARED
from tests.billing.firm import entry

from .filled import fill
from .nouns import NOON, evidence
from .places import KEY, Place, a_file
from .test_encryption import path_of
from .test_transactions import everything

ALWAYS = Span(0, 2**40)
ADA = Principal("AOK", "AOK")


def copied(place: Place, name: str = "copy.db") -> Path:
    target = path_of(place).with_name(name)
    with place.open() as store:
        backup(store, place.url, target, KEY)
    return target


# -- backup ---------------------------------------------------------------------------------------


def test_a_backup_holds_every_row(file: Place) -> None:
    """And is a store by itself."""
    with file.open() as store:
        fill(store)
    copy = copied(file)
    assert everything(Place(f"sqlite:///{copy}", KEY)) == everything(file)


def test_a_backup_can_be_made_while_others_write(file: Place) -> None:
    """What is written meanwhile is in it whole or not at all."""
    going = threading.Event()

    def work() -> None:
        with file.open() as other:
            for number in range(200):
                if going.is_set():
                    return
                other.evidence.put([evidence(f"a{number}"), evidence(f"b{number}")], NOON)

    writer = threading.Thread(target=work)
    writer.start()
    copies = [copied(file, f"copy{number}.db") for number in range(3)]
    going.set()
    writer.join()
    for copy in copies:
        with Place(f"sqlite:///{copy}", KEY).open() as store:
            assert store.evidence.count() % 2 == 0
            assert store.evidence.count() == len(store.evidence.on(ALWAYS))


def test_a_backup_never_takes_the_place_of_a_file(file: Place) -> None:
    """Whatever it is."""
    path_of(file).with_name("copy.db").write_text("mine")
    with pytest.raises(Misused, match="already"):
        copied(file)
    assert path_of(file).with_name("copy.db").read_text() == "mine"


def test_a_backup_that_fails_leaves_nothing_half_written(file: Place) -> None:
    """A folder that is a file, say."""
    (path_of(file).parent / "taken").write_text("")
    with file.open() as store, pytest.raises(NeedsPerson, match="cannot be written"):
        backup(store, file.url, path_of(file).parent / "taken" / "copy.db", KEY)
    assert not list(path_of(file).parent.glob("**/*.part*"))


def test_a_servers_store_is_backed_up_by_its_own_tools(founded_database: Place) -> None:
    """Which are named."""
    place = founded_database
    with place.open() as store, pytest.raises(Misused) as refused:
        backup(store, place.url, Path("nowhere.db"), None)
    assert "pg_dump" in refused.value.hint
    with pytest.raises(Misused):
        restore(Path("nowhere.db"), place.url, KEY, ADA)


# -- restore --------------------------------------------------------------------------------------


def test_a_restored_store_is_what_was_backed_up(file: Place) -> None:
    """The store that was there is kept, with what came later."""
    with file.open() as store:
        fill(store)
    before = everything(file)
    copy = copied(file)
    with file.open() as store:
        store.entries.add(entry(3))
    after = everything(file)
    kept = restore(copy, file.url, KEY, ADA)
    assert kept
    assert everything(file) == before
    assert everything(Place(f"sqlite:///{kept}", KEY)) == after
    with file.open() as store:
        assert store.audit.verify().ok


def test_a_store_is_restored_where_there_is_none(file: Place, tmp_path: Path) -> None:
    """A new machine; nothing had to be kept."""
    copy = copied(file)
    elsewhere = a_file(tmp_path / "new")
    assert restore(copy, elsewhere.url, KEY, ADA) is None
    assert everything(elsewhere) == everything(file)


def test_what_the_old_store_had_not_yet_put_in_order_goes_with_it(file: Place) -> None:
    """Its log stays beside it under its name and is not taken for the new store's."""
    copy = copied(file)
    with file.open() as running:
        running.meta.set("note", "late")
        kept = restore(copy, file.url, KEY, ADA)
    assert kept
    with file.open() as store:
        assert store.meta.get("note") == ""
    with Place(f"sqlite:///{kept}", KEY).open() as store:
        assert store.meta.get("note") == "late"


def test_restoring_twice_keeps_both_stores(file: Place) -> None:
    """Under names of their own."""
    copy = copied(file)
    kept = {restore(copy, file.url, KEY, ADA) for _ in range(3)}
    assert len(kept) == 3
    assert all(one and one.exists() for one in kept)


def _not_a_store(copy: Path) -> None:
    copy.write_bytes(b"something else" * 1000)


def _damaged(copy: Path) -> None:
    whole = bytearray(copy.read_bytes())
    whole[len(whole) // 2] ^= 1
    copy.write_bytes(whole)


def _cut(copy: Path) -> None:
    copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])


def _empty(copy: Path) -> None:
    copy.write_bytes(b"")


def _missing(copy: Path) -> None:
    copy.unlink()


def _another_timekeepers(copy: Path) -> None:
    copy.unlink()
    elsewhere = Place(f"sqlite:///{copy}", KEY)
    with elsewhere.open("BLI", create=True) as store:
        fill(store)


def _another_keys(copy: Path) -> None:
    copy.unlink()
    Place(f"sqlite:///{copy}", bytes(32)).open(create=True).close()


def _tampered(copy: Path) -> None:
    engine = Place(f"sqlite:///{copy}", KEY).engine()
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER entry_no_delete"))
        connection.execute(text("DELETE FROM entry"))
    engine.dispose()


@pytest.mark.parametrize(
    "spoil",
    [_not_a_store, _damaged, _cut, _empty, _missing, _another_timekeepers, _another_keys, _tampered],
    ids=lambda spoil: spoil.__name__.strip("_"),
)
def test_a_backup_that_is_not_whole_replaces_nothing(file: Place, spoil: Callable[[Path], None]) -> None:
    """All checks are made before the store is touched, and on a copy of the backup."""
    with file.open() as store:
        fill(store)
    copy = copied(file)
    spoil(copy)
    before, backed_up = everything(file), copy.read_bytes() if copy.exists() else None
    with pytest.raises(AutotimeError) as refused:
        restore(copy, file.url, KEY, ADA)
    assert str(copy) in str(refused.value)
    assert refused.value.kept == "the store was not changed"
    assert everything(file) == before
    assert (copy.read_bytes() if copy.exists() else None) == backed_up
    assert sorted(path.name for path in path_of(file).parent.iterdir() if "restored" in path.name) == []


# -- migrations -----------------------------------------------------------------------------------

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{down}"


def upgrade() -> None:
    op.create_table("{table}", sa.Column("id", sa.Integer(), primary_key=True))
    {then}
"""


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes this program a newer one, whose schema has one table more; ``then`` is what else it does."""

    def release(then: str) -> None:
        migrations = tmp_path / "migrations"
        shutil.copytree(schema.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
        step = NEXT.format(revision="next", down=SCHEMA, table="one_more", then=then)
        (migrations / "versions" / "next.py").write_text(step, encoding="utf-8")
        monkeypatch.setattr(schema, "MIGRATIONS", migrations)
        monkeypatch.setattr("autotime.store.store.SCHEMA", "next")

    return release


def revision(place: Place) -> str:
    engine = place.engine()
    with engine.connect() as connection:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    engine.dispose()
    return str(found)


def test_a_newer_program_brings_a_store_up_to_date(own: Place, newer: Callable[[str], None]) -> None:
    """Every row is still there."""
    with own.open() as store:
        fill(store)
    before = everything(own)
    newer("pass")
    with own.open() as store:
        assert store.audit.verify().ok
    assert revision(own) == "next"
    assert everything(own) == before


def test_a_copy_is_made_before_a_migration(file: Place, newer: Callable[[str], None]) -> None:
    """Of the store as it was, encrypted with the same key; and again none when nothing changes."""
    with file.open() as store:
        fill(store)
    before, was = everything(file), revision(file)
    newer("pass")
    file.open().close()
    [made] = path_of(file).parent.glob("*.backup")
    assert made.name == f"AOK-before-{was}.backup"
    assert made.stat().st_mode & 0o777 == 0o600
    copy = Place(f"sqlite:///{made}", KEY)
    assert (revision(copy), everything(copy)) == (was, before)
    stamp = made.stat().st_mtime_ns
    file.open().close()
    assert made.stat().st_mtime_ns == stamp


def test_a_migration_that_fails_leaves_the_store_as_it_was(own: Place, newer: Callable[[str], None]) -> None:
    """Not half of it is done."""
    with own.open() as store:
        fill(store)
    before, was = everything(own), revision(own)
    newer("raise ZeroDivisionError")
    with pytest.raises(ZeroDivisionError):
        own.open()
    assert (revision(own), everything(own)) == (was, before)
    engine = own.engine()
    assert not engine.dialect.has_table(engine.connect(), "one_more")
    engine.dispose()


def test_a_backup_of_an_older_program_is_brought_up_to_date(file: Place, newer: Callable[[str], None]) -> None:
    """The backup itself stays as it was."""
    with file.open() as store:
        fill(store)
    before, was, copy = everything(file), revision(file), copied(file)
    newer("pass")
    restore(copy, file.url, KEY, ADA)
    assert revision(file) == "next"
    assert everything(file) == before
    assert revision(Place(f"sqlite:///{copy}", KEY)) == was


def test_the_migrations_make_the_tables_that_are_declared(place: Place) -> None:
    """No column or index more or less, on each database."""
    engine = place.engine()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, DECLARED)
    engine.dispose()
    assert differences == []


def test_the_newest_migration_is_the_schema_of_this_program(place: Place) -> None:
    """Or every start would load Alembic."""
    assert revision(place) == SCHEMA


def test_two_programs_may_found_a_store_at_once(nowhere: Place) -> None:
    """One makes it, the other finds it."""
    trouble: list[BaseException] = []

    def found() -> None:
        try:
            with nowhere.open(create=True) as store:
                store.meta.set("note", "there")
        except BaseException as failed:  # noqa: BLE001 - told to the test
            trouble.append(failed)

    programs = [threading.Thread(target=found) for _ in range(3)]
    for program in programs:
        program.start()
    for program in programs:
        program.join()
    assert trouble == []
    with nowhere.open() as store:
        assert isinstance(store, Store)
        assert store.meta.get("note") == "there"
