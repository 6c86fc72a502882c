"""Signing in to a source, as a person does it and as a program meets it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from autotime import plugins
from autotime.cli import connecting
from tests.cli import firm
from tests.cli.run import Ran, autotime

WORD = "open sesame"


class Seat:
    """Who sits there: answers in order, and what they were asked."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.asked, self.secrets = list(answers), [], 0

    def answer(self, question: str, secret: bool = False) -> str:
        self.asked.append(question)
        self.secrets += secret
        return self.answers.pop(0)


@pytest.fixture
def seat(monkeypatch: pytest.MonkeyPatch) -> Seat:
    """A terminal with a person, and a service to sign in to."""
    person = Seat()
    monkeypatch.setattr(connecting, "at_a_terminal", lambda: True)
    monkeypatch.setattr(connecting.Terminal, "ask", person.answer)
    monkeypatch.setitem(plugins.COLLECTORS, "imap", "tests.cli.connectable:FakeCollector")
    return person


def with_source(home: Path, *more: str) -> Path:
    """The settings name the source."""
    lines = ["", "[[sources]]", 'account = "court mail"', 'type = "imap"', 'host = "mail.example"', *more]
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write("\n".join(lines) + "\n")
    return home


def connected(home: Path, seat: Seat, *words: str, word: str = WORD) -> Ran:
    seat.answers.append(word)
    return autotime(home, "connect", "court mail", *words)


def of_source(home: Path) -> dict[str, object]:
    return next(one for one in autotime(home, "status", "--json").json["sources"] if one["account"] == "court mail")


# -- signing in -----------------------------------------------------------------------------------


def test_a_person_is_walked_through_it(home: Path, seat: Seat) -> None:
    """What is asked for and why, the sign-in, a test call, an example of what would be stored, what comes next."""
    done = connected(with_source(home), seat)
    assert done.code == 0
    said = [
        "Mail.Read\n    reads your mail",
        "go to mail.example",
        "signed in as ada@firm.example\n  it lapses in 30 days if it is not used",
        "test call: it answers; of the last 30 days, 2 items on the first page",
        'next: autotime collect --account "court mail"',
    ]
    assert [words for words in said if words not in done.err] == []
    assert (seat.asked, seat.secrets) == (["Password:"], 1)
    assert WORD not in done.err + done.out


def test_the_example_is_an_own_mail_as_it_would_be_stored(home: Path, seat: Seat) -> None:
    """On their own screen only, where nothing in it acts."""
    done = connected(with_source(home), seat)
    assert f"subject  {firm.CANARY}" in done.out
    assert "text     We hold that the request is too broad." in done.out
    assert "to 2@northwind.example and 5 more" in done.out
    assert "facts    words_new 8" in done.out
    assert "\x1b" not in done.out
    assert firm.CANARY not in done.err


def test_the_example_can_be_left_out(home: Path, seat: Seat) -> None:
    """For somebody who helps."""
    assert connected(with_source(home), seat, "--no-example").out == ""


def test_of_a_private_meeting_the_example_shows_nothing_but_its_time(home: Path, seat: Seat) -> None:
    """As it is stored."""
    done = connected(with_source(home, "private = true"), seat)
    assert "only that this time was busy" in done.out
    assert firm.CANARY not in done.out


def test_the_test_call_stores_nothing(home: Path, seat: Seat) -> None:
    """Not a row, and no cursor."""
    before = autotime(home, "status", "--json").json["evidence"]
    connected(with_source(home), seat)
    told = autotime(home, "status", "--json").json
    assert told["evidence"] == before
    assert of_source(home)["last_tried"] is None


def test_a_device_code_is_asked_for(home: Path, seat: Seat) -> None:
    """Where the browser is on another machine."""
    assert "type 1234" in connected(with_source(home), seat, "--device").err


def test_data_for_programs_holds_no_word_of_an_item(home: Path, seat: Seat) -> None:
    """Counts, permissions, gaps."""
    told = connected(with_source(home), seat, "--json", word="half").json
    assert (told["signed_in"], told["signed_in_as"], told["missing_permissions"]) == (
        True,
        "ada@firm.example",
        ["Chat.Read"],
    )
    assert (told["test"]["items"], told["test"]["gaps"][0]["part"]) == (2, "chats")
    assert told["permissions"][0]["permission"] == "Mail.Read"
    assert firm.CANARY not in str(told)


