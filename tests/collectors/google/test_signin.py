"""Signing in to Google: once in the browser, then renewed without anybody, or by the firm's service account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest

from autotime.collectors.google.collector import GoogleCollector
from autotime.collectors.google.signin import UNUSED
from autotime.domain.doors import Connectable, Connection
from autotime.domain.errors import AutotimeError, Misused, NotSetUp, SignInNeeded, SourceUnavailable
from autotime.testing import Shelf
from autotime.testing.google import Workspace
from autotime.testing.google.routes import AUTH
from autotime.testing.server import Asked, Portal, Reset, Status
from tests.collectors.google.office import ADA, source, vault
from tests.collectors.sources import MONDAY, context, letter


class Ada:
    """Who sits there. What she is shown is in ``lines``; ``browse`` is her browser, which comes back
    when the last page is there."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.asked: list[tuple[str, bool]] = []
        self.answers: list[str] = []
        self.opened: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    def ask(self, question: str, secret: bool = False) -> str:
        self.asked.append((question, secret))
        return self.answers.pop(0)

    def browse(self, url: str) -> None:
        self.opened.append(url)
        with urlopen(url, timeout=10) as page:  # noqa: S310 - the stand-in's own address
            page.read()

    def query(self) -> dict[str, str]:
        """What the browser was sent to Google with."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.opened[-1]).query).items()}


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace() as made:
        made.user(ADA).receives(letter(0))
        made.desk.person = ADA
        yield made


@pytest.fixture
def ada() -> Ada:
    return Ada()


def stranger(workspace: Workspace, folder: Path, ada: Ada, **options: Any) -> GoogleCollector:
    """A source nobody has signed in to."""
    return source(workspace, folder, (), browse=ada.browse, **options)


def collect(made: GoogleCollector, shelf: Shelf | None = None) -> Shelf:
    return (shelf or Shelf()).run(made, context(MONDAY + 86_400))


def kept(made: GoogleCollector) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made.connection.vault.load())
    return found


# -- in the browser ---------------------------------------------------------------------------


def test_a_person_signs_in_in_the_browser(workspace: Workspace, tmp_path: Path, ada: Ada) -> None:
    """Once: from then on the source collects by itself."""
    made = stranger(workspace, tmp_path, ada)
    made.connect(ada)
    assert made.standing(MONDAY).who == ADA
    assert len(collect(made).evidence) == 1


def test_google_is_asked_for_a_sign_in_that_lasts(workspace: Workspace, tmp_path: Path, ada: Ada) -> None:
    """Offline, with consent, with PKCE, on a port of its own, for the mailbox that is meant."""
    stranger(workspace, tmp_path, ada, mailbox=ADA).connect(ada)
    query = ada.query()
    wanted = {"access_type": "offline", "prompt": "consent", "code_challenge_method": "S256", "login_hint": ADA}
    assert wanted.items() <= query.items()
    assert urlsplit(query["redirect_uri"]).hostname == "localhost"
    assert urlsplit(query["redirect_uri"]).port not in (None, 8080)
    assert "include_granted_scopes" not in query


@pytest.mark.parametrize(("mode", "scope"), [("text", "gmail.readonly"), ("metadata", "gmail.metadata")])
def test_exactly_one_gmail_permission_is_asked_for(
    workspace: Workspace, tmp_path: Path, ada: Ada, mode: str, scope: str
) -> None:
    """A token with both has the limits of the lesser one."""
    made = stranger(workspace, tmp_path, ada, mode=mode, parts=("mail", "calendar"))
    made.connect(ada)
    asked = ada.query()["scope"].split()
    assert [name for name in asked if "gmail" in name] == [f"{AUTH}{scope}"]
    assert set(asked) == made.wants().keys()


def test_what_is_asked_for_is_what_the_parts_need_each_with_its_reason(tmp_path: Path) -> None:
    nowhere = Connection(vault(tmp_path, "ada"), vault(tmp_path, "firm"))
    made = GoogleCollector("office", nowhere, parts=("files",))
    assert isinstance(made, Connectable)
    assert [scope.removeprefix(AUTH) for scope in made.wants()] == [
        "drive.activity.readonly",
        "drive.metadata.readonly",
    ]
    assert all(made.wants().values())


def test_a_browser_elsewhere_is_answered_by_pasting_its_address(workspace: Workspace, tmp_path: Path, ada: Ada) -> None:
    """On a server without a browser; what is pasted holds the code and is not shown."""
    made = stranger(workspace, tmp_path, ada)

    def paste(question: str, secret: bool = False) -> str:
        assert secret
        address = next(line for line in ada.lines if "http" in line).splitlines()[-1]
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return workspace.desk.consent(Asked("GET", "/auth", query, {})).headers["Location"]

    ada.ask = paste  # type: ignore[method-assign]
    made.connect(ada, device=True)
    assert ada.opened == []
    assert len(collect(made).evidence) == 1


def test_an_answer_to_another_question_is_not_taken(workspace: Workspace, tmp_path: Path, ada: Ada) -> None:
    """Somebody else's code under our address: the state does not fit."""
    made = stranger(workspace, tmp_path, ada)
    ada.answers = ["http://localhost:1/?state=another&code=4/1"]
    with pytest.raises(SignInNeeded, match="another sign-in"):
        made.connect(ada, device=True)
    assert made.connection.vault.load() == ""


