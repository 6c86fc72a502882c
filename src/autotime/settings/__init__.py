"""What a firm can set: one TOML file, read once and passed down.

``AUTOTIME_HOME`` moves everything; ``--config FILE`` names another file. Each field's description is
its help text in ``config.example.toml``, which is generated from this package.
"""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from pydantic import Field, ValidationError, ValidationInfo, field_validator

from autotime.domain.errors import Misused, NotSetUp
from autotime.domain.people import Timekeeper
from autotime.settings.base import Section
from autotime.settings.billing import (
    BillingSettings,
    ClioSettings,
    FieldRule,
    FirmSettings,
    MyCaseSettings,
    PracticePantherSettings,
    TimeSolvSettings,
    ZapierSettings,
)
from autotime.settings.sections import (
    AlertSettings,
    CollectSettings,
    GuidelineSettings,
    NetworkSettings,
    PolicySettings,
    SourceSettings,
    StoreSettings,
    TimekeeperSettings,
)
from autotime.settings.services import GoogleSettings, MicrosoftSettings

__all__ = [
    "FieldRule",
    "NetworkSettings",
    "PolicySettings",
    "Settings",
    "SourceSettings",
    "config_path",
    "home",
    "load",
    "parse",
]


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
