"""What a firm can set: one TOML file, read once and passed down.

``AUTOTIME_HOME`` moves everything; ``--config FILE`` names another file. Each field's description is
its help text in ``config.example.toml``, which is generated from this module.
"""

from __future__ import annotations

import os
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from autotime.domain.books import Matter
from autotime.domain.errors import Misused, NotSetUp
from autotime.domain.people import Timekeeper
from autotime.domain.policy import Policy, Rounding


class Section(BaseModel):
    """Unknown names are errors: a misspelt setting must not be ignored in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ZoneFrom(Section):
    begins: date = Field(description="First local day in this zone.")
    zone: str = Field(description="IANA name.")


class TimekeeperSettings(Section):
    id: str = Field(description="Short name, used on the command line and in billing.")
    last: str = Field(description="Last name.")
    first: str = Field("", description="First name.")
    emails: list[str] = Field([], description="Own addresses: what they send is the timekeeper's work.")
    classification: str = Field("", description="LEDES classification: PARTNR, ASSOC, OFCOUN, PARALG, LGLAST.")
    rate: Decimal | None = Field(None, description="Money per hour where no matter says otherwise.")
    zone: str = Field("UTC", description="IANA time zone of the timekeeper's days, e.g. America/Chicago.")
    zone_from: list[ZoneFrom] = Field([], description="Later zones with the day each begins (a move, a trip).")

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        return checked_zone(zone)

    def timekeeper(self) -> Timekeeper:
        return Timekeeper(
            id=self.id,
            last=self.last,
            first=self.first,
            emails=tuple(email.strip().lower() for email in self.emails),
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


class SourceSettings(BaseModel):
    """One place evidence comes from. What a type needs beside this is checked by the collector."""

    model_config = ConfigDict(extra="allow", frozen=True)

    account: str = Field(description='Your name for this source, e.g. "office mail".')
    type: str = Field(description="mbox, maildir, eml, ics, documents, or package.module:Class of a guest.")
    timekeeper: str = Field("", description="Whose it is, where several timekeepers are configured.")

    def options(self) -> dict[str, Any]:
        """What the collector is built from, beside its account."""
        return dict(self.model_extra or {})


class PolicyOverride(Section):
    increment_minutes: int | None = Field(None, ge=1, le=60, description="Billing increment in minutes.")
    rounding: Rounding | None = Field(None, description="up: to the next increment; exact: to the minute.")
    one_entry_per_matter_day: bool | None = Field(None, description="Round per matter and day, not per task.")


class PolicySettings(Section):
    increment_minutes: int = Field(6, ge=1, le=60, description="Billing increment in minutes (6: tenths of an hour).")
    rounding: Rounding = Field(Rounding.UP, description="up: to the next increment; exact: to the minute.")
    one_entry_per_matter_day: bool = Field(False, description="Round per matter and day rather than per task.")
    minimum: int = Field(60, ge=1, description="Seconds of work below which nothing is proposed.")
    bridge: int = Field(300, ge=0, description="Pieces of one matter join over gaps up to this (seconds).")
    session_gap: int = Field(600, ge=0, description="Saves of one document join over gaps up to this (seconds).")
    send_cap: int = Field(1800, ge=60, description="The most one sent mail can account for (seconds).")
    save_cap: int = Field(600, ge=60, description="The most one save without recorded editing can (seconds).")
    day_warning_hours: int = Field(14, ge=1, le=24, description="A day above this must be looked at twice.")
    long_entry: int = Field(10800, ge=360, description="Entries above this are never accepted unseen (seconds).")
    reading_offer_minutes: int = Field(6, ge=1, description="What stating «I read this» adds (minutes).")
    late_days: int = Field(7, ge=1, description="Entries drafted later than this after the work say «late».")
    reconstructed_days: int = Field(30, ge=1, description="… and later than this, «reconstructed».")
    words_per_minute_writing: int = Field(25, ge=1, description="Writing speed before anything is learned.")
    words_per_minute_reading: int = Field(200, ge=1, description="Reading speed before anything is learned.")
    clients: dict[str, PolicyOverride] = Field({}, description="Exceptions by client id.")
    matters: dict[str, PolicyOverride] = Field({}, description="Exceptions by matter number.")

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
    currency: str = Field("USD", description="ISO 4217, where a matter names none.")


class BillingSettings(Section):
    target: str = Field(
        "", description="Where approved time goes: csv, ledes. Empty: the first push of an entry decides."
    )
    clients: dict[str, str] = Field({}, description="Another target for single clients, by client id.")
    folder: str = Field("", description="Where LEDES and CSV files are written. Empty: «outgoing» in the home folder.")
    ledes_line_ending: Literal["lf", "crlf"] = Field("lf", description="Line ends of LEDES files; portals differ.")

    def target_for(self, matter: Matter | None) -> str:
        return self.clients.get(matter.client, self.target) if matter else self.target


class CollectSettings(Section):
    since: date | None = Field(None, description="Nothing before this day is stored. Empty: all there is.")
    exclude_folders: list[str] = Field([], description="Mail folders never read, by name.")
    exclude_senders: list[str] = Field([], description="Addresses or @domains never stored.")


class Settings(Section):
    """Everything that can be set."""

    home: Annotated[Path, Field(exclude=True)] = Path()
    timekeepers: list[TimekeeperSettings] = Field([], description="Whose time is kept.")
    store: StoreSettings = StoreSettings()
    sources: list[SourceSettings] = Field([], description="Where evidence comes from.")
    collect: CollectSettings = CollectSettings()
    policy: PolicySettings = PolicySettings()
    firm: FirmSettings = FirmSettings()
    billing: BillingSettings = BillingSettings()

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


def checked_zone(zone: str) -> str:
    """The zone, if the time zone database knows it; ``ValueError`` with an example otherwise."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as unknown:
        raise ValueError(f"«{zone}» is no IANA time zone, e.g. America/New_York") from unknown
    return zone


def home() -> Path:
    """``AUTOTIME_HOME``, else the platform's place for application data."""
    chosen = os.environ.get("AUTOTIME_HOME")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("autotime"))


def config_path(chosen: Path | None = None) -> Path:
    return chosen or home() / "config.toml"


def load(chosen: Path | None = None, at: Path | None = None) -> Settings:
    """The settings; ``NotSetUp`` where there is no file, ``Misused`` naming each bad setting.

    ``at`` is another home than ``AUTOTIME_HOME``.
    """
    path = config_path(chosen)
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise NotSetUp(f"there is no {path}", hint="autotime init") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise Misused(f"{path} is not valid TOML: {broken}", hint=f"edit {path}") from None
    return parse(data, path, at)


def parse(data: dict[str, Any], path: Path, at: Path | None = None) -> Settings:
    try:
        return Settings(**{**data, "home": at or home()})
    except ValidationError as invalid:
        lines = "; ".join(f"{_dotted(error['loc'])}: {error['msg']}" for error in invalid.errors())
        raise Misused(f"{path}: {lines}", hint=f"edit {path}") from None


def _dotted(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)