def test_what_was_not_given_is_said(home: Path, seat: Seat) -> None:
    """With what it costs, and what helps."""
    done = connected(with_source(home), seat, word="half")
    assert "not given, so not collected: Chat.Read (sees whom you wrote to)" in done.err
    assert "not collected: chats: permission Chat.Read is missing\n    next: ask your administrator" in done.err


def test_a_test_call_that_fails_says_what_is_kept(home: Path, seat: Seat) -> None:
    """Exit code 1 and the command to run next."""
    done = connected(with_source(home), seat, word="wrong")
    assert done.code == 1
    assert "kept: the sign-in" in done.err
    assert 'next: autotime connect "court mail"' in done.err


def test_after_the_sign_in_the_status_needs_none(home: Path, seat: Seat) -> None:
    """Collecting found that it had ended; now it is there."""
    with_source(home)
    ran = autotime(home, "collect", "--account", "court mail")
    assert "sign-in needed" in ran.err
    assert of_source(home)["sign_in_needed"] is True
    assert 'sign-in needed: autotime connect "court mail" (never collected)' in autotime(home, "status").out
    connected(home, seat)
    assert of_source(home)["sign_in_needed"] is False
    assert "sign-in of ada@firm.example lapses in " in autotime(home, "status").out


def test_a_sign_in_can_be_taken_off_the_machine(home: Path, seat: Seat) -> None:
    """What was collected stays; the next run says what is needed."""
    connected(with_source(home), seat)
    assert list((home / "sign-ins").iterdir())
    done = autotime(home, "connect", "court mail", "--forget")
    assert (done.code, list((home / "sign-ins").iterdir())) == (0, [])
    assert of_source(home)["sign_in_needed"] is True


def test_the_firms_sign_in_is_kept_for_every_mailbox(home: Path, seat: Seat) -> None:
    """Not among any one timekeeper's."""
    done = connected(with_source(home), seat, "--firm")
    assert (done.code, seat.asked) == (0, ["The firm's secret:"])
    assert [file.name.partition("-")[0] for file in (home / "sign-ins").iterdir()] == ["firm"]
    assert autotime(home, "connect", "court mail", "--firm", "--forget").code == 0
    assert list((home / "sign-ins").iterdir()) == []


def test_an_administrator_sees_what_the_firm_grants_and_the_firms_sign_in_is_tried(home: Path, seat: Seat) -> None:
    """Not a person's permissions, nor what a person's own sign-in beside it can or cannot do."""
    connected(with_source(home), seat, word="half")
    told = connected(home, seat, "--firm", "--json")
    assert [one["permission"] for one in told.json["permissions"]] == ["Mail.Read.All"]
    assert (told.json["missing_permissions"], told.json["test"]["gaps"]) == ([], [])
    assert "granted to the firm by an administrator:\n  Mail.Read.All\n    reads" in told.err
    failed = connected(home, seat, "--firm", word="wrong")
    assert (failed.code, "kept: the sign-in" in failed.err) == (1, True)


def test_the_firms_sign_in_does_not_ask_whose_mailbox_is_meant(home: Path, seat: Seat) -> None:
    """There may be fifty."""
    config = with_source(home, 'timekeeper = "AOK"') / "config.toml"
    with config.open("a", encoding="utf-8") as file:
        file.write('\n[[timekeepers]]\nid = "BOB"\nlast = "Stone"\n')
        file.write('\n[[sources]]\naccount = "his"\ntype = "imap"\nhost = "x.example"\ntimekeeper = "BOB"\n')
    seat.answers.append(WORD)
    assert autotime(home, "connect", "imap", "--firm").code == 0


# -- a source that is not in the settings yet ------------------------------------------------------


def test_a_new_source_is_asked_for_shown_and_added(home: Path, seat: Seat) -> None:
    """The file's other bytes stay."""
    before = (home / "config.toml").read_bytes()
    seat.answers += ["mail.example", WORD]
    done = autotime(home, "connect", "imap", "--account", "court mail", "--yes")
    after = (home / "config.toml").read_bytes()
    assert (done.code, seat.asked[0]) == (0, "Mail server, e.g. imap.firm.example:")
    assert after.startswith(before)
    assert tomllib.loads(after.decode())["sources"][-1] == {
        "account": "court mail",
        "type": "imap",
        "host": "mail.example",
    }
    assert after[len(before) :].decode() in done.err
    assert ((home / "config.toml").stat().st_mode & 0o777) == 0o600


