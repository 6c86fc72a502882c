"""LEDES invoices as files: 1998B, 1998BI and XML.

One invoice bills one client for one period; several matters may stand in it. Units are hours; a line's total is units
× rate, half up to the cent, and the invoice's total is the sum of those. Time at no charge keeps its rate and is taken
off again by its adjustment. How hours are written: ``payload.hours_of``; the money: ``sums``.

A file is a function of its batch and its lines: what the settings said when the batch was made is in the header. Each
file is read back before it is given out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from autotime.billing.ledes import flat, xml_writing
from autotime.billing.ledes.checking import check
from autotime.billing.ledes.findings import errors, in_short
from autotime.billing.ledes.header_refusals import COPY, tax_rate, unfit_header
from autotime.billing.ledes.records import item_of, records_of
from autotime.billing.ledes.refusals import B_KIND, BI_KIND, NOT_INVOICED, XML_KIND, Kind, of_client, unfit
from autotime.billing.ledes.sums import ZERO, sums_of
from autotime.billing.ledes.texts import fold, lost_letters
from autotime.billing.payload import Payload, text
from autotime.domain.delivery import BatchFile, Submission
from autotime.domain.errors import NeedsPerson, Refused
from autotime.domain.work import Billing

KEPT = "the time stays queued"
CANNOT = "the invoice cannot be written so that it reads back the same"


class _Invoicing:
    """What the three kinds share."""

    kind: Kind
    target: str

    def refuse_header(self, header: Mapping[str, object], earlier: Sequence[Mapping[str, object]]) -> list[str]:
        """What the invoice as a whole misses, each with the place to set it. ``earlier``: headers of
        batches already made, whose invoice numbers are used up."""
        return list(unfit_header(header, earlier, self.kind))

    def refuse(self, payload: Mapping[str, object], header: Mapping[str, object]) -> str:
        if text(payload, "billing") == Billing.NON_BILLABLE:
            return NOT_INVOICED
        return "; ".join(unfit(payload, header, self.kind))

    def drops(self, payload: Mapping[str, object]) -> tuple[str, ...]:
        """What an invoice has no place for: that the time was travel, and letters without a Latin form."""
        texts = ("narrative", *(("client_name", "matter_name") if self.kind.international else ()))
        letters = [name for name in texts if self.kind.carry is fold and lost_letters(payload.get(name, ""))]
        return (*(["travel"] if payload.get("travel") else []), *(f"{name} (letters written ?)" for name in letters))

    def told(self, payload: Mapping[str, object], header: Mapping[str, object]) -> dict[str, str]:
        """The line of one entry, without what the invoice says of itself."""
        raise NotImplementedError

    def checked(self, data: bytes, name: str) -> tuple[str, ...]:
        """What single portals may refuse in a file that is about to leave. ``Refused`` where it breaks the format."""
        found = check(data, name=name)
        if wrong := errors(found):
            raise Refused(f"the file would break the format: {'; '.join(in_short(wrong))}", kept=KEPT)
        return in_short(found)

    def render(self, batch: BatchFile, lines: Sequence[Submission]) -> bytes:
        """The file. ``NeedsPerson``: more lines than the client takes. ``Refused`` where the file does not read back
        as it was meant."""
        header = json.loads(batch.header)
        payloads = [json.loads(line.payload) for line in lines]
        _refuse_many(header, len(lines), self.target)
        description = text(header, "description") or "For services rendered"
        if any(line.copy for line in lines):
            description = f"{COPY}: {description}"
        return self.written(header | {"description": description}, payloads)

    def written(self, header: Mapping[str, object], payloads: Sequence[Payload]) -> bytes:
        raise NotImplementedError


@dataclass
class _Records(_Invoicing):
    """Files of records."""

    line_ending: str = "\n"

    def told(self, payload: Mapping[str, object], header: Mapping[str, object]) -> dict[str, str]:
        item = item_of(1, payload, header, sums_of(payload, self._rate(header)))
        return {name: value for name, value in item.items() if name in self.kind.layout.names}

    def written(self, header: Mapping[str, object], payloads: Sequence[Payload]) -> bytes:
        records = records_of(header, payloads, self._rate(header))
        layout = self.kind.layout
        data = flat.written(layout, records, self.line_ending)
        if flat.parse(data) != [{name: record[name] for name in layout.names} for record in records]:
            raise Refused(CANNOT)
        return data

    def _rate(self, header: Mapping[str, object]) -> Decimal:
        return tax_rate(header) if self.kind.international else ZERO


class LedesBiller(_Records):
    target = "ledes"
    extension = "txt"
    mapping_version = "ledes1998b-2"
    kind = B_KIND


class LedesBiBiller(_Records):
    """1998BI V2: also who is billed, where, in which currency, and tax."""

    target = "ledes-bi"
    extension = "txt"
    mapping_version = "ledes1998bi-1"
    kind = BI_KIND


class LedesXmlBiller(_Invoicing):
    """LEDES XML 2.2. What of it is not confirmed: ``xml_fields``."""

    target = "ledes-xml"
    extension = "xml"
    mapping_version = "ledesxml2.2-1"
    kind = XML_KIND

    def told(self, payload: Mapping[str, object], header: Mapping[str, object]) -> dict[str, str]:
        matter = {"lf_matter_id": text(payload, "matter"), "cl_matter_id": text(payload, "client_matter_id")}
        return matter | xml_writing.fee_of(header, payload, sums_of(payload))

    def written(self, header: Mapping[str, object], payloads: Sequence[Payload]) -> bytes:
        root = xml_writing.tree_of(header, payloads)
        data = xml_writing.written(root)
        if not xml_writing.reads_back(data, root):
            raise Refused(CANNOT)
        return data


def _refuse_many(header: Mapping[str, object], lines: int, target: str) -> None:
    cap = int(of_client(header, "line_cap") or 0)
    if 0 < cap < lines:
        raise NeedsPerson(
            f"the invoice would have {lines} lines, and the client takes {cap} in one file (line_cap)",
            kept=KEPT,
            hint=f"autotime push {target} with a shorter --from … --to",
        )
