"""One invented day of an attorney in Chicago, Tuesday 3 March 2026: her mail as sent and received, her calendar."""

from __future__ import annotations

import base64
from datetime import datetime
from zoneinfo import ZoneInfo

ADA, ADDRESS = "Ada Okafor <ada@firm.example>", "ada@firm.example"
JO, KIM = "Jo Reyes <jo@northwind.example>", '"Sørli, Kim" <kim@solo.example>'
CHICAGO = ZoneInfo("America/Chicago")
DAY = "2026-03-03"
SINCE = "2026-03-02"
NOW = int(datetime(2026, 3, 4, 5, 30, tzinfo=CHICAGO).timestamp())
"""When the night's run comes."""

QUOTE = "On Tue, Mar 3, 2026 at 10:10 AM Ada Okafor wrote:\r\n> We will answer by Friday.\r\n> Ada\r\n"


def _index(opened: str, sent: str) -> str:
    """A Thread-Index in the manner of classic Outlook: a conversation begun at ``sent``, a reply opened later."""

    def ticks(clock: str) -> int:
        return (int(datetime.fromisoformat(clock).timestamp()) + 11_644_473_600) * 10_000_000

    header = ticks(sent) >> 16
    delta = (ticks(opened) - (header << 16)) >> 18
    return base64.b64encode(header.to_bytes(6, "big") + bytes(16) + delta.to_bytes(4, "big") + b"\0").decode()


