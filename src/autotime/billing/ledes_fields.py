"""The 24 fields of LEDES 1998B, and what each may hold.

From the 1998B specification (revision 7/2014) as reproduced by CaseFox; the classification list is
the LEDES Oversight Committee's of 2014.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

FIRST_LINE = "LEDES1998B[]"
END = "[]"

LINE_TYPES = ("F", "E", "IF", "IE")
"""Fee, expense, and adjustments of a whole invoice's fees or expenses."""


@dataclass(frozen=True, slots=True)
class Field:
    """``kind``: date, text, ascending digits (number). ``length`` counts characters, for numbers the
    digits before the point. ``needed`` and ``empty`` name the line types for which the field must
    have a value, or must have none. ``constant``: the same on every line of an invoice."""

    name: str
    kind: str
    length: int
    needed: tuple[str, ...] = LINE_TYPES
    empty: tuple[str, ...] = ()
    constant: bool = False


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
    Field("LINE_ITEM_DESCRIPTION", "text", TEXT),
    Field("LAW_FIRM_ID", "text", 20, constant=True),
    Field("LINE_ITEM_UNIT_COST", "number", 10, needed=("F", "E"), empty=ADJUSTMENT),
    Field("TIMEKEEPER_NAME", "text", 30, needed=FEE),
    Field("TIMEKEEPER_CLASSIFICATION", "text", 10, needed=FEE),
    Field("CLIENT_MATTER_ID", "text", 20, needed=NONE),
)

NAMES = tuple(field.name for field in FIELDS)
LENGTH = {field.name: field.length for field in FIELDS}
HEADER_LINE = "|".join(NAMES) + END

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

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]{0,4})?")
DAY = re.compile(r"[0-9]{8}")
FIRM_ID = re.compile(r"[0-9A-Z~-]+")


def as_number(value: str) -> Decimal | None:
    """Digits, at most one point and four decimals, perhaps a minus before them; else ``None``."""
    return Decimal(value) if NUMBER.fullmatch(value) else None


def as_day(value: str) -> date | None:
    """``YYYYMMDD`` where there is such a day; else ``None``."""
    if not DAY.fullmatch(value):
        return None
    try:
        return date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        return None
