"""Whose account a sign-in is, told by whichever API was granted: whoever is in the browser need not be who is meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autotime.collectors.google.app import AUTH, scopes_of
from autotime.collectors.google.refusals import Missing
from autotime.collectors.google.service import Google
from autotime.intake import address


def who_signed_in(google: Google, granted: frozenset[str]) -> str:
    """The account's address, lower case; nothing where what was granted tells of nobody. ``Missing`` where
    every API that could tell is switched off."""
    off: Missing | None = None
    for scopes, ask in _asked(google.mode):
        try:
            found = address(str(ask(google))) if granted & scopes else ""
        except Missing as missing:
            off = off or missing
            continue
        if found:
            return found
    if off:
        raise off
    return ""


def _asked(mode: str) -> tuple[tuple[frozenset[str], Callable[[Google], Any]], ...]:
    """The permissions of which one is needed, and the question."""
    return (
        (frozenset(scopes_of("gmail", mode)), _of_gmail),
        (frozenset({f"{AUTH}calendar.calendarlist.readonly"}), _of_calendar),
        (frozenset(scopes_of("drive")), _of_drive),
    )


def _of_gmail(google: Google) -> Any:
    return google.ask(google.service("gmail").users().getProfile(userId="me")).get("emailAddress", "")


def _of_calendar(google: Google) -> Any:
    """The primary calendar has its owner's address for an id."""
    calls = google.service("calendar").calendarList()
    return google.ask(calls.get(calendarId="primary", fields="id")).get("id", "")


def _of_drive(google: Google) -> Any:
    told = google.ask(google.service("drive").about().get(fields="user(emailAddress)"))
    user: Mapping[str, Any] = told.get("user") or {}
    return user.get("emailAddress", "")
