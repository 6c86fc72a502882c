"""The firm's registration with Microsoft: which cloud, who autotime is there, and what it may ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from autotime.domain.errors import Misused
from autotime.web import checked_root

CLOUDS = {
    "global": ("https://login.microsoftonline.com", "https://graph.microsoft.com"),
    "usgov": ("https://login.microsoftonline.us", "https://graph.microsoft.us"),
    "dod": ("https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
    "china": ("https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn"),
}
"""Sign-in host and Graph host of each cloud. Newer sovereign clouds are set by ``authority`` and ``base_url``."""

UNNAMED = CLOUDS["global"][1]
"""The Graph that a permission means which names none."""

NO_TENANT = ("", "common", "organizations", "consumers")

MODES = ("text", "metadata")
ALWAYS = {"User.Read": "your own name and addresses, to tell what you sent from what you received"}
SCOPES: dict[str, dict[str, str]] = {
    "mail": {"Mail.Read": "the mails you send and receive: their words tell the matter and the narrative"},
    "calendar": {"Calendars.Read": "your meetings: when, with whom, about what"},
    "files": {"Files.Read": "when you saved which document; never what it says"},
    "attendance": {
        "OnlineMeetings.Read": "the online meetings you organised",
        "OnlineMeetingArtifact.Read.All": "when you joined and left them",
    },
    "chats": {"Chat.Read": "your Teams chats"},
    "calls": {},
}
"""What each part needs for a person, in text mode, and why."""

METADATA = {
    "mail": {"Mail.ReadBasic": "who wrote to whom, when and about what; never the text"},
    "calendar": {"Calendars.ReadBasic": "your meetings: when and with whom; never their text"},
}
"""What takes its place in metadata mode."""

FIRM = {
    "mail": ("Mail.Read",),
    "calendar": ("Calendars.Read",),
    "files": ("Files.Read.All",),
    "attendance": ("OnlineMeetings.Read.All", "OnlineMeetingArtifact.Read.All"),
    "chats": ("Chat.Read.All",),
    "calls": ("CallRecords.Read.All",),
}
"""What each part needs of the firm's own registration. In metadata mode ``Mail.ReadBasic`` and
``Calendars.ReadBasic`` are enough where Exchange gives them by a role of its own; in Entra they end in ``.All``."""

FIRM_WHY = {
    "mail": "mails of the mailboxes the settings name: matter and narrative are told by words",
    "calendar": "their meetings: when, with whom, about what",
    "files": "when which document was saved; never what it says",
    "attendance": "when online meetings were joined and left",
    "chats": "Teams chats with their text",
    "calls": "calls and their length, of the whole tenant",
}
FIRM_WHY_METADATA = {
    "mail": "who wrote to whom, when and about what, of the mailboxes the settings name; never the text",
    "calendar": "their meetings: when and with whom; never their text",
    "chats": "Teams chats: who wrote and when; their text is not kept",
}

APP_ONLY = ("calls",)
"""Parts Microsoft gives to the firm's registration only, never to a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """``root`` is Graph with its version; ``audience`` prefixes permissions; ``authority`` is the sign-in's host."""

    client_id: str
    tenant: str
    cloud: str
    authority: str
    audience: str
    root: str
    certificate: str = ""
    test_authority: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> App:
        """From the settings' ``[microsoft]``; ``Misused`` says what to change there."""
        cloud = str(said.get("cloud") or "global")
        if cloud not in CLOUDS:
            raise Misused(f"there is no Microsoft cloud «{cloud}»", hint=f"microsoft.cloud is {', '.join(CLOUDS)}")
        if not said.get("client_id"):
            raise Misused(
                "the settings do not say which app autotime is at Microsoft",
                hint="set microsoft.client_id to the Application (client) ID of the firm's app registration",
            )
        authority, graph = CLOUDS[cloud]
        authority = _https(str(said.get("authority") or authority), "microsoft.authority")
        root = checked_root(str(said.get("base_url") or f"{graph}/v1.0"))
        return cls(
            client_id=str(said["client_id"]),
            tenant=str(said.get("tenant") or "organizations"),
            cloud=cloud,
            authority=authority,
            audience=_audience(root, graph),
            root=root if urlsplit(root).path else f"{root}/v1.0",
            certificate=str(said.get("certificate") or ""),
            test_authority=_local(str(said.get("test_authority") or "")),
        )

    def scopes(self, names: Iterable[str]) -> list[str]:
        """As the sign-in wants them: with the Graph root's name in front, except the global cloud's."""
        prefix = "" if self.audience == UNNAMED else f"{self.audience}/"
        return [f"{prefix}{name}" for name in names]

    def firm_tenant(self) -> str:
        """The one tenant of the firm; a daemon has no person who would say which."""
        if self.tenant.lower() in NO_TENANT:
            raise Misused(
                "a firm-wide sign-in needs the firm's own tenant",
                hint="set microsoft.tenant to the Directory (tenant) ID or domain of the firm",
            )
        return self.tenant


def wanted(parts: Iterable[str], mode: str) -> dict[str, str]:
    """The permissions a person is asked for, with their reasons: the least that serves."""
    asked = dict(ALWAYS)
    for part in parts:
        asked |= METADATA.get(part, SCOPES[part]) if mode == "metadata" else SCOPES[part]
    return asked


def wanted_firm(parts: Iterable[str], mode: str) -> dict[str, str]:
    """The application permissions an administrator grants the firm's registration, with their reasons."""
    why, asked = FIRM_WHY | (FIRM_WHY_METADATA if mode == "metadata" else {}), list(parts)
    who = {"User.Read.All": "to tell who saved, wrote or called"} if {*asked} - {"mail", "calendar"} else {}
    return who | {name: why[part] for part in asked for name in needed(part, mode, True).split(", ")}


def needed(part: str, mode: str, firm: bool) -> str:
    """The permissions a part cannot do without, as an administrator knows them."""
    if firm or part in APP_ONLY:
        basic = ".ReadBasic.All" if mode == "metadata" and part in METADATA else ""
        return ", ".join(name.replace(".Read", basic) if basic else name for name in FIRM[part])
    return ", ".join(METADATA.get(part, SCOPES[part]) if mode == "metadata" else SCOPES[part])


def _audience(root: str, graph: str) -> str:
    parts = urlsplit(root)
    return f"https://{parts.netloc.lower()}" if parts.scheme == "https" else graph


def _https(url: str, name: str) -> str:
    if urlsplit(url).scheme != "https":
        raise Misused(f"{name} must begin with https://", hint="leave it empty: the cloud's own is used")
    return checked_root(url)


def _local(url: str) -> str:
    if url and urlsplit(checked_root(url)).scheme != "http":
        raise Misused("microsoft.test_authority is for a server on this machine", hint="leave it empty")
    return url.rstrip("/")
