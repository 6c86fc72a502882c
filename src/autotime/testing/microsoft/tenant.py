"""A Microsoft 365 tenant on this machine: sign-in and Graph, with mailboxes that a test fills.

::

    with Tenant() as tenant:
        ada = tenant.mailbox("ada@okafor.example", "Ada Okafor")
        ada.sends(at=MONDAY, subject="Harrow lease")
        ada.meets(MONDAY, MONDAY + 1800, "Call with Harrow")
        ...                                 # settings: [microsoft] = tenant.settings()
        tenant.entra.revoke(ada.address)    # the sign-in ends
        tenant.repeat_page()                # and what else is in Switches
        tenant.server.faults += [Status(429, {"Retry-After": "2"})]

The sign-in insists on https, so that it is reached through ``microsoft.test_authority``; ``tenant.browse`` is
the person in the browser. Every answer is of the shape Graph's own schema gives it (tests hold it to that).
"""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2

from autotime.testing.microsoft.calendar import ROUTES as CALENDAR
from autotime.testing.microsoft.call import Call, Json, Switches
from autotime.testing.microsoft.calls import Records
from autotime.testing.microsoft.drive import ROUTES as DRIVE
from autotime.testing.microsoft.drive import Drive
from autotime.testing.microsoft.entra import Entra, Registration
from autotime.testing.microsoft.graph import Graph, route
from autotime.testing.microsoft.letters import Mails
from autotime.testing.microsoft.mail import ROUTES as MAIL
from autotime.testing.microsoft.meetings import ROUTES as MEETINGS
from autotime.testing.microsoft.occasions import Calendars
from autotime.testing.microsoft.teams import Talk, Teams
from autotime.testing.server import Asked, Fault, Loopback, Reply

DELEGATED = (
    "User.Read",
    "Mail.Read",
    "Calendars.Read",
    "MailboxSettings.Read",
    "Files.Read",
    "OnlineMeetings.Read",
    "OnlineMeetingArtifact.Read.All",
    "Chat.Read",
)
"""What a person may consent to, for a token that a test makes without a sign-in."""

APPLICATION = (
    "User.Read.All",
    "Mail.Read",
    "Calendars.Read",
    "MailboxSettings.Read",
    "Files.Read.All",
    "OnlineMeetings.Read.All",
    "OnlineMeetingArtifact.Read.All",
    "Chat.Read.All",
    "CallRecords.Read.All",
)
"""What the administrator has granted the firm's app in Entra, unless a test says otherwise."""


class Mailbox(Mails, Calendars, Drive, Teams):
    """One person of the tenant, and all that is theirs."""

    def __init__(self, address: str, name: str, talks: list[Talk]) -> None:
        self.id = str(uuid.uuid5(uuid.NAMESPACE_URL, address))
        Mails.__init__(self, address, name)
        Calendars.__init__(self)
        Drive.__init__(self)
        Teams.__init__(self, talks)
        self.aliases: list[str] = []
        self.unlicensed = False
        """Mail and calendar answer that there is no mailbox."""


