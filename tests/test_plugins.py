"""The guests' door: exactly what the settings name comes in, and it is looked at."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autotime import plugins
from autotime.domain.doors import CollectContext, Collector, Connection
from autotime.domain.errors import Misused
from autotime.domain.evidence import Batch, Evidence, Kind, SyncCursor
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span
from autotime.settings import Settings, SourceSettings
from autotime.vault import SealedFile

if TYPE_CHECKING:
    from nowhere.at_all import Unknown

CONTEXT = CollectContext(Timekeeper(id="AOK", last="Okafor"), Span(0, 100), 50)
HERE = __name__


class Guest:
    """A collector of one piece; ``facts`` and ``account_said`` are what it says of it."""

    source = "guest"

    def __init__(self, account: str, facts: dict[str, Any] | None = None, account_said: str = "") -> None:
        self.account = account
        self.facts = facts or {}
        self.said = account_said or account

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        item = Evidence(account=self.said, source="guest", key="1", kind=Kind.CALL, at=10, own=True, facts=self.facts)
        yield Batch((item,), SyncCursor("1"))


class SignsIn(Guest):
    """A collector that signs in; without a connection it cannot be made."""

    def __init__(self, account: str, connection: Connection) -> None:
        super().__init__(account)
        self.connection = connection


class Choosy(Guest):
    """A collector with settings of every type."""

    def __init__(
        self,
        account: str,
        whole: int = 1,
        part: float = 0.5,
        on: bool = False,
        words: Sequence[str] = (),
        folder: Path = Path(),
        folders: list[Path] | None = None,
        limit: int | str = 0,
        anything: Unknown = None,
        told: Callable[[str], None] | None = None,
        wall: Any = None,
    ) -> None:
        super().__init__(account)
        self.chosen = (whole, part, on, words, folder, folders, limit, anything)


class NoCollector:
    def __init__(self, account: str) -> None:
        self.account = account


class GuestBiller:
    target = "sheet"
    extension = "txt"
    mapping_version = "1"

    def refuse(self, payload: object, header: object) -> str:
        return ""

    def render(self, batch: object, lines: object) -> bytes:
        return b""


def source(kind: str, **options: Any) -> SourceSettings:
    return SourceSettings(account="office", type=kind, **options)


def complaint(kind: str, **options: Any) -> Misused:
    with pytest.raises(Misused) as refused:
        plugins.collector(source(kind, **options))
    assert "«office»" in str(refused.value) or "path" in str(refused.value)
    assert refused.value.hint
    return refused.value


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("mbox", {"paths": ["~/mail"]}),
        ("mbox", {"paths": "~/mail"}),
        ("maildir", {"path": "~/mail"}),
        ("eml", {"path": "~/mail"}),
        ("ics", {"paths": ["~/a.ics", "~/b.ics"]}),
        ("documents", {"paths": ["~/work"], "ignore": ["*.bak"]}),
    ],
)
def test_every_resident_comes_in_by_the_same_door(kind: str, options: dict[str, Any]) -> None:
    """Under the account's name, with paths spelt out."""
    made = plugins.collector(source(kind, **options))
    assert isinstance(made, Collector)
    assert (made.account, made.source) == ("office", kind)
    assert "~" not in str(vars(made.guest) if not hasattr(made.guest, "__slots__") else made.guest)  # type: ignore[attr-defined]


def test_a_guest_comes_in_by_its_name() -> None:
    """And gives what it has."""
    [batch] = plugins.collector(source(f"{HERE}:Guest", facts={"direction": "in"})).collect(None, CONTEXT)
    assert [item.key for item in batch.evidence] == ["1"]


def test_a_collector_that_signs_in_is_given_its_connection(tmp_path: Path) -> None:
    """Who does not ask for one gets none, and the settings cannot stand in for it."""
    sealed = SealedFile(tmp_path / "a", bytes)
    connection = Connection(sealed, sealed, {"client_id": "1"})
    made = plugins.collector(source(f"{HERE}:SignsIn"), connection)
    assert isinstance(made.guest, SignsIn)
    assert made.guest.connection is connection
    plugins.collector(source(f"{HERE}:Guest"), connection)
    assert "connection" not in complaint(f"{HERE}:SignsIn").hint


