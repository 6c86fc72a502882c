"""What an administrator grants the firm's registration."""

from __future__ import annotations

from pathlib import Path

import pytest

from autotime.collectors.microsoft.app import MODES
from autotime.collectors.microsoft.collector import MicrosoftCollector
from autotime.testing.microsoft import Tenant
from tests.collectors.microsoft.office import connection

PAGE = (Path(__file__).parents[3] / "docs" / "for-your-administrator.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("mode", "mail", "calendar"),
    [("text", "Mail.Read", "Calendars.Read"), ("metadata", "Mail.ReadBasic.All", "Calendars.ReadBasic.All")],
)
def test_an_administrator_is_asked_for_the_firms_permissions(
    tmp_path: Path, mode: str, mail: str, calendar: str
) -> None:
    """Not for a person's; only for the parts that are chosen."""
    with Tenant() as tenant:
        given = connection(tenant, tmp_path)
    made = MicrosoftCollector("office", given, mode=mode, attendance=True, call_records=True)
    assert list(made.wants_firm()) == [
        "User.Read.All",
        mail,
        calendar,
        "Files.Read.All",
        "CallRecords.Read.All",
        "OnlineMeetings.Read.All",
        "OnlineMeetingArtifact.Read.All",
    ]
    assert "User.Read.All" not in MicrosoftCollector("office", given, parts=("mail", "calendar")).wants_firm()
    assert not any("you" in why for why in made.wants_firm().values())


@pytest.mark.parametrize("mode", MODES)
def test_the_administrators_page_names_every_permission(tmp_path: Path, mode: str) -> None:
    """Of a person and of the firm, with every part switched on."""
    with Tenant() as tenant:
        given = connection(tenant, tmp_path)
    made = MicrosoftCollector("office", given, mode=mode, attendance=True, chats=True, call_records=True)
    named = {*made.wants(), *made.wants_firm()}
    assert {name for name in named if f"`{name}`" not in PAGE} == set()


def test_the_administrators_page_says_that_the_text_of_meetings_and_chats_is_kept() -> None:
    """A row for every part that keeps something, each with its text where it keeps that."""
    rows = [row.split("|")[1:3] for row in PAGE.partition("## What is stored")[2].splitlines() if row.startswith("| ")]
    kept = {part: [what for what, of in rows if of.strip().startswith(part)] for part in ("calendar", "chats", "call")}
    assert any("text (5,000 characters" in what for what in kept["calendar"])
    assert any("text (20,000 characters" in what for what in kept["chats"])
    assert kept["call"]
    assert "that a chat took place" not in PAGE
