"""What every section of the settings is made of."""

from __future__ import annotations

import re
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict


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
Currency = Annotated[str, AfterValidator(_currency)]
FileName = Annotated[str, AfterValidator(_names_a_file)]


class Section(BaseModel):
    """Unknown names are errors: a misspelt setting must not be ignored in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)
