"""Outlook items dragged out to disk: mails as the same evidence as their ``.eml``, appointments as meetings.

A mail counts as sent if it has a submit time or came with transport headers; a draft has neither. The
times of the file itself are those of the export and say nothing. Contacts, tasks and notes are nobody's time.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email import message_from_string
from pathlib import Path

from autotime.collectors.eml import folder_of, read_files
from autotime.collectors.files import must_be_there, regular_files
from autotime.collectors.headers import PEOPLE_CAP, Headers, Sent, headers_of, message_id, people_of, sent_at, text_of
from autotime.collectors.html import visible_text
from autotime.collectors.meetings import Meeting
from autotime.collectors.meetings import evidence_of as meeting_evidence
from autotime.collectors.messages import RAW_TEXT_CAP, Mail, Where, evidence_of
from autotime.collectors.outlook import APPOINTMENT, MEETING, Item, decoded, opened, page_of
from autotime.domain.doors import CollectContext
from autotime.domain.evidence import Batch, Evidence, Gap, Participant, Quarantined, Role, SyncCursor
from autotime.domain.untrusted import Untrusted
from autotime.intake import address, clean, untrusted

FILE_CAP = 256 * 1024 * 1024
UNSENT, FROM_ME = 0x08, 0x20
EMBEDDED = 5
ORGANIZER = 0x02
ROLES = {1: Role.TO, 2: Role.CC, 3: Role.BCC}
RESPONSES = {1: "organizer", 2: "tentative", 3: "accepted", 4: "declined"}
BUSY = {0: "free", 1: "tentative", 3: "oof"}
RECEIVED_MEETING, CANCELLED = 0x1 | 0x2, 0x4
VCAL = b"vCal-Uid\x01\x00\x00\x00"


@dataclass(frozen=True, slots=True)
class MsgCollector:
    """``paths`` are ``.msg`` files dragged out of Outlook, or folders of them."""

    account: str
    paths: Sequence[Path]
    page: int = 500
    source: str = "msg"

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        known: dict[str, list[str]] = json.loads(cursor.value) if cursor else {}
        must_be_there(self.paths)
        done = 0
        for path in self.paths:
            reader = _Reader(self.account, self.source, path if path.is_dir() else path.parent, context)
            files = [file for file in regular_files(path) if file.suffix.lower() == ".msg"]
            before = SyncCursor(json.dumps(known[str(path)])) if str(path) in known else None
            for batch in read_files(self, reader.root, files, before, context, reader.one):
                known[str(path)] = json.loads(batch.cursor.value)
                yield replace(
                    batch,
                    cursor=SyncCursor(json.dumps(known, sort_keys=True)),
                    gaps=reader.left_out() if batch.done == batch.of else (),
                    done=done + batch.done,
                    of=batch.of if len(self.paths) == 1 else 0,
                )
            done += len(files)


class _Reader:
    """Reads the items of one folder, and counts those that are no evidence."""

    def __init__(self, account: str, source: str, root: Path, context: CollectContext) -> None:
        self.account, self.source, self.root, self.context = account, source, root, context
        self.others: Counter[str] = Counter()
        self.cancelled: set[str] = set()

    def one(self, file: Path) -> Evidence | Quarantined | str | None:
        """A piece of evidence, why there is none, the key of a meeting that was cancelled, or nothing."""
        if file.stat().st_size > FILE_CAP:
            return _refused(file, f"larger than {FILE_CAP >> 20} MB")
        where = Where(self.account, self.source, folder_of(file, self.root), self.context.timekeeper, self.context.now)
        try:
            with opened(file) as item:
                return self._evidence(item, where, file)
        except OSError as broken:  # olefile's own, where the system gave no number
            if broken.errno is not None:
                raise
            return _refused(file, "no Outlook item: the file is damaged or of another kind")
        except Exception as broken:  # noqa: BLE001 - what olefile and struct raise for a damaged file is not foreseen
            return _refused(file, f"unreadable Outlook item ({type(broken).__name__})")

    def _evidence(self, item: Item, where: Where, file: Path) -> Evidence | Quarantined | str | None:
        kind = item.text(0x001A).lower()
        if not kind:
            return _refused(file, "an Outlook item that does not say what it is")
        if kind.startswith("ipm.appointment"):
            return self._meeting(item, where) or _refused(file, "an appointment without a start and an end")
        if not kind.startswith(("ipm.note", "ipm.schedule.meeting")):
            self.others["items that are neither mail nor meeting"] += 1
            return None
        if (item.number(0x0E07) or 0) & UNSENT or (item.instant(0x0039) is None and not item.text(0x007D)):
            self.others["drafts"] += 1
            return None
        return mail_of(item, where) or _refused(file, "no usable date")

    def _meeting(self, item: Item, where: Where) -> Evidence | str | None:
        meeting = meeting_of(item)
        if meeting is None:
            return None
        found = meeting_evidence(meeting, where.account, where.source)
        if (_named(item, 0x8217) or 0) & CANCELLED:
            self.cancelled.add(found.key)
        if found.key in self.cancelled:
            return found.key
        if meeting.occurrence and item.flag(item.named(APPOINTMENT, 0x8223)):
            self.others["later meetings of series: only the first of each is in the file"] += 1
        return found

    def left_out(self) -> tuple[Gap, ...]:
        return tuple(Gap(what, f"{count} left out") for what, count in sorted(self.others.items()))


def _refused(file: Path, reason: str) -> Quarantined:
    digest = hashlib.sha256(file.name.encode("utf-8", "surrogateescape")).hexdigest()
    return Quarantined(clean(file.name, 280) or digest[:12], reason, digest)


# -- mail -----------------------------------------------------------------------------------------


def mail_of(item: Item, where: Where) -> Evidence | None:
    """A mail as evidence: by its transport headers where it came with them, else by its properties."""
    carried = headers_of(message_from_string(item.text(0x007D)))
    headers = carried or _headers(item)
    submitted = item.instant(0x0039)
    sent = sent_at(headers, where.now) or (Sent(submitted, None) if submitted else None)
    if sent is None:
        return None
    people = people_of(carried) or _people(item)
    identity = message_id(headers) or message_id(_headers(item))
    subject = text_of(headers, "subject") or item.text(0x0037)
    text = _text(item)
    mail = Mail(
        headers=headers,
        people=people,
        sent=sent,
        subject=subject,
        text=text,
        attached=_attached(item),
        own=None if any(who.address for who in people if who.role is Role.FROM) else _from_me(item),
        identity=identity,
    )
    said = "\n".join((str(sent.at), *(who.address for who in people), subject, text))
    digest = hashlib.blake2b(said.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    return evidence_of(mail, where, f"{where.folder}/{identity}#{digest}")


def _headers(item: Item) -> Headers:
    """What Outlook keeps of the headers where it did not keep the headers."""
    said = {
        "message-id": item.text(0x1035),
        "references": item.text(0x1039),
        "in-reply-to": item.text(0x1042),
        "thread-index": base64.b64encode(item.data(0x0071)).decode("ascii"),
    }
    return {name: [value] for name, value in said.items() if value}


def _people(item: Item) -> tuple[Participant, ...]:
    sender = Participant(Role.FROM, _sender(item), _name(item, 0x0042, 0x0C1A))
    others = [
        Participant(ROLES[role], _address(one), _name(one, 0x3001))
        for one in item.parts("recip")
        if (role := (one.number(0x0C15) or 0) & 0xF) in ROLES
    ]
    named = [sender] if sender.address or sender.name else []
    return (*named, *others)[:PEOPLE_CAP]


def _sender(item: Item) -> str:
    """On whose behalf, as in From; a name of Exchange's own directory is no address."""
    for kind, plain, smtp in ((0x0064, 0x0065, 0x5D02), (0x0C1E, 0x0C1F, 0x5D01)):
        found = address(item.text(smtp)) or (address(item.text(plain)) if item.text(kind).upper() == "SMTP" else "")
        if found:
            return found
    writer = item.text(0x0C1A)
    made = [item.text(smtp) for name, smtp in ((0x3FF8, 0x5D0A), (0x3FFA, 0x5D0B)) if item.text(name) == writer]
    return address(made[0]) if writer and made else ""


