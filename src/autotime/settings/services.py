"""The firm's registrations with the services its evidence comes from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from autotime.settings.base import Section


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