def test_answers_can_be_given_as_options(home: Path, seat: Seat) -> None:
    """As TOML would have them; then only the sign-in is asked for."""
    seat.answers.append(WORD)
    given = ("--set", "host=mail.example", "--set", "private=true", "--set", "mailbox=ada@firm.example")
    assert autotime(home, "connect", "imap", *given, "--yes").code == 0
    added = tomllib.loads((home / "config.toml").read_text("utf-8"))["sources"][-1]
    assert (added["account"], added["private"], added["mailbox"]) == ("imap", True, "ada@firm.example")
    assert seat.asked == ["Password:"]


def test_nothing_is_added_without_a_persons_word(home: Path, seat: Seat) -> None:
    """Shown first."""
    before = (home / "config.toml").read_bytes()
    done = autotime(home, "connect", "imap", "--set", "host=mail.example")
    assert (done.code, "--yes" in done.err) == (2, True)
    assert (home / "config.toml").read_bytes() == before


@pytest.mark.parametrize("option", ["hots=mail.example", "account=x", "host"])
def test_what_the_source_does_not_take_is_refused_before_anything_is_written(
    home: Path, seat: Seat, option: str
) -> None:
    """By its name."""
    before = (home / "config.toml").read_bytes()
    seat.answers.append("mail.example")
    done = autotime(home, "connect", "imap", "--set", option, "--yes")
    assert (done.code, "next: " in done.err) == (2, True)
    assert (home / "config.toml").read_bytes() == before


def test_the_firms_registration_is_asked_for_where_it_is_missing(
    home: Path, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And added beside the source."""
    monkeypatch.setitem(plugins.COLLECTORS, "microsoft", "tests.cli.connectable:FakeCollector")
    seat.answers += ["0000-1111", "mail.example", WORD]
    assert autotime(home, "connect", "microsoft", "--yes").code == 0
    data = tomllib.loads((home / "config.toml").read_text("utf-8"))
    assert (data["microsoft"], data["sources"][-1]["type"]) == ({"client_id": "0000-1111"}, "microsoft")


def test_a_section_that_is_there_already_is_not_written_twice(
    home: Path, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TOML has no such thing; the person is told what to write."""
    monkeypatch.setitem(plugins.COLLECTORS, "microsoft", "tests.cli.connectable:FakeCollector")
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write('\n[microsoft]\ncloud = "global"\n')
    seat.answers += ["0000-1111", "mail.example"]
    done = autotime(home, "connect", "microsoft", "--yes")
    assert (done.code, 'client_id = "0000-1111"' in done.err) == (2, True)


# -- what cannot be -------------------------------------------------------------------------------


def test_without_a_terminal_nobody_is_signed_in(home: Path) -> None:
    """A night's run never opens a browser."""
    done = autotime(with_source(home), "connect", "court mail")
    assert (done.code, "needs a person at a terminal" in done.err) == (2, True)


def test_a_source_without_a_sign_in_says_so(home: Path, seat: Seat) -> None:
    """With the command that reads it."""
    done = autotime(home, "connect", "mbox")
    assert (done.code, 'next: autotime collect --account "mbox"' in done.err) == (2, True)


def test_an_unknown_source_is_told_what_there_is(home: Path, seat: Seat) -> None:
    """Names, and kinds that can be added."""
    done = autotime(home, "connect", "cort mail")
    assert (done.code, "next: one of: mbox, ics, microsoft" in done.err) == (2, True)


def test_a_kind_there_are_two_of_needs_a_name(home: Path, seat: Seat) -> None:
    """Nobody guesses."""
    with_source(with_source(home), "", "[[sources]]", 'account = "other"', 'type = "imap"', 'host = "x.example"')
    config = home / "config.toml"
    text = config.read_text("utf-8")
    first = text.index('[[sources]]\naccount = "court mail"')
    config.write_text(text[:first] + text[first:].replace("court mail", "first", 1), encoding="utf-8")
    done = autotime(home, "connect", "imap")
    assert (done.code, "«first», «court mail», «other»" in done.err) == (2, True)


def test_there_is_nothing_to_forget_of_a_source_that_is_not_there(home: Path, seat: Seat) -> None:
    """Nothing is added for it either."""
    assert autotime(home, "connect", "caldav", "--forget").code == 2
