"""How far Microsoft 365 was read: one cursor for all parts, and whose it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autotime.collectors.microsoft.collector import MicrosoftCollector
from autotime.domain.evidence import Batch, Kind, SyncCursor
from autotime.testing import Shelf
from autotime.testing.microsoft import Mailbox, Tenant
from tests.collectors.microsoft.office import ada as box_of
from tests.collectors.microsoft.office import source
from tests.collectors.microsoft.people import Sitter, signed_in, stranger
from tests.collectors.sources import MONDAY, context, letter

NOW = MONDAY + 86_400


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        box = box_of(made)
        box.receives(letter(0))
        box.meets(MONDAY, MONDAY + 1800, "Harrow call")
        box.edits("Lease.docx", MONDAY, MONDAY + 600)
        yield made


@pytest.fixture
def ada(tenant: Tenant) -> Mailbox:
    return box_of(tenant)


def pages(made: MicrosoftCollector, cursor: SyncCursor | None = None) -> list[Batch]:
    return list(made.collect(cursor, context(NOW)))


def kinds(found: list[Batch]) -> list[Kind]:
    return [item.kind for page in found for item in page.evidence]


def said(cursor: SyncCursor | None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cursor.value) if cursor else {}
    return found


def test_another_mailbox_does_not_go_on_where_the_first_one_stopped(tenant: Tenant, tmp_path: Path) -> None:
    cursor = pages(source(tenant, tmp_path, parts=("mail",)))[-1].cursor
    tenant.mailbox("cleo@okafor.example").receives(letter(7, sent=MONDAY - 20 * 86_400))
    found = pages(source(tenant, tmp_path, parts=("mail",), mailbox="cleo@okafor.example"), cursor)
    assert [item.subject.reveal() for page in found for item in page.evidence] == ["Harrow lease no. 7"]


def test_another_person_who_signed_in_begins_at_the_beginning(tenant: Tenant, tmp_path: Path) -> None:
    """Under the same name in the settings."""
    cursor = pages(signed_in(tenant, tmp_path))[-1].cursor
    tenant.mailbox("cleo@okafor.example").receives(letter(7, sent=MONDAY - 20 * 86_400))
    cleo = Sitter(tenant, "cleo@okafor.example")
    made = stranger(tenant, tmp_path, cleo.browse)
    made.connect(cleo)
    assert [item.subject.reveal() for page in pages(made, cursor) for item in page.evidence] == ["Harrow lease no. 7"]


def test_another_cloud_begins_at_the_beginning(tenant: Tenant, ada: Mailbox, tmp_path: Path) -> None:
    """The same address may be somebody else there."""
    ada.receives(letter(1, sent=MONDAY - 20 * 86_400))
    made = source(tenant, tmp_path, parts=("mail",))
    cursor = pages(made)[-1].cursor
    assert len(kinds(pages(made, cursor))) == 1
    with Tenant() as other:
        box_of(other).receives(letter(1, sent=MONDAY - 20 * 86_400))
        moved = source(other, tmp_path, parts=("mail",))
        assert len(kinds(pages(moved, cursor))) == 1


def test_text_that_was_not_read_before_is_read_when_the_mode_says_so(
    tenant: Tenant, ada: Mailbox, tmp_path: Path
) -> None:
    """Mail alone is read again from the start: the other parts go on where they were."""
    ada.receives(letter(1, sent=MONDAY - 20 * 86_400))
    shelf = Shelf().run(source(tenant, tmp_path, mode="metadata"), context(NOW))
    before = said(shelf.cursor)
    assert {item.body.reveal() for item in shelf.items if item.kind is Kind.MESSAGE} == {""}
    ahead = said(next(iter(source(tenant, tmp_path).collect(shelf.cursor, context(NOW)))).cursor)
    assert (ahead["files"], ahead["mode"]) == (before["files"], "text")
    shelf.run(source(tenant, tmp_path), context(NOW))
    texts = [item.body.reveal() for item in shelf.items if item.kind is Kind.MESSAGE]
    assert texts == ["The lease is signed."] * 2


def test_a_part_that_is_added_later_begins_at_its_beginning(tenant: Tenant, tmp_path: Path) -> None:
    cursor = pages(source(tenant, tmp_path, parts=("files",)))[-1].cursor
    assert Kind.MEETING in kinds(pages(source(tenant, tmp_path, parts=("files", "calendar")), cursor))


@pytest.mark.parametrize(
    "value", ["", "{", "null", "[1]", '{"v": 1}', '{"v": 0, "mail": 7}', '{"mail": {"until": "x"}}']
)
def test_a_cursor_that_is_none_begins_at_the_beginning(tenant: Tenant, tmp_path: Path, value: str) -> None:
    assert len(kinds(pages(source(tenant, tmp_path), SyncCursor(value)))) == 3


def test_a_first_run_looks_back_thirty_days(tenant: Tenant, ada: Mailbox, tmp_path: Path) -> None:
    """The settings may say from when instead."""
    ada.receives(letter(1, sent=NOW - 40 * 86_400))
    made = source(tenant, tmp_path, parts=("mail",), first_days=30)
    assert len(kinds(pages(made))) == 1
    found = list(made.collect(None, context(NOW, first=NOW - 60 * 86_400)))
    assert len(kinds(found)) == 2


def test_a_part_that_was_switched_off_goes_on_where_it_was(tenant: Tenant, ada: Mailbox, tmp_path: Path) -> None:
    """Nothing of the days between is missing, and nothing before is read again."""
    shelf = Shelf().run(source(tenant, tmp_path), context(NOW))
    before = said(shelf.cursor)["mail"]
    shelf.run(source(tenant, tmp_path, parts=("calendar",)), context(NOW))
    assert said(shelf.cursor)["mail"] == before
    ada.receives(letter(1, sent=MONDAY + 60))
    shelf.run(source(tenant, tmp_path), context(NOW))
    assert (shelf.new, shelf.changed) == (1, 0)


def test_a_part_whose_place_the_service_forgot_is_read_again_and_the_others_are_not(
    tenant: Tenant, ada: Mailbox, tmp_path: Path
) -> None:
    """In the same run, and without a gap; what is known comes the same."""
    shelf = Shelf().run(source(tenant, tmp_path), context(NOW))
    ada.edits("Lease.docx", MONDAY + 7200)
    tenant.switches.location = False
    tenant.expire_cursors()
    shelf.run(source(tenant, tmp_path), context(NOW))
    assert shelf.gaps == []
    assert [item.at for item in shelf.items if item.kind is Kind.DOCUMENT] == [MONDAY, MONDAY + 7200]
    assert set(said(shelf.cursor)) >= {"mail", "calendar", "files"}
