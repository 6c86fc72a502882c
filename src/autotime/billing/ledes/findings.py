"""What can be wrong with a LEDES file: every rule, who refuses it, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

TRACKER, MITRATECH, COLLABORATI, BRIGHTFLAG = "Legal Tracker", "Mitratech", "Collaborati", "Brightflag"


class Severity(StrEnum):
    """``ERROR``: it breaks the format or its sums. ``WARNING``: single portals or clients refuse it, or the rule
    itself is not confirmed."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """``portals`` whose published validation names it; none where it is the format's own."""

    severity: Severity
    fix: str
    portals: tuple[str, ...] = ()


def _error(fix: str, *portals: str) -> Rule:
    return Rule(Severity.ERROR, fix, portals)


def _warning(fix: str, *portals: str) -> Rule:
    return Rule(Severity.WARNING, fix, portals)


RULES = {
    # the file
    "size": _error("split the invoice, or look whether this is the right file"),
    "encoding": _error("save the file as plain ASCII text (LEDES XML: UTF-8)", COLLABORATI),
    "bom": _error("save the file without a byte order mark", COLLABORATI),
    "ascii": _error("write plain letters: ' for a curly quote, - for a dash, e for é", COLLABORATI),
    "extension": _warning("rename the file: .txt, for LEDES XML .xml", BRIGHTFLAG),
    "first-line": _error("begin the file with the line of its kind: LEDES1998B[] or LEDES98BI V2[]"),
    "field-names": _error("name the fields in the order of the format on the second line"),
    "record-end": _error("end each record with [] and a line break, and keep both out of texts"),
    "field-count": _error("give every field, empty ones too; a | inside a text is written /", BRIGHTFLAG),
    "truncated": _error("export or download the file again"),
    "empty": _error("put line items into the file"),
    "line-end": _warning("use one kind of line end"),
    # one field
    "required": _error("fill the field", TRACKER + " 005", MITRATECH),
    "spaces": _warning("leave a field without a value empty"),
    "blank": _error("leave the field empty on a line of this type"),
    "type": _error("write F, E, IF or IE"),
    "date": _error("write the date in the form of the format, of a day that exists", TRACKER + " 003"),
    "number": _error("write digits, one point and up to four decimals: no signs of money, no commas", TRACKER + " 004"),
    "length": _error("shorten the value"),
    "shape": _error("write the value in the form of the format"),
    "law-firm-id": _error("write the tax id in digits, capitals and hyphens"),
    "name": _error("write the timekeeper's name as «Last, First»", BRIGHTFLAG),
    "name-order": _warning("write the timekeeper's name as «Last, First»", BRIGHTFLAG),
    "classification": _warning("use a code of the LEDES list, or ask the client which codes it takes"),
    "code": _error("use a code of the client's UTBMS set"),
    "task-missing": _warning("give the task code, where the client uses task codes"),
    "activity-missing": _warning("give the activity code, where the client uses activity codes"),
    "narrative-missing": _warning("say what was done: most portals refuse a line without it", TRACKER + " 005"),
    "client-matter": _warning("give the client's own matter number", BRIGHTFLAG),
    "description-length": _warning("shorten the invoice's description to 1024 characters", BRIGHTFLAG),
    "country": _warning("write the country with two letters, where the portal is Brightflag", BRIGHTFLAG),
    # one line
    "line-sum": _error("make the total units × rate + adjustment + tax", TRACKER + " 006", MITRATECH),
    "rate": _error("give the rate; take time at no charge off by the adjustment"),
    "units": _warning("write a credit as an IF line with a negative total", BRIGHTFLAG),
    "long-day": _warning("split what is above 24 hours"),
    "total-cents": _warning("write the invoice's total with two decimals", COLLABORATI),
    "adjustment": _warning("give an adjustment one unit, or none"),
    "unit-cost": _warning("write the unit cost of an expense with two decimals", COLLABORATI),
    "period": _error("put the line's day inside the billing period, and the start before the end", MITRATECH),
    "block-billing": _warning("give each task its own line and its own time"),
    # one invoice
    "constant": _error("repeat the invoice's facts unchanged on each of its lines", TRACKER + " 007", BRIGHTFLAG),
    "invoice-sum": _error("make the invoice's total the sum of its lines", MITRATECH),
    "duplicate": _error("number the lines of an invoice 1, 2, 3 …"),
    "net-total": _warning("make the net total the total less the tax"),
    "tax-total": _warning("make the tax total the sum of the lines' taxes"),
    "number-signs": _warning("use letters and digits only: a public validator refuses other signs"),
    "number-used": _warning("give every invoice a number of its own", COLLABORATI),
    # LEDES XML
    "xml": _error("export the file again: it must be well-formed XML"),
    "xml-unsafe": _error("export the file again: LEDES XML has no document type, no entities and few levels"),
    "root": _error("begin with <ledesxmlebilling2.2> (2.0, 2.1)"),
    "segment": _error("give the segment"),
    "order": _warning("put the elements in the order of the format"),
    "unknown": _warning("ask the client whether its portal knows the element"),
    "choice": _warning("ask the client whether its portal knows the value"),
    "counter": _warning("number the segments of the file 1, 2, 3 … in file_item_nbr"),
    "base-sum": _error("make base_amount units × rate", TRACKER + " 006", MITRATECH),
    "matter-sum": _error("make the matter's totals the sums of its lines", MITRATECH),
    "timekeeper-sum": _error("give each timekeeper of the lines a tk_sum"),
    # against the firm's books
    "unknown-timekeeper": _error("put the timekeeper on the client's list, or correct the id"),
    "unknown-matter": _error("open the matter in the books, or correct its number"),
    "rate-above": _error("bill the agreed rate"),
}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One broken rule. ``line`` counts from 1, 0 for the file; ``field`` is empty where the line as a whole is meant.
    The message shows no narrative."""

    line: int
    field: str
    rule: str
    message: str

    @property
    def severity(self) -> Severity:
        return RULES[self.rule].severity

    @property
    def portals(self) -> tuple[str, ...]:
        return RULES[self.rule].portals

    @property
    def fix(self) -> str:
        return RULES[self.rule].fix


def in_short(findings: list[Finding]) -> tuple[str, ...]:
    """What was found, each thing once, with the first line it stands on and how many more have it."""
    lines: dict[tuple[str, str], list[int]] = {}
    for one in findings:
        lines.setdefault((one.field, one.message), []).append(one.line)
    return tuple(
        f"line {where[0]}{f' and {len(where) - 1} more' if where[1:] else ''}{f', {name}' if name else ''}: {message}"
        for (name, message), where in lines.items()
    )


def errors(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is Severity.ERROR]
