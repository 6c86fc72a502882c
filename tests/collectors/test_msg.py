"""Outlook items on disk: the same mail as the .eml says, appointments as meetings, everything else told."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autotime.collectors.eml import EmlCollector
from autotime.collectors.msg import MsgCollector
from autotime.collectors.outlook import APPOINTMENT, MEETING, opened
from autotime.domain.doors import Collector
from autotime.domain.evidence import Evidence, Gap, Kind
from autotime.domain.spans import Span
from autotime.domain.untrusted import NOTHING
from autotime.testing import Shelf
from autotime.testing.collectors import instant

from .outlook_items import EMBEDDED, GOID, At, Narrow, appointment, item, person, put, sent_mail
from .sources import MONDAY, collected, context, letter, only
from .test_contracts import FilesContract


class TestMsg(FilesContract):
    def collector(self, folder: Path) -> Collector:
        return MsgCollector("dragged", [folder], page=2)

    def path(self, folder: Path, number: int) -> Path:
        return folder / "Harrow" / f"{number}.msg"

    def one(self, path: Path, number: int) -> None:
        put(path, sent_mail(instant(number)))

    def spoil(self, folder: Path) -> None:
        put(folder / "torn.msg", sent_mail(instant(77))[:700])


def reading(folder: Path) -> Shelf:
    return collected(MsgCollector("dragged", [folder]))


def one(folder: Path, data: bytes, name: str = "item.msg") -> Evidence:
    put(folder / name, data)
    return only(reading(folder))


def gaps(folder: Path) -> list[Gap]:
    return [gap for page in MsgCollector("dragged", [folder]).collect(None, context()) for gap in page.gaps]


# -- mail -----------------------------------------------------------------------------------------

TEXT = "We agree.\r\n\r\nFrom: Ben Lund\r\nSent: Monday\r\n\r\nDo you agree?\r\n"
REPLY = [
    "In-Reply-To: <1@harrow.example>",
    "References: <0@harrow.example> <1@harrow.example>",
    'To: "Lund, Ben" <ben@harrow.example>, Kim <kim@solo.example>',
    "Subject: =?utf-8?q?Re=3A_Miete_f=C3=BCr_Harrow?=",
]


def test_a_mail_with_its_transport_headers_is_the_same_evidence_as_its_eml(tmp_path: Path) -> None:
    """But for source and key."""
    raw = letter(7, TEXT.replace("\r\n", "\n"), headers=REPLY)
    head = raw.partition(b"\n\n")[0].decode().replace("\n", "\r\n")
    put(tmp_path / "eml" / "7.eml", raw)
    there = only(collected(EmlCollector("dragged", tmp_path / "eml")))
    mail = sent_mail(MONDAY, "Re: Miete für Harrow", TEXT, properties={0x007D: head})
    here = one(tmp_path / "msg", mail)
    assert here.source == "msg"
    assert replace(here, source="eml", key=there.key) == there


def test_a_mail_without_headers_is_read_from_its_properties(tmp_path: Path) -> None:
    """As a Sent folder keeps it: people with their roles, the thread, the identity, the time of sending."""
    more = {0x1042: "<1@harrow.example>", 0x1039: "<0@harrow.example> <1@harrow.example>"}
    people = [person("'Ben Lund'", "Ben@Harrow.example"), person("Kim", "kim@solo.example", 2)]
    found = one(tmp_path, sent_mail(MONDAY, properties=more, recipients=people))
    assert (found.at, found.own, found.kind) == (MONDAY, True, Kind.MESSAGE)
    assert (found.identity, found.thread) == (f"mid:{MONDAY}@okafor.example", "mid:0@harrow.example")
    assert [(who.role.value, who.address, who.name.reveal()) for who in found.people] == [
        ("from", "ada@okafor.example", "Ada Okafor"),
        ("to", "ben@harrow.example", "Ben Lund"),
        ("cc", "kim@solo.example", "Kim"),
    ]
    assert (found.body.reveal(), found.facts["words_new"]) == ("The lease is signed.", 4)
    assert "utc_offset" not in found.facts


def test_when_the_reply_was_opened_is_inferred_from_the_conversation_index(tmp_path: Path) -> None:
    """The property holds what the header Thread-Index says in base64."""
    header = (MONDAY - 600 + 11_644_473_600) * 10_000_000 >> 16
    delta = (300 * 10_000_000) >> 18
    index = header.to_bytes(6, "big") + bytes(16) + delta.to_bytes(4, "big") + b"\0"
    found = one(tmp_path, sent_mail(MONDAY, properties={0x0071: index}))
    assert found.facts["reply_opened_at"] == pytest.approx(MONDAY - 300, abs=2)


@pytest.mark.parametrize(
    "properties",
    [{0x0039: None, 0x0E06: At(MONDAY)}, {0x0E07: 8}, {0x0039: None, 0x3007: At(MONDAY), 0x3008: At(MONDAY)}],
)
def test_a_draft_was_not_sent(tmp_path: Path, properties: dict[int, Any]) -> None:
    """Whatever delivery time it bears; the times of the file are those of the export."""
    put(tmp_path / "draft.msg", sent_mail(MONDAY, properties=properties))
    assert (reading(tmp_path).items, gaps(tmp_path)) == ([], [Gap("drafts", "1 left out")])


def test_text_before_unicode_is_read_in_its_code_page(tmp_path: Path) -> None:
    """The message's own, Windows-1252 here."""
    found = one(tmp_path, sent_mail(MONDAY, Narrow("Miete für «Harrow»"), Narrow("Grüße"), properties={0x3FFD: 1252}))
    assert (found.subject.reveal(), found.body.reveal()) == ("Miete für «Harrow»", "Grüße")


