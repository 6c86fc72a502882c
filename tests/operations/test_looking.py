"""Polls of several timekeepers and several folders: what fails stops nothing else, and costs little."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autotime.office import keys, open_office
from autotime.settings import Settings
from autotime.steps import polling
from autotime.steps.collecting import collect, retry_quarantined
from autotime.steps.polling import poll_everyone
from tests.collectors.sources import MONDAY, docx, put

from .firms import MISSING, founded

NOW = MONDAY + 3600


def papers(folder: Path, who: str = "", account: str = "papers") -> dict[str, Any]:
    docx(folder / "Motion.docx", saved=MONDAY)
    mine = {"timekeeper": who} if who else {}
    return {"account": account, "type": "documents", "paths": [str(folder)], **mine}


def polled(firm: Settings, now: int = NOW) -> list[tuple[str, str, int]]:
    return [(one["timekeeper"], one["outcome"], one["new"]) for one in poll_everyone(firm, "", True, now)]


def test_a_timekeeper_whose_key_is_away_stops_no_other(tmp_path: Path) -> None:
    people = ("AOK", "BEN")
    firm = founded(tmp_path, people, [papers(tmp_path / who, who, f"papers {who}") for who in people])
    keys(firm, "AOK").path.unlink()  # type: ignore[attr-defined]
    assert polled(firm) == [("AOK", "failed", 0), ("BEN", "looked", 1)]


@pytest.mark.parametrize("other", [MISSING, {"account": "odd", "type": "documents", "path": "one"}])
def test_a_folder_that_is_away_or_wrong_stops_no_other(tmp_path: Path, other: dict[str, Any]) -> None:
    """It is told, and waited for without opening the store."""
    firm = founded(tmp_path, ["AOK"], [other, papers(tmp_path / "papers")])
    assert polled(firm) == [("AOK", "looked", 1)]
    assert polled(firm) == [("AOK", "not there", 0)]


def test_lasting_trouble_does_not_open_the_store_at_every_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked at once more; the folder beside it is left alone at once."""
    firm = founded(tmp_path, ["AOK"], [papers(tmp_path / name, account=name) for name in ("one", "other")])
    polled(firm)
    (tmp_path / "one" / "Motion.docx").unlink()
    looked: list[list[str]] = []
    look = polling._look

    def noted(firm: Settings, who: str, sources: list[Any], now: int) -> list[Any]:
        looked.append([source.account for source in sources])
        return look(firm, who, sources, now)

    monkeypatch.setattr(polling, "_look", noted)
    for _ in range(4):
        polled(firm)
    assert looked == [["one"], ["one"]]
    docx(tmp_path / "one" / "Motion.docx", saved=MONDAY + 60)
    assert polled(firm) == [("AOK", "looked", 1)]


def test_a_retry_gives_no_document_its_minutes_again(tmp_path: Path) -> None:
    """The folder is not read from its start for one bad file in it."""
    folder = tmp_path / "papers"
    firm = founded(tmp_path, ["AOK"], [papers(folder)])
    put(folder / "Order.docx", b"no archive")
    office = open_office(firm, "AOK", NOW)
    with office.store:
        for _ in range(2):
            collect(office)
        [row] = office.store.quarantine.all()
        told = {one.source: (one.new, one.unchanged, one.quarantined) for one in retry_quarantined(office)}
        assert (row.source, told["documents"]) == ("documents", (0, 0, 1))
