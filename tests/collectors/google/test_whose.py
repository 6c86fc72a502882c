"""Whose sign-in it is, and which one stays where two meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autotime.domain.errors import Misused, SourceUnavailable
from autotime.domain.evidence import Batch, SyncCursor
from autotime.testing.google import Workspace
from autotime.testing.google.routes import AUTH
from autotime.testing.server import Asked, Status
from tests.collectors.google.office import ADA, source
from tests.collectors.google.test_signin import Ada, collect, kept, stranger
from tests.collectors.sources import MONDAY, context, letter

CLEO = "cleo@okafor.example"


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace() as made:
        made.user(ADA).receives(letter(0))
        made.user(ADA).meets("Harrow call", "2026-03-09T16:00Z", 30)
        made.user(CLEO).meets("Lindqvist call", "2026-03-09T17:00Z", 30, name="lindqvist")
        made.desk.person = ADA
        yield made


@pytest.fixture
def ada() -> Ada:
    return Ada()


# -- who signed in ----------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["mail", "calendar", "files"])
def test_whatever_was_granted_tells_whose_account_it_is(
    workspace: Workspace, tmp_path: Path, ada: Ada, part: str
) -> None:
    made = stranger(workspace, tmp_path, ada, parts=(part,))
    made.connect(ada)
    assert made.standing(MONDAY).who == ADA


@pytest.mark.parametrize("part", ["mail", "calendar", "files"])
def test_another_mailbox_is_refused_whatever_was_granted(
    workspace: Workspace, tmp_path: Path, ada: Ada, part: str
) -> None:
    made = stranger(workspace, tmp_path, ada, parts=(part,), mailbox=CLEO)
    with pytest.raises(Misused, match="another mailbox"):
        made.connect(ada)


def test_a_service_that_is_switched_off_leaves_the_question_to_another(
    workspace: Workspace, tmp_path: Path, ada: Ada
) -> None:
    workspace.off = {"/gmail", "/calendar"}
    made = stranger(workspace, tmp_path, ada, parts=("mail", "calendar", "files"))
    made.connect(ada)
    assert made.standing(MONDAY).who == ADA


def test_where_all_that_could_tell_is_switched_off_it_says_so(workspace: Workspace, tmp_path: Path, ada: Ada) -> None:
    workspace.off = {"/calendar"}
    with pytest.raises(SourceUnavailable, match="switched off"):
        stranger(workspace, tmp_path, ada, parts=("calendar",)).connect(ada)


def batches(workspace: Workspace, folder: Path, cursor: SyncCursor | None = None) -> list[Batch]:
    return list(source(workspace, folder, (), parts=("calendar",)).collect(cursor, context(MONDAY + 86_400)))


def subjects(found: list[Batch]) -> list[str]:
    return [item.subject.reveal() for batch in found for item in batch.evidence]


@pytest.mark.parametrize("tells", [True, False], ids=["an account", "nobody"])
def test_a_second_person_takes_none_of_the_firsts_meetings_back(
    workspace: Workspace, tmp_path: Path, ada: Ada, tells: bool
) -> None:
    """They are read from their beginning, also where the one permission that was ticked tells of nobody."""
    if not tells:
        workspace.desk.unticked = {f"{AUTH}calendar.calendarlist.readonly"}
    made = stranger(workspace, tmp_path, ada, parts=("calendar",))
    made.connect(ada)
    first = batches(workspace, tmp_path)
    assert subjects(first) == ["Harrow call"]
    workspace.desk.person = CLEO
    made.connect(ada)
    second = batches(workspace, tmp_path, first[-1].cursor)
    assert subjects(second) == ["Lindqvist call"]
    assert [key for batch in second for key in batch.withdrawn] == []


def test_the_mailbox_that_is_meant_is_not_taken_for_who_signed_in(
    workspace: Workspace, tmp_path: Path, ada: Ada
) -> None:
    """Where what was granted tells of nobody."""
    workspace.desk.unticked = {f"{AUTH}calendar.calendarlist.readonly"}
    made = stranger(workspace, tmp_path, ada, parts=("calendar",), mailbox=CLEO)
    made.connect(ada)
    assert made.standing(MONDAY).who == ""


# -- which one stays --------------------------------------------------------------------------


def test_a_wrong_mailbox_leaves_the_sign_in_that_was_there(workspace: Workspace, tmp_path: Path, ada: Ada) -> None:
    made = stranger(workspace, tmp_path, ada, mailbox=ADA)
    made.connect(ada)
    before = made.connection.vault.load()
    workspace.desk.person = CLEO
    with pytest.raises(Misused):
        made.connect(ada)
    assert made.connection.vault.load() == before
    assert len(collect(made).evidence) == 1


def test_trouble_with_whose_it_is_leaves_the_sign_in_that_was_there(
    workspace: Workspace, tmp_path: Path, ada: Ada
) -> None:
    made = stranger(workspace, tmp_path, ada)
    made.connect(ada)
    before = made.connection.vault.load()
    workspace.server.fault_for = lambda asked: Status(503) if "gmail" in asked.path else None
    with pytest.raises(SourceUnavailable):
        made.connect(ada)
    assert made.connection.vault.load() == before


def at_the_renewal(workspace: Workspace, act: Callable[[], object]) -> None:
    """Something happens on this machine while a run waits for its new token."""

    def answer(asked: Asked) -> None:
        if asked.path == "/token":
            act()

    workspace.server.fault_for = answer


def test_a_sign_in_that_is_made_while_a_run_renews_the_old_one_stays(workspace: Workspace, tmp_path: Path) -> None:
    """The run ends with its own."""
    made = source(workspace, tmp_path)
    fresh = workspace.sign_in(workspace.user(CLEO))
    at_the_renewal(workspace, lambda: made.connection.vault.save(fresh))
    assert len(collect(made).evidence) == 1
    assert made.connection.vault.load() == fresh


def test_a_sign_in_that_is_forgotten_while_a_run_renews_it_stays_forgotten(
    workspace: Workspace, tmp_path: Path
) -> None:
    made = source(workspace, tmp_path)
    at_the_renewal(workspace, made.connection.vault.forget)
    assert len(collect(made).evidence) == 1
    assert made.connection.vault.load() == ""


def test_what_was_noted_while_a_run_renews_is_kept(workspace: Workspace, tmp_path: Path) -> None:
    """Of the same sign-in: only what came anew is changed."""
    made = source(workspace, tmp_path)
    noted = made.connection.vault.load().replace(ADA, CLEO)
    at_the_renewal(workspace, lambda: made.connection.vault.save(noted))
    collect(made)
    assert kept(made)["who"] == CLEO
    assert kept(made)["token"]


def test_a_sign_in_is_saved_under_a_lock(
    workspace: Workspace, tmp_path: Path, ada: Ada, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the person and by a run alike."""
    made = stranger(workspace, tmp_path, ada)
    vault, seen = made.connection.vault, list[bool]()
    save = vault.save

    def watched(secret: str) -> None:
        seen.append(Path(f"{vault.path}.lockfile").exists())
        save(secret)

    monkeypatch.setattr(vault, "save", watched)
    made.connect(ada)
    save(workspace.sign_in(workspace.user(ADA)))
    collect(made)
    assert seen == [True] * 3
