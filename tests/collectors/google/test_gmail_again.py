"""Mail from Gmail, from run to run: nothing is lost between two of them, and little is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from autotime.collectors.google.gmail import DAY
from autotime.domain.errors import SourceUnavailable
from autotime.testing.google import User, Workspace
from autotime.testing.google.routes import Refused
from tests.collectors.google import room as rooms
from tests.collectors.google.mailroom import asked, run
from tests.collectors.google.office import ADA
from tests.collectors.google.room import Kept
from tests.collectors.sources import MONDAY, letter


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """Every answer it gives is as Google's description says."""
    with rooms.room() as made:
        yield made.workspace


@pytest.fixture
def ada(workspace: Workspace) -> User:
    return workspace.user(ADA)


def test_only_what_came_is_read(workspace: Workspace, ada: User) -> None:
    ada.receives(letter(0))
    kept = run(workspace)
    before = len(workspace.calls)
    ada.receives(letter(1, sent=MONDAY + 60))
    assert run(workspace, kept).new == 1
    assert len(workspace.calls) - before == 3


@pytest.mark.parametrize(("before", "now"), [("SPAM", "INBOX"), ("SCHEDULED", "SENT")])
def test_a_mail_that_becomes_one_later_comes_then(workspace: Workspace, ada: User, before: str, now: str) -> None:
    """No spam after all; or sent at its time, should Gmail then only change the label."""
    name = ada.receives(letter(0), labels=[before])
    kept = run(workspace)
    ada.mail.messages[name].labels.remove(before)
    ada.mail.label(name, now)
    assert run(workspace, kept).new == 1


def test_a_label_that_only_files_a_mail_asks_for_nothing(workspace: Workspace, ada: User) -> None:
    name = ada.receives(letter(0))
    kept = run(workspace)
    ada.mail.label(name, "STARRED", "Harrow")
    before = len(workspace.calls)
    assert run(workspace, kept).changed == 0
    assert len(workspace.calls) - before == 2


def test_a_mail_that_came_and_went_is_passed_over(workspace: Workspace, ada: User) -> None:
    """Its history stays for a while; asking for it gives 404."""
    kept = run(workspace)
    ada.receives(letter(0))
    ada.mail.delete(ada.receives(letter(1)))
    assert len(run(workspace, kept).evidence) == 1
    assert kept.quarantined == {}


def test_a_history_that_expired_while_the_machine_was_off_is_a_wider_window(workspace: Workspace, ada: User) -> None:
    """Ten weeks: from two days before the last run, not from a month ago."""
    kept = run(workspace, now=MONDAY)
    for week in range(10):
        ada.receives(letter(week, sent=MONDAY + week * 7 * DAY))
    workspace.expire_cursors()
    assert run(workspace, kept, now=MONDAY + 70 * DAY).new == 10
    assert asked(workspace, "/messages?")[-1]["q"] == [f"after:{MONDAY - 3 * DAY} before:{MONDAY + 72 * DAY}"]


def test_a_history_that_expired_between_two_pages_loses_nothing(workspace: Workspace, ada: User) -> None:
    kept = run(workspace)
    for number in range(6):
        ada.receives(letter(number, sent=MONDAY + number))
    run(workspace, kept, page=2, pages=1)
    assert len(kept.evidence) == 2
    workspace.expire_cursors()
    assert len(run(workspace, kept, page=2).evidence) == 6


def test_a_page_token_that_google_forgot_begins_the_window_again(workspace: Workspace, ada: User) -> None:
    for number in range(6):
        ada.receives(letter(number, sent=MONDAY + number))
    kept = run(workspace, page=2, pages=1)
    state = dict(kept.state) | {"page": "a token of last month"}
    kept.state = state
    assert len(run(workspace, kept, page=2).evidence) == 6
    assert "page" not in kept.state


def test_the_state_is_whole_after_every_page(workspace: Workspace, ada: User) -> None:
    """As JSON, with nothing of a mail in it."""
    for number in range(5):
        ada.receives(letter(number, sent=MONDAY + number))
    kept = run(workspace, page=2)
    assert json.loads(json.dumps(kept.state)) == kept.state
    assert set(kept.state) == {"history", "at", "held"}


# -- when something is wrong ------------------------------------------------------------------


def test_a_mail_that_gmail_cannot_give_is_quarantined_among_others(workspace: Workspace, ada: User) -> None:
    names = [ada.receives(letter(number, sent=MONDAY + number)) for number in range(3)]
    call = workspace.call

    def broken(one: Any) -> Any:
        return Refused(500, "backendError").reply(one.path) if names[1] in one.path else call(one)

    workspace.call = broken  # type: ignore[method-assign]
    kept = run(workspace)
    assert len(kept.evidence) == 2
    assert list(kept.quarantined) == [names[1]]


@pytest.mark.parametrize("spoiled", ["/profile", "/messages", "/history"])
def test_an_empty_object_is_no_answer(workspace: Workspace, ada: User, spoiled: str) -> None:
    """Gmail leaves out what is empty, but never all of it: no cursor moves on that."""
    ada.receives(letter(0))
    call = workspace.call

    def hollow(one: Any) -> Any:
        reply = call(one)
        return type(reply)({}) if one.path.endswith(spoiled) else reply

    workspace.call = hollow  # type: ignore[method-assign]
    kept = Kept()
    with pytest.raises(SourceUnavailable):
        run(workspace, kept)
    workspace.call = call  # type: ignore[method-assign]
    assert len(run(workspace, kept).evidence) == 1