def _address(person: Item) -> str:
    plain = person.text(0x3003) if person.text(0x3002).upper() == "SMTP" else ""
    return address(person.text(0x39FE)) or address(plain)


def _name(item: Item, *numbers: int) -> Untrusted:
    return untrusted(item.text(*numbers).strip(" \"'"), 200)


def _from_me(item: Item) -> bool | None:
    return True if (item.number(0x0E07) or 0) & FROM_ME else None


def _text(item: Item) -> str:
    plain = item.text(0x1000)
    if plain:
        return plain[:RAW_TEXT_CAP]
    return visible_text(item.text(0x1013) or decoded(item.data(0x1013), page_of(item.number(0x3FDE) or 65001)))


def _attached(item: Item) -> list[str]:
    """Names of attached files; mails within the mail are not opened."""
    return [one.text(0x3707, 0x3704, 0x3001) for one in item.parts("attach") if one.number(0x3705) != EMBEDDED]


# -- appointments ---------------------------------------------------------------------------------


def meeting_of(item: Item) -> Meeting | None:
    """An appointment of the calendar: its own start and end, never those of its series."""
    start, end = _stands(item)
    if start is None or end is None or end <= start:
        return None
    uid, planned = _uid(item)
    if item.flag(item.named(APPOINTMENT, 0x8223)) or planned:
        replaced = item.instant(item.named(APPOINTMENT, 0x8228))
        occurrence = str(replaced if replaced is not None else start)
    else:
        occurrence = ""
    invited = bool((_named(item, 0x8217) or 0) & RECEIVED_MEETING) or bool(item.parts("recip"))
    response = RESPONSES.get(_named(item, 0x8218) or 0, "none")
    return Meeting(
        uid=uid,
        occurrence=occurrence,
        start=start,
        end=end,
        response=response if invited or response != "none" else "accepted",
        busy=BUSY.get(busy if (busy := _named(item, 0x8205)) is not None else 2, "busy"),
        all_day=item.flag(item.named(APPOINTMENT, 0x8215)),
        private=(item.number(0x0036) or 0) >= 2,
        subject=item.text(0x0037),
        body=_text(item),
        place=item.text(item.named(APPOINTMENT, 0x8208)),
        people=_invited(item) if invited else (),
    )


