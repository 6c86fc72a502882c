"""Invoices of the invented firm, for all three kinds of LEDES files."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from autotime.billing.ledes import LedesBiBiller, LedesBiller, LedesXmlBiller
from autotime.billing.payload import Payload
from autotime.domain.work import Billing

from .firm import HEADER
from .test_ledes import batch, lines, payload

CLIENT: dict[str, Any] = {
    "tax_id": "76-1235",
    "street": "One Example Square",
    "city": "Springfield",
    "state": "IL",
    "postcode": "62701",
    "country": "US",
}
FULL: dict[str, object] = HEADER | {
    "invoice_number": "INV1001",
    "currency": "USD",
    "firm_street": "1 Example Plaza",
    "firm_city": "Springfield",
    "firm_state": "IL",
    "firm_postcode": "62701",
    "firm_country": "US",
    "ledes": CLIENT,
}
"""What the header of an invoice says that needs everything."""

BILLERS = {"1998B": LedesBiller(), "1998BI": LedesBiBiller(), "XML": LedesXmlBiller()}


def wanting(**options: Any) -> dict[str, object]:
    """The full header, and what the client's portal wants beside it."""
    return FULL | {"ledes": CLIENT | options}


def invoiced(kind: str, *payloads: Mapping[str, object], header: Mapping[str, object] = FULL) -> bytes:
    return BILLERS[kind].render(batch(header), lines(*payloads))


def refused(kind: str, header: Mapping[str, object] = FULL, **changes: Any) -> str:
    """Why a payload with these changes cannot go."""
    return BILLERS[kind].refuse(payload() | changes, header)


MATTERS = (("2026-001", "NW-77", "L310"), ("2026-002", "NW-78", "L120"))

PAYLOADS: st.SearchStrategy[Payload] = st.builds(
    lambda day, matter, minutes, cents, billing, narrative: payload(
        day=f"2026-03-{day:02d}",
        matter=matter[0],
        client_matter_id=matter[1],
        task_code=matter[2],
        billed_minutes=minutes,
        rate=str(Decimal(cents) / 100),
        billing=billing.value,
        narrative=narrative,
    ),
    st.integers(1, 31),
    st.sampled_from(MATTERS),
    st.integers(1, 1440),
    st.integers(1, 500_000),
    st.sampled_from([Billing.BILLABLE, Billing.BILLABLE, Billing.NO_CHARGE]),
    st.one_of(
        st.text(st.sampled_from("ab |[]<>&\"'\r\n\t;“”’–é東\u2028\ufffe\x85"), max_size=80).map("Call re: ".__add__),
        st.text(max_size=60).map("Review of ".__add__),
    ),
)
"""Any time that an invoice can carry, on two matters of one client."""
