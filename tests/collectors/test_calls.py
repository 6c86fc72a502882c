"""Call logs: any telephone system's export, read as the calls they were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autotime.collectors.calls import COLUMNS, CallsCollector
from autotime.collectors.calltimes import seconds_of
from autotime.collectors.phonebook import plain_number
from autotime.domain.doors import Collector
from autotime.domain.errors import Misused
from autotime.domain.evidence import Evidence, Kind
from autotime.domain.spans import Span
from autotime.testing import CollectorContract, Shelf
from autotime.testing.collectors import instant

from .sources import MONDAY, collected, context, only, put

HEAD = "number,start,seconds,direction\n"
BOOK = """\
name,number,address
Ben Lund,+1 (312) 555-0142,ben@harrow.example
Kim Sørli,0047 22 55 01 43,kim@solo.example
Front desk,312-555-0100,
Night desk,+13125550100,
"""


class TestCalls(CollectorContract):
    def collector(self, folder: Path) -> Collector:
        return CallsCollector("phone", [folder / "calls.csv"], page=2)

    def write(self, folder: Path, numbers: Sequence[int]) -> None:
        rows = [
            f"+1312555{number:04},{datetime.fromtimestamp(instant(number), UTC).isoformat()},90,out\n"
            for number in numbers
        ]
        put(folder / "calls.csv", HEAD + "".join(rows))

    def spoil(self, folder: Path) -> None:
        with (folder / "calls.csv").open("a") as file:
            file.write("+13125550142,yesterday,90,out\n")

    def clear(self, folder: Path) -> None:
        put(folder / "calls.csv", HEAD)


def read(folder: Path, text: str | bytes, **more: str) -> Shelf:
    put(folder / "calls.csv", text)
    return collected(CallsCollector("phone", [folder / "calls.csv"], **more))


def one(folder: Path, row: str, **more: str) -> Evidence:
    return only(read(folder, HEAD + row + "\n", **more))


def people(item: Evidence) -> list[tuple[str, str, str]]:
    return [(who.role.value, who.address, who.name.reveal()) for who in item.people]


# -- one call -------------------------------------------------------------------------------------


def test_a_call_is_a_stretch_of_own_time(tmp_path: Path) -> None:
    """From its start for its seconds, with who called whom."""
    found = one(tmp_path, "+1 312 555 0142,2026-03-09T15:00:00Z,90,out")
    assert (found.kind, found.span, found.own, found.facts) == (
        Kind.CALL,
        Span(MONDAY, MONDAY + 90),
        True,
        {"direction": "out"},
    )
    assert people(found) == [("from", "ada@okafor.example", "Ada Okafor"), ("to", "", "+13125550142")]


def test_who_called_comes_first(tmp_path: Path) -> None:
    """A call that came in is from the other."""
    assert [role for role, _, name in people(one(tmp_path, "+13125550142,2026-03-09T15:00:00Z,90,in"))] == [
        "from",
        "to",
    ]


@pytest.mark.parametrize(
    ("direction", "seconds", "own"),
    [("missed", "0", False), ("in", "0", False), ("missed", "25", False), ("out", "0", True)],
)
def test_a_call_nobody_answered_has_no_span(tmp_path: Path, direction: str, seconds: str, own: bool) -> None:
    """Ringing is no talk; having dialled is an act all the same."""
    found = one(tmp_path, f"+13125550142,2026-03-09T15:00:00Z,{seconds},{direction}")
    assert (found.at, found.span, found.own) == (MONDAY, None, own)


@pytest.mark.parametrize("number", ["", "Private", "anonymous", "unknown"])
def test_a_number_that_was_withheld_names_nobody(tmp_path: Path, number: str) -> None:
    """The call counts."""
    found = one(tmp_path, f"{number},2026-03-09T15:00:00Z,90,in")
    assert people(found) == [("to", "ada@okafor.example", "Ada Okafor")]
    assert found.span is not None


@pytest.mark.parametrize(
    ("written", "told"),
    [("out", "out"), ("Outgoing", "out"), ("OUTBOUND", "out"), ("outgoing call", "out"), ("2", "out"), ("In", "in"),
     ("incoming", "in"), ("Answered", "in"), ("eingehend", "in"), ("1", "in"), ("Missed call", "in"),
     ("no_answer", "in")],
)  # fmt: skip
def test_directions_are_known_by_many_words(tmp_path: Path, written: str, told: str) -> None:
    """And by the numbers phones use."""
    assert one(tmp_path, f"+13125550142,2026-03-09T15:00:00Z,90,{written}").facts["direction"] == told


# -- when -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-09T15:00:00Z",
        "2026-03-09T10:00:00-05:00",
        "2026-03-09 10:00",
        "2026-03-09 10:00:00",
        "09.03.2026 10:00",
        "9.3.26 10:00:00",
        "1773068400",
        "1773068400000",
    ],
)
def test_a_start_is_an_instant_or_the_timekeepers_clock(tmp_path: Path, written: str) -> None:
    """Ten in the morning in Chicago, the day after the clocks went forward."""
    assert one(tmp_path, f"+13125550142,{written},90,out").at == MONDAY


def test_a_zone_of_the_telephone_system_goes_before_the_timekeepers(tmp_path: Path) -> None:
    """Its server may stand elsewhere."""
    assert one(tmp_path, "+13125550142,2026-03-09 16:00,90,out", zone="Europe/Berlin").at == MONDAY


def test_a_zone_that_is_none_is_told(tmp_path: Path) -> None:
    """By the setting that names it."""
    with pytest.raises(Misused, match="no IANA time zone"):
        one(tmp_path, "+13125550142,2026-03-09 16:00,90,out", zone="Chicago")


def test_a_call_over_the_change_of_the_clocks_is_as_long_as_it_was(tmp_path: Path) -> None:
    """Seconds are seconds."""
    found = one(tmp_path, "+13125550142,2026-03-08 01:30,3600,out")
    assert found.span is not None
    assert (found.span.start, found.span.seconds) == (MONDAY - 86_400 - 7.5 * 3600, 3600)


def test_slashes_are_read_as_the_file_shows_them(tmp_path: Path) -> None:
    """A thirteenth month tells; where nothing tells, nobody guesses."""
    rows = "+13125550142,{},90,out\n+13125550143,{},60,out\n"
    american = read(tmp_path / "us", HEAD + rows.format("3/9/2026 10:00 AM", "3/13/2026 1:05 PM"))
    british = read(tmp_path / "uk", HEAD + rows.format("09/03/2026 10:00", "13/03/2026 13:05"))
    assert (
        [item.at for item in american.items]
        == [item.at for item in british.items]
        == [MONDAY, MONDAY + 4 * 86_400 + 11_100]
    )
    either = read(tmp_path / "either", HEAD + rows.format("3/9/2026 10:00", "3/4/2026 13:05"))
    assert either.items == []
    assert all("export ISO dates" in reason for reason in either.quarantined.values())


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("90", 90), ("90.7", 90), ("0", 0), ("", 0), ("1:30", 90), ("0:01:30", 90), ("01:00:00", 3600), ("1m 30s", 90),
     ("1 min 30 sec", 90), ("2h", 7200), ("90s", 90)],
)  # fmt: skip
def test_durations_are_read_as_systems_write_them(written: str, seconds: int) -> None:
    """Seconds, a clock, or units."""
    assert seconds_of(written) == seconds


# -- who ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "plain"),
    [("+1 (312) 555-0142", "+13125550142"), ("tel:+13125550142", "+13125550142"), ("0047 22 55 01 43", "+4722550143"),
     ("+49 (0)30 / 901820", "+4930901820"), ("312.555.0142 x17", "3125550142"), ("sip:1042@pbx.example", "1042"),
     ("*86", ""), ("Ben Lund", ""), ("12", ""), ("9" * 40, "")],
)  # fmt: skip
def test_numbers_are_made_alike(written: str, plain: str) -> None:
    """Digits, and a plus before a country code."""
    assert plain_number(written) == plain


@pytest.mark.parametrize("number", ["+13125550142", "(312) 555-0142", "001 312 555 0142", "1-312-555-0142"])
def test_a_number_of_the_contacts_is_a_person(tmp_path: Path, number: str) -> None:
    """However either of them writes it."""
    book = put(tmp_path / "contacts.csv", BOOK)
    found = one(tmp_path, f"{number},2026-03-09T15:00:00Z,90,out", contacts=str(book))
    assert people(found)[1] == ("to", "ben@harrow.example", "Ben Lund")


def test_a_number_two_people_share_names_neither(tmp_path: Path) -> None:
    """Rather the number than the wrong client."""
    book = put(tmp_path / "contacts.csv", BOOK)
    found = one(tmp_path, "312 555 0100,2026-03-09T15:00:00Z,90,out", contacts=str(book))
    assert people(found)[1] == ("to", "", "3125550100")


def test_contacts_that_came_later_give_the_calls_their_names(tmp_path: Path) -> None:
    """The same calls, revised."""
    book = put(tmp_path / "contacts.csv", "name,number,address\n")
    put(tmp_path / "calls.csv", HEAD + "+13125550142,2026-03-09T15:00:00Z,90,out\n")
    collector = CallsCollector("phone", [tmp_path / "calls.csv"], contacts=str(book))
    shelf = collected(collector)
    put(book, BOOK)
    shelf.run(collector, context())
    assert (shelf.new, shelf.changed, people(only(shelf))[1][2]) == (0, 1, "Ben Lund")


def test_contacts_that_are_not_there_are_told(tmp_path: Path) -> None:
    """By the setting that names them."""
    with pytest.raises(Misused, match="contacts are not there"):
        one(tmp_path, "+13125550142,2026-03-09T15:00:00Z,90,out", contacts=str(tmp_path / "none.csv"))


# -- exports --------------------------------------------------------------------------------------

EXPORTS = {
    "semicolons": "Nummer;Beginn;Dauer;Richtung\n+13125550142;09.03.2026 10:00;00:01:30;ausgehend\n",
    "tabs": "Phone Number\tStart Time\tDuration (seconds)\tDirection\n+13125550142\t2026-03-09 10:00\t90\tOutgoing\n",
    "mark": "\ufeffNUMBER,START,SECONDS,DIRECTION\r\n+13125550142,2026-03-09T15:00:00Z,90,out\r\n",
    "date and time": "Date,Time,To,Duration,Call Type\n2026-03-09,10:00:00,+13125550142,1m 30s,outbound\n",
    "caller and called": "Caller,Called,Start,Duration,Direction\n1042,+13125550142,2026-03-09T15:00:00Z,90,out\n",
    "quotes": 'number,start,minutes,direction,name\n"+13125550142","2026-03-09T15:00:00Z","1.5","out",""\n',
}


@pytest.mark.parametrize("name", EXPORTS)
def test_every_systems_export_says_the_same(tmp_path: Path, name: str) -> None:
    """Names of columns in any case, order and language we know; any of four delimiters."""
    found = only(read(tmp_path, EXPORTS[name]))
    assert (found.span, people(found)[1][2]) == (Span(MONDAY, MONDAY + 90), "+13125550142")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_an_export_is_read_in_the_encoding_it_has(tmp_path: Path, encoding: str) -> None:
    """As spreadsheets save it."""
    text = "number,start,seconds,direction,name\n+4722550143,2026-03-09T15:00:00Z,90,out,Kim Sørli\n"
    assert people(only(read(tmp_path, text.encode(encoding))))[1][2] == "Kim Sørli"


def test_the_same_call_in_two_exports_is_one(tmp_path: Path) -> None:
    """Exports overlap."""
    for name in ("march.csv", "april.csv"):
        put(tmp_path / name, HEAD + "+13125550142,2026-03-09T15:00:00Z,90,out\n")
    assert len(collected(CallsCollector("phone", [tmp_path])).items) == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("+13125550142,2026-03-09T15:00:00Z,90,sideways", "a direction that is neither in nor out"),
        ("+13125550142,2026-02-31 10:00,90,out", "no readable start"),
        ("+13125550142,2026-03-09T15:00:00Z,long,out", "no readable duration"),
        ("+13125550142,2026-03-09T15:00:00Z,90000,out", "longer than a day"),
        ("+13125550142,0001-01-01T00:00:00+23:00,90,out", "a start no call can have"),
        ("+13125550142,1900-01-01,90,out", "a start no call can have"),
        ('"+13125550142,2026-03-09T15:00:00Z,90,out', "a direction that is neither in nor out"),
    ],
)
def test_a_bad_line_is_quarantined_by_its_number(tmp_path: Path, row: str, reason: str) -> None:
    """The others come."""
    shelf = read(tmp_path, f"{HEAD}+13125550143,2026-03-09T15:00:00Z,60,in\n{row}\n")
    assert (len(shelf.items), list(shelf.quarantined.values())) == (1, [f"line 3: {reason}"])


def test_a_bad_line_is_the_same_one_in_the_next_export(tmp_path: Path) -> None:
    """Wherever it stands there."""
    good, bad = "+13125550143,2026-03-09T15:00:00Z,60,in\n", "+13125550142,never,90,out\n"
    shelf = read(tmp_path, HEAD + good + bad)
    put(tmp_path / "calls.csv", HEAD + good.replace("60", "61") + good.replace("15:", "16:") + bad)
    shelf.run(CallsCollector("phone", [tmp_path / "calls.csv"]), context())
    assert shelf.failed == 0


def test_a_quotation_mark_that_is_not_closed_swallows_no_call_unseen(tmp_path: Path) -> None:
    """What cannot be told apart is told."""
    head = "number,start,seconds,direction,name\n"
    shelf = read(
        tmp_path, head + '+13125550142,2026-03-09T15:00:00Z,90,out,"Ben\n+13125550143,2026-03-09T16:00:00Z,9,in,Kim\n'
    )
    assert (shelf.items, [*shelf.quarantined.values()]) == ([], ["line 3: a quotation mark that is not closed"])


@pytest.mark.parametrize(
    "text", ["name,colour\nBen,blue\n", "number,start,seconds\n1042,2026-03-09,4\n", "\x00\x01\x02", '"' * 200_001]
)
def test_a_file_that_is_no_call_log_is_told(tmp_path: Path, text: str) -> None:
    """By the columns it lacks."""
    [reason] = read(tmp_path, text).quarantined.values()
    assert "is it a call log?" in reason


def test_no_name_of_a_column_means_two_things() -> None:
    """Each is listed once."""
    names = [name for names in COLUMNS.values() for name in names]
    assert sorted(names) == sorted(set(names))
