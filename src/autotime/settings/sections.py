"""Whose time, where it is kept, where it comes from, how it becomes billed time, and who hears of trouble."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from autotime.domain.books import Matter
from autotime.domain.people import Timekeeper
from autotime.domain.policy import Policy, Rounding
from autotime.settings.base import Address, FileName, Section, Zone


class ZoneFrom(Section):
    begins: date = Field(description="First local day in this zone.", examples=[date(2026, 7, 1)])
    zone: Zone = Field(description="IANA name.", examples=["Europe/Berlin"])


class TimekeeperSettings(Section):
    id: FileName = Field(description="Short name, used on the command line and in billing.", examples=["AOK"])
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
