"""Sent mail whose internet headers Graph does not show belongs to its conversation all the same."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from autotime.collectors.microsoft.conversations import Conversations
from autotime.testing.microsoft import Mailbox, Tenant
from tests.collectors.microsoft.mailroom import found, only, pages, threads
from tests.collectors.microsoft.parts import ADA, DAY, evidence, week
from tests.collectors.sources import MONDAY

ROOT = "<root@harrow.example>"
FIRST = base64.b64encode(b"\x01" * 22).decode()
REPLY = base64.b64encode(b"\x01" * 27).decode()


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        yield made


@pytest.fixture
def ada(tenant: Tenant) -> Mailbox:
    """Her sent mail has no headers."""
    box = tenant.mailbox(ADA, "Ada Okafor")
    box.headers_when_sent = False
    return box


def row(conversation: Any = "c", **said: Any) -> dict[str, Any]:
    return {"conversationId": conversation, "subject": "Re: Harrow lease", **said}


def test_an_answer_is_in_the_conversation_of_what_it_answers(tenant: Tenant, ada: Mailbox) -> None:
    """So that the reading is not counted beside the answer."""
    ada.receives(at=MONDAY, message_id="<b@harrow.example>", references=(ROOT,))
    ada.sends(at=MONDAY + 600, subject="Re: Harrow lease", references=(ROOT, "<b@harrow.example>"), index=REPLY)
    assert threads(found(tenant)) == ["mid:root@harrow.example"] * 2


def test_the_first_mail_of_a_conversation_names_it(tenant: Tenant, ada: Mailbox) -> None:
    """By its index, which has no reply in it yet; the answers refer to it."""
    ada.sends(at=MONDAY, subject="Re: a matter, for the first time", message_id="<mine@okafor.example>", index=FIRST)
    ada.receives(at=MONDAY + 600, references=("<mine@okafor.example>",))
    assert threads(found(tenant)) == ["mid:mine@okafor.example"] * 2


@pytest.mark.parametrize(
    ("subject", "index", "thread"),
    [
        ("Harrow lease", "", "mid:mine@okafor.example"),
        ("Re: Harrow lease", "", "graph:"),
        ("", "", "graph:"),
        ("Harrow lease", REPLY, "graph:"),
        ("Harrow lease", "no base64", "graph:"),
    ],
)
def test_without_any_other_sign_graphs_own_name_stands(
    tenant: Tenant, ada: Mailbox, subject: str, index: str, thread: str
) -> None:
    ada.sends(at=MONDAY, subject=subject, message_id="<mine@okafor.example>", index=index)
    assert only(tenant).thread.startswith(thread)


def test_a_mail_that_is_read_again_stays_in_its_conversation(tenant: Tenant, ada: Mailbox) -> None:
    """Also where the mail that told it is not read again."""
    ada.receives(at=MONDAY - 2 * DAY - 60, references=(ROOT,))
    ada.sends(at=MONDAY, subject="Re: Harrow lease", references=(ROOT,), index=REPLY)
    window = week(first=MONDAY - 4 * DAY)
    first = pages(tenant, window=window)
    assert threads(evidence(first)) == ["mid:root@harrow.example"] * 2
    assert evidence(pages(tenant, first[-1].state, window)) == evidence(first)[1:]


def test_what_is_remembered_ends_with_the_mail_that_is_read_again() -> None:
    known = Conversations({})
    known.hears(row("a"), "mid:a")
    known.thread(row("a"), MONDAY, "1")
    known.thread(row("b"), MONDAY + 3 * DAY, "2")
    kept = known.since(MONDAY + DAY)
    assert [said[1] for said in kept.values()] == ["graph:b"]
    assert known.thread(row("a"), MONDAY + 4 * DAY, "3") == "mid:a"


def test_what_is_remembered_outlasts_the_run() -> None:
    first = Conversations({})
    assert first.thread(row(), MONDAY, "1") == "graph:c"
    later = Conversations({name: list(said) for name, said in first.since(0).items()})
    later.hears(row(), "mid:root")
    assert later.thread(row(), MONDAY, "1") == "graph:c"


def test_a_mail_of_no_conversation_has_no_name_of_graphs() -> None:
    known = Conversations({})
    known.hears(row(None), "mid:another")
    assert known.thread(row(None), MONDAY, "1") == ""
    assert known.thread(row(""), MONDAY, "2") == ""
    assert known.since(0) == {}
