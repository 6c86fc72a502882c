"""The drawers of what was seen: revisions, features, cursors, quarantine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from autotime.domain.evidence import Evidence, Quarantined, SyncCursor
from autotime.domain.spans import Span
from autotime.domain.untrusted import Untrusted
from autotime.store import Store, Stored
from autotime.store.evidence import EVIDENCE

from .nouns import NOON, ODD, anything, evidence

ALWAYS = Span(0, 2**40)


def revisions(store: Store) -> list[tuple[str, int]]:
    rows = store.evidence.rows(select(EVIDENCE.c.id, EVIDENCE.c.revision).order_by(EVIDENCE.c.id, EVIDENCE.c.revision))
    return [(row.id, row.revision) for row in rows]


def counts(stored: Stored) -> tuple[int, int, int]:
    return stored.new, stored.changed, stored.unchanged


# -- revisions ------------------------------------------------------------------------------------


def test_what_is_put_comes_back(store: Store) -> None:
    """All of it, found by its id and by its time."""
    item = evidence(body=Untrusted("Dear all"), thread="t1", span=Span(NOON, NOON + 60))
    assert counts(store.evidence.put([item], NOON)) == (1, 0, 0)
    assert store.evidence.get([item.id]) == {item.id: item}
    assert store.evidence.on(Span(NOON, NOON + 1)) == [item]


def test_the_same_thing_twice_is_stored_once(store: Store) -> None:
    """In one page or in two."""
    store.evidence.put([evidence(), evidence()], NOON)
    assert counts(store.evidence.put([evidence()], NOON + 60)) == (0, 0, 1)
    assert revisions(store) == [(evidence().id, 1)]


def test_a_thing_that_says_something_new_is_a_new_revision(store: Store) -> None:
    """The highest is current; the first stays, with the time it was captured."""
    store.evidence.put([evidence()], NOON)
    stored = store.evidence.put([evidence(subject=Untrusted("Moved"), at=NOON + 60)], NOON + 90)
    [now] = store.evidence.on(ALWAYS)
    assert (counts(stored), stored.ids) == ((0, 1, 0), (now.id,))
    assert (now.revision, now.subject, now.at) == (2, Untrusted("Moved"), NOON + 60)
    assert revisions(store) == [(now.id, 1), (now.id, 2)]
    assert store.evidence.captured([now.id]) == {now.id: NOON}


def test_a_thing_that_changes_back_is_a_revision_too(store: Store) -> None:
    """A history does not turn around."""
    for subject in ("one", "two", "one"):
        store.evidence.put([evidence(subject=Untrusted(subject))], NOON)
    assert [item.revision for item in store.evidence.on(ALWAYS)] == [3]


def test_two_accounts_may_use_the_same_key(store: Store) -> None:
    """A thing is known by account, source and key together."""
    copies = [evidence(), evidence(account="other"), evidence(source="eml")]
    assert counts(store.evidence.put(copies, NOON)) == (3, 0, 0)


@pytest.mark.parametrize("change", [{"captured_at": 1}, {"data": "{}"}, {"revision": 9}])
def test_a_revision_is_never_changed(store: Store, change: dict[str, Any]) -> None:
    """The database itself refuses, whoever asks."""
    store.evidence.put([evidence()], NOON)
    with pytest.raises(Exception, match="recorded things are never changed"):
        store.evidence.write(EVIDENCE.update().values(**change))
    assert [item.subject for item in store.evidence.on(ALWAYS)] == [evidence().subject]


def test_a_revision_is_never_deleted(store: Store) -> None:
    """Nor are all of them."""
    store.evidence.put([evidence()], NOON)
    with pytest.raises(Exception, match="recorded things are never changed"):
        store.evidence.write(EVIDENCE.delete())
    assert store.evidence.count() == 1


# -- withdrawn ------------------------------------------------------------------------------------


def test_what_is_withdrawn_stands_on_no_day_but_stays_readable(store: Store) -> None:
    """A decision about it can still be explained."""
    item = evidence()
    store.evidence.put([item], NOON)
    assert store.evidence.withdraw("mail", "mbox", ["m1", "unknown"], NOON) == 1
    assert store.evidence.on(ALWAYS) == []
    assert store.evidence.get([item.id]) == {item.id: item}


def test_withdrawing_twice_is_withdrawing_once(store: Store) -> None:
    """And is recorded once."""
    store.evidence.put([evidence()], NOON)
    store.evidence.withdraw("mail", "mbox", ["m1"], NOON)
    head = store.audit.head()
    assert store.evidence.withdraw("mail", "mbox", ["m1"], NOON) == 0
    assert store.audit.head() == head


def test_a_withdrawn_thing_that_is_seen_again_stands_again(store: Store) -> None:
    """A cancelled meeting that is on after all, though it says what it said before."""
    store.evidence.put([evidence()], NOON)
    store.evidence.withdraw("mail", "mbox", ["m1"], NOON)
    assert counts(store.evidence.put([evidence()], NOON)) == (0, 1, 0)
    assert [item.revision for item in store.evidence.on(ALWAYS)] == [2]


# -- days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "found"),
    [
        (Span(NOON, NOON + 3600), True),
        (Span(NOON + 3599, NOON + 7200), True),
        (Span(NOON - 60, NOON), False),
        (Span(NOON + 3600, NOON + 7200), False),
        (Span(NOON - 60, NOON + 7200), True),
    ],
)
def test_a_meeting_is_found_by_any_second_of_it(store: Store, window: Span, found: bool) -> None:
    """It may have begun on the day before."""
    store.evidence.put([evidence(span=Span(NOON, NOON + 3600))], NOON)
    assert bool(store.evidence.on(window)) is found


def test_things_come_in_the_order_of_time(store: Store) -> None:
    """Whatever the order they were put in."""
    store.evidence.put([evidence("b", at=NOON + 2), evidence("c", at=NOON + 1), evidence("a", at=NOON)], NOON)
    assert [item.key for item in store.evidence.on(ALWAYS)] == ["a", "c", "b"]


def test_dates_are_those_of_what_is_current(store: Store) -> None:
    """As whoever asks tells the date of an instant."""
    store.evidence.put([evidence("a"), evidence("b", at=NOON + 86_400), evidence("c", at=NOON + 60)], NOON)
    dates = store.evidence.dates(lambda instant: datetime.fromtimestamp(instant, UTC).date())
    assert [day.day for day in dates] == [2, 3]


def test_more_things_than_one_statement_can_name(store: Store) -> None:
    """Asked for at once and found."""
    items = [evidence(f"m{number}", at=NOON + number) for number in range(900)]
    store.evidence.put(items, NOON)
    assert counts(store.evidence.put(items, NOON)) == (0, 0, 900)
    assert len(store.evidence.get(item.id for item in items)) == 900


# -- any text -------------------------------------------------------------------------------------


def test_odd_text_survives_in_every_column(store: Store) -> None:
    """NUL, halves of characters, escapes, backslashes: in keys too."""
    item = evidence(ODD, account=ODD, source=ODD, subject=Untrusted(ODD), place=Untrusted(ODD))
    store.evidence.put([item], NOON)
    store.cursors.set(ODD, ODD, SyncCursor(ODD), NOON, 1)
    store.quarantine.add(ODD, ODD, [Quarantined(ODD, ODD)], NOON)
    assert store.evidence.get([item.id]) == {item.id: item}
    assert store.cursors.get(ODD, ODD) == SyncCursor(ODD)
    assert [(one.account, one.key, one.reason) for one in store.quarantine.all()] == [(ODD, ODD, ODD)]
    assert store.evidence.withdraw(ODD, ODD, [ODD], NOON) == 1


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    item=st.builds(
        Evidence,
        **{
            name: anything(kind)
            for name, kind in (("account", str), ("source", str), ("key", str), ("subject", Untrusted))
        },
        kind=anything(Evidence).map(lambda one: one.kind),
        at=st.integers(0, 2**40),
        own=st.booleans(),
    )
)
def test_any_evidence_comes_back_from_the_database(store: Store, item: Evidence) -> None:
    """And is recognised when it comes again."""
    store.evidence.put([item], NOON)
    found = store.evidence.get([item.id])[item.id]
    assert (found.account, found.key, found.subject) == (item.account, item.key, item.subject)
    assert counts(store.evidence.put([item], NOON)) == (0, 0, 1)


# -- features, cursors, quarantine ----------------------------------------------------------------


def test_features_are_replaced_by_newer_ones(store: Store) -> None:
    """One block of bytes for each piece, whatever bytes they are."""
    store.features.put([("v1", b"\0\xff"), ("v2", b"two")], 1)
    store.features.put([("v1", b"new")], 2)
    assert store.features.get(["v1", "v2", "v3"]) == {"v1": b"new", "v2": b"two"}


def test_a_cursor_says_how_far_a_source_was_read(store: Store) -> None:
    """One for each source; what each page gave adds up."""
    assert store.cursors.get("mail", "mbox") is None
    store.cursors.set("mail", "mbox", SyncCursor("10"), NOON, 5)
    store.cursors.set("mail", "mbox", SyncCursor("20"), NOON + 60, 2)
    store.cursors.set("mail", "eml", SyncCursor("x"), NOON, 1)
    assert store.cursors.get("mail", "mbox") == SyncCursor("20")
    assert [(r.source, r.at, r.items) for r in store.cursors.all()] == [("eml", NOON, 1), ("mbox", NOON + 60, 7)]
    store.cursors.forget("mail", "mbox")
    assert store.cursors.get("mail", "mbox") is None


def test_an_item_is_quarantined_once_with_its_latest_reason(store: Store) -> None:
    """And let go by name."""
    assert store.quarantine.add("mail", "mbox", [Quarantined("1", "no date"), Quarantined("2", "loop")], NOON) == 2
    assert store.quarantine.add("mail", "mbox", [Quarantined("1", "too large", "ab")], NOON + 60) == 0
    found = [(one.key, one.reason, one.sha256, one.at) for one in store.quarantine.all()]
    assert found == [("1", "too large", "ab", NOON + 60), ("2", "loop", "", NOON)]
    store.quarantine.forget("mail", "mbox", ["1"])
    assert [one.key for one in store.quarantine.all()] == ["2"]