@pytest.mark.parametrize("page", [437, 932, 1252, 20127, 28605, 50220, 65001, 99_999, -3])
def test_no_code_page_breaks_a_mail(tmp_path: Path, page: int) -> None:
    """Plain letters are the same in all of them, and an unknown one is taken for Windows-1252."""
    assert one(tmp_path, sent_mail(MONDAY, Narrow("Lease"), properties={0x3FFD: page})).subject.reveal() == "Lease"


def test_a_mail_of_html_only_is_what_a_reader_sees(tmp_path: Path) -> None:
    """In the code page of its bytes."""
    html = "<style>p{}</style><p>Grüße</p>".encode("cp1252")
    assert one(tmp_path, sent_mail(MONDAY, text="", properties={0x1013: html, 0x3FDE: 1252})).body.reveal() == "Grüße"


def test_attachments_are_named_and_mails_within_are_not_opened(tmp_path: Path) -> None:
    """By their long names."""
    parts = [{0x3704: "MOTION~1.DOC", 0x3707: "Motion.docx", 0x3705: 1}, {0x3001: "Fwd", 0x3705: EMBEDDED}]
    found = one(tmp_path, sent_mail(MONDAY, attachments=parts))
    assert (found.facts["attachments"], found.facts["attachment_names"]) == (1, "Motion.docx")


def test_a_name_of_exchanges_directory_is_no_address(tmp_path: Path) -> None:
    """The SMTP address stands beside it, or is known from whoever made the item, or is not known."""
    directory = {0x0064: "EX", 0x0065: "/O=FIRM/CN=ADA", 0x0042: "Ada Okafor"}
    known = one(tmp_path / "a", sent_mail(MONDAY, properties={**directory, 0x5D02: "ada@okafor.example"}))
    made = {**directory, 0x0C1A: "Ada Okafor", 0x3FF8: "Ada Okafor", 0x5D0A: "ada@okafor.example"}
    assert [known.people[0].address, one(tmp_path / "b", sent_mail(MONDAY, properties=made)).people[0].address] == [
        "ada@okafor.example",
        "ada@okafor.example",
    ]
    unknown = one(tmp_path / "c", sent_mail(MONDAY, properties={**directory, 0x0E07: 0x20}))
    assert (unknown.people[0].address, unknown.own) == ("", True)


def test_a_file_that_is_renamed_is_the_same_mail(tmp_path: Path) -> None:
    """Read again, nothing new."""
    collector = MsgCollector("dragged", [tmp_path])
    put(tmp_path / "Lease.msg", sent_mail(MONDAY))
    shelf = collected(collector)
    (tmp_path / "Lease.msg").rename(tmp_path / "Lease (2).msg")
    shelf.run(collector, context())
    assert (shelf.new, shelf.changed, len(shelf.items)) == (0, 0, 1)


def test_a_long_mail_is_read_too(tmp_path: Path) -> None:
    """Streams beyond 4096 bytes lie elsewhere in the file."""
    found = one(tmp_path, sent_mail(MONDAY, text="word " * 4000))
    assert found.facts["words_new"] == 4000


