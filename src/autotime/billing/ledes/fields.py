"""The fields of LEDES 1998B (24) and 1998BI V2 (52), and what each may hold.

1998B from the specification (revision 7/2014) as reproduced by CaseFox. 1998BI: names, order, lengths and the
fields that are required from public descriptions and samples; newer revisions («98BI V5») are not confirmed. The
classification list is the LEDES Oversight Committee's of 2014.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

END = "[]"

LINE_TYPES = ("F", "E", "IF", "IE")
"""Fee, expense, and adjustments of a whole invoice's fees or expenses."""


@dataclass(frozen=True, slots=True)
class Field:
    """``kind``: date, text, number, or one of ``SHAPES``. ``length`` counts characters, for numbers the digits before
    the point. ``needed`` and ``empty`` name the line types for which the field must have a value, or must have none.
    ``constant``: the same on every line of an invoice. ``shown``: its name in the file, where that is another."""

    name: str
    kind: str
    length: int
    needed: tuple[str, ...] = LINE_TYPES
    empty: tuple[str, ...] = ()
    constant: bool = False
    shown: str = ""


NONE: tuple[str, ...] = ()
FEE = ("F",)
NOT_FEE = ("E", "IF", "IE")
ADJUSTMENT = ("IF", "IE")
TEXT = 15 * 1024

FIELDS = (
    Field("INVOICE_DATE", "date", 8, constant=True),
    Field("INVOICE_NUMBER", "text", 20),
    Field("CLIENT_ID", "text", 20),
    Field("LAW_FIRM_MATTER_ID", "text", 20),
    Field("INVOICE_TOTAL", "number", 12, constant=True),
    Field("BILLING_START_DATE", "date", 8, constant=True),
    Field("BILLING_END_DATE", "date", 8, constant=True),
    Field("INVOICE_DESCRIPTION", "text", TEXT, needed=NONE, constant=True),
    Field("LINE_ITEM_NUMBER", "text", 20),
    Field("EXP/FEE/INV_ADJ_TYPE", "text", 2),
    Field("LINE_ITEM_NUMBER_OF_UNITS", "number", 10, needed=("F", "E")),
    Field("LINE_ITEM_ADJUSTMENT_AMOUNT", "number", 10, needed=NONE),
    Field("LINE_ITEM_TOTAL", "number", 10),
    Field("LINE_ITEM_DATE", "date", 8),
    Field("LINE_ITEM_TASK_CODE", "text", 20, needed=NONE, empty=("E",)),
    Field("LINE_ITEM_EXPENSE_CODE", "text", 20, needed=("E",), empty=("F", "IF")),
    Field("LINE_ITEM_ACTIVITY_CODE", "text", 20, needed=NONE, empty=("E",)),
    Field("TIMEKEEPER_ID", "text", 20, needed=FEE, empty=NOT_FEE),
    Field("LINE_ITEM_DESCRIPTION", "text", TEXT, needed=NONE),
    Field("LAW_FIRM_ID", "text", 20, constant=True),
    Field("LINE_ITEM_UNIT_COST", "number", 10, needed=("F", "E"), empty=ADJUSTMENT),
    Field("TIMEKEEPER_NAME", "text", 30, needed=FEE),
    Field("TIMEKEEPER_CLASSIFICATION", "text", 10, needed=FEE),
    Field("CLIENT_MATTER_ID", "text", 20, needed=NONE),
)

INTERNATIONAL = (
    Field("PO_NUMBER", "text", 100, needed=NONE),
    Field("CLIENT_TAX_ID", "text", 20, constant=True),
    Field("MATTER_NAME", "text", 255),
    Field("INVOICE_TAX_TOTAL", "number", 12, needed=NONE, constant=True),
    Field("INVOICE_NET_TOTAL", "number", 12, constant=True),
    Field("INVOICE_CURRENCY", "currency", 3, needed=NONE, constant=True),
    Field("TIMEKEEPER_LAST_NAME", "text", 30, needed=FEE),
    Field("TIMEKEEPER_FIRST_NAME", "text", 30, needed=FEE),
    Field("ACCOUNT_TYPE", "account", 1, needed=NONE),
    Field("LAW_FIRM_NAME", "text", 60, needed=NONE, constant=True),
    Field("LAW_FIRM_ADDRESS_1", "text", 60, needed=NONE, constant=True),
    Field("LAW_FIRM_ADDRESS_2", "text", 60, needed=NONE, constant=True),
    Field("LAW_FIRM_CITY", "text", 40, needed=NONE, constant=True),
    Field("LAW_FIRM_STATEorREGION", "text", 40, needed=NONE, constant=True),
    Field("LAW_FIRM_POSTCODE", "text", 20, needed=NONE, constant=True),
    Field("LAW_FIRM_COUNTRY", "country", 3, needed=NONE, constant=True),
    Field("CLIENT_NAME", "text", 60, needed=NONE, constant=True),
    Field("CLIENT_ADDRESS_1", "text", 60, needed=NONE, constant=True),
    Field("CLIENT_ADDRESS_2", "text", 60, needed=NONE, constant=True),
    Field("CLIENT_CITY", "text", 40, needed=NONE, constant=True),
    Field("CLIENT_STATEorREGION", "text", 40, needed=NONE, constant=True),
    Field("CLIENT_POSTCODE", "text", 20, needed=NONE, constant=True),
    Field("CLIENT_COUNTRY", "country", 3, needed=NONE, constant=True),
    Field("LINE_ITEM_TAX_RATE", "share", 1, needed=NONE),
    Field("LINE_ITEM_TAX_TOTAL", "number", 10),
    Field("LINE_ITEM_TAX_TYPE", "text", 20, needed=NONE),
    Field("INVOICE_REPORTED_TAX_TOTAL", "number", 12, needed=NONE, constant=True),
    Field("INVOICE_TAX_CURRENCY", "currency", 3, needed=NONE, constant=True),
)


