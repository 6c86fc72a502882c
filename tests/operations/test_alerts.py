"""What somebody hears of, in which words, and how often."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.operations.alerts import Alert, Limits, Night, Seen, after_the_night, alerts_of, seen_after, workdays
from autotime.operations.commands import Done, system
from autotime.operations.telling import Ways, letter, told

from .machines import Recorder

DAY = 86_400
MONDAY = 1_773_014_400
"""Monday 9 March 2026, UTC."""


def source(**changes: Any) -> dict[str, Any]:
    usual = {"account": "office mail", "source": "imap", "new": 0, "changed": 0, "trouble": "", "hint": "", "kind": ""}
    return {**usual, "sign_in_needed": False, "gaps": [], **changes}


def night(*sources: dict[str, Any], **changes: Any) -> Night:
    return Night("AOK", sources, **changes)


def kinds(one: Night, seen: dict[str, Seen] | None = None, now: int = MONDAY) -> list[str]:
    after = seen_after(one, seen or {}, now)
    return [alert.kind for alert in alerts_of(one, after, now, Limits())]


def known(success: int, items: int = 0, given: int = 7) -> dict[str, Seen]:
    return {"AOK|office mail|imap": Seen(success, items, given)}


def having_given(number: int) -> dict[tuple[str, str], int]:
    return {("office mail", "imap"): number}


AWAY = {"trouble": "there is no /srv/ada/Harrow v. Lund", "kind": "SourceUnavailable"}


# -- deciding -------------------------------------------------------------------------------------------


def test_a_night_on_which_all_went_well_says_nothing() -> None:
    """Quiet mornings are the rule."""
    assert kinds(night(source(new=3), submissions={"sent": 4, "queued": 2}, lapses={"office mail": 0})) == []


def test_sudden_emptiness_and_an_ended_sign_in_are_said_at_once() -> None:
    """Nobody should wait for days."""
    empty, ended = source(trouble="…", kind="SuddenlyEmpty"), source(trouble="…", sign_in_needed=True)
    assert (kinds(night(empty)), kinds(night(ended))) == (["suddenly empty"], ["sign-in needed"])


def test_a_source_that_could_not_be_read_is_given_three_days() -> None:
    """A share that is away for a night comes back."""
    away = night(source(**AWAY))
    assert kinds(away, known(MONDAY - 3 * DAY + 1)) == []
    assert kinds(away, known(MONDAY - 3 * DAY)) == ["silent"]


def without(*parts: str, **changes: Any) -> Night:
    return night(source(gaps=[{"part": part, "reason": "refused", "hint": ""} for part in parts], **changes))


def test_a_part_that_is_not_collected_is_said_once_until_it_is_another(tmp_path: Path) -> None:
    """The rest of the source was read, so nothing else would say it."""
    said: list[str] = []

    def tell(due: Sequence[Alert]) -> str:
        said.extend(alert.said for alert in due)
        return ""

    nights = [without("calendar"), without("calendar"), without("calendar", "mail"), without(), without("calendar")]
    for number, one in enumerate(nights):
        after_the_night([one], tmp_path / "alerts.json", MONDAY + number * DAY, Limits(), tell)
    calendar = "«office mail» is collected without its calendar"
    assert said == [calendar, "«office mail» is collected without its mail and calendar", calendar]


def test_what_may_be_left_out_for_good_is_nobodys_alert() -> None:
    """Nor is a warning; and a source with a trouble of its own is told by that."""
    assert kinds(without("attendance", "chats", "clock")) == []
    assert kinds(without("mail", trouble="…", sign_in_needed=True)) == ["sign-in needed"]


def test_a_source_met_for_the_first_time_is_not_silent_yet() -> None:
    """It was never read, but not for days."""
    assert kinds(night(source(**AWAY))) == []


def test_a_month_off_is_no_silence_of_a_source_that_is_read_again() -> None:
    """It was the machine that was off."""
    back = night(source(new=40), given=having_given(47))
    assert kinds(back, known(MONDAY - 30 * DAY, MONDAY - 30 * DAY)) == []


def test_nothing_new_for_a_working_week_is_worth_a_word_only_where_there_used_to_be_something() -> None:
    """Mail that is redirected looks like quiet."""
    quiet = night(source())
    assert kinds(quiet, known(MONDAY, MONDAY - 7 * DAY)) == ["nothing new"]
    assert kinds(quiet, known(MONDAY, MONDAY - 4 * DAY)) == []
    assert kinds(quiet, known(MONDAY, 0)) == []


@pytest.mark.parametrize("given", [8, 6])
def test_what_a_poll_collected_by_day_is_not_missed_at_night(given: int) -> None:
    """The night itself finds nothing new; a source that was read again from its start has given fewer."""
    polled = night(source(), given=having_given(given))
    assert kinds(polled, known(MONDAY, MONDAY - 30 * DAY)) == []


def test_a_source_whose_place_is_read_from_its_start_and_gives_nothing_has_given_nothing() -> None:
    """What it gives then is what was there before."""
    assert kinds(night(source(), given=having_given(0)), known(MONDAY, MONDAY - 7 * DAY)) == ["nothing new"]


@pytest.mark.parametrize(("days", "said"), [(8, False), (7, True), (1, True), (0, True), (-2, False)])
def test_a_sign_in_that_ends_soon_is_said_before_it_does(days: int, said: bool) -> None:
    """After its end it is «needed», once the source says so."""
    found = kinds(night(source(), lapses={"office mail": MONDAY + days * DAY}))
    assert found == (["sign-in ends"] if said else [])


def test_what_billing_refused_or_may_have_is_said() -> None:
    """Each with its number."""
    one = night(submissions={"refused": 1, "in_doubt": 2, "duplicate_found": 1, "removed_there": 3, "sent": 9})
    said = [alert.said for alert in alerts_of(one, {}, MONDAY, Limits())]
    assert said == [
        "1 entry is refused by billing",
        "2 entries are in doubt: billing may or may not have them",
        "1 entry is in billing more than once",
        "3 entries are gone from billing",
    ]


def test_a_push_that_left_entries_behind_is_said() -> None:
    """They wait for a person, and would wait for good."""
    alerts = alerts_of(night(held=2), {}, MONDAY, Limits())
    assert [(one.said, one.hint) for one in alerts] == [
        ("2 entries were not sent to billing by a push", "autotime status")
    ]


def test_a_billing_system_that_could_not_be_asked_is_said_without_its_words() -> None:
    """With the command that helps; one that answered says nothing."""
    lost = {"target": "clio", "changed": {}, "trouble": "Harrow v. Lund", "hint": "autotime connect clio"}
    asked = {"target": "mycase", "changed": {"sent": 2}, "trouble": "", "hint": ""}
    [alert] = alerts_of(night(billing=[lost, asked]), {}, MONDAY, Limits())
    assert (alert.kind, alert.about, alert.hint) == ("billing not asked", "clio", "autotime connect clio")
    assert "Harrow" not in alert.said + alert.state


def test_no_alert_holds_the_words_of_a_trouble() -> None:
    """They may name a folder, and a folder a client."""
    one = night(source(**AWAY), failure="NotSetUp")
    after = known(MONDAY - 9 * DAY)
    alerts = alerts_of(one, after, MONDAY, Limits())
    assert [alert.kind for alert in alerts] == ["failed", "silent"]
    assert "Harrow" not in letter(alerts, Ways(mail_to=["it@firm.example"])).as_string()
    assert "Harrow" not in json.dumps([asdict(alert) for alert in alerts])


@given(st.integers(0, 20_000), st.integers(0, 400))
def test_workdays_are_counted_as_a_calendar_counts_them(first: int, length: int) -> None:
    """Saturdays and Sundays are none."""
    days = range(first + 1, first + length + 1)
    assert workdays(first * DAY, (first + length) * DAY) == sum((day + 3) % 7 < 5 for day in days)


# -- how often ------------------------------------------------------------------------------------------


class Listener:
    """Hears what is said; ``deaf`` is what saying it meets."""

    def __init__(self) -> None:
        self.heard: list[list[str]] = []
        self.deaf = ""

    def __call__(self, alerts: Sequence[Alert]) -> str:
        if not self.deaf:
            self.heard.append([alert.kind for alert in alerts])
        return self.deaf


def test_the_same_alert_is_quiet_until_it_changes_or_a_week_has_passed(tmp_path: Path) -> None:
    """Ten nights of one refused entry, then of two."""
    ears, path = Listener(), tmp_path / "alerts.json"
    for number in range(10):
        after_the_night([night(submissions={"refused": 1})], path, MONDAY + number * DAY, Limits(), ears)
    assert ears.heard == [["delivery"], ["delivery"]]
    after_the_night([night(submissions={"refused": 2})], path, MONDAY + 10 * DAY, Limits(), ears)
    assert len(ears.heard) == 3


def test_days_that_go_by_are_no_change(tmp_path: Path) -> None:
    """«Not read for 4 days» is the same as «for 5 days»."""
    ears, path = Listener(), tmp_path / "alerts.json"
    for number in range(9):
        after_the_night([night(source(**AWAY))], path, MONDAY + number * DAY, Limits(), ears)
    assert ears.heard == [["silent"]]


def test_what_was_over_and_comes_again_is_said_at_once(tmp_path: Path) -> None:
    """A sign-in that was renewed and ended again the next day."""
    ears, path = Listener(), tmp_path / "alerts.json"
    ended = night(source(trouble="…", sign_in_needed=True))
    for number, one in enumerate([ended, ended, night(source()), ended]):
        after_the_night([one], path, MONDAY + number * DAY, Limits(), ears)
    assert ears.heard == [["sign-in needed"], ["sign-in needed"]]


def test_what_could_not_be_said_is_said_the_next_night(tmp_path: Path) -> None:
    """The mail server was down; the run goes on and tells why."""
    ears, path = Listener(), tmp_path / "alerts.json"
    ears.deaf = "the alerts' mail was not sent"
    one = night(submissions={"refused": 1})
    assert after_the_night([one], path, MONDAY, Limits(), ears)[1] == ears.deaf
    ears.deaf = ""
    assert after_the_night([one], path, MONDAY + DAY, Limits(), ears)[1] == ""
    assert ears.heard == [["delivery"]]


def test_fifty_timekeepers_are_one_message_and_keep_their_own_memory(tmp_path: Path) -> None:
    """A night of one of them forgets nothing of the others."""
    ears, path = Listener(), tmp_path / "alerts.json"
    everybody = [Night(f"T{number}", submissions={"refused": 1}) for number in range(50)]
    after_the_night(everybody, path, MONDAY, Limits(), ears)
    after_the_night([Night("T7")], path, MONDAY + DAY, Limits(), ears)
    after_the_night(everybody, path, MONDAY + 2 * DAY, Limits(), ears)
    assert [len(said) for said in ears.heard] == [50, 1]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_memory_that_is_damaged_says_again_rather_than_nothing(tmp_path: Path) -> None:
    """Twice is better than never."""
    ears, path = Listener(), tmp_path / "alerts.json"
    path.write_text('{"seen": 3', encoding="utf-8")
    after_the_night([night(submissions={"refused": 1})], path, MONDAY, Limits(), ears)
    assert ears.heard == [["delivery"]]


# -- saying it ------------------------------------------------------------------------------------------

ALERT = Alert(
    "sign-in needed", "AOK", "office mail", "«office mail» is not collected", "", 'autotime connect "office mail"'
)


def test_a_command_gets_the_alerts_as_json_on_its_standard_input() -> None:
    """A real process, without a shell: what looks like one is an argument."""
    script = "import json, sys; sys.exit(json.load(sys.stdin)['alerts'][0]['about'] != sys.argv[1])"
    assert told([ALERT], Ways([sys.executable, "-c", script, "office mail"]), system) == ""
    assert (
        told([ALERT], Ways([sys.executable, "-c", script, "$(reboot)"]), system) == "the alerts' command ended with 1"
    )
    assert told([ALERT], Ways(["/nowhere/at-all"]), system) == "the alerts' command ended with 127"


def test_a_command_that_hangs_is_given_up() -> None:
    """Its end is told by the code of a shell."""
    assert told([ALERT], Ways(["sleep"]), Recorder(lambda *_: Done(124))) == "the alerts' command ended with 124"
    assert system([sys.executable, "-c", "import time; time.sleep(9)"], "", 0.2).code == 124


@contextmanager
def mail_server(greeting: bytes = b"220 ready\r\n") -> Iterator[tuple[int, list[bytes]]]:
    """A server of SMTP for one mail: its port, and the lines it was told."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_serve, args=(listening, greeting, heard), daemon=True)
        thread.start()
        yield listening.getsockname()[1], heard
        thread.join(5)


