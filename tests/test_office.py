"""Opening up: settings, key and store together; setting up, and getting back in."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from autotime import office as offices
from autotime.domain.doors import Connection
from autotime.domain.errors import AlreadyRunning, AutotimeError, Misused, NeedsPerson, NotSetUp, WrongKey
from autotime.domain.people import Timekeeper
from autotime.office import Office, found_office, open_office, put_back, recover_key
from autotime.operations.lock import one_run
from autotime.settings import Settings, SourceSettings, load
from autotime.store import Store
from tests.billing.firm import entry

NOW = 1_772_000_000
BOTH: list[dict[str, Any]] = [
    {"id": "AOK", "last": "Okafor", "emails": ["ada@firm.example"]},
    {"id": "BLI", "last": "Lindqvist"},
]


def data(home: Path, people: int = 1) -> dict[str, Any]:
    return {"timekeepers": BOTH[:people], "store": {"key": "file", "key_file": str(home / "{timekeeper}.key")}}


def text(home: Path, people: int = 1) -> str:
    named = "".join(f'[[timekeepers]]\nid = "{p["id"]}"\nlast = "{p["last"]}"\n' for p in BOTH[:people])
    return f'{named}[store]\nkey = "file"\nkey_file = "{home}/{{timekeeper}}.key"\n'


def founded(home: Path) -> tuple[Settings, str]:
    """An office that was set up and closed again, and its recovery key."""
    made, recovery = found_office(home / "config.toml", data(home), text(home), "AOK", NOW, home)
    made.store.close()
    return load(home / "config.toml", home), recovery


def entries(settings: Settings) -> list[str]:
    here = open_office(settings, "", NOW)
    with here.store:
        return [one.id for one in here.store.entries.between(date(2026, 3, 1), date(2026, 3, 31))]


# -- setting up -----------------------------------------------------------------------------------


def test_setting_up_makes_settings_key_and_store(tmp_path: Path) -> None:
    """Each for its owner only, and the timekeeper stands in the books."""
    settings, recovery = founded(tmp_path)
    assert len(recovery.split("-")) == 8
    made = [tmp_path / name for name in ("config.toml", "AOK.key", "stores/AOK.db")]
    assert all(path.exists() for path in made)
    if os.name == "posix":
        assert {path.stat().st_mode & 0o777 for path in made} == {0o600}
    here = open_office(settings, "AOK", NOW)
    with here.store:
        assert here.store.books.timekeepers()["AOK"].emails == ("ada@firm.example",)
        assert here.lock == tmp_path / "locks" / "AOK.lock"


def test_setting_up_twice_changes_nothing(tmp_path: Path) -> None:
    """The settings that are there may have been edited."""
    founded(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(NeedsPerson, match="already"):
        founded(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_an_attempt_that_failed_half_way_can_be_made_again(tmp_path: Path) -> None:
    """The settings are written last; the key that is there opens the store that is there."""
    _, first = founded(tmp_path)
    (tmp_path / "config.toml").unlink()
    _, second = founded(tmp_path)
    assert second == first


def test_wrong_answers_make_nothing(tmp_path: Path) -> None:
    """Neither key nor store."""
    wrong = data(tmp_path) | {"timekeepers": [{"id": "AOK", "last": "Okafor", "zone": "Chicago"}]}
    with pytest.raises(Misused, match="Chicago"):
        found_office(tmp_path / "config.toml", wrong, "", "AOK", NOW, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_each_timekeeper_has_a_store_and_a_key_of_their_own(tmp_path: Path) -> None:
    """One does not open the other's."""
    founded(tmp_path)
    (tmp_path / "config.toml").write_text(text(tmp_path, 2))
    settings = load(tmp_path / "config.toml", tmp_path)
    with pytest.raises(NotSetUp):
        open_office(settings, "BLI", NOW)
    (tmp_path / "BLI.key").write_text("00" * 32)
    (tmp_path / "BLI.key").chmod(0o600)
    (tmp_path / "stores" / "BLI.db").write_bytes((tmp_path / "stores" / "AOK.db").read_bytes())
    with pytest.raises(WrongKey):
        open_office(settings, "BLI", NOW)


# -- getting back in ------------------------------------------------------------------------------


@pytest.mark.parametrize("spoil", ["", "no key", "00" * 32, None], ids=["empty", "damaged", "another", "missing"])
def test_the_recovery_key_opens_whatever_became_of_the_key(tmp_path: Path, spoil: str | None) -> None:
    """What stood in its place is kept beside it."""
    settings, recovery = founded(tmp_path)
    key = tmp_path / "AOK.key"
    whole = key.read_text()
    key.unlink() if spoil is None else key.write_text(spoil)
    with pytest.raises(AutotimeError) as locked:
        open_office(settings, "", NOW)
    assert "key recover" in locked.value.hint
    recover_key(settings, "", recovery)
    assert key.read_text() == whole
    assert spoil is None or (tmp_path / "AOK.key.replaced").read_text() == spoil
    assert entries(settings) == []


def test_a_key_that_is_right_is_left_alone(tmp_path: Path) -> None:
    """Recovering it changes nothing."""
    settings, recovery = founded(tmp_path)
    before = (tmp_path / "AOK.key").stat().st_mtime_ns
    recover_key(settings, "AOK", recovery)
    assert (tmp_path / "AOK.key").stat().st_mtime_ns == before
    assert not (tmp_path / "AOK.key.replaced").exists()


