"""LEDES: invoices as files of 1998B, 1998BI and XML; reading and checking anybody's.

::

    batch, lines ──► refusals ──► records ──► flat          1998B, 1998BI
                                      └─────► xml_writing   XML 2.2, by the table in xml_fields
    anybody's file ──► flat, xml_reading ──► reading        what it says (``read_invoice``)
                                        └──► checking       what is wrong with it (``check``)
"""

from __future__ import annotations

from autotime.billing.ledes.billers import LedesBiBiller, LedesBiller, LedesXmlBiller
from autotime.billing.ledes.checking import Known, check
from autotime.billing.ledes.findings import Finding, Severity, errors
from autotime.billing.ledes.flat import parse
from autotime.billing.ledes.reading import Invoice, InvoiceHead, InvoiceLine, read_invoice
from autotime.billing.ledes.texts import fold

__all__ = [
    "Finding",
    "Invoice",
    "InvoiceHead",
    "InvoiceLine",
    "Known",
    "LedesBiBiller",
    "LedesBiller",
    "LedesXmlBiller",
    "Severity",
    "check",
    "errors",
    "fold",
    "parse",
    "read_invoice",
]
