"""Paths of a source that are not there are told without their names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autotime.collectors.activitywatch import ActivityWatchCollector
from autotime.collectors.calls import CallsCollector
from autotime.collectors.documents import DocumentsCollector
from autotime.collectors.eml import EmlCollector
from autotime.collectors.ics import IcsCollector
from autotime.collectors.maildir import MaildirCollector
from autotime.collectors.mbox import MboxCollector
from autotime.collectors.msg import MsgCollector
from autotime.domain.errors import Misused, SourceUnavailable

from .sources import context

CLIENT = "Harrow v. Lund"
SEVERAL = (
    ActivityWatchCollector,
    CallsCollector,
    DocumentsCollector,
    IcsCollector,
    MboxCollector,
    MsgCollector,
)


def refused(collector: Any) -> Exception:
    """What a look meets. Its words are reported and logged, its cause is printed with a traceback."""
    with pytest.raises((SourceUnavailable, Misused)) as met:
        list(collector.collect(None, context()))
    assert CLIENT not in f"{met.value} {met.value.hint} {met.value.__cause__}"
    return met.value


@pytest.mark.parametrize("kind", SEVERAL)
def test_a_path_that_is_not_there_is_told_by_its_number(kind: Callable[..., Any], tmp_path: Path) -> None:
    """Folders are named after clients, and reports, logs and the mails of a scheduler are plain."""
    (tmp_path / "there").mkdir()
    met = refused(kind(account="office", paths=[tmp_path / "there", tmp_path / CLIENT]))
    assert str(met) == "path 2 of the source is not there"


@pytest.mark.parametrize("kind", [EmlCollector, MaildirCollector])
def test_the_only_path_is_the_first(kind: Callable[..., Any], tmp_path: Path) -> None:
    """The same words for a source of one path."""
    assert str(refused(kind(account="office", path=tmp_path / CLIENT))) == "path 1 of the source is not there"


def test_contacts_are_told_by_their_setting(tmp_path: Path) -> None:
    """They may lie with a client's papers."""
    (tmp_path / "calls.csv").write_text("", encoding="utf-8")
    met = refused(CallsCollector(account="phone", paths=[tmp_path], contacts=str(tmp_path / CLIENT / "book.vcf")))
    assert str(met) == "the source's contacts are not there"
