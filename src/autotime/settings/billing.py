"""Where approved time goes, and the firm's registrations with billing systems."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from autotime.domain.books import Matter
from autotime.settings.base import Currency, Section


class FirmSettings(Section):
    name: str = Field("", description="The firm's name as it stands on invoices.")
    tax_id: str = Field("", description="Law firm id of LEDES files: the US federal tax id, e.g. 24-6437381.")
    address: str = Field("", description="Street, city, state, postcode on one line.")
    street: str = Field("", description="The parts of the address, which LEDES 1998BI and XML need: street and number.")
    street_2: str = Field("", description="Second line of the street.")
    city: str = Field("", description="City.")
    state: str = Field("", description="State or region.")
    postcode: str = Field("", description="Postcode.")
    country: str = Field("", description="Country, two or three capitals, as the client's portal wants it: US, USA.")
    currency: Currency = Field("USD", description="ISO 4217, where a matter names none.")


class FieldRule(Section):
    """How one field of a billing system is filled: from a field of the entry, or with a constant."""

    source: str = Field("", alias="from", description="A field of the entry (narrative, task_code, matter …).")
    constant: str | None = Field(None, description="The same value for every entry.", examples=["autotime"])
    map: dict[str, str] = Field({}, description="Values to put in the place of others.", examples=[{"A103": "Draft"}])
    default: str = Field("", description="What stands where the value is empty, or not in «map».")
    prefix: str = Field("", description="Text before the value, where there is one.")
    split: str = Field("", description="Keep one part of the value: what separates the parts.", examples=["-"])
    part: int = Field(0, ge=0, description="Which part, from 0.")


class LedesSettings(Section):
    """What the e-billing portal of one client wants of LEDES files."""

    client_id: str = Field("", description="What the portal calls the client. Empty: as the books say, else its id.")
    narrative_cap: int = Field(0, ge=0, description="The most characters of a narrative; 0: 15360, the format's room.")
    line_cap: int = Field(0, ge=0, description="The most lines in one file; 0: any number.")
    classifications: dict[str, str] = Field(
        {}, description="The client's own codes for the LEDES classifications.", examples=[{"PARTNR": "PT"}]
    )
    vendor_id: str = Field("", description="What the client calls the firm (LEDES XML).")
    tax_id: str = Field("", description="The client's tax id; 1998BI needs one.")
    street: str = Field("", description="The client's address: street and number.")
    street_2: str = Field("", description="Second line of the street.")
    city: str = Field("", description="City.")
    state: str = Field("", description="State or region.")
    postcode: str = Field("", description="Postcode.")
    country: str = Field("", description="Country, two or three capitals.")
    po_number: str = Field("", description="The client's order number.")
    account_type: Literal["O", "T"] = Field("O", description="O: the client pays; T: a third party.")
    tax_rate: Decimal = Field(Decimal(0), ge=0, lt=1, decimal_places=10, description="Tax on each line: 0.2 is 20 %.")
    tax_type: str = Field("", description="What that tax is called, such as VAT.")
    payment_days: int = Field(0, ge=0, le=3650, description="Days until an invoice is due (LEDES XML); 0: not said.")


class BillingSettings(Section):
    target: str = Field(
        "",
        description="Where approved time goes: clio, practicepanther, mycase, timesolv, zapier, "
        "ledes, ledes-bi, ledes-xml, csv, clio-csv. "
        "Empty: the first push of a matter decides.",
    )
    clients: dict[str, str] = Field(
        {}, description="Another target for single clients, by client id.", examples=[{"SOLO": "csv"}]
    )
    folder: str = Field("", description="Where LEDES and CSV files are written. Empty: «outgoing» in the home folder.")
    ledes_line_ending: Literal["lf", "crlf"] = Field("lf", description="Line ends of LEDES files; portals differ.")
    ledes: dict[str, LedesSettings] = Field(
        {},
        description="What single clients want of LEDES files, by client id; «*»: every client, where it says no more.",
        examples=["NORTH"],
    )
    guests: dict[str, str] = Field(
        {},
        description="Billers of your own: target name to package.module:Class.",
        examples=[{"sheet": "ourfirm.billing:SheetBiller"}],
    )
    options: dict[str, dict[str, Any]] = Field(
        {},
        description="What billers of your own are set with, by target: they get it with their connection.",
        examples=[{"books": {"base_url": "https://books.firm.example/api"}}],
    )

    mapping: dict[str, dict[str, FieldRule]] = Field(
        {},
        description="How fields of single targets are filled, where it is not as usual: target, then its field.",
        examples=[{"mycase": {"activity_name": {"from": "activity_code", "map": {"A103": "Draft/Revise"}}}}],
    )

    columns: dict[str, list[str]] = Field(
        {},
        description="The header of the firm's own import template, for targets that are sheets, in its order.",
        examples=[{"timesolv": ["Date", "Firm User", "Project Id", "Hours", "Notes"]}],
    )

    def ledes_for(self, client: str) -> dict[str, Any]:
        """What is set for one client: its own words, over those for every client."""
        found = [self.ledes[name] for name in ("*", client) if name in self.ledes]
        return {key: value for one in found for key, value in one.model_dump(mode="json", exclude_unset=True).items()}

    def target_for(self, matter: Matter | None) -> str:
        return self.clients.get(matter.client, self.target) if matter else self.target


class ClioSettings(Section):
    """The firm's app at Clio. Apps, tokens and data belong to one region."""

    region: Literal["us", "eu", "ca", "au"] = Field("us", description="Where the firm's data lie: us, eu, ca, au.")
    client_id: str = Field("", description="Client id (key) of the firm's app in Clio's developer portal.")
    redirect_port: int = Field(
        0, ge=0, le=65535, description="Port of the redirect address registered for it, http://127.0.0.1:PORT/callback."
    )
    version: str = Field("4.0.10", description="API version asked for and checked in each answer.")
    mark: bool = Field(False, description="Put a short mark at the end of each note. Clients see it on their bills.")
    base_url: str = Field("", description="Tests only: a server on this machine that stands in for Clio.")


class PracticePantherSettings(Section):
    """The API access that PracticePanther grants on request."""

    client_id: str = Field("", description="Client id that PracticePanther issued.")
    redirect_url: str = Field("", description="Redirect address registered for it. Empty: an address on this machine.")
    base_url: str = Field("", description="Tests only: a server on this machine that stands in for PracticePanther.")


class MyCaseSettings(Section):
    """The API access that MyCase issues."""

    client_id: str = Field("", description="Client id that MyCase issued.")
    redirect_url: str = Field("", description="Redirect address registered for it. Empty: an address on this machine.")
    base_url: str = Field("", description="Tests only: a server on this machine that stands in for MyCase.")


class TimeSolvSettings(Section):
    """The app registered with a TimeSolv developer account. Time goes there by its import file."""

    client_id: str = Field("", description="Client id of the registered app.")
    redirect_url: str = Field("", description="Redirect address registered for it. Empty: an address on this machine.")
    projects: dict[str, str] = Field(
        {},
        description="What time cards there call a matter, by our matter number: its search is not confirmed.",
        examples=[{"2026-001": "817"}],
    )
    base_url: str = Field("", description="Tests only: a server on this machine that stands in for TimeSolv.")


class ZapierSettings(Section):
    """The hook's address is a secret, and asked for by ``autotime connect zapier``."""

    base_url: str = Field("", description="Tests only: a server on this machine that stands in for hooks.zapier.com.")
