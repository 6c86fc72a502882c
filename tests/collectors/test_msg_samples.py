"""Outlook items of the wild, against what an independent reader found in them."""

from __future__ import annotations

import json
import os
import shutil
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from autotime.collectors.msg import MsgCollector
from autotime.collectors.outlook import APPOINTMENT, opened
from autotime.domain.evidence import Kind
from autotime.testing import Shelf
from autotime.testing.collectors import NOW

from .outlook_items import EMBEDDED
from .sources import context

DATA = Path(os.environ.get("AUTOTIME_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
SAMPLES = DATA.parent / "reference" / "collectors" / "samples" / "msg-msgreader-ts"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not on this machine")


def facts() -> dict[str, dict[str, Any]]:
    return {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(SAMPLES.glob("*.json"))}


def test_every_sample_says_what_an_independent_reader_found() -> None:
    """Class, subject, body, submit time, start and end, recipients, attachments."""
    for name, told in facts().items():
        with opened(SAMPLES / f"{name}.msg") as found:
            said = {
                "messageClass": found.text(0x001A),
                "subject": found.text(0x0037),
                "body": found.text(0x1000),
                "clientSubmitTime": found.instant(0x0039),
                "apptStartWhole": found.instant(found.named(APPOINTMENT, 0x820D)),
                "apptEndWhole": found.instant(found.named(APPOINTMENT, 0x820E)),
            }
            people = [(one.text(0x3001), one.text(0x3003)) for one in found.parts("recip")]
            names = [one.text(0x3707) for one in found.parts("attach") if one.number(0x3705) != EMBEDDED]
        expected = {
            key: int(parsedate_to_datetime(told[key]).timestamp())
            if key[-4:] in ("Time", "hole") and key in told
            else told.get(key)
            for key in said
        }
        assert said == expected, name
        assert people == [(one["name"], one["email"]) for one in told["recipients"]], name
        assert names == [one["fileName"] for one in told["attachments"] if "fileName" in one], name


def test_the_samples_come_as_mails_and_meetings_and_nothing_is_lost(tmp_path: Path) -> None:
    """Three drafts and a contact are left out, with their number."""
    shutil.copytree(SAMPLES, tmp_path / "samples")
    shelf = Shelf().run(MsgCollector("dragged", [tmp_path / "samples"]), context(now=NOW))
    sent = {name for name, told in facts().items() if told["messageClass"] == "IPM.Note" and "clientSubmitTime" in told}
    meetings = {name for name, told in facts().items() if told["messageClass"] == "IPM.Appointment"}
    kinds = [found.kind for found in shelf.items]
    assert shelf.quarantined == {}
    assert kinds.count(Kind.MESSAGE) == len(sent)
    assert kinds.count(Kind.MEETING) == len(meetings)
    pages = MsgCollector("dragged", [tmp_path / "samples"]).collect(None, context())
    left = {gap.part: gap.reason for page in pages for gap in page.gaps}
    assert left["drafts"] == "3 left out"
    assert left["items that are neither mail nor meeting"] == "1 left out"
