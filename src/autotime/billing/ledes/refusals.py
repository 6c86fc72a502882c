"""What a line of a LEDES invoice cannot carry, said by name and with the place to put it right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from autotime.billing.ledes.fields import BI, CLASSIFICATIONS, OLD_CLASSIFICATIONS, TEXT, B, Layout
from autotime.billing.ledes.line_rules import DAY_HOURS, known_activity, known_task
from autotime.billing.ledes.texts import fold, full_name, one_line
from autotime.billing.ledes.xml_reading import XML
from autotime.billing.payload import FINEST, hours_of, rate_of, text
from autotime.intake import clean

NOT_INVOICED = "non-billable time is not put on an invoice"

PEOPLE = "of the timekeepers CSV (autotime books import --timekeepers FILE.csv)"
MATTERS = "of the books CSV (autotime books import FILE.csv)"
AGAIN = "autotime undo, then autotime review"
NEEDED = (
    ("matter", f"no matter: {AGAIN}"),
    ("client_matter_id", f"no client matter id: set column client_matter_id {MATTERS}"),
    ("timekeeper_last", f"no last name of the timekeeper: set column last {PEOPLE}"),
    ("timekeeper_first", f"no first name of the timekeeper: set column first {PEOPLE}"),
    ("classification", f"no classification of the timekeeper: set column classification {PEOPLE}"),
    ("rate", f"no rate: set column rate {PEOPLE}, or {MATTERS}"),
    ("narrative", f"no narrative: {AGAIN}"),
)
NAMED = (
    ("client_name", f"no client name: set column client_name {MATTERS}"),
    ("matter_name", f"no matter name: set column name {MATTERS}"),
)
KEYS = (
    ("client_ledes_id", "the client id", "CLIENT_ID", "client_id of the client under [billing.ledes] in config.toml"),
    ("matter", "the matter number", "LAW_FIRM_MATTER_ID", f"column matter {MATTERS}"),
    ("client_matter_id", "the client matter id", "CLIENT_MATTER_ID", f"column client_matter_id {MATTERS}"),
    ("timekeeper", "the timekeeper id", "TIMEKEEPER_ID", f"column id {PEOPLE}"),
    ("task_code", "the task code", "LINE_ITEM_TASK_CODE", AGAIN),
    ("activity_code", "the activity code", "LINE_ITEM_ACTIVITY_CODE", AGAIN),
)
"""Payload keys that others look things up by: they go as they are or not at all. Name, field, and where it is set."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of file differs: its name, what it makes of a text, its fields, and whether it says who is
    billed, where and in which currency."""

    name: str
    carry: Callable[[object], str]
    layout: Layout
    international: bool

    def room(self, field: str) -> int:
        """Characters a field holds; 0 where that is not known."""
        return next((one.length for one in self.layout.fields if one.name == field), 0)


B_KIND = Kind("LEDES 1998B", fold, B, False)
BI_KIND = Kind("LEDES 1998BI", fold, BI, True)
XML_KIND = Kind("LEDES XML", one_line, XML, True)


def of_client(header: Mapping[str, object], key: str) -> str:
    """What ``[billing.ledes.CLIENT]`` said when the batch was made; empty where it said nothing."""
    options = header.get("ledes")
    return str(options.get(key, "")) if isinstance(options, Mapping) else ""


def setting_of(header: Mapping[str, object]) -> str:
    """The part of the settings file that says what the client wants."""
    return f"[billing.ledes.{text(header, 'client') or 'CLIENT'}]"


def rank_of(payload: Mapping[str, object], header: Mapping[str, object]) -> str:
    """The classification, by the client's own list where it has one."""
    options = header.get("ledes")
    own = options.get("classifications", {}) if isinstance(options, Mapping) else {}
    rank = text(payload, "classification")
    return str(own.get(rank, rank))


def unfit(payload: Mapping[str, object], header: Mapping[str, object], kind: Kind = B_KIND) -> Iterator[str]:
    """Why one entry cannot be a line of this invoice."""
    for key, advice in NEEDED + (NAMED if kind.international else ()):
        if not text(payload, key).strip():
            yield advice
    yield from _keys(payload, header, kind)
    yield from _narrative(payload, header, kind)
    yield from _names(payload, kind)
    yield from _codes(payload)
    yield from _rank(payload, header, kind)
    yield from _money(payload)
    yield from _kept_apart(payload, header, kind)
    yield from _out_of_place(payload, header)


def unfit_key(name: str, value: str, field: str, kind: Kind) -> Iterator[str]:
    """Why a number or code cannot go as it is."""
    room = kind.room(field)
    if 0 < room < len(value):
        yield f"{name} has {len(value)} characters, {field} has room for {room}"
    elif kind.carry(value) != value:
        yield f"{name} has characters that LEDES cannot carry"


def _keys(payload: Mapping[str, object], header: Mapping[str, object], kind: Kind) -> Iterator[str]:
    for key, name, field, place in KEYS:
        if key != "client_ledes_id" or not of_client(header, "client_id"):
            yield from (f"{said}: {place}" for said in unfit_key(name, text(payload, key), field, kind))


