"""Call logs as CSV: number, start, seconds, direction, as a telephone system or a phone exports them.

Columns are known by their names in any case and order; what separates them is found out. Times are ISO
(or Unix seconds), with their offset or on the timekeeper's clock; dates with slashes are read only where
the file itself shows whether the month or the day comes first. A bad line is quarantined, the others come.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

from autotime.collectors.calltimes import DayFirst, day_first, seconds_of, start_of
from autotime.collectors.files import must_be_there, regular_files, suddenly_empty
from autotime.collectors.phonebook import Phonebook, ending, plain_number
from autotime.domain.doors import CollectContext
from autotime.domain.errors import Misused
from autotime.domain.evidence import Batch, Evidence, Kind, Participant, Quarantined, Role, SyncCursor
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span
from autotime.intake import clean, untrusted

FILE_CAP = 64 * 1024 * 1024
LONGEST = 24 * 3600
SUFFIXES = (".csv", ".tsv", ".txt")

COLUMNS = {
    "number": ("number", "phone", "phone number", "telephone", "remote number", "other party", "rufnummer", "nummer"),
    "from": ("from", "caller", "caller number", "caller id", "calling number", "source", "anrufer"),
    "to": ("to", "called", "callee", "called number", "dialed number", "dialled number", "destination", "angerufen"),
    "name": ("name", "contact", "contact name", "display name", "caller name"),
    "start": ("start", "start time", "started", "time", "date time", "datetime", "timestamp", "call time", "beginn"),
    "date": ("date", "call date", "datum"),
    "clock": ("clock", "time of day", "uhrzeit", "zeit"),
    "seconds": (
        "seconds",
        "duration",
        "duration seconds",
        "duration s",
        "call duration",
        "length",
        "talk time",
        "dauer",
    ),
    "minutes": ("minutes", "duration minutes", "duration min"),
    "direction": ("direction", "type", "call type", "call direction", "richtung"),
}
"""What each column is called, folded: lower case, no brackets, one space."""

NEEDED = {"the start": {"start", "date"}, "the seconds": {"seconds", "minutes"}, "the direction": {"direction"}}

OUT = ("out", "outgoing", "outbound", "dialed", "dialled", "placed", "made", "originated", "ausgehend", "2")
IN = ("in", "incoming", "inbound", "received", "answered", "terminated", "eingehend", "1")
MISSED = ("missed", "rejected", "declined", "voicemail", "no answer", "blocked", "verpasst", "3", "5")


@dataclass(frozen=True, slots=True)
class CallsCollector:
    """``paths`` are CSV files of calls, or folders of them; ``zone`` is the zone of times without an offset
    (empty: the timekeeper's), ``contacts`` a CSV file with the columns name, number and address, by which
    numbers become people.
    """

    account: str
    paths: Sequence[Path]
    zone: str = ""
    contacts: str = ""
    page: int = 500
    source: str = "calls"

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        known: dict[str, tuple[str, int]] = json.loads(cursor.value) if cursor else {}
        phonebook, files = self._phonebook(), self._files()
        self._check_zone()
        suddenly_empty(self.account, known, files, 1)
        for done, file in enumerate(files, start=1):
            try:
                mark = f"{_mark(file)} {phonebook.mark}"
                before, held = known.get(str(file), ("", 0))
                if before == mark:
                    continue
                log = _read(file, self, phonebook, context.timekeeper)
            except OSError as unreadable:  # the next run tries again
                bad = Quarantined(clean(file.name, 200), f"cannot be read: {unreadable.strerror}")
                yield Batch((), _cursor(known), quarantined=(bad,), done=done, of=len(files))
                continue
            suddenly_empty(self.account, range(held), [*log.calls, *log.bad], 1)
            wanted = [call for call in log.calls.values() if context.window.contains(call.at)]
            while len(wanted) > self.page:
                yield Batch(tuple(wanted[: self.page]), _cursor(known), done=done - 1, of=len(files))
                del wanted[: self.page]
            known[str(file)] = (mark, len(log.calls) + len(log.bad))
            yield Batch(tuple(wanted), _cursor(known), quarantined=tuple(log.bad), done=done, of=len(files))

    def _files(self) -> list[Path]:
        must_be_there(self.paths)
        below = [file for path in self.paths for file in regular_files(path)]
        contacts = Path(self.contacts).expanduser()
        return [f for f in below if f != contacts and (f in self.paths or f.suffix.lower() in SUFFIXES)]

    def _check_zone(self) -> None:
        try:
            ZoneInfo(self.zone or "UTC")
        except (KeyError, ValueError, OSError):
            raise Misused(f"«{self.zone}» is no IANA time zone", hint="change «zone» of the source") from None

    def _phonebook(self) -> Phonebook:
        path = Path(self.contacts).expanduser() if self.contacts else None
        if path is not None and not path.is_file():
            raise Misused("the source's contacts are not there", hint="check «contacts» of the source in the settings")
        return Phonebook.read(path)


def _cursor(known: Mapping[str, tuple[str, int]]) -> SyncCursor:
    return SyncCursor(json.dumps(known, sort_keys=True))


def _mark(file: Path) -> str:
    state = file.stat()
    return f"{state.st_size} {state.st_mtime_ns}"


@dataclass(slots=True)
class _Log:
    """One file: calls by key, and the lines that are none."""

    calls: dict[str, Evidence] = field(default_factory=dict)
    bad: list[Quarantined] = field(default_factory=list)


def _read(file: Path, collector: CallsCollector, phonebook: Phonebook, timekeeper: Timekeeper) -> _Log:
    log = _Log()
    if file.stat().st_size > FILE_CAP:
        log.bad.append(Quarantined(clean(file.name, 200), f"larger than {FILE_CAP >> 20} MB"))
        return log
    rows = rows_of(file.read_bytes())
    columns = columns_of(rows[0][1]) if rows else {}
    missing = [name for name, needed in NEEDED.items() if not needed & columns.keys()]
    if rows and missing:
        log.bad.append(Quarantined(clean(file.name, 200), f"no column for {' and '.join(missing)}: is it a call log?"))
        return log
    told = [(line, {name: row[at].strip() for name, at in columns.items() if at < len(row)}) for line, row in rows[1:]]
    order = day_first([row.get("start") or row.get("date", "") for _, row in told])
    for line, row in told:
        try:
            call = _call(row, collector, phonebook, timekeeper, order)
        except ValueError as wrong:
            log.bad.append(_refused(file, line, row, str(wrong)))
        else:
            log.calls[call.key] = call
    return log


def _refused(file: Path, line: int, row: Mapping[str, str], reason: str) -> Quarantined:
    """Known by what it says: the same bad line stands elsewhere in the next export."""
    digest = hashlib.sha256("\x1f".join(row.values()).encode("utf-8", "replace")).hexdigest()
    return Quarantined(f"{clean(file.name, 200)}#{digest[:12]}", f"line {line}: {reason}", digest)


def rows_of(raw: bytes) -> list[tuple[int, list[str]]]:
    """Rows that hold anything, with their line numbers. A cell without end ends the list."""
    text = _text(raw).replace("\0", "")
    head = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(StringIO(text), delimiter=max(",;\t|", key=head.count))
    rows: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((reader.line_num, row))
    except csv.Error:
        rows.append((reader.line_num, []))
    return rows


def _text(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def columns_of(head: Sequence[str]) -> dict[str, int]:
    """Where each known column stands. A «time» beside a «date» is a time of day."""
    folded = [" ".join("".join(c if c.isalnum() else " " for c in name).lower().split()) for name in head]
    found = {
        column: folded.index(name)
        for column, names in reversed(COLUMNS.items())
        for name in names[::-1]
        if name in folded
    }
    if "date" in found and "start" in found and "clock" not in found and folded[found["start"]] == "time":
        found["clock"] = found.pop("start")
    return found


def _call(
    row: Mapping[str, str],
    collector: CallsCollector,
    phonebook: Phonebook,
    timekeeper: Timekeeper,
    order: DayFirst,
) -> Evidence:
    """One call; ``ValueError`` says what of the line cannot be read."""
    if any("\n" in cell for cell in row.values()):
        raise ValueError("a quotation mark that is not closed")
    direction, missed = _direction(row.get("direction", ""))
    written = row.get("start") or f"{row.get('date', '')} {row.get('clock', '')}".strip()
    zone = collector.zone
    start = start_of(written, lambda day: ZoneInfo(zone or timekeeper.zone_on(day)), order)
    seconds = 0 if missed else seconds_of(row.get("seconds", ""), row.get("minutes", ""))
    if seconds > LONGEST:
        raise ValueError("longer than a day")
    number = row.get("number") or (row.get("to", "") if direction == "out" else row.get("from", ""))
    other = phonebook.person(number, row.get("name", ""), Role.TO if direction == "out" else Role.FROM)
    return Evidence(
        account=collector.account,
        source=collector.source,
        key=f"{start}/{direction}/{_known_by(number)}",
        kind=Kind.CALL,
        at=start,
        own=direction == "out" or seconds > 0,
        span=Span(start, start + seconds) if seconds else None,
        people=_people(other, direction, timekeeper),
        facts={"direction": direction},
    )


def _known_by(number: str) -> str:
    """A number's trace, without the number: keys stand in logs."""
    return blake2b(ending(plain_number(number) or number).encode("utf-8", "replace"), digest_size=6).hexdigest()


def _people(other: Participant | None, direction: str, timekeeper: Timekeeper) -> tuple[Participant, ...]:
    """Who called first, then who was called."""
    name = untrusted(f"{timekeeper.first} {timekeeper.last}".strip(), 200)
    role = Role.FROM if direction == "out" else Role.TO
    self_ = Participant(role, timekeeper.emails[0] if timekeeper.emails else "", name)
    others = (other,) if other else ()
    return (self_, *others) if direction == "out" else (*others, self_)


def _direction(text: str) -> tuple[str, bool]:
    """``in`` or ``out``, and whether nobody answered."""
    words = " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
    if words in MISSED or "missed" in words:
        return "in", True
    for direction, known in (("out", OUT), ("in", IN)):
        if words in known or words.removesuffix(" call") in known:
            return direction, False
    raise ValueError("a direction that is neither in nor out")