class Tenant:
    """A context manager. ``url`` is where the sign-in stands, ``root`` where Graph does."""

    def __init__(self) -> None:
        self.registration = Registration(roles=set(APPLICATION))
        self.mailboxes: dict[str, Mailbox] = {}
        self.records = Records()
        self.scoped: dict[str, set[str]] = {}
        """Permissions that Exchange grants the app by address (RBAC); what Entra grants comes on top of them."""

        self.entra = Entra(self.registration, lambda name: box.id if (box := self.find(name)) else None)
        self.server = Loopback(self._answer)
        self.url, self.root = self.server.url, f"{self.server.url}/v1.0"
        self.graph = Graph(
            self.root,
            (*MAIL, *CALENDAR, *DRIVE, *MEETINGS, *self.records.routes, route("", "user", _user)),
            self.entra.claims,
            self.find,
            lambda box: frozenset(self.scoped.get(box.address, ())),
        )
        self.keep_answers = False
        self.answers: list[tuple[Asked, Reply]] = []
        """What Graph answered, while ``keep_answers``."""

    def __enter__(self) -> Tenant:
        self.server.__enter__()
        return self

    def __exit__(self, *why: Any) -> None:
        self.server.__exit__(*why)

    # -- what a test does ---------------------------------------------------------------------

    def mailbox(self, address: str, name: str = "") -> Mailbox:
        """The one of that address, made at the first asking."""
        if address not in self.mailboxes:
            self.mailboxes[address] = Mailbox(address, name or address.partition("@")[0].title(), self.records.talks)
        return self.mailboxes[address]

    def find(self, name: str) -> Mailbox | None:
        """By address, alias, object id or the id of the drive."""
        names = (name.lower(), name)
        known = (
            box
            for box in self.mailboxes.values()
            if any(one in (box.address, box.id, box.drive_id, *box.aliases) for one in names)
        )
        return next(known, None)

    def settings(self, **more: Any) -> Json:
        """The section ``[microsoft]`` that leads here."""
        return {
            "client_id": self.registration.client_id,
            "tenant": self.registration.tenant,
            "cloud": "global",
            "authority": "",
            "base_url": self.root,
            "certificate": "",
            "test_authority": self.url,
            **more,
        }

    def browse(self, address: str, person: str) -> Mapping[str, str]:
        """``person`` opens the sign-in's page, consents, and the browser goes back to where it came from.

        What the page said to the program that waits for it (``code`` or ``error``).
        """
        self.entra.person = person
        parts = urlsplit(address)
        page = httpx2.get(f"{self.url}{parts.path}?{parts.query}", follow_redirects=False, trust_env=False)
        if page.status_code == 302:
            httpx2.get(page.headers["location"], trust_env=False)
            return dict(httpx2.URL(page.headers["location"]).params)
        action = re.search(r'action="([^"]*)"', page.text)
        if action is None:
            return {"error": page.text}
        fields = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', page.text)}
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        httpx2.post(html.unescape(action[1]), content=urlencode(fields).encode(), headers=form, trust_env=False)
        return fields

    def token(self, address: str = "", *permissions: str) -> str:
        """An access token as if somebody had signed in; without ``address`` the app's own."""
        if not address:
            return self.entra.access(roles=sorted(permissions or self.registration.roles))
        return self.entra.access(self.mailbox(address).address, scopes=permissions or DELEGATED)

    @property
    def switches(self) -> Switches:
        return self.graph.switches

    def empty_page_with_next(self) -> None:
        """From now on an empty page with a next link stands before every page."""
        self.switches.empty_pages = True

    def repeat_page(self) -> None:
        """From now on a page that follows another brings that other's items again."""
        self.switches.repeat_pages = True

    def loop_page(self) -> None:
        """From now on every next link leads back to the first page."""
        self.switches.loops = True

    def lead_away(self, root: str) -> None:
        """From now on links lead to another root."""
        self.switches.leads_to = root

    def expire_cursors(self) -> None:
        """Every delta link given so far is gone."""
        self.switches.epoch += 1

    def fail_in_batch(self, *faults: Fault | None) -> None:
        """What becomes of the requests inside the batches to come, in order."""
        self.switches.batch += faults

    # -- what it tells a test -----------------------------------------------------------------

    @property
    def requests(self) -> int:
        """How many requests came for Graph; a batch is one."""
        return sum(asked.path.startswith("/v1.0/") for asked in self.server.asked)

    @property
    def most_at_once(self) -> int:
        return self.server.most_at_once

    # -- what it answers ----------------------------------------------------------------------

    def _answer(self, asked: Asked) -> Reply:
        if not asked.path.startswith("/v1.0/"):
            return self.entra.answer(asked) or Reply({}, 404)
        reply = self.graph.answer(asked)
        if self.keep_answers:
            self.answers.append((asked, reply))
        return reply


def _user(call: Call) -> Json:
    box = call.box
    given, _, surname = box.name.partition(" ")
    said = {
        "id": box.id,
        "displayName": box.name,
        "givenName": given,
        "surname": surname or None,
        "mail": box.address,
        "userPrincipalName": box.address,
        "businessPhones": [],
        "jobTitle": None,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": "en-US",
    }
    if "proxyAddresses" in call.query.get("$select", ""):
        said["proxyAddresses"] = [f"SMTP:{box.address}", *(f"smtp:{alias}" for alias in box.aliases)]
    return call.selected(said)