def test_a_permission_that_is_denied_leaves_nothing_behind(workspace: Workspace, tmp_path: Path, ada: Ada) -> None:
    workspace.desk.denies = True
    made = stranger(workspace, tmp_path, ada)
    with pytest.raises(SignInNeeded, match="not given"):
        made.connect(ada)
    assert made.connection.vault.load() == ""


def test_another_mailbox_than_the_one_meant_is_refused(workspace: Workspace, tmp_path: Path, ada: Ada) -> None:
    workspace.desk.person = "cleo@okafor.example"
    made = stranger(workspace, tmp_path, ada, mailbox=ADA)
    with pytest.raises(Misused, match="another mailbox"):
        made.connect(ada)
    assert made.connection.vault.load() == ""


def test_boxes_that_were_left_empty_are_known_and_are_gaps(workspace: Workspace, tmp_path: Path, ada: Ada) -> None:
    """The parts that were allowed go on."""
    workspace.desk.unticked = {f"{AUTH}calendar.events.readonly", f"{AUTH}calendar.calendarlist.readonly"}
    made = stranger(workspace, tmp_path, ada, parts=("mail", "calendar"))
    made.connect(ada)
    missing = made.standing(MONDAY).missing
    assert missing == (f"{AUTH}calendar.calendarlist.readonly", f"{AUTH}calendar.events.readonly")
    pages = list(made.collect(None, context(MONDAY + 86_400)))
    assert [gap.part for page in pages for gap in page.gaps] == ["calendar"]
    assert sum(len(page.evidence) for page in pages) == 1


def test_a_sign_in_with_both_gmail_permissions_says_what_to_do(workspace: Workspace, tmp_path: Path) -> None:
    made = source(workspace, tmp_path, ("gmail.readonly", "gmail.metadata"))
    with pytest.raises(SignInNeeded, match="both") as needed:
        collect(made)
    assert "permissions" in needed.value.hint


@pytest.mark.parametrize("text", ["", "{", "[]", '{"web": {"client_id": "x"}}', '{"installed": {"client_id": "x"}}'])
def test_a_client_file_that_is_none_says_where_to_get_one(
    workspace: Workspace, tmp_path: Path, ada: Ada, text: str
) -> None:
    made = stranger(workspace, tmp_path, ada)
    Path(made.connection.app["client_file"]).write_text(text)
    with pytest.raises(NotSetUp) as wrong:
        made.connect(ada)
    assert wrong.value.hint


def test_without_a_client_of_the_firm_nobody_can_sign_in(tmp_path: Path, ada: Ada) -> None:
    made = GoogleCollector("office", Connection(vault(tmp_path, "a"), vault(tmp_path, "b")))
    with pytest.raises(NotSetUp, match="client_file"):
        made.connect(ada)


# -- renewed ----------------------------------------------------------------------------------


def test_nobody_has_signed_in_yet(workspace: Workspace, tmp_path: Path, ada: Ada) -> None:
    made = stranger(workspace, tmp_path, ada)
    with pytest.raises(SignInNeeded) as needed:
        collect(made)
    assert needed.value.hint == 'autotime connect "office"'
    assert not made.standing(MONDAY).signed_in


def test_one_renewal_serves_many_runs(workspace: Workspace, tmp_path: Path) -> None:
    """The access token is kept with the rest, sealed, and used until it ends."""
    for _ in range(3):
        collect(source(workspace, tmp_path))
    assert workspace.desk.refreshes == 1


def test_a_renewed_token_is_kept_before_it_is_used(workspace: Workspace, tmp_path: Path) -> None:
    """A run that is killed at its first request loses no renewal."""
    made = source(workspace, tmp_path)
    workspace.server.fault_for = lambda asked: Status(500) if "gmail" in asked.path else None
    with pytest.raises(SourceUnavailable):
        collect(made)
    workspace.server.fault_for = lambda _asked: None
    assert kept(made)["token"]
    collect(made)
    assert workspace.desk.refreshes == 1