@pytest.mark.parametrize("kind", ["mbxo", "nowhere:Class", f"{HERE}:Nobody", f"{HERE}:", ":", "", "os", "./mbox:X"])
def test_a_name_nobody_has_is_told_with_those_there_are(kind: str) -> None:
    """Residents, and the form of a guest's name."""
    refused = complaint(kind)
    assert f"there is no «{kind}»" in str(refused)
    assert "mbox, maildir, eml, ics, documents" in refused.hint
    assert "module:Class" in refused.hint


def test_a_setting_the_collector_does_not_take_is_named_with_those_it_takes() -> None:
    """A misspelt option is not ignored."""
    refused = complaint("documents", path="~/work")
    assert "path" in str(refused)
    assert "it takes: ignore, page, paths" in refused.hint
    assert "paths" in str(complaint("mbox"))


@pytest.mark.parametrize(
    ("kind", "option", "value", "wanted"),
    [
        ("microsoft", "chats", "no", "true or false"),
        ("microsoft", "chats", "False", "true or false"),
        ("microsoft", "attendance", 1, "true or false"),
        ("microsoft", "parts", "mail", "a list of texts"),
        ("google", "parts", ["mail", 1], "a list of texts"),
        ("google", "first_days", "30", "a whole number"),
        ("google", "page", True, "a whole number"),
        ("google", "page", 2.5, "a whole number"),
        ("imap", "deadline", "1", "a number"),
        ("imap", "folders", "Inbox", "a list of texts"),
        ("imap", "host", 5, "a text"),
        (f"{HERE}:Choosy", "part", False, "a number"),
        (f"{HERE}:Choosy", "on", "true", "true or false"),
        (f"{HERE}:Choosy", "words", "one", "a list of texts"),
        (f"{HERE}:Choosy", "folder", 5, "a path"),
        (f"{HERE}:Choosy", "folders", "one", "a list of paths"),
        (f"{HERE}:Choosy", "limit", 1.5, "a whole number or a text"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_what_is_wanted(
    tmp_path: Path, kind: str, option: str, value: Any, wanted: str
) -> None:
    """A text is never taken for «yes», nor for a list of its letters; guests are looked at like residents."""
    sealed = SealedFile(tmp_path / "a", bytes)
    needed = {"host": "mail.example", "user": "ada"} if kind == "imap" else {}
    with pytest.raises(Misused) as refused:
        plugins.collector(source(kind, **needed | {option: value}), Connection(sealed, sealed))
    assert str(refused.value) == f"source «office»: «{option}» is {wanted}"


def test_values_of_the_right_type_come_in() -> None:
    """A whole number is a number, what may be nothing may be nothing, and who cannot be understood is believed."""
    given = {"whole": 2, "part": 2, "on": True, "words": ["a"], "folder": "b", "folders": None, "limit": "c"}
    made = plugins.collector(source(f"{HERE}:Choosy", **given, anything=[1]))
    assert isinstance(made.guest, Choosy)
    assert made.guest.chosen == (*given.values(), [1])


@pytest.mark.parametrize(("kind", "seam"), [("google", "clock"), ("microsoft", "browse"), (f"{HERE}:Choosy", "told")])
def test_what_only_a_test_gives_is_no_setting(tmp_path: Path, kind: str, seam: str) -> None:
    """Nor is it named among those that are."""
    sealed = SealedFile(tmp_path / "a", bytes)
    with pytest.raises(Misused, match=f"«{seam}» is no setting") as refused:
        plugins.collector(source(kind, **{seam: "x"}), Connection(sealed, sealed))
    named = refused.value.hint.removeprefix("it takes: ").partition(";")[0].split(", ")
    assert not {"sleep", "clock", "wall", "browse", "told", "account", "connection"} & set(named)
    assert {"google": "parts", "microsoft": "chats"}.get(kind, "words") in named


@pytest.mark.parametrize("value", [5, [5], None, {"a": "b"}, True])
def test_a_path_is_text(value: Any) -> None:
    """Nothing else is taken for one."""
    complaint("mbox", paths=value)
    complaint("maildir", path=value)


def test_one_path_is_not_two() -> None:
    """A Maildir is one folder."""
    complaint("maildir", path=["a", "b"])


def test_a_guest_that_cannot_be_loaded_says_no_more_than_its_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it does when it is read."""
    (tmp_path / "broken_guest.py").write_text("raise RuntimeError('secret')\n")
    (tmp_path / "half_a_guest.py").write_text("def \n")
    monkeypatch.syspath_prepend(tmp_path)
    for name, kind in (("broken_guest", "RuntimeError"), ("half_a_guest", "SyntaxError")):
        refused = complaint(f"{name}:Guest")
        assert f"cannot be loaded ({kind})" in str(refused)
        assert "secret" not in str(refused)


def test_a_class_that_is_no_collector_stays_outside() -> None:
    """It cannot collect."""
    with pytest.raises(Misused, match="is not a collector"):
        plugins.collector(source(f"{HERE}:NoCollector"))


def test_evidence_in_another_accounts_name_is_not_believed() -> None:
    """Nor is it stored."""
    guest = plugins.collector(source(f"{HERE}:Guest", account_said="somebody"))
    with pytest.raises(Misused, match="not well formed"):
        list(guest.collect(None, CONTEXT))


def test_facts_nobody_knows_are_not_believed() -> None:
    """They are named."""
    guest = plugins.collector(source(f"{HERE}:Guest", facts={"minutes_billed": 600}))
    with pytest.raises(Misused, match="unknown facts minutes_billed"):
        list(guest.collect(None, CONTEXT))


def test_nothing_is_imported_that_the_settings_do_not_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed is not invited: a collector of one type loads no other. What is loaded is put back afterwards."""
    for module in [name for name in sys.modules if name.startswith("autotime.collectors.documents")]:
        monkeypatch.delitem(sys.modules, module)
    plugins.collector(source("mbox", paths=[]))
    assert "autotime.collectors.documents" not in sys.modules


def test_billers_come_in_by_their_target() -> None:
    """Residents, and guests of the settings."""
    settings = Settings(billing={"guests": {"sheet": f"{HERE}:GuestBiller"}})
    assert plugins.file_biller("csv", settings).target == "csv"
    assert plugins.file_biller("ledes", settings).target == "ledes"
    assert plugins.file_biller("sheet", settings).extension == "txt"


def test_a_target_nobody_serves_is_told_with_those_there_are() -> None:
    """Residents and guests."""
    settings = Settings(billing={"guests": {"sheet": f"{HERE}:GuestBiller"}})
    with pytest.raises(Misused, match="no billing target «clio»") as refused:
        plugins.file_biller("clio", settings)
    named = refused.value.hint.removeprefix("one of: ").split(", ")
    assert sorted(named) == sorted({"sheet", *plugins.BILLERS, *plugins.SYSTEMS})


def test_a_biller_serves_the_target_it_is_named_for() -> None:
    """Entries sent to one target are not written by another's biller; a resident is not replaced."""
    named = {"other": f"{HERE}:GuestBiller", "csv": f"{HERE}:GuestBiller"}
    settings = Settings(billing={"guests": named})
    with pytest.raises(Misused, match="is not a biller"):
        plugins.file_biller("other", settings)
    assert plugins.file_biller("csv", settings).extension == "csv"


@pytest.mark.parametrize(("setting", "ending"), [("lf", "\n"), ("crlf", "\r\n")])
def test_the_line_ends_of_ledes_files_are_as_set(setting: str, ending: str) -> None:
    """Portals differ."""
    settings = Settings(billing={"ledes_line_ending": setting})
    assert plugins.file_biller("ledes", settings).line_ending == ending  # type: ignore[attr-defined]
