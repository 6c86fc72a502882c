"""What an invoice as a whole misses, each with the place to set it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from autotime.billing.ledes.fields import FIRM_ID, SHAPES, TEXT
from autotime.billing.ledes.refusals import B_KIND, BI_KIND, Kind, of_client, setting_of, unfit_key
from autotime.billing.ledes.texts import fold, lost_letters
from autotime.billing.payload import text

COPY = "COPY, not for payment"
"""Begins the description of a file that another target bills."""

ASKED = (
    ("client", "client", "--client"),
    ("from", "first day", "--from"),
    ("to", "last day", "--to"),
    ("invoice_number", "invoice number", "--invoice-number"),
    ("invoice_date", "invoice date", "--invoice-date"),
    ("firm_name", "firm name", "set [firm] name in config.toml"),
    ("tax_id", "firm tax_id", "set [firm] tax_id in config.toml"),
)
ONE_LINE = (("address", "firm address", "set [firm] address in config.toml"),)
PARTS = (
    ("firm_street", "firm street", "set [firm] street in config.toml"),
    ("firm_city", "firm city", "set [firm] city in config.toml"),
    ("firm_postcode", "firm postcode", "set [firm] postcode in config.toml"),
    ("firm_country", "firm country", "set [firm] country in config.toml"),
    ("currency", "currency", "set [firm] currency in config.toml"),
)
FIRM_FIELDS = (
    ("firm_name", "LAW_FIRM_NAME", "[firm] name"),
    ("firm_street", "LAW_FIRM_ADDRESS_1", "[firm] street"),
    ("firm_street_2", "LAW_FIRM_ADDRESS_2", "[firm] street_2"),
    ("firm_city", "LAW_FIRM_CITY", "[firm] city"),
    ("firm_state", "LAW_FIRM_STATEorREGION", "[firm] state"),
    ("firm_postcode", "LAW_FIRM_POSTCODE", "[firm] postcode"),
)
CLIENT_KEYS = (("tax_id", "CLIENT_TAX_ID"), ("po_number", "PO_NUMBER"))
CLIENT_FIELDS = (
    ("street", "CLIENT_ADDRESS_1"),
    ("street_2", "CLIENT_ADDRESS_2"),
    ("city", "CLIENT_CITY"),
    ("state", "CLIENT_STATEorREGION"),
    ("postcode", "CLIENT_POSTCODE"),
    ("tax_type", "LINE_ITEM_TAX_TYPE"),
)


def unfit_header(
    header: Mapping[str, object], earlier: Sequence[Mapping[str, object]], kind: Kind = B_KIND
) -> Iterator[str]:
    """Why no invoice can be made at all: what is missing, by name, and what is wrong."""
    for key, name, place in ASKED + (PARTS if kind.international else ONE_LINE):
        if not text(header, key).strip():
            yield f"no {name}: {place}"
    yield from _numbers(header, earlier, kind)
    yield from _description(text(header, "description"), kind)
    days = [date.fromisoformat(text(header, key)) if text(header, key) else None for key in ("from", "to")]
    if days[0] and days[1] and days[1] < days[0]:
        yield "the last day is before the first: --from, --to"
    yield from _tax(header, kind)
    if kind.international:
        yield from _places(header, kind)


def tax_rate(header: Mapping[str, object]) -> Decimal:
    return Decimal(of_client(header, "tax_rate") or 0)


def _numbers(header: Mapping[str, object], earlier: Sequence[Mapping[str, object]], kind: Kind) -> Iterator[str]:
    invoice, firm = text(header, "invoice_number"), text(header, "tax_id")
    for said in unfit_key("the invoice number", invoice, "INVOICE_NUMBER", kind):
        yield f"{said}: --invoice-number"
    yield from unfit_key("[firm] tax_id in config.toml", firm, "LAW_FIRM_ID", kind)
    own = f"{setting_of(header)} client_id in config.toml"
    yield from unfit_key(own, of_client(header, "client_id"), "CLIENT_ID", kind)
    if firm and not FIRM_ID.fullmatch(firm):
        yield "[firm] tax_id in config.toml is digits, capitals and hyphens, such as 24-6437381"
    used = [text(other, "batch") for other in earlier if text(other, "invoice_number") == invoice]
    if invoice and used:
        yield f"invoice number {invoice} is used already, by {used[0]}: give another --invoice-number"


def _description(said: str, kind: Kind) -> Iterator[str]:
    if len(kind.carry(said)) > TEXT - len(COPY) - 2:
        yield f"the description is longer than {TEXT} characters: --description"
    elif kind.carry is fold and lost_letters(said):
        yield f"the description has letters without a Latin form, which {kind.name} cannot carry: --description"


def _tax(header: Mapping[str, object], kind: Kind) -> Iterator[str]:
    """Tax elements of LEDES XML are not confirmed; 1998B has none."""
    if tax_rate(header) and kind is not BI_KIND:
        yield f"{kind.name} as it is written here carries no tax: deliver to ledes-bi, or set tax_rate = 0"
    if kind is BI_KIND and not of_client(header, "tax_id"):
        yield f"no tax id of the client: set {setting_of(header)} tax_id in config.toml"
    if kind is BI_KIND and tax_rate(header) and not of_client(header, "tax_type"):
        yield f"no kind of tax: set {setting_of(header)} tax_type in config.toml, such as VAT"


def _places(header: Mapping[str, object], kind: Kind) -> Iterator[str]:
    for key, field, setting in FIRM_FIELDS:
        yield from _room(kind, field, text(header, key), setting)
    for key, field in CLIENT_KEYS:
        yield from unfit_key(f"{setting_of(header)} {key} in config.toml", of_client(header, key), field, kind)
    for key, field in CLIENT_FIELDS:
        yield from _room(kind, field, of_client(header, key), f"{setting_of(header)} {key}")
    countries = (("[firm] country", text(header, "firm_country")), (setting_of(header), of_client(header, "country")))
    for setting, country in countries:
        if country and not SHAPES["country"][0].fullmatch(country):
            yield f"{setting} in config.toml: {SHAPES['country'][1]}"


def _room(kind: Kind, field: str, value: str, setting: str) -> Iterator[str]:
    room = kind.room(field)
    if 0 < room < len(kind.carry(value)):
        yield f"{setting} in config.toml is longer than the {room} characters of {field}"
    elif kind.carry is fold and lost_letters(value):
        yield f"{setting} in config.toml has letters without a Latin form, which {kind.name} cannot carry"