def _eased(field: Field) -> Field:
    """The published 1998BI sample gives an adjustment a unit cost."""
    return replace(field, empty=NONE) if field.name == "LINE_ITEM_UNIT_COST" else field


BI_FIELDS = (*map(_eased, FIELDS), *INTERNATIONAL)

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]{0,4})?")
DIGITS = 24
"""Signs of the longest number that is counted with: what decimal arithmetic carries exactly."""
SHARE = re.compile(r"0?\.[0-9]{1,10}|0\.?|1(\.0{0,10})?")
DAY = re.compile(r"[0-9]{8}")
FIRM_ID = re.compile(r"[0-9A-Z-]+(~[0-9A-Z-]+){0,2}")
"""Up to three ids; only 1998BI is said to hold more than one."""

SHAPES = {
    "currency": (re.compile("[A-Z]{3}"), "a currency is three capitals, ISO 4217"),
    "country": (re.compile("[A-Z]{2,3}"), "a country is two or three capitals"),
    "account": (re.compile("[OT]"), "the account type is O (own) or T (third party)"),
    "share": (SHARE, "a tax rate is between 0 and 1, with up to ten decimals"),
}


def as_number(value: str) -> Decimal | None:
    """Digits, at most one point and four decimals, perhaps a minus before them; else ``None``, and so where they are
    more than any amount of money has."""
    return Decimal(value) if len(value) <= DIGITS and NUMBER.fullmatch(value) else None


def as_day(value: str) -> date | None:
    """``YYYYMMDD`` where there is such a day; else ``None``."""
    if not DAY.fullmatch(value):
        return None
    try:
        return date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        return None


def as_iso_day(value: str) -> date | None:
    """``YYYY-MM-DD``, the date of LEDES XML; else ``None``."""
    return as_day(value.replace("-", "")) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else None


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of file: the fields of a line in order, how it begins, and how it writes a day.

    Lines of LEDES XML are read into the names of 1998BI, so that one set of rules holds for all kinds."""

    kind: str
    first_line: str
    fields: tuple[Field, ...]
    day: Callable[[str], date | None] = as_day
    day_form: str = "YYYYMMDD"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    @property
    def header_line(self) -> str:
        return "|".join(self.names) + END


B = Layout("1998B", "LEDES1998B[]", FIELDS)
BI = Layout("1998BI", "LEDES98BI V2[]", BI_FIELDS)

FIRST_LINE, HEADER_LINE, NAMES = B.first_line, B.header_line, B.names
LENGTH = {field.name: field.length for field in BI_FIELDS}

CLASSIFICATIONS = frozenset(
    {
        "ADJSTR", "ADJSMT", "ANALST", "ARBITR", "ASSOC", "TRANEE", "AUDITR", "CLKSEC", "CONSLT",
        "TEMPAT", "TEMPOS", "CSTCNS", "CTRPTR", "DSCATT", "DSCPMG", "DSCANJ", "DSCANS", "DOCCDR",
        "DOCRAT", "DOCRNA", "EVDEVL", "EXPERT", "FLTFEE", "FORANL", "HLNLPF", "INVSTG", "IPSVPV",
        "IPAGNT", "LGLAST", "LGLINT", "LGPRMG", "LIBRRN", "MEDITR", "MDRCRV", "OFCOUN", "NBOTHR",
        "PARALG", "PARTNR", "RSRCHR", "RSPROF", "SECNDE", "SPAGNT", "SOLDSG", "STFATT", "STFCNS",
        "TPADMN", "TRAINR", "TRNDEV", "TRNFAG", "TRANSL", "VIDOGR",
    }
)  # fmt: skip
OLD_CLASSIFICATIONS = frozenset(["PT", "AS", "OC", "PL", "LA", "LC", "OT"])
"""What files from before 2014 say, and some portals still do."""
