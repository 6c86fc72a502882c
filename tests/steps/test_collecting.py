"""Sources into the store: what is reported, what is left out, and what a broken source does to the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from autotime.classifiers.features import unpack
from autotime.domain.doors import CollectContext
from autotime.domain.errors import CursorExpired, SignInNeeded
from autotime.domain.evidence import Batch, Evidence, Gap, Kind, SyncCursor
from autotime.domain.spans import Span
from autotime.office import Office
from autotime.settings import Settings
from autotime.steps.collecting import collect, retry_quarantined
from autotime.steps.stale import stale_days, unmark
from autotime.testing.collectors import NOW
from tests.billing.firm import open_store
from tests.collectors.sources import MONDAY, calendar, docx, event, letter, mbox, put

ALWAYS = Span(0, NOW + 86_400)


@contextmanager
def office(home: Path, *sources: dict[str, Any], **settings: Any) -> Iterator[Office]:
    """An office with these sources; its store is made at the first call and opened later."""
    person = {
        "id": "AOK",
        "last": "Okafor",
        "first": "Ada",
        "emails": ["ada@okafor.example"],
        "zone": "America/Chicago",
    }
    configured = Settings(home=home, timekeepers=[person], sources=list(sources), **settings)  # type: ignore[arg-type, list-item]
    with open_store(home, create=not (home / "store.db").exists()) as store:
        yield Office(store, configured, configured.timekeeper(), NOW)


def mail(folder: Path, *numbers: int, account: str = "mail") -> dict[str, Any]:
    put(folder / f"{account}.mbox", mbox(*map(letter, numbers)))
    return {"account": account, "type": "mbox", "paths": [str(folder / f"{account}.mbox")], "page": 2}


def meetings(folder: Path, *events: str) -> dict[str, Any]:
    put(folder / "calendar.ics", calendar(*events))
    return {"account": "calendar", "type": "ics", "paths": [str(folder / "calendar.ics")]}


def papers(folder: Path) -> dict[str, Any]:
    docx(folder / "papers" / "Motion.docx", saved=MONDAY)
    return {"account": "papers", "type": "documents", "paths": [str(folder / "papers")]}


def guest(name: str) -> dict[str, Any]:
    return {"account": "guest", "type": f"{__name__}:{name}"}


def stored(here: Office) -> list[Evidence]:
    return here.store.evidence.on(ALWAYS)


# -- what was not collected -----------------------------------------------------------------------


def test_an_ended_sign_in_is_told_apart_from_trouble(tmp_path: Path) -> None:
    """A person signs in again; the other sources are read."""
    with office(tmp_path, guest("SignedOut"), mail(tmp_path, 1)) as here:
        signed_out, other = collect(here)
        assert (signed_out.sign_in_needed, signed_out.hint) == (True, "autotime connect guest")
        assert (other.sign_in_needed, other.new) == (False, 1)


def test_a_part_that_was_not_given_is_told_once_and_the_rest_is_kept(tmp_path: Path) -> None:
    with office(tmp_path, guest("Partial")) as here:
        [report] = collect(here)
        assert (report.new, report.trouble) == (2, "")
        assert [gap.part for gap in report.gaps] == ["calendar"]


# -- reports --------------------------------------------------------------------------------------


def test_every_source_is_read_and_reported(tmp_path: Path) -> None:
    """Counts by source, in the order of the settings."""
    with office(tmp_path, mail(tmp_path, 1, 2, 3), meetings(tmp_path, event()), papers(tmp_path)) as here:
        reports = collect(here)
        assert [(one.account, one.new, one.pages, one.trouble) for one in reports] == [
            ("mail", 3, 2, ""),
            ("calendar", 1, 1, ""),
            ("papers", 1, 1, ""),
        ]
        assert len(stored(here)) == 5


def test_a_second_run_stores_nothing(tmp_path: Path) -> None:
    """It reads no page at all where nothing has changed."""
    sources = mail(tmp_path, 1, 2, 3), meetings(tmp_path, event()), papers(tmp_path)
    with office(tmp_path, *sources) as here:
        collect(here)
        assert [(one.new, one.changed, one.unchanged, one.pages) for one in collect(here)] == [(0, 0, 0, 0)] * 3
        assert len(stored(here)) == 5


def test_one_source_can_be_read_alone(tmp_path: Path) -> None:
    """By the name the settings give it."""
    with office(tmp_path, mail(tmp_path, 1), meetings(tmp_path, event())) as here:
        assert [one.account for one in collect(here, account="calendar")] == ["calendar"]
        assert [item.kind for item in stored(here)] == [Kind.MEETING]


def test_progress_is_told_page_by_page(tmp_path: Path) -> None:
    """Who is read, how far, and of how much."""
    told: list[tuple[str, int, int]] = []
    with office(tmp_path, mail(tmp_path, 1, 2, 3)) as here:
        collect(here, lambda what, done, of: told.append((what, done, of)))
    size = (tmp_path / "mail.mbox").stat().st_size
    assert [(what, of) for what, _, of in told] == [("mail", size), ("mail", size)]
    assert told[-1][1] == size


def test_bad_items_are_counted_once_and_named(tmp_path: Path) -> None:
    """The next run meets them no more."""
    source = mail(tmp_path, 1)
    put(tmp_path / "mail.mbox", mbox(letter(1), letter(2, without=["Date"]), envelope=b"From - \n"))
    with office(tmp_path, source) as here:
        assert [(one.new, one.quarantined) for one in collect(here)] == [(1, 1)]
        assert [(row.account, row.reason) for row in here.store.quarantine.all()] == [("mail", "no usable date")]
        assert [one.quarantined for one in collect(here)] == [0]


def test_what_can_be_read_after_all_leaves_the_quarantine(tmp_path: Path) -> None:
    """The source is read from its start; what is known stays as it is."""
    source = meetings(tmp_path, event(), event(uid="bad", start="DTSTART:never"))
    with office(tmp_path, source) as here:
        collect(here)
        put(tmp_path / "calendar.ics", calendar(event(), event(uid="bad")))
        assert [(one.new, one.unchanged, one.quarantined) for one in retry_quarantined(here)] == [(1, 1, 0)]
        assert here.store.quarantine.all() == []


# -- trouble --------------------------------------------------------------------------------------


def test_one_bad_source_stops_no_other(tmp_path: Path) -> None:
    """Not there, misconfigured, unknown, or broken by its maker: each says so, and the rest is read."""
    sources = (
        {"account": "gone", "type": "mbox", "paths": [str(tmp_path / "gone.mbox")]},
        {"account": "wrong", "type": "mbox", "folder": "x"},
        {"account": "unknown", "type": "telepathy"},
        guest("Broken"),
        mail(tmp_path, 1),
    )
    with office(tmp_path, *sources) as here:
        reports = collect(here)
        assert [bool(one.trouble) for one in reports] == [True, True, True, True, False]
        assert all(one.hint for one in reports if one.trouble)
        assert len(stored(here)) == 2


def test_what_a_broken_collector_says_is_not_shown(tmp_path: Path) -> None:
    """Its message may quote mail; what it gave before stays."""
    with office(tmp_path, guest("Broken")) as here:
        (report,) = collect(here)
        assert (report.new, "secret" in report.trouble, "ValueError" in report.trouble) == (1, False, True)


def test_evidence_that_is_not_the_sources_own_is_refused(tmp_path: Path) -> None:
    """A guest that speaks for another account, or with facts nobody knows."""
    with office(tmp_path, guest("Stranger")) as here:
        (report,) = collect(here)
        assert "not well formed" in report.trouble
        assert stored(here) == []


def test_an_emptied_source_is_refused_and_keeps_what_it_gave(tmp_path: Path) -> None:
    """A person is asked; the other sources go on."""
    sources = mail(tmp_path, 1), meetings(tmp_path, event())
    with office(tmp_path, *sources) as here:
        collect(here)
        (tmp_path / "mail.mbox").write_bytes(b"")
        put(tmp_path / "calendar.ics", calendar(event(), event(uid="second")))
        emptied, other = collect(here)
        assert "empty now" in emptied.trouble
        assert (other.new, len(stored(here))) == (1, 3)


def test_a_source_that_forgot_how_far_it_was_read_is_read_again(tmp_path: Path) -> None:
    """The cursor is dropped; what is known is not stored twice."""
    with office(tmp_path, guest("Forgetful")) as here:
        collect(here)
        (report,) = collect(here)
        assert (report.trouble, report.new, report.unchanged) == ("", 0, 1)


# -- what is left out, and what else happens --------------------------------------------------------


def test_nothing_from_before_the_first_day_is_stored(tmp_path: Path) -> None:
    """The local day: 9 March begins at 5:00 UTC in Chicago."""
    early, first = letter(1, sent=MONDAY - 10 * 3600 - 60), letter(2, sent=MONDAY - 10 * 3600)
    source = mail(tmp_path)
    put(tmp_path / "mail.mbox", mbox(early, first))
    with office(tmp_path, source, collect={"since": date(2026, 3, 9)}) as here:
        collect(here)
        assert [item.at for item in stored(here)] == [MONDAY - 10 * 3600]


def test_excluded_folders_and_senders_are_never_stored(tmp_path: Path) -> None:
    """Neither text nor features of them."""
    put(tmp_path / "Private.mbox", mbox(letter(1)))
    put(tmp_path / "inbox.mbox", mbox(letter(2), letter(3, headers=["From: Doc <a@clinic.example>"])))
    source = {"account": "mail", "type": "mbox", "paths": [str(tmp_path)]}
    wanted = {"exclude_folders": ["private"], "exclude_senders": ["@Clinic.example"]}
    with office(tmp_path, source, collect=wanted) as here:
        collect(here)
        assert [item.subject.reveal() for item in stored(here)] == ["Harrow lease no. 2"]


def test_features_are_kept_beside_each_piece(tmp_path: Path) -> None:
    """They stay when the text goes."""
    with office(tmp_path, mail(tmp_path, 1)) as here:
        collect(here)
        (item,) = stored(here)
        packed = here.store.features.get([item.id])[item.id]
        assert unpack(packed).blocks["new"]


def test_the_days_whose_drafts_change_are_marked(tmp_path: Path) -> None:
    """Of new things the day they stand on, of withdrawn ones the day they stood on."""
    source = meetings(tmp_path, event())
    with office(tmp_path, source) as here:
        collect(here)
        assert stale_days(here.store) == [date(2026, 3, 9)]
        unmark(here.store, date(2026, 3, 9))
        put(tmp_path / "calendar.ics", calendar(event("STATUS:CANCELLED")))
        assert [one.withdrawn for one in collect(here)] == [1]
        assert stale_days(here.store) == [date(2026, 3, 9)]
        assert stored(here) == []


# -- guests -----------------------------------------------------------------------------------------


def seen(account: str, key: str, **more: Any) -> Evidence:
    return Evidence(account=account, source="guest", key=key, kind=Kind.CALL, at=MONDAY, own=True, **more)


class Guest:
    source = "guest"

    def __init__(self, account: str) -> None:
        self.account = account


class Broken(Guest):
    """Gives a page and breaks."""

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        yield Batch((seen(self.account, "1"),), SyncCursor("1"))
        raise ValueError("secret words of a mail")


class Stranger(Guest):
    """Speaks for somebody else."""

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        yield Batch((seen("another", "1"),), SyncCursor("1"))


class SignedOut(Guest):
    """Its sign-in has ended."""

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        raise SignInNeeded("the sign-in has ended", hint="autotime connect guest")
        yield


class Partial(Guest):
    """One of its parts is not given, as both its pages say."""

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        gap = Gap("calendar", "the permission Calendars.Read is missing", "ask your administrator")
        yield Batch((seen(self.account, "1"),), SyncCursor("1"), gaps=(gap,))
        yield Batch((seen(self.account, "2"),), SyncCursor("2"), gaps=(gap,))


class Forgetful(Guest):
    """Knows its cursor no more."""

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        if cursor is not None:
            raise CursorExpired("the server forgot", hint="")
        yield Batch((seen(self.account, "1"),), SyncCursor("1"))