def _stands(item: Item) -> tuple[int | None, int | None]:
    """Where an appointment stands in the calendar: its start and end."""
    return item.instant(item.named(APPOINTMENT, 0x820D)), item.instant(item.named(APPOINTMENT, 0x820E))


def _named(item: Item, number: int) -> int | None:
    return item.number(item.named(APPOINTMENT, number))


def _uid(item: Item) -> tuple[str, bool]:
    """The iCalendar UID, and whether the item is one occurrence of a series (MS-OXCICAL 2.1.3.1.1.20.26)."""
    whole = item.data(item.named(MEETING, 0x0003)) or item.data(item.named(MEETING, 0x0023))
    if len(whole) < 40:
        said = (item.text(0x0037), item.instant(0x0039), *_stands(item))
        return "none-" + hashlib.blake2b(repr(said).encode(), digest_size=8).hexdigest(), False
    if whole[40:].startswith(VCAL):
        return clean(whole[40 + len(VCAL) :].rstrip(b"\0").decode("utf-8", "replace"), 250), any(whole[16:20])
    return (whole[:16] + bytes(4) + whole[20:]).hex().upper(), any(whole[16:20])


def _invited(item: Item) -> tuple[Participant, ...]:
    organizer = Participant(Role.ORGANIZER, _sender(item), _name(item, 0x0042, 0x0C1A))
    attendees = [
        Participant(Role.ATTENDEE, _address(one), _name(one, 0x3001))
        for one in item.parts("recip")
        if not (one.number(0x5FFD) or 0) & ORGANIZER
    ]
    named = [organizer] if organizer.address or organizer.name else []
    return (*named, *attendees)[:PEOPLE_CAP]