def _letter(number: int, clock: str, sender: str, to: str, subject: str, body: str, *more: str) -> bytes:
    """One mail at ``clock`` of the day, with further header lines; plain text unless they say otherwise."""
    at = datetime.fromisoformat(f"{DAY}T{clock}-06:00")
    kind = [] if any(line.startswith("Content-Type") for line in more) else ["Content-Type: text/plain; charset=utf-8"]
    lines = [
        f"Message-ID: <{number}@mail.example>",
        f"Date: {at:%a, %d %b %Y %H:%M:%S %z}",
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        "MIME-Version: 1.0",
        *kind,
        *more,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8")


def _parts(kind: str, *parts: tuple[str, str]) -> tuple[str, str]:
    """A multipart body and the header line that announces it; each part is its header and its text."""
    body = "".join(f"--b\r\n{head}\r\n\r\n{text}\r\n" for head, text in parts) + "--b--\r\n"
    return body, f'Content-Type: multipart/{kind}; boundary="b"'


PLAIN, HTML = "Content-Type: text/plain; charset=utf-8", "Content-Type: text/html; charset=utf-8"
DOCX = (
    "Content-Type: application/vnd.openxmlformats-officedocument.wordprocessingml.document\r\n"
    'Content-Disposition: attachment; filename="Answers.docx"\r\nContent-Transfer-Encoding: base64'
)
_ANSWERS, _MIXED = _parts("mixed", (PLAIN, "The answers are attached.\r\n"), (DOCX, "UEsDBAo="))
_BOTH, _ALTERNATIVE = _parts(
    "alternative", (PLAIN, "The hearing is moved to May.\r\n"), (HTML, "<p>The hearing is moved to May.</p>")
)

RECEIVED = (
    _letter(1, "09:10:00", JO, ADA, "Requests for production", "Please answer these by Friday.\r\nJo\r\n"),
    _letter(3, "09:40:00", KIM, ADA, "Licence", "<p>One more thing on the <b>licence</b>.</p>\r\n", HTML),
    _letter(
        5, "10:00:00", "Bar News <news@bar.example>", ADA, "March news", "Register now.\r\n",
        "List-Id: <news.bar.example>", "Precedence: bulk",
    ),
    _letter(
        7, "11:05:00", JO, ADA, "Re: Requests for production", f"Friday is fine.\r\n\r\n{QUOTE}",
        "In-Reply-To: <2@mail.example>", "References: <1@mail.example> <2@mail.example>",
    ),
    _letter(
        9, "13:31:00", JO, ADA, "Automatic reply: Answers", "I am away until Thursday.\r\n",
        "Auto-Submitted: auto-replied", "In-Reply-To: <4@mail.example>", "References: <4@mail.example>",
    ),
    _letter(10, "14:20:00", "Clerk <clerk@court.example>", f"{ADA}, {JO}", "26-cv-117 Hearing", _BOTH, _ALTERNATIVE),
    _letter(
        11, "15:00:00", "Jo Reyes <jo@n0rthwind.example>", ADA, "Wire instructions", "Please wire today.\r\n",
        "Authentication-Results: mx.firm.example; spf=fail; dmarc=fail header.from=n0rthwind.example",
    ),
)  # fmt: skip
SENT = (
    _letter(
        2, "10:10:00", ADA, JO, "Re: Requests for production", "We will answer by Friday.\r\nAda\r\n",
        "In-Reply-To: <1@mail.example>", "References: <1@mail.example>",
        f"Thread-Index: {_index(f'{DAY}T10:02:00-06:00', f'{DAY}T09:10:00-06:00')}",
    ),
    _letter(4, "13:30:00", ADA, JO, "Answers", _ANSWERS, _MIXED),
    _letter(
        6, "16:15:00", ADA, "=?utf-8?q?J=C3=BCrgen_M=C3=BC=C3=9Fig?= <jm@kanzlei.example>",
        "=?utf-8?q?Mietvertrag_f=C3=BCr_Harrow?=", "Grüße aus Chicago, die Prüfung läuft.\r\n",
        "Cc: Kim <kim@solo.example>",
    ),
    _letter(
        8, "17:45:00", ADA, KIM, "Licence, a draft", "Here is the draft of the licence we spoke of.\r\n",
        "Bcc: files@firm.example",
    ),
    _letter(12, "22:30:00", ADA, JO, "Late thought", "Let us also ask for the drawings.\r\n"),
)  # fmt: skip

CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Invented//EN
BEGIN:VEVENT
UID:call@northwind.example
DTSTART;TZID=America/Chicago:20260303T140000
DTEND;TZID=America/Chicago:20260303T143000
SUMMARY:Call with Northwind on discovery
DESCRIPTION:Agree on the schedule.
LOCATION:By telephone
ORGANIZER;CN=Jo Reyes:mailto:jo@northwind.example
ATTENDEE;CN=Ada Okafor;PARTSTAT=ACCEPTED:mailto:ada@firm.example
END:VEVENT
BEGIN:VEVENT
UID:lunch@bar.example
DTSTART;TZID=America/Chicago:20260303T120000
DTEND;TZID=America/Chicago:20260303T133000
SUMMARY:Bar lunch
ORGANIZER;CN=Bar:mailto:events@bar.example
ATTENDEE;CN=Ada Okafor;PARTSTAT=DECLINED:mailto:ada@firm.example
END:VEVENT
BEGIN:VEVENT
UID:team@firm.example
DTSTART;TZID=America/Chicago:20260224T100000
DTEND;TZID=America/Chicago:20260224T103000
RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=4
SUMMARY:Team meeting
ORGANIZER;CN=Ada Okafor:mailto:ada@firm.example
ATTENDEE;CN=Kim;PARTSTAT=ACCEPTED:mailto:kim@solo.example
END:VEVENT
BEGIN:VEVENT
UID:team@firm.example
RECURRENCE-ID;TZID=America/Chicago:20260303T100000
DTSTART;TZID=America/Chicago:20260303T113000
DTEND;TZID=America/Chicago:20260303T120000
SUMMARY:Team meeting, later
ORGANIZER;CN=Ada Okafor:mailto:ada@firm.example
ATTENDEE;CN=Kim;PARTSTAT=ACCEPTED:mailto:kim@solo.example
END:VEVENT
BEGIN:VEVENT
UID:doctor@firm.example
DTSTART;TZID=America/Chicago:20260303T080000
DTEND;TZID=America/Chicago:20260303T084500
SUMMARY:Dentist
LOCATION:Elm Street
CLASS:PRIVATE
END:VEVENT
BEGIN:VEVENT
UID:conference@bar.example
DTSTART;VALUE=DATE:20260303
DTEND;VALUE=DATE:20260304
SUMMARY:Bar conference
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
UID:cancelled@northwind.example
DTSTART;TZID=America/Chicago:20260303T160000
DTEND;TZID=America/Chicago:20260303T163000
STATUS:CANCELLED
SUMMARY:Settlement talk
ORGANIZER;CN=Jo Reyes:mailto:jo@northwind.example
ATTENDEE;CN=Ada Okafor;PARTSTAT=ACCEPTED:mailto:ada@firm.example
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()