def _narrative(payload: Mapping[str, object], header: Mapping[str, object], kind: Kind) -> Iterator[str]:
    narrative, cap = text(payload, "narrative"), int(of_client(header, "narrative_cap") or 0)
    carried, room = kind.carry(narrative), kind.room("LINE_ITEM_DESCRIPTION") or 2 * TEXT
    if len(narrative) > 2 * TEXT or max(len(clean(narrative, 2 * TEXT)), len(carried)) > room:
        yield f"the narrative is too long, LINE_ITEM_DESCRIPTION has room for {room} characters: {AGAIN}"
    elif 0 < cap < len(carried):
        yield f"the narrative has {len(carried)} characters, the client takes {cap} (narrative_cap): {AGAIN}"
    elif narrative.strip() and not any(c.isalnum() for c in carried):
        yield f"the narrative has nothing that LEDES can carry, write it in Latin letters: {AGAIN}"


def _names(payload: Mapping[str, object], kind: Kind) -> Iterator[str]:
    if kind.carry is one_line:
        return
    name, room = full_name(payload), kind.room("TIMEKEEPER_NAME")
    if len(name) > room:
        yield f"the timekeeper's name is too long, TIMEKEEPER_NAME has room for {room}: columns last, first {PEOPLE}"
    if not all(c.isalnum() or c in " ,.'-" for c in name):
        yield f"the timekeeper's name has characters that LEDES cannot carry: columns last, first {PEOPLE}"
    for key, field in (("client_name", "CLIENT_NAME"), ("matter_name", "MATTER_NAME")):
        room = kind.room(field)
        if 0 < room < len(fold(text(payload, key))):
            yield f"{field} has room for {room} characters: shorten it in the books (autotime books import FILE.csv)"


def _codes(payload: Mapping[str, object]) -> Iterator[str]:
    task, activity, used = (text(payload, key) for key in ("task_code", "activity_code", "code_set"))
    if used and not task:
        yield f"no task code: the matter is billed with {used} codes: {AGAIN}, or set column code_set {MATTERS}"
    if used and not activity:
        yield f"no activity code: the matter is billed with {used} codes: {AGAIN}, or set column code_set {MATTERS}"
    if task and not known_task(task):
        yield f"the task code is not a UTBMS code: {AGAIN}"
    elif task and not known_task(task, used):
        yield f"the task code is not in the set {used} of the matter: {AGAIN}, or set column code_set {MATTERS}"
    if activity and not known_activity(activity):
        yield f"the activity code is not a UTBMS code: {AGAIN}"


def _rank(payload: Mapping[str, object], header: Mapping[str, object], kind: Kind) -> Iterator[str]:
    """The LEDES list, or what the client's settings put in its place."""
    rank, own = text(payload, "classification"), rank_of(payload, header)
    if own != rank:
        place = f"{setting_of(header)} classifications in config.toml: «{rank}»"
        yield from unfit_key(f"{place} is a code that", own, "TIMEKEEPER_CLASSIFICATION", kind)
    elif rank and rank not in CLASSIFICATIONS | OLD_CLASSIFICATIONS:
        yield f"the classification is not in the LEDES list: column classification {PEOPLE}"


def _money(payload: Mapping[str, object]) -> Iterator[str]:
    rate, hours = rate_of(payload), hours_of(payload)
    if rate is not None and (rate <= 0 or rate != rate.quantize(FINEST) or rate >= 10**10):
        yield f"the rate is not an amount above zero with up to four decimals: column rate {MATTERS}"
    elif rate is not None and hours * rate >= 10**10:
        yield f"the amount has more than ten digits: column rate {MATTERS}"
    if hours < 0:
        yield f"negative hours: a credit is made in the billing system, not from an entry: {AGAIN}"
    elif hours == 0:
        yield f"no billed time: {AGAIN}"
    elif hours > DAY_HOURS:
        yield f"more than {DAY_HOURS} hours on one day: {AGAIN}"


def _kept_apart(payload: Mapping[str, object], header: Mapping[str, object], kind: Kind) -> Iterator[str]:
    billed_in = text(header, "currency") or "USD"
    if text(payload, "currency") not in ("", billed_in):
        names = "an invoice has one" if kind.international else f"{kind.name} names none"
        yield f"the matter is billed in another currency than {billed_in}, and {names}: [firm] currency in config.toml"
    if text(payload, "fee_type") not in ("", "hourly"):
        yield "the matter is not billed by the hour (column fee_type), and this invoice is hours × rate"


def _out_of_place(payload: Mapping[str, object], header: Mapping[str, object]) -> Iterator[str]:
    if text(payload, "client") != text(header, "client"):
        yield "it belongs to another client than the invoice: --client"
    if not text(header, "from") <= text(payload, "day") <= text(header, "to"):
        yield "its day is outside the billing period: --from, --to"