# -- meetings -------------------------------------------------------------------------------------

HOUR = Span(MONDAY, MONDAY + 3600)
UID = "040000008200E00074C5B7101A82E008" + "00" * 20 + "10000000" + b"0123456789abcdef".hex().upper()
INVITED = {(APPOINTMENT, 0x8217): 3, 0x0042: "Ben Lund", 0x0064: "SMTP", 0x0065: "ben@harrow.example"}


def meeting(folder: Path, properties: Mapping[Any, Any] | None = None, **more: Any) -> Evidence:
    return one(folder, appointment(HOUR.start, HOUR.end, properties, **more))


def test_an_appointment_is_a_meeting_with_its_own_start_and_end(tmp_path: Path) -> None:
    """From its named properties, under the UID the calendar knows it by."""
    found = meeting(tmp_path)
    assert (found.kind, found.span, found.own) == (Kind.MEETING, HOUR, True)
    assert (found.identity, found.place.reveal(), found.people) == (f"ical:{UID}:", "Springfield", ())
    assert found.facts == {"busy": "busy", "response": "accepted"}


@pytest.mark.parametrize(
    ("number", "response", "own"),
    [(1, "organizer", True), (2, "tentative", True), (3, "accepted", True), (4, "declined", False), (5, "none", False)],
)
def test_the_answer_is_the_timekeepers_own(tmp_path: Path, number: int, response: str, own: bool) -> None:
    """A meeting that was declined accounts for nothing."""
    found = meeting(tmp_path, {**INVITED, (APPOINTMENT, 0x8218): number}, recipients=[person("Ada", "a@b.example")])
    assert (found.facts["response"], found.own) == (response, own)
    assert [(who.role.value, who.address) for who in found.people] == [
        ("organizer", "ben@harrow.example"),
        ("attendee", "a@b.example"),
    ]


def test_of_a_private_appointment_only_the_busy_span_is_kept(tmp_path: Path) -> None:
    """No word, no name, no place."""
    found = meeting(tmp_path, {0x0036: 2, **INVITED})
    assert (found.span, found.facts["private"]) == (HOUR, True)
    assert (found.subject, found.body, found.place, found.people) == (NOTHING, NOTHING, NOTHING, ())


def test_show_as_and_all_day_are_kept(tmp_path: Path) -> None:
    """They are context, no time."""
    found = meeting(tmp_path, {(APPOINTMENT, 0x8205): 3, (APPOINTMENT, 0x8215): True})
    assert (found.facts["busy"], found.facts["all_day"]) == ("oof", True)


def test_one_occurrence_of_a_series_is_named_by_when_it_was_planned(tmp_path: Path) -> None:
    """The UID is the series', with the day in it cleared."""
    dated = GOID[:16] + bytes((7, 234, 3, 9)) + GOID[20:]
    moved = {(MEETING, 0x0003): dated, (APPOINTMENT, 0x8228): At(MONDAY - 7200)}
    assert meeting(tmp_path, moved).identity == f"ical:{UID}:{MONDAY - 7200}"


def test_a_series_gives_its_first_meeting_and_says_so(tmp_path: Path) -> None:
    """The ends of a series are no end of a meeting."""
    ends = {(APPOINTMENT, 0x8223): True, (APPOINTMENT, 0x8236): At(MONDAY + 90 * 86_400)}
    found = meeting(tmp_path, ends)
    assert (found.span, found.identity) == (HOUR, f"ical:{UID}:{MONDAY}")
    assert [gap.part for gap in gaps(tmp_path)] == ["later meetings of series: only the first of each is in the file"]


def test_two_appointments_of_one_name_that_have_no_uid_are_two(tmp_path: Path) -> None:
    """Nobody sent them, so that nothing but their times tells them apart."""
    for day in range(2):
        start = MONDAY + day * 86_400
        put(tmp_path / f"{day}.msg", appointment(start, start + 1_800, {(MEETING, 0x0003): b""}))
    found = collected(MsgCollector("office", [tmp_path])).items
    assert [item.at for item in found] == [MONDAY, MONDAY + 86_400]
    assert len({item.identity for item in found}) == 2


