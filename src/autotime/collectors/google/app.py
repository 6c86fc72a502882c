"""The firm's Google project: where its APIs are, and which permissions are asked for and why.

A token that holds both Gmail permissions has the limits of the lesser one, so exactly one is asked for:
https://github.com/googleapis/google-api-python-client/issues/582
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autotime.domain.errors import Misused, NotSetUp
from autotime.web import checked_root
from autotime.web.links import is_local

TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
AUTH_URL = "https://accounts.google.com/o/oauth2/auth"
AUTH = "https://www.googleapis.com/auth/"

PARTS = ("mail", "calendar", "files", "meet")
MODES = ("text", "metadata")

GMAIL_TEXT, GMAIL_METADATA = f"{AUTH}gmail.readonly", f"{AUTH}gmail.metadata"

SCOPES: Mapping[str, Mapping[str, str]] = {
    "gmail text": {GMAIL_TEXT: "reads your mail: who wrote when, about what, and the words narratives are made of"},
    "gmail metadata": {GMAIL_METADATA: "reads the headers of your mail, never its text"},
    "calendar": {
        f"{AUTH}calendar.events.readonly": "reads your meetings: when, with whom, and whether you accepted",
        f"{AUTH}calendar.calendarlist.readonly": "sees which calendars you have",
    },
    "drive": {f"{AUTH}drive.metadata.readonly": "sees names and save times of your files, never what they say"},
    "driveactivity": {f"{AUTH}drive.activity.readonly": "sees when you edited a file"},
    "meet": {f"{AUTH}meetings.space.readonly": "sees when you joined and left online meetings"},
}
"""Permissions by API, each with its reason."""

FIRM_WHY: Mapping[str, str] = {
    "gmail text": "mail of the mailboxes the settings name: matter and narrative are told by words",
    "gmail metadata": "the headers of mail of the mailboxes the settings name, never its text",
    "calendar": "their meetings: when, with whom, and in which calendars",
    "drive": "names and save times of their files, never what they say",
    "driveactivity": "when they edited a file",
    "meet": "when they joined and left online meetings",
}
"""What an administrator is told of each API."""

APIS: Mapping[str, tuple[str, ...]] = {
    "mail": ("gmail",),
    "calendar": ("calendar",),
    "files": ("driveactivity", "drive"),
    "meet": ("meet",),
}
"""Which APIs a part of the source asks."""

ROOTS: Mapping[str, tuple[str, str]] = {
    "gmail": ("https://gmail.googleapis.com", ""),
    "calendar": ("https://www.googleapis.com", "calendar/v3/"),
    "drive": ("https://www.googleapis.com", "drive/v3/"),
    "driveactivity": ("https://driveactivity.googleapis.com", ""),
    "meet": ("https://meet.googleapis.com", ""),
}
"""Host and service path: another address of an API takes the place of both."""


def scopes_of(api: str, mode: str = "text") -> Mapping[str, str]:
    """What one API is asked with, and why."""
    return SCOPES[_named(api, mode)]


def _named(api: str, mode: str) -> str:
    return f"gmail {mode}" if api == "gmail" else api


def wanted(parts: Iterable[str], mode: str = "text") -> dict[str, str]:
    """Every permission the parts need, each with its reason."""
    return {scope: why for part in parts for api in APIS[part] for scope, why in scopes_of(api, mode).items()}


def wanted_firm(parts: Iterable[str], mode: str = "text") -> dict[str, str]:
    """The same permissions, as they are granted the firm's service account."""
    apis = [api for part in parts for api in APIS[part]]
    return {scope: FIRM_WHY[_named(api, mode)] for api in apis for scope in scopes_of(api, mode)}


@dataclass(frozen=True, slots=True)
class App:
    """The ``[google]`` section of the settings."""

    client_file: str = ""
    units_per_minute: int = 6000
    base_url: str = ""
    token_url: str = ""

    @classmethod
    def of(cls, section: Mapping[str, Any]) -> App:
        """``Misused`` for an address that is neither https nor this machine."""
        app = cls(**{name: section[name] for name in cls.__slots__ if name in section})
        if app.base_url:
            checked_root(app.base_url)
        if app.token_url and not is_local(checked_root(app.token_url)):
            raise Misused(
                "google.token_url is for tests: a server on this machine", hint="remove it: Google's own is known"
            )
        return app

    def root(self, api: str) -> str:
        """The only place a token for this API goes to."""
        return checked_root(self.base_url or ROOTS[api][0])

    def endpoint(self, api: str) -> str:
        return f"{self.root(api)}/{ROOTS[api][1]}"

    def batch(self, api: str) -> str:
        """Where up to a hundred requests to one API go at once."""
        path = ROOTS[api][1].rstrip("/")
        return f"{self.root(api)}/batch/{path}".rstrip("/")

    @property
    def token_address(self) -> str:
        return self.token_url or TOKEN_URL

    def auth_address(self, url: str) -> str:
        """Where a person signs in, for Google's own address with its question; beside the token address in a test."""
        return f"{self.token_url.rpartition('/')[0]}/auth{url.removeprefix(AUTH_URL)}" if self.token_url else url

    def client(self) -> dict[str, Any]:
        """The firm's «desktop app» client as downloaded, with Google's own addresses whatever the file says."""
        if not self.client_file:
            raise NotSetUp(
                "google.client_file is not set: autotime ships no client of its own",
                hint="make a «Desktop app» client in the firm's project: docs/how-to/connect-google-workspace.md",
            )
        path = Path(self.client_file).expanduser()
        try:
            read = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as broken:
            raise NotSetUp(
                f"{path} cannot be read ({type(broken).__name__})", hint="download the client's JSON file again"
            ) from None
        installed = read.get("installed") if isinstance(read, dict) else None
        if not isinstance(installed, dict) or not installed.get("client_id") or not installed.get("client_secret"):
            raise NotSetUp(
                f"{path} is not the JSON file of a «Desktop app» OAuth client",
                hint="in the Google console: Credentials, Create credentials, OAuth client ID, Desktop app",
            )
        return {"installed": {**installed, "token_uri": TOKEN_URL, "auth_uri": AUTH_URL}}