def _serve(listening: socket.socket, greeting: bytes, heard: list[bytes]) -> None:
    connection, _ = listening.accept()
    with connection, connection.makefile("rwb") as lines:
        answers = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
        lines.write(greeting)
        lines.flush()
        in_data = False
        for line in lines:
            heard.append(line)
            if in_data and line != b".\r\n":
                continue
            in_data = line.upper().startswith(b"DATA")
            lines.write(answers.get(line.strip().upper(), b"250 ok\r\n"))
            lines.flush()


def test_a_mail_goes_to_those_who_should_know() -> None:
    """By a real connection."""
    with mail_server() as (port, heard):
        ways = Ways(mail_to=["it@firm.example"], smtp_host="127.0.0.1", smtp_port=port, starttls=False)
        assert told([ALERT], ways, system) == ""
    said = b"".join(heard).decode()
    assert "rcpt TO:<it@firm.example>" in said
    assert "Subject: autotime: 1 thing to look at" in said
    assert "Auto-Submitted: auto-generated" in said


def test_a_server_that_cannot_encrypt_gets_no_mail() -> None:
    """Unless the settings say that it need not."""
    with mail_server() as (port, heard):
        ways = Ways(mail_to=["it@firm.example"], smtp_host="127.0.0.1", smtp_port=port)
        assert told([ALERT], ways, system) == "the alerts' mail was not sent (SMTPNotSupportedError)"
    assert not any(line.startswith(b"mail") for line in heard)


def test_a_mail_server_that_is_not_there_fails_nothing() -> None:
    """It is told, and that is all."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    ways = Ways(mail_to=["it@firm.example"], smtp_host="127.0.0.1", smtp_port=port, starttls=False)
    assert told([ALERT], ways, system) == "the alerts' mail was not sent (ConnectionRefusedError)"


def test_an_account_with_a_line_break_in_its_name_is_one_line_of_a_mail() -> None:
    """And no header."""
    evil = Alert("silent", "AOK", "x", "«x\r\nBcc: eve@evil.example» has not been read", "", "")
    mail = letter([evil], Ways(mail_to=["it@firm.example"]))
    assert json.dumps(mail.keys()).count("Bcc") == 0
    assert len(mail.get_content().splitlines()) == 1