def test_a_uid_of_another_calendar_is_kept_as_it_was(tmp_path: Path) -> None:
    """Outlook wraps it."""
    wrapped = GOID[:36] + b"\x20\0\0\0" + b"vCal-Uid\x01\x00\x00\x00hearing@court.example\0"
    assert meeting(tmp_path, {(MEETING, 0x0003): wrapped}).identity == "ical:hearing@court.example:"


def test_a_meeting_that_was_cancelled_is_withdrawn(tmp_path: Path) -> None:
    """Dragged out again after it was called off."""
    put(tmp_path / "1.msg", appointment(HOUR.start, HOUR.end))
    collector = MsgCollector("dragged", [tmp_path])
    shelf = collected(collector)
    put(tmp_path / "2.msg", appointment(HOUR.start, HOUR.end, {(APPOINTMENT, 0x8217): 7}))
    assert shelf.run(collector, context()).items == []


def test_a_cancelled_meeting_stays_away_whichever_file_is_read_first(tmp_path: Path) -> None:
    """The name of a file says nothing of its age."""
    put(tmp_path / "a.msg", appointment(HOUR.start, HOUR.end, {(APPOINTMENT, 0x8217): 7}))
    put(tmp_path / "b.msg", appointment(HOUR.start, HOUR.end))
    assert collected(MsgCollector("dragged", [tmp_path], page=1)).items == []


def test_an_appointment_without_an_end_is_quarantined(tmp_path: Path) -> None:
    """Nobody invents one."""
    put(tmp_path / "bad.msg", item({0x001A: "IPM.Appointment", (APPOINTMENT, 0x820D): At(MONDAY)}))
    assert list(reading(tmp_path).quarantined.values()) == ["an appointment without a start and an end"]


# -- anything else --------------------------------------------------------------------------------


def test_contacts_and_tasks_are_left_out_and_counted(tmp_path: Path) -> None:
    """No trouble, and no silence."""
    for kind in ("IPM.Contact", "IPM.Task", "IPM.StickyNote", "REPORT.IPM.Note.NDR"):
        put(tmp_path / f"{kind}.msg", item({0x001A: kind, 0x0039: At(MONDAY)}))
    shelf = reading(tmp_path)
    assert (shelf.items, shelf.quarantined) == ([], {})
    assert gaps(tmp_path) == [Gap("items that are neither mail nor meeting", "4 left out")]


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_file_is_never_more_than_one_bad_item(tmp_path: Path, seed: int) -> None:
    """Bytes changed anywhere; the others come."""
    dice = random.Random(seed)
    raw = bytearray(sent_mail(MONDAY, text="word " * 1200))
    for _ in range(dice.choice((1, 10, 300))):
        raw[dice.randrange(len(raw))] = dice.randrange(256)
    put(tmp_path / "damaged.msg", bytes(raw[: dice.choice((len(raw), len(raw) // 2, 512))]))
    put(tmp_path / "sound.msg", sent_mail(MONDAY + 1))
    shelf = reading(tmp_path)
    assert MONDAY + 1 in [found.at for found in shelf.items]
    assert len(shelf.quarantined) <= 1


def test_a_stream_that_claims_to_be_huge_is_not_read(tmp_path: Path) -> None:
    """Its size is a claim; memory is not given for it."""
    raw = bytearray(sent_mail(MONDAY, text="word " * 1200))
    place = raw.index("__substg1.0_1000001F".encode("utf-16-le"))
    raw[place + 120 : place + 128] = (1 << 31).to_bytes(8, "little")
    assert one(tmp_path, bytes(raw)).facts["words_new"] == 0


def test_several_folders_are_read_and_each_is_remembered(tmp_path: Path) -> None:
    """A second run reads none of them."""
    for number, name in enumerate(("a", "b")):
        put(tmp_path / name / "x.msg", sent_mail(MONDAY + number))
    collector = MsgCollector("dragged", [tmp_path / "a", tmp_path / "b" / "x.msg"])
    shelf = collected(collector)
    assert len(shelf.items) == 2
    assert shelf.run(collector, context()).pages == 0


def test_named_properties_of_other_groups_are_not_taken_for_ours(tmp_path: Path) -> None:
    """The same number in another group is another property."""
    stranger = uuid.UUID("00062008-0000-0000-c000-000000000046")
    put(tmp_path / "x.msg", appointment(HOUR.start, HOUR.end))
    with opened(tmp_path / "x.msg") as found:
        assert (found.named(stranger, 0x820D), found.named(APPOINTMENT, 0x820D) >= 0x8000) == (0, True)
