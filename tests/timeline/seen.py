"""Pieces of evidence of an invented attorney, and Hypothesis strategies of whole days of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from autotime.domain.evidence import Evidence, Kind, Participant, Role
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span
from autotime.domain.untrusted import Untrusted

ME = "ada.okafor@firm.example"
THEM = "r.ortiz@client.example"
TIMEKEEPER = Timekeeper(id="AOK", last="Okafor", first="Ada", emails=(ME,), zone="America/Chicago")

MORNING = 1_773_151_200
"""Tuesday 10 March 2026, 09:00 in Chicago."""


def evidence(key: str, kind: Kind, at: int, **given: Any) -> Evidence:
    fields: dict[str, Any] = {"account": "office", "source": "test", "own": True, **given}
    for name in ("subject", "body", "quoted", "place"):
        if isinstance(fields.get(name), str):
            fields[name] = Untrusted(fields[name])
    return Evidence(key=key, kind=kind, at=at, **fields)


def sent(key: str, at: int, *, words: int = 50, facts: dict[str, Any] | None = None, **given: Any) -> Evidence:
    people = (Participant(Role.FROM, ME), Participant(Role.TO, THEM))
    return evidence(
        key, Kind.MESSAGE, at, **{"people": people, "facts": {"words_new": words, **(facts or {})}, **given}
    )


def received(key: str, at: int, **given: Any) -> Evidence:
    people = (Participant(Role.FROM, THEM), Participant(Role.TO, ME))
    return evidence(key, Kind.MESSAGE, at, **{"own": False, "people": people, **given})


def meeting(key: str, at: int, seconds: int, facts: dict[str, Any] | None = None, **given: Any) -> Evidence:
    said = {"busy": "busy", "response": "accepted", **(facts or {})}
    return evidence(key, Kind.MEETING, at, **{"span": Span(at, at + seconds), "facts": said, **given})


def call(key: str, at: int, seconds: int, **given: Any) -> Evidence:
    return evidence(key, Kind.CALL, at, **{"span": Span(at, at + seconds), "facts": {"direction": "in"}, **given})


def document(key: str, at: int, minutes: int = 0, facts: dict[str, Any] | None = None, **given: Any) -> Evidence:
    known: dict[str, Any] = {"edit_minutes": minutes} if minutes else {}
    return evidence(key, Kind.DOCUMENT, at, **{"facts": {**known, **(facts or {})}, **given})


def session(key: str, at: int, seconds: int, **given: Any) -> Evidence:
    return document(key, at, **{"span": Span(at, at + seconds), **given})


KEYS = st.integers(0, 40).map(str)
THREADS = st.sampled_from(["", "t1", "t2", "t3"])
IDENTITIES = st.sampled_from(["", "", "mid:1", "mid:2", "mid:3"])


def pieces(first: int, last: int) -> st.SearchStrategy[Evidence]:
    """One piece of any kind between two instants; ends, copies and nonsense included."""
    when = st.integers(first, last)
    length = st.sampled_from([60, 300, 1_800, 3_600, 7_200, 90_000])
    words = st.integers(0, 2_000)
    mails = {"thread": THREADS, "identity": IDENTITIES, "subject": st.sampled_from(["", "Lease", "RE: Lease"])}
    opened = st.integers(first, last)
    return st.one_of(
        st.builds(sent, KEYS.map("s".__add__), when, words=words, facts=_facts(reply_opened_at=opened), **mails),
        st.builds(received, KEYS.map("r".__add__), when, facts=_facts(bulk=st.just(True)), **mails),
        st.builds(meeting, KEYS.map("m".__add__), when, length, facts=_meeting_facts(), own=st.booleans()),
        st.builds(call, KEYS.map("c".__add__), when, length),
        st.builds(
            document, KEYS.map("d".__add__), when, st.sampled_from([0, 0, 3, 40, 400]),
            facts=_facts(observed_from=opened, created_at=opened, opened_at=opened),
        ),
        st.builds(session, KEYS.map("w".__add__), when, length),
    )  # fmt: skip


def _facts(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=optional)


def _meeting_facts() -> st.SearchStrategy[dict[str, Any]]:
    return _facts(
        all_day=st.just(True),
        private=st.just(True),
        busy=st.sampled_from(["free", "tentative", "busy", "oof"]),
        response=st.sampled_from(["organizer", "accepted", "tentative", "declined", "none"]),
        attended=st.lists(st.integers(MORNING, MORNING + 7_200), min_size=1, max_size=4).map(_stays),
    )


def _stays(joins: list[int]) -> str:
    return " ".join(f"{join}-{join + 600}" for join in joins)


def days_of_work(first: int = MORNING - 36_000, last: int = MORNING + 50_000) -> st.SearchStrategy[list[Evidence]]:
    """Up to twelve pieces, no two with one id."""
    return st.lists(pieces(first, last), max_size=12, unique_by=lambda item: item.id)
