"""What a firm can set: one TOML file, read once and passed down.

``AUTOTIME_HOME`` moves everything; ``--config FILE`` names another file. Each field's description is
its help text in ``config.example.toml``, which is generated from this module.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import platformdirs
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from autotime.domain.books import Matter
from autotime.domain.errors import Misused, NotSetUp
from autotime.domain.people import Timekeeper
from autotime.domain.policy import Policy, Rounding


def checked_zone(zone: str) -> str:
    """The zone, if the time zone database knows it; ``ValueError`` with an example otherwise."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as unknown:
        raise ValueError(f"«{zone}» is no IANA time zone, e.g. America/New_York") from unknown
    return zone


def _names_a_file(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise ValueError(f"«{name}» names files: letters, digits, dots and dashes, e.g. AOK")
    return name


def _address(text: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", text.strip()):
        raise ValueError(f"«{text}» is no mail address")
    return text.strip().lower()


def _currency(code: str) -> str:
    if not re.fullmatch("[A-Z]{3}", code):
        raise ValueError(f"«{code}» is no currency of ISO 4217, e.g. USD")
    return code


Zone = Annotated[str, AfterValidator(checked_zone)]
Address = Annotated[str, AfterValidator(_address)]


class Section(BaseModel):
    """Unknown names are errors: a misspelt setting must not be ignored in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ZoneFrom(Section):
    begins: date = Field(description="First local day in this zone.", examples=[date(2026, 7, 1)])
    zone: Zone = Field(description="IANA name.", examples=["Europe/Berlin"])


class TimekeeperSettings(Section):
    id: Annotated[str, AfterValidator(_names_a_file)] = Field(
        description="Short name, used on the command line and in billing.", examples=["AOK"]
    )
    last: str = Field(description="Last name.", examples=["Okafor"])
    first: str = Field("", description="First name.")
    emails: list[Address] = Field(
        [], description="Own addresses: what they send is the timekeeper's work.", examples=[["ada@firm.example"]]
    )
    classification: str = Field("", description="LEDES classification: PARTNR, ASSOC, OFCOUN, PARALG, LGLAST.")
    rate: Decimal | None = Field(
        None, ge=0, description="Money per hour where no matter says otherwise.", examples=["412.50"]
    )
    zone: Zone = Field("UTC", description="IANA time zone of the timekeeper's days, e.g. America/Chicago.")
    zone_from: list[ZoneFrom] = Field([], description="Later zones with the day each begins (a move, a trip).")

    def timekeeper(self) -> Timekeeper:
        return Timekeeper(
            id=self.id,
            last=self.last,
            first=self.first,
            emails=tuple(self.emails),
            classification=self.classification,
            rate=self.rate,
            zone=self.zone,
            zone_from=tuple(sorted((move.begins, move.zone) for move in self.zone_from)),
        )


class StoreSettings(Section):
    url: str = Field(
        "",
        description="Empty: one encrypted SQLite file a timekeeper under the home folder. "
        "A firm: postgresql+psycopg://user@host/autotime.",
    )
    key: Literal["keyring", "file"] = Field(
        "keyring", description="Where the store's key lives: the OS keyring, or a key file you chose."
    )
    key_file: str = Field(
        "", description='The key file, mode 0600, when key = "file". «{timekeeper}» stands for the id.'
    )

    @model_validator(mode="after")
    def _key_has_a_place(self) -> StoreSettings:
        if self.key == "file" and not self.key_file:
            raise ValueError('key = "file" needs key_file, the path of the key file')
        return self


class SourceSettings(BaseModel):
    """One place evidence comes from. What a type needs beside this is checked by the collector."""

    model_config = ConfigDict(extra="allow", frozen=True)

    account: str = Field(description="Your name for this source.", examples=["office mail"])
    type: str = Field(
        description="microsoft, google, imap, caldav, activitywatch, mbox, maildir, eml, msg, ics, documents, calls, "
        "or package.module:Class of a guest.",
        examples=["mbox"],
    )
    timekeeper: str = Field("", description="Whose it is, where several timekeepers are configured.", examples=["AOK"])

    def options(self) -> dict[str, Any]:
        """What the collector is built from, beside its account."""
        return dict(self.model_extra or {})


class PolicyOverride(Section):
    increment_minutes: int | None = Field(None, ge=1, le=60, description="Billing increment in minutes.", examples=[15])
    rounding: Rounding | None = Field(
        None, description="up: to the next increment; exact: to the minute.", examples=[Rounding.EXACT]
    )
    one_entry_per_matter_day: bool | None = Field(
        None, description="Round per matter and day, not per task.", examples=[True]
    )


class PolicySettings(Section):
    increment_minutes: int = Field(6, ge=1, le=60, description="Billing increment in minutes (6: tenths of an hour).")
    rounding: Rounding = Field(Rounding.UP, description="up: to the next increment; exact: to the minute.")
    one_entry_per_matter_day: bool = Field(False, description="Round per matter and day rather than per task.")
    minimum: int = Field(60, ge=1, description="Seconds of work below which nothing is proposed.")
    send_cap: int = Field(1800, ge=60, description="The most one sent mail can account for (seconds).")
    save_cap: int = Field(600, ge=60, description="The most one save without recorded editing can (seconds).")
    day_warning_hours: int = Field(14, ge=1, le=24, description="A day above this must be looked at twice.")
    long_entry: int = Field(10800, ge=360, description="Entries above this are never accepted unseen (seconds).")
    reading_offer_minutes: int = Field(6, ge=1, description="What stating «I read this» adds (minutes).")
    late_days: int = Field(7, ge=1, description="Entries drafted later than this after the work say «late».")
    reconstructed_days: int = Field(30, ge=1, description="… and later than this, «reconstructed».")
    words_per_minute_writing: int = Field(25, ge=1, description="Writing speed before anything is learned.")
    words_per_minute_reading: int = Field(200, ge=1, description="Reading speed before anything is learned.")
    clients: dict[str, PolicyOverride] = Field({}, description="Exceptions by client id.", examples=["NORTH"])
    matters: dict[str, PolicyOverride] = Field({}, description="Exceptions by matter number.", examples=["2026-001"])

    def policy_for(self, matter: Matter | None) -> Policy:
        """The rules for one matter: the firm's, then the client's, then the matter's own."""
        values = self.model_dump(exclude={"clients", "matters"})
        if matter is not None:
            if matter.increment is not None:
                values["increment_minutes"] = matter.increment
            for override in (self.clients.get(matter.client), self.matters.get(matter.number)):
                if override is not None:
                    values |= override.model_dump(exclude_none=True)
        return Policy(**values)


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
    currency: Annotated[str, AfterValidator(_currency)] = Field(
        "USD", description="ISO 4217, where a matter names none."
    )


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
    payment_days: int = Field(0, ge=0, description="Days until an invoice is due (LEDES XML); 0: not said.")


class BillingSettings(Section):
    target: str = Field(
        "",
        description="Where approved time goes: clio, practicepanther, mycase, timesolv, zapier, "
        "ledes, ledes-bi, ledes-xml, csv, clio-csv. "
        "Empty: the first push of an entry decides.",
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


class FieldRule(Section):
    """How one field of a billing system is filled: from a field of the entry, or with a constant."""

    source: str = Field("", alias="from", description="A field of the entry (narrative, task_code, matter …).")
    constant: str | None = Field(None, description="The same value for every entry.", examples=["autotime"])
    map: dict[str, str] = Field({}, description="Values to put in the place of others.", examples=[{"A103": "Draft"}])
    default: str = Field("", description="What stands where the value is empty, or not in «map».")
    prefix: str = Field("", description="Text before the value, where there is one.")
    split: str = Field("", description="Keep one part of the value: what separates the parts.", examples=["-"])
    part: int = Field(0, ge=0, description="Which part, from 0.")


class GuidelineSettings(Section):
    standard: bool = Field(True, description="Warn of what most clients cut, by the rules that are shipped.")
    files: list[str] = Field(
        [], description="Guidelines of clients, as TOML files.", examples=[["~/guidelines/northwind.toml"]]
    )


class CollectSettings(Section):
    since: date | None = Field(
        None, description="Nothing before this day is stored. Left out: all there is.", examples=[date(2026, 1, 1)]
    )
    exclude_folders: list[str] = Field([], description="Mail folders never stored, by name.", examples=[["Personal"]])
    exclude_senders: list[str] = Field(
        [], description="Addresses or @domains never stored.", examples=[["@school.example"]]
    )


class NetworkSettings(Section):
    proxy: str = Field("", description="Proxy of the firm, e.g. http://proxy.firm.example:3128. Empty: none.")
    ca_file: str = Field("", description="PEM file of the firm's own certificate authority. Empty: the system's.")


class AlertSettings(Section):
    """Alerts name accounts, counts and commands; never a word of what was collected."""

    command: list[str] = Field(
        [],
        description="A program and its arguments; it gets the alerts as JSON on standard input. No shell.",
        examples=[["/usr/local/bin/page-the-office"]],
    )
    mail_to: list[Address] = Field([], description="Who gets a mail.", examples=[["it@firm.example"]])
    mail_from: str = Field("", description="Sender of that mail. Empty: the first of mail_to.")
    smtp_host: str = Field("localhost", description="Mail server that takes it without a password.")
    smtp_port: int = Field(25, ge=1, le=65535, description="Its port.")
    starttls: bool = Field(True, description="Encrypt the way there; false only for a server on this machine.")
    days_without_success: int = Field(3, ge=1, description="A source not read for so many days is worth a word.")
    workdays_without_items: int = Field(
        5, ge=1, description="A source that gave things and gave nothing for so many working days is worth a word."
    )
    days_before_sign_in_ends: int = Field(7, ge=1, description="A sign-in that ends within so many days is too.")


class MicrosoftSettings(Section):
    """The firm's app registration. What is not known here is said by ``collectors/microsoft/app.py``."""

    client_id: str = Field("", description="Application (client) id of the firm's app registration in Entra.")
    tenant: str = Field("organizations", description="Directory (tenant) id or domain; needed by a firm-wide daemon.")
    cloud: Literal["global", "usgov", "dod", "china"] = Field(
        "global", description="Which Microsoft cloud: global (also GCC), usgov (GCC High), dod, china (21Vianet)."
    )
    authority: str = Field("", description="Another sign-in host than the cloud's own, https.")
    base_url: str = Field(
        "", description="Another Graph root than the cloud's own, e.g. https://graph.microsoft.us/v1.0."
    )
    certificate: str = Field(
        "", description="Firm-wide daemon: PEM file with private key and certificate. Empty: a secret."
    )
    test_authority: str = Field("", description="Tests only: a server on this machine that stands in for the sign-in.")


class GoogleSettings(Section):
    """The firm's own Google project: autotime ships no shared client id."""

    client_file: str = Field("", description="JSON file of the firm's «desktop app» OAuth client, as downloaded.")
    units_per_minute: int = Field(
        6000, ge=100, description="Gmail quota units a user and minute: 15000 in projects made before May 2026."
    )
    base_url: str = Field("", description="Tests only: a server on this machine that stands in for every Google API.")
    token_url: str = Field("", description="Tests only: a server on this machine that stands in for Google's sign-in.")


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


class Settings(Section):
    """Everything that can be set."""

    home: Annotated[Path, Field(exclude=True)] = Path()
    timekeepers: list[TimekeeperSettings] = Field([], description="Whose time is kept.")
    store: StoreSettings = Field(StoreSettings(), description="Where everything is kept, encrypted.")
    sources: list[SourceSettings] = Field([], description="Where evidence comes from.")
    collect: CollectSettings = Field(CollectSettings(), description="What is left out when sources are read.")
    network: NetworkSettings = Field(NetworkSettings(), description="How this machine reaches the network.")
    microsoft: MicrosoftSettings = Field(MicrosoftSettings(), description="Microsoft 365: the firm's registration.")
    google: GoogleSettings = Field(GoogleSettings(), description="Google Workspace: the firm's own project.")
    guidelines: GuidelineSettings = Field(GuidelineSettings(), description="What clients pay for and what they cut.")
    clio: ClioSettings = Field(ClioSettings(), description="Clio: the firm's app.")
    practicepanther: PracticePantherSettings = Field(
        PracticePantherSettings(), description="PracticePanther: the firm's API access."
    )
    mycase: MyCaseSettings = Field(MyCaseSettings(), description="MyCase: the firm's API access.")
    timesolv: TimeSolvSettings = Field(TimeSolvSettings(), description="TimeSolv: the firm's app.")
    zapier: ZapierSettings = Field(ZapierSettings(), description="Zapier: a catch hook.")
    alerts: AlertSettings = Field(AlertSettings(), description="Who hears of trouble after a nightly run.")
    policy: PolicySettings = Field(PolicySettings(), description="How time becomes billed time: as fee agreements say.")
    firm: FirmSettings = Field(FirmSettings(), description="What LEDES files say of the firm.")
    billing: BillingSettings = Field(BillingSettings(), description="Where approved time goes.")

    @field_validator("timekeepers")
    @classmethod
    def _one_of_each(cls, people: list[TimekeeperSettings]) -> list[TimekeeperSettings]:
        _refuse_twice([person.id for person in people], "two timekeepers have the id")
        return people

    @field_validator("sources")
    @classmethod
    def _known_and_distinct(cls, sources: list[SourceSettings], info: ValidationInfo) -> list[SourceSettings]:
        """Two sources of one name would take each other's cursor for their own."""
        named = [(source.timekeeper, source.type, source.account) for source in sources]
        _refuse_twice([" ".join(filter(None, name)) for name in named], "two sources are called")
        known = [person.id for person in info.data.get("timekeepers", [])]
        strangers = {source.timekeeper for source in sources} - {"", *known}
        if known and strangers:
            raise ValueError(f"there is no timekeeper «{min(strangers)}»; there are: {', '.join(known)}")
        return sources

    def timekeeper(self, wanted: str = "") -> Timekeeper:
        """The one asked for, or the only one there is."""
        people = {person.id: person.timekeeper() for person in self.timekeepers}
        if not people:
            raise NotSetUp("no timekeeper is configured", hint="autotime init")
        if not wanted and len(people) == 1:
            return next(iter(people.values()))
        if wanted not in people:
            named = f"no timekeeper «{wanted}»" if wanted else "several timekeepers are configured"
            raise Misused(named, hint=f"--timekeeper with one of: {', '.join(people)}")
        return people[wanted]

    def sources_of(self, timekeeper: str) -> list[SourceSettings]:
        return [source for source in self.sources if source.timekeeper in ("", timekeeper)]

    def store_url(self, timekeeper: str) -> str:
        return self.store.url or f"sqlite:///{self.home / 'stores' / f'{timekeeper}.db'}"

    def outgoing(self) -> Path:
        return Path(self.billing.folder).expanduser() if self.billing.folder else self.home / "outgoing"


def home() -> Path:
    """``AUTOTIME_HOME``, else the platform's place for application data."""
    chosen = os.environ.get("AUTOTIME_HOME")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("autotime"))


def config_path(chosen: Path | None = None) -> Path:
    return chosen or home() / "config.toml"


def load(chosen: Path | None = None, at: Path | None = None) -> Settings:
    """The settings; ``NotSetUp`` where there is no file, ``Misused`` naming each bad setting and its line.

    ``at`` is another home than ``AUTOTIME_HOME``.
    """
    path = config_path(chosen)
    try:
        text = path.read_text("utf-8-sig")
        data = tomllib.loads(text)
    except FileNotFoundError:
        raise NotSetUp(f"there is no {path}", hint="autotime init") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise Misused(f"{path} is not valid TOML: {broken}", hint=f"edit {path}") from None
    return parse(data, path, at, text)


def parse(data: dict[str, Any], path: Path, at: Path | None = None, text: str = "") -> Settings:
    """``text`` is what ``data`` was read from, for the lines of what is wrong."""
    try:
        return Settings(**{**data, "home": at or home()})
    except ValidationError as invalid:
        from autotime.operations.misset import explained  # noqa: PLC0415 - only where something is wrong

        said = "\n  ".join(explained(invalid.errors(), Settings, text))
        raise Misused(f"{path}: {said}", hint=f"edit {path}") from None


def _refuse_twice(names: list[str], what: str) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ValueError(f"{what} «{twice[0]}»")
