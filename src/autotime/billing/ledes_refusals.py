"""What a LEDES 1998B invoice cannot carry, said by name and with the place to put it right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from autotime.billing.ledes_check import known_activity, known_task
from autotime.billing.ledes_fields import CLASSIFICATIONS, FIRM_ID, LENGTH, OLD_CLASSIFICATIONS, TEXT
from autotime.billing.payload import FINEST, hours_of, rate_of, text
from autotime.intake import clean, for_ledes

NOT_INVOICED = "non-billable time is not put on an invoice"
COPY = "COPY, not for payment"
"""Begins the description of a file that another target bills."""

HEADER = (
    ("client", "client", "--client"),
    ("from", "first day", "--from"),
    ("to", "last day", "--to"),
    ("invoice_number", "invoice number", "--invoice-number"),
    ("invoice_date", "invoice date", "--invoice-date"),
    ("firm_name", "firm name", "set [firm] name in config.toml"),
    ("tax_id", "firm tax_id", "set [firm] tax_id in config.toml"),
    ("address", "firm address", "set [firm] address in config.toml"),
)
PEOPLE = "of the timekeepers CSV (autotime books import --timekeepers FILE.csv)"
MATTERS = "of the books CSV (autotime books import FILE.csv)"
NEEDED = (
    ("client_matter_id", f"no client matter id: set column client_matter_id {MATTERS}"),
    ("timekeeper_last", f"no last name of the timekeeper: set column last {PEOPLE}"),
    ("timekeeper_first", f"no first name of the timekeeper: set column first {PEOPLE}"),
    ("classification", f"no classification of the timekeeper: set column classification {PEOPLE}"),
    ("rate", f"no rate: set column rate {PEOPLE}, or {MATTERS}"),
    ("narrative", "no narrative"),
)
KEYS = (
    ("client", "client id", "CLIENT_ID"),
    ("matter", "matter number", "LAW_FIRM_MATTER_ID"),
    ("client_matter_id", "client matter id", "CLIENT_MATTER_ID"),
    ("timekeeper", "timekeeper id", "TIMEKEEPER_ID"),
    ("task_code", "task code", "LINE_ITEM_TASK_CODE"),
    ("activity_code", "activity code", "LINE_ITEM_ACTIVITY_CODE"),
)
"""Payload keys that others look things up by: they go as they are or not at all."""


def fold(value: object) -> str:
    """Text as LEDES carries it. A letter that has no Latin form becomes «?»: nothing is lost unseen."""
    shown = clean(str(value), 2 * TEXT)
    return for_ledes("".join(_carried(c) for c in shown))


@lru_cache(maxsize=4096)
def _carried(character: str) -> str:
    if character.isascii() or not character.isalnum() or for_ledes(character):
        return character
    return "?"


def full_name(payload: Mapping[str, object]) -> str:
    """«Last, First»: the only comma is the one between."""
    parts = (fold(text(payload, key)) for key in ("timekeeper_last", "timekeeper_first"))
    return ", ".join(part.replace(",", "") for part in parts)


def unfit(payload: Mapping[str, object], header: Mapping[str, object]) -> Iterator[str]:
    """Why one entry cannot be a line of this invoice."""
    for key, advice in NEEDED:
        if not text(payload, key).strip():
            yield advice
    yield from _unfit_keys(payload)
    yield from _unfit_text(payload)
    yield from _unfit_codes(payload)
    yield from _unfit_money(payload, header)
    yield from _out_of_place(payload, header)


def unfit_header(header: Mapping[str, object], earlier: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """Why no invoice can be made at all: what is missing, by name, and what is wrong."""
    for key, name, place in HEADER:
        if not text(header, key).strip():
            yield f"no {name}: {place}"
    invoice, firm = text(header, "invoice_number"), text(header, "tax_id")
    yield from _unfit_key("invoice number", invoice, "INVOICE_NUMBER")
    yield from _unfit_key("tax_id", firm, "LAW_FIRM_ID")
    if firm and not FIRM_ID.fullmatch(firm):
        yield "[firm] tax_id in config.toml is digits, capitals and hyphens, such as 24-6437381"
    used = [text(other, "batch") for other in earlier if text(other, "invoice_number") == invoice]
    if invoice and used:
        yield f"invoice number {invoice} is used already, by {used[0]}: give another --invoice-number"
    if len(fold(text(header, "description"))) > TEXT - len(COPY) - 2:
        yield f"the description is longer than {TEXT} characters: --description"
    days = [_parsed(text(header, key)) for key in ("from", "to")]
    if days[0] and days[1] and days[1] < days[0]:
        yield "the last day is before the first: --from, --to"


def _parsed(value: str) -> date | None:
    return date.fromisoformat(value) if value else None


def _unfit_keys(payload: Mapping[str, object]) -> Iterator[str]:
    for key, name, field in KEYS:
        yield from _unfit_key(name, text(payload, key), field)


def _unfit_key(name: str, value: str, field: str) -> Iterator[str]:
    if value and len(value) > LENGTH[field]:
        yield f"the {name} has {len(value)} characters, {field} has room for {LENGTH[field]}"
    elif fold(value) != value:
        yield f"the {name} has characters that LEDES cannot carry"


def _unfit_text(payload: Mapping[str, object]) -> Iterator[str]:
    narrative = text(payload, "narrative")
    folded = fold(narrative)
    if max(len(narrative) // 2, len(clean(narrative, 2 * TEXT)), len(folded)) > TEXT:
        yield f"the narrative is too long, LINE_ITEM_DESCRIPTION has room for {TEXT} characters"
    elif narrative.strip() and not any(c.isalnum() for c in folded):
        yield "the narrative has nothing that LEDES can carry: write it in Latin letters"
    if len(full_name(payload)) > LENGTH["TIMEKEEPER_NAME"]:
        yield f"the timekeeper's name is too long, TIMEKEEPER_NAME has room for {LENGTH['TIMEKEEPER_NAME']}"
    if not all(c.isalnum() or c in " ,.'-" for c in full_name(payload)):
        yield f"the timekeeper's name has characters that LEDES cannot carry: columns last, first {PEOPLE}"


def _unfit_codes(payload: Mapping[str, object]) -> Iterator[str]:
    task, activity, rank = (text(payload, key) for key in ("task_code", "activity_code", "classification"))
    used = text(payload, "code_set")
    if used and not task:
        yield f"no task code: the matter is billed with {used} codes"
    if used and not activity:
        yield f"no activity code: the matter is billed with {used} codes"
    if task and not known_task(task):
        yield "the task code is not a UTBMS code"
    if activity and not known_activity(activity):
        yield "the activity code is not a UTBMS code"
    if rank and rank not in CLASSIFICATIONS | OLD_CLASSIFICATIONS:
        yield f"the classification is not in the LEDES list: column classification {PEOPLE}"


def _unfit_money(payload: Mapping[str, object], header: Mapping[str, object]) -> Iterator[str]:
    rate = rate_of(payload)
    if rate is not None and (rate <= 0 or rate != rate.quantize(FINEST) or rate >= 10**10):
        yield "the rate is not an amount above zero with up to four decimals"
    elif rate is not None and hours_of(payload) * rate >= 10**10:
        yield "the amount has more than ten digits"
    if hours_of(payload) <= 0:
        yield "no billed time"
    billed_in = text(header, "currency") or "USD"
    if text(payload, "currency") not in ("", billed_in):
        yield f"the matter is billed in another currency than {billed_in}, and LEDES 1998B names none"
    if text(payload, "fee_type") not in ("", "hourly"):
        yield "the matter is not billed by the hour (column fee_type), and this invoice is hours × rate"


def _out_of_place(payload: Mapping[str, object], header: Mapping[str, object]) -> Iterator[str]:
    if text(payload, "client") != text(header, "client"):
        yield "it belongs to another client than the invoice"
    if not text(header, "from") <= text(payload, "day") <= text(header, "to"):
        yield "its day is outside the billing period"