def test_a_sign_in_that_was_revoked_asks_for_another_and_is_not_asked_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    """No storm of attempts; what was collected stays."""
    made = source(workspace, tmp_path)
    shelf = collect(made)
    workspace.desk.revoke()
    before, cursor = len(workspace.server.asked), shelf.cursor
    with pytest.raises(SignInNeeded) as needed:
        collect(source(workspace, tmp_path), shelf)
    assert needed.value.hint == 'autotime connect "office"'
    assert len(workspace.server.asked) - before <= 2
    assert shelf.cursor == cursor


@pytest.mark.parametrize("code", ["invalid_client", "deleted_client", "admin_policy_enforced"])
def test_a_client_that_google_refuses_is_the_administrators_matter(
    workspace: Workspace, tmp_path: Path, code: str
) -> None:
    made = source(workspace, tmp_path)
    workspace.server.fault_for = lambda asked: Status(401, body={"error": code}) if asked.path == "/token" else None
    with pytest.raises(SignInNeeded, match=code) as needed:
        collect(made)
    assert "administrator" in needed.value.hint


@pytest.mark.parametrize(
    "said", ["The account ada@okafor.example is not known", "x" * 81, "a\x1b[2Jb", ["ada@okafor.example"]], ids=repr
)
def test_what_is_no_short_word_of_googles_is_not_shown(workspace: Workspace, tmp_path: Path, said: Any) -> None:
    """Nor is it taken for a refusal."""
    made = source(workspace, tmp_path)
    workspace.server.fault_for = lambda asked: Status(400, body={"error": said}) if asked.path == "/token" else None
    with pytest.raises(SourceUnavailable) as trouble:
        collect(made)
    assert str(trouble.value) == "Google's sign-in gave no token"


@pytest.mark.parametrize(
    "fault", [Reset(), Portal(), Status(503), Status(200, body={}), Status(400, body=b"no")], ids=repr
)
def test_trouble_on_the_way_is_no_reason_to_sign_in_again(workspace: Workspace, tmp_path: Path, fault: Any) -> None:
    made = source(workspace, tmp_path)
    workspace.server.fault_for = lambda asked: fault if asked.path == "/token" else None
    with pytest.raises(SourceUnavailable):
        collect(made)
    workspace.server.fault_for = lambda _asked: None
    assert len(collect(made).evidence) == 1


def test_a_sign_in_that_was_cut_at_any_byte_is_set_aside(workspace: Workspace, tmp_path: Path) -> None:
    """Sealed, so that a part of it opens nothing; its owner signs in again."""
    made = source(workspace, tmp_path, page=200)
    path = made.connection.vault.path
    whole = path.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(SignInNeeded):
            collect(made)
    path.write_bytes(whole)
    assert len(collect(made).evidence) == 1


@pytest.mark.parametrize(
    "text", ["{", "[]", "null", '{"token": "t"}', '{"refresh_token": 7, "client_id": "", "client_secret": ""}']
)
def test_what_is_no_sign_in_counts_as_none(workspace: Workspace, tmp_path: Path, ada: Ada, text: str) -> None:
    made = stranger(workspace, tmp_path, ada)
    made.connection.vault.save(text)
    with pytest.raises(SignInNeeded):
        collect(made)


def test_a_sign_in_lapses_after_half_a_year_without_use(workspace: Workspace, tmp_path: Path, ada: Ada) -> None:
    made = stranger(workspace, tmp_path, ada)
    made.connect(ada)
    used = kept(made)["used"]
    assert made.standing(used).lapses_at == used + UNUSED
    assert made.standing(used).who == ADA
    assert not made.standing(used + UNUSED).signed_in


def test_a_project_in_testing_ends_its_sign_ins_after_a_week(workspace: Workspace, tmp_path: Path, ada: Ada) -> None:
    """Where Google says when."""
    workspace.desk.testing_project = True
    made = stranger(workspace, tmp_path, ada)
    made.connect(ada)
    used = kept(made)["used"]
    assert made.standing(used).lapses_at - used == 604_799


def test_nothing_secret_is_in_the_clear_or_in_an_error(
    workspace: Workspace, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    made = source(workspace, tmp_path)
    secrets = [kept(made)["refresh_token"], kept(made)["client_secret"]]
    workspace.desk.revoke()
    with pytest.raises(AutotimeError) as trouble:
        collect(made)
    told = f"{trouble.value!r} {trouble.value.hint} {caplog.text} {made!r}"
    sealed = [path.read_bytes() for path in (tmp_path / "sign-ins").iterdir()]
    assert not any(secret in told or secret.encode() in b"".join(sealed) for secret in secrets)
