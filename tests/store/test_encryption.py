"""A store in a file: unreadable without its key, and never opened as something it is not."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from autotime.domain.errors import AutotimeError, Misused, NeedsPerson, NewerSchema, NotSetUp, WrongKey
from autotime.domain.evidence import Quarantined, SyncCursor
from autotime.domain.spans import Span
from autotime.domain.untrusted import Untrusted
from autotime.store import Store
from autotime.store.backup import backup
from autotime.store.evidence import EVIDENCE
from tests.billing.firm import approve, entry

from .nouns import DAY, NOON, decision, evidence, suggestion
from .places import KEY, Place, a_file

CANARY = "Zanzibar settlement"
ALWAYS = Span(0, 2**40)
posix = pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")


def path_of(place: Place) -> Path:
    return Path(place.url.removeprefix("sqlite:///"))


def whisper(store: Store) -> None:
    """The canary in every text a store keeps."""
    store.evidence.put([evidence(CANARY, subject=Untrusted(CANARY), body=Untrusted(CANARY * 500))], NOON)
    store.cursors.set(CANARY, CANARY, SyncCursor(CANARY), NOON, 1)
    store.quarantine.add(CANARY, CANARY, [Quarantined(CANARY, CANARY)], NOON)
    store.suggestions.replace_day(DAY, [suggestion(narrative=CANARY)])
    store.decisions.append(decision(1, shown=(suggestion(narrative=CANARY),)), DAY)
    approve(store, entry(1, narrative=CANARY))
    store.meta.set("note", CANARY)


def everywhere(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def spoken(folder: Path) -> list[str]:
    """The files that say the canary, in the encodings a disk may hold."""
    words = [CANARY.encode("utf-8"), CANARY.encode("utf-16-le"), CANARY.encode().hex().encode()]
    return [name for name, data in everywhere(folder).items() if any(word in data for word in words)]


# -- encrypted ------------------------------------------------------------------------------------


def test_no_word_of_the_store_stands_on_the_disk(file: Place) -> None:
    """Neither in the file, nor in what is written beside it while it is open, nor in a backup."""
    folder = path_of(file).parent
    with file.open() as store:
        whisper(store)
        assert {"AOK.db", "AOK.db-wal"} <= everywhere(folder).keys()
        assert spoken(folder) == []
        backup(store, file.url, folder / "copy.db", KEY)
        store.evidence.put([evidence(CANARY, subject=Untrusted(CANARY + "!"))], NOON)
        with store.transaction():
            whisper_again = evidence("big", body=Untrusted(CANARY * 200_000))
            store.evidence.put([whisper_again], NOON)
            assert spoken(folder) == []
    assert spoken(folder) == []
    assert {"AOK.db", "copy.db"} <= everywhere(folder).keys()


def test_the_canary_would_be_heard(tmp_path: Path) -> None:
    """The search above finds a word where one is written."""
    (tmp_path / "plain").write_text(f"re: {CANARY}", encoding="utf-8")
    assert spoken(tmp_path) == ["plain"]


def test_the_key_stands_nowhere_in_the_store(file: Place) -> None:
    """Nor written as hexadecimal."""
    with file.open() as store:
        whisper(store)
        found = [
            name for name, data in everywhere(path_of(file).parent).items() if KEY in data or KEY.hex().encode() in data
        ]
    assert found == []


def test_a_file_has_nothing_that_tells_what_it_is(file: Place) -> None:
    """Not even the name of the format."""
    assert not path_of(file).read_bytes().startswith(b"SQLite format 3")


@posix
def test_every_file_is_its_owners_only(nowhere_file: Place) -> None:
    """From the first moment, whatever the mask of the process."""
    before = os.umask(0)
    try:
        with nowhere_file.open(create=True) as store:
            whisper(store)
            backup(store, nowhere_file.url, path_of(nowhere_file).with_name("copy.db"), KEY)
            modes = {path.name: path.stat().st_mode & 0o777 for path in path_of(nowhere_file).parent.iterdir()}
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600}, modes
    assert path_of(nowhere_file).parent.stat().st_mode & 0o777 == 0o700


@posix
def test_a_file_that_others_could_read_is_closed_to_them(file: Place) -> None:
    """When it is next opened."""
    path_of(file).chmod(0o644)
    file.open().close()
    assert path_of(file).stat().st_mode & 0o777 == 0o600


@pytest.fixture
def nowhere_file(tmp_path: Path) -> Place:
    return a_file(tmp_path)


# -- refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [bytes(32), bytes(range(1, 33))], ids=["zeros", "other"])
def test_a_wrong_key_is_refused_and_changes_nothing(file: Place, key: bytes) -> None:
    """With the command that helps."""
    before = path_of(file).read_bytes()
    with pytest.raises(WrongKey, match="the key does not open") as refused:
        Place(file.url, key).open()
    assert "autotime key recover" in refused.value.hint
    assert path_of(file).read_bytes() == before


def test_a_store_is_never_opened_without_a_key(nowhere_file: Place) -> None:
    """Nor made: there is no plain store by mistake."""
    with pytest.raises(WrongKey):
        Place(nowhere_file.url, None).open(create=True)
    assert not path_of(nowhere_file).exists()


def test_where_there_is_no_store_the_next_command_is_named(nowhere: Place) -> None:
    """And no empty one is made in its place."""
    for _ in range(2):
        with pytest.raises(NotSetUp) as missing:
            nowhere.open()
        assert "autotime init" in missing.value.hint
        assert missing.value.kept
    if nowhere.key:
        assert not path_of(nowhere).exists()


def test_an_empty_file_is_no_store(file: Place) -> None:
    """A disk that lost its content is not taken for a new beginning."""
    path_of(file).write_bytes(b"")
    with pytest.raises(NotSetUp, match="is empty") as missing:
        file.open()
    assert "autotime restore" in missing.value.hint
    assert path_of(file).stat().st_size == 0


def test_a_store_of_a_newer_program_is_refused_and_not_touched(own: Place) -> None:
    """With the advice to upgrade."""
    engine = own.engine()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for create in (False, True):
        with pytest.raises(NewerSchema, match="newer autotime") as refused:
            own.open(create=create)
        assert "upgrade" in refused.value.hint
    engine = own.engine()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["", "sqlite://", "sqlite:///", "sqlite+pysqlite:///x.db", "mysql://u@h/d", "stores/AOK.db", "postgresql"]
)
def test_what_is_no_store_is_refused(url: str) -> None:
    """Another way to say SQLite would open a file without encryption."""
    with pytest.raises(Misused) as refused:
        Place(url, KEY).open(create=True)
    assert "sqlite:///PATH" in refused.value.hint


def test_a_server_nobody_runs_is_told_without_its_password() -> None:
    """With what to check."""
    with pytest.raises(NeedsPerson, match="does not let us in") as refused:
        Place("postgresql://ada:hunter2@127.0.0.1:1/none?connect_timeout=2", None).open()
    assert "hunter2" not in f"{refused.value} {refused.value.hint} {refused.value.__context__}"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """With what to check."""
    (tmp_path / "stores").write_text("a file, not a folder")
    with pytest.raises(NeedsPerson, match="cannot be reached") as refused:
        a_file(tmp_path).open(create=True)
    assert "owner and mode" in refused.value.hint


# -- damaged --------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [40, pytest.param(1000, marks=pytest.mark.storm)])
def test_any_flipped_bit_is_noticed_or_harmless(file: Place, bits: int) -> None:
    """Single bits anywhere: the store refuses, or says exactly what it said before; it never lies."""
    with file.open() as store:
        whisper(store)
        told = store.evidence.on(ALWAYS), store.entries.between(DAY, DAY), store.decisions.on(DAY)
    whole = path_of(file).read_bytes()
    chance = random.Random(7)
    hints = list[str]()
    for _ in range(bits):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path_of(file).write_bytes(damaged)
        try:
            with file.open() as store:
                assert (store.evidence.on(ALWAYS), store.entries.between(DAY, DAY), store.decisions.on(DAY)) == told
        except AutotimeError as noticed:
            hints.append(noticed.hint)
    assert hints
    assert all("restore" in hint for hint in hints)


# -- a disk that does not take it ------------------------------------------------------------------


def test_a_full_disk_is_told_and_nothing_is_half_written(file: Place) -> None:
    """Once there is room, the same step succeeds."""
    with file.open() as store:
        whisper(store)
        before = store.evidence.count(), store.audit.head()
        limited(store, "PRAGMA max_page_count = 1")
        with pytest.raises(NeedsPerson, match="the disk is full") as refused:
            store.evidence.put([evidence("big", body=Untrusted(CANARY * 100_000))], NOON)
        assert "free some space" in refused.value.hint
        assert (store.evidence.count(), store.audit.head()) == before
        limited(store, "PRAGMA max_page_count = 1000000")
        store.evidence.put([evidence("big", body=Untrusted(CANARY * 100_000))], NOON)


def test_a_store_that_cannot_be_written_says_so(place: Place) -> None:
    """And can be read."""
    switch = "PRAGMA query_only = ON" if place.key else "SET default_transaction_read_only = on"
    with place.open() as store:
        store.meta.set("note", "before")
        limited(store, switch)
        with pytest.raises(NeedsPerson, match="read-only") as refused:
            store.meta.set("note", "after")
        assert refused.value.kept
        assert store.meta.get("note") == "before"


def limited(store: Store, statement: str) -> None:
    with store.reading() as connection:
        connection.exec_driver_sql(statement)


# -- nothing privileged in an error ----------------------------------------------------------------


def _twice(store: Store) -> None:
    store.decisions.append(decision(1, reason=CANARY), DAY)


def _changed(store: Store) -> None:
    store.evidence.write(EVIDENCE.update().values(data=CANARY))


def _malformed(store: Store) -> None:
    store.evidence.write(EVIDENCE.insert(), [{"id": CANARY, "revision": None, "captured_at": 0, "data": CANARY}])


@pytest.mark.parametrize("act", [_twice, _changed, _malformed])
def test_an_error_never_shows_what_a_row_holds(store: Store, act: Callable[[Store], None]) -> None:
    """It says its kind, what was kept, and nothing of mail; not even as its cause."""
    whisper(store)
    with pytest.raises(NeedsPerson) as refused:
        act(store)
    shown = f"{refused.value} {refused.value.hint} {refused.value.kept} {refused.value.__cause__}"
    assert CANARY not in shown
    assert refused.value.kept
    assert refused.value.__suppress_context__


def test_the_error_of_the_database_itself_hides_its_parameters(place: Place) -> None:
    """For those who ask the engine and not the store."""
    engine = place.engine()
    with engine.begin() as connection, pytest.raises(Exception) as refused:  # noqa: PT011 - any driver's
        connection.execute(text("INSERT INTO nowhere (a) VALUES (:a)"), {"a": CANARY})
    assert CANARY not in str(refused.value)
    engine.dispose()


def test_what_is_written_once_is_on_the_disk(file: Place) -> None:
    """A commit is synced, and erased text is overwritten."""
    engine = file.engine()
    with engine.connect() as connection:
        told = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("synchronous", "secure_delete", "journal_mode")
        }
    engine.dispose()
    assert told == {"synchronous": 2, "secure_delete": 1, "journal_mode": "wal"}
