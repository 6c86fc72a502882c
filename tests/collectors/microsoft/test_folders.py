"""Folders of a mailbox at Microsoft: which are known, what they are called, and which are never stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autotime.collectors.microsoft.folders import folders_of
from autotime.domain.doors import CollectContext
from autotime.testing.microsoft import Mailbox, Tenant
from autotime.testing.server import Status
from tests.collectors.microsoft.mailroom import pages, spoil_in_batches, subjects
from tests.collectors.microsoft.parts import ADA, asking, evidence, week
from tests.collectors.sources import MONDAY


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        yield made


@pytest.fixture
def ada(tenant: Tenant) -> Mailbox:
    return tenant.mailbox(ADA, "Ada Okafor")


def excluding(*names: str) -> CollectContext:
    return replace(week(), excluded=frozenset(name.casefold() for name in names))


# -- the map ----------------------------------------------------------------------------------


def test_folders_are_known_at_any_depth_and_by_any_number(tenant: Tenant, ada: Mailbox) -> None:
    """A level is a batch, whatever its size; a list of many is read to its end."""
    parent = ada.has_folder("Matters")
    for number in range(45):
        ada.has_folder("Deep", ada.has_folder(f"Matter {number}", parent))
    known = folders_of(asking(tenant), "/me")
    assert {f"Matter {number}" for number in range(45)} | {"Matters", "Deep", "Inbox", "Sent"} <= set(
        known.names.values()
    )
    assert known.whole


def test_a_flat_mailbox_takes_one_request(tenant: Tenant, ada: Mailbox) -> None:
    folders_of(asking(tenant), "/me")
    assert tenant.requests == 1


def test_a_list_of_folders_in_odd_pages_is_read_to_its_end(tenant: Tenant, ada: Mailbox) -> None:
    for number in range(5):
        ada.has_folder(f"Matter {number}")
    tenant.empty_page_with_next()
    assert {f"Matter {number}" for number in range(5)} <= set(folders_of(asking(tenant), "/me").names.values())


def test_a_hidden_folder_is_none(tenant: Tenant, ada: Mailbox) -> None:
    hidden = ada.folders[ada.has_folder("TeamsMessagesData", hidden=True)].id
    assert not folders_of(asking(tenant), "/me").holds(hidden)


def test_a_mailbox_without_some_of_the_usual_folders_is_one_all_the_same(tenant: Tenant, ada: Mailbox) -> None:
    del ada.folders["outbox"], ada.folders["junkemail"]
    known = folders_of(asking(tenant), "/me")
    assert known.whole
    assert known.holds(ada.folders["inbox"].id)


def test_a_folder_that_is_gone_in_the_midst_hides_nothing(
    tenant: Tenant, ada: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it held is gone with it: the map is whole."""
    ada.has_folder("Harrow", ada.has_folder("Matters"))
    spoil_in_batches(tenant, "/childFolders", Status(404), monkeypatch)
    known = folders_of(asking(tenant), "/me")
    assert known.whole
    assert "Harrow" not in known.names.values()


# -- never stored -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("personal", ["sent", "received"]),
        ("Sent", ["private", "received"]),
        ("Sent Items", ["private", "received"]),
        ("INBOX", ["private", "sent"]),
        ("Nowhere", ["private", "sent", "received"]),
    ],
)
def test_an_excluded_folder_is_never_read_from(tenant: Tenant, ada: Mailbox, name: str, left: list[str]) -> None:
    """Under the name the mailbox shows, or the one every source has for it."""
    ada.receives(at=MONDAY, subject="private", folder=ada.has_folder("Personal"))
    ada.sends(at=MONDAY + 1, subject="sent")
    ada.receives(at=MONDAY + 2, subject="received")
    assert subjects(evidence(pages(tenant, window=excluding(name)))) == left


def test_no_attachment_of_an_excluded_mail_is_looked_for(tenant: Tenant, ada: Mailbox) -> None:
    ada.receives(at=MONDAY, attached=("x-ray.png",), folder=ada.has_folder("Personal"))
    pages(tenant, window=excluding("Personal"))
    assert not any(b"attachments" in asked.body for asked in tenant.server.asked)


def test_where_folders_cannot_be_told_apart_none_is_stored_by_mistake(
    tenant: Tenant, ada: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies in an unknown folder may lie in one that is never to be stored: it is left out, and that is told."""
    ada.receives(at=MONDAY, subject="private", folder=ada.has_folder("Personal", ada.has_folder("Mine")))
    ada.receives(at=MONDAY + 1, subject="received")
    spoil_in_batches(tenant, "/childFolders", Status(403), monkeypatch)
    found = pages(tenant, window=excluding("Personal"))
    assert subjects(evidence(found)) == ["received"]
    assert [gap.part for page in found for gap in page.gaps] == ["mail folders"]
    assert subjects(evidence(pages(tenant))) == ["private", "received"]
