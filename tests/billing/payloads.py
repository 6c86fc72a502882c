"""What billing is told of an entry of Ada Okafor's on a matter of Northwind Mills."""

from __future__ import annotations

from autotime.billing.payload import Payload

DAY = "2026-03-02"


def payload(number: int = 1, **changes: str | int) -> Payload:
    return {
        "entry": f"e{number:016x}",
        "revision": 1,
        "day": DAY,
        "timekeeper": "AOK",
        "client": "NORTH",
        "client_name": "Northwind Mills, Inc.",
        "matter": "2026-001",
        "matter_name": "Northwind v. Harrow",
        "fee_type": "hourly",
        "task_code": "L310",
        "activity_code": "A103",
        "narrative": f"Draft responses to request for production no. {number}",
        "worked_seconds": 5_000,
        "billed_minutes": 90,
        "billing": "billable",
        "travel": 0,
        "late": "",
        "rate": "450",
        "currency": "USD",
        **changes,
    }