def test_another_stores_recovery_key_keeps_nothing(tmp_path: Path) -> None:
    """It is proven before it is kept."""
    settings, _ = founded(tmp_path / "one")
    _, other = founded(tmp_path / "other")
    before = (tmp_path / "one" / "AOK.key").read_text()
    with pytest.raises(WrongKey):
        recover_key(settings, "AOK", other)
    assert (tmp_path / "one" / "AOK.key").read_text() == before


def test_a_servers_store_has_no_key_to_recover(tmp_path: Path) -> None:
    """Whatever was typed is not taken for one."""
    settings, recovery = founded(tmp_path)
    firm = settings.model_copy(update={"store": settings.store.model_copy(update={"url": "postgresql://db.example/a"})})
    with pytest.raises(Misused, match="no key"):
        recover_key(firm, "AOK", recovery)


def test_a_backup_comes_back_on_a_new_machine(tmp_path: Path) -> None:
    """With the recovery key, which is kept once the copy opens with it."""
    settings, recovery = founded(tmp_path)
    here = open_office(settings, "", NOW)
    with here.store:
        here.store.entries.add(entry(1))
        offices.back_up(here, tmp_path / "copy.db")
    (tmp_path / "AOK.key").unlink()
    (tmp_path / "stores" / "AOK.db").unlink()
    assert not offices.has_key(settings, "AOK")
    with pytest.raises(Misused):
        put_back(settings, "", tmp_path / "nowhere.db", NOW, recovery)
    assert not offices.has_key(settings, "AOK")
    assert put_back(settings, "", tmp_path / "copy.db", NOW, recovery) is None
    assert entries(settings) == [entry(1).id]


def test_nothing_is_put_back_under_a_run_at_work(tmp_path: Path) -> None:
    """It would write on into the store that is set aside."""
    settings, _ = founded(tmp_path)
    here = open_office(settings, "", NOW)
    with here.store:
        offices.back_up(here, tmp_path / "copy.db")
    with one_run(offices.lock_of(settings, "AOK"), NOW), pytest.raises(AlreadyRunning):
        put_back(settings, "", tmp_path / "copy.db", NOW)
    assert put_back(settings, "", tmp_path / "copy.db", NOW) is not None


# -- whose day ------------------------------------------------------------------------------------


def test_a_delegate_acts_for_the_timekeeper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Named in the environment; an empty name is nobody."""
    ada = Timekeeper(id="AOK", last="Okafor")
    for named, actor in (("", "AOK"), ("MSECRETARY", "MSECRETARY")):
        monkeypatch.setenv("AUTOTIME_ACTOR", named)
        who = offices.principal(ada)
        assert (who.timekeeper, who.actor) == ("AOK", actor)


def away(store: Any, *moves: tuple[date, str]) -> Office:
    ada = Timekeeper(id="AOK", last="Okafor", zone="America/Chicago", zone_from=moves)
    return Office(store, Settings(), ada, NOW)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_the_date_of_an_instant_is_the_timekeepers() -> None:
    """Half past six in the evening in Chicago is tomorrow in London."""
    here = away(None)
    assert here.date_of(at("2026-03-03T00:30")) == date(2026, 3, 2)
    assert here.day(date(2026, 3, 8)).seconds == 23 * 3600


def test_who_moved_lives_in_the_new_zone_from_that_day_on() -> None:
    """And in the old one before it."""
    here = away(None, (date(2026, 4, 1), "Asia/Tokyo"))
    assert here.date_of(at("2026-04-02T16:00")) == date(2026, 4, 3)
    assert here.date_of(at("2026-03-30T16:00")) == date(2026, 3, 30)
    assert here.day(date(2026, 4, 1)).start == at("2026-03-31T15:00")


def test_an_office_is_for_one_moment(tmp_path: Path) -> None:
    """Another moment is another office, over the same store."""
    settings, _ = founded(tmp_path)
    here = open_office(settings, "", NOW)
    with here.store:
        later = replace(here, now=NOW + 60)
        assert (later.now, isinstance(later.store, Store)) == (NOW + 60, True)
        assert later.store is here.store


# -- signing in -----------------------------------------------------------------------------------


def test_a_sign_in_is_sealed_with_its_owners_key(tmp_path: Path) -> None:
    """Two sources, two files; neither is readable, and another timekeeper's key opens neither."""
    settings, _ = founded(tmp_path)
    mail, calendar = (connected(settings, account).vault for account in ("mail", "calendar"))
    mail.save("token of the mailbox")
    assert (mail.load(), calendar.load()) == ("token of the mailbox", "")
    kept = mail.path.read_bytes()
    assert b"token" not in kept
    assert mail.path.stat().st_mode & 0o777 == 0o600 or os.name != "posix"
    other = offices.vault(settings, "BLI", "x")
    other.save("of another timekeeper")
    mail.path.write_bytes(other.path.read_bytes())
    assert mail.load() == ""


def test_what_the_firm_signs_in_with_is_one_for_all(tmp_path: Path) -> None:
    settings, _ = founded(tmp_path)
    connected(settings, "mail").shared.save("the firm's secret")
    assert connected(settings, "calendar").shared.load() == "the firm's secret"


def test_a_connection_carries_registration_and_network(tmp_path: Path) -> None:
    """As the settings have them, by the source's type."""
    settings = Settings.model_validate(
        {**data(tmp_path), "home": tmp_path, "microsoft": {"client_id": "1"}, "network": {"proxy": "http://p:1"}}
    )
    connection = connected(settings, "mail")
    assert (connection.app["client_id"], connection.app["cloud"]) == ("1", "global")
    assert connection.network == {"proxy": "http://p:1", "ca_file": ""}
    assert "client_id" not in repr(connection)


def connected(settings: Settings, account: str) -> Connection:
    return offices.connection(settings, "AOK", SourceSettings(account=account, type="microsoft"))
