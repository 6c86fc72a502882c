"""Microsoft 365 as one source: mail, calendar with attendance, files, and, where switched on, chats and calls."""

from __future__ import annotations

import time
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import quote

from autotime.collectors import parts as parted
from autotime.collectors.microsoft import cache, certificate
from autotime.collectors.microsoft.app import APP_ONLY, MODES, App, needed, wanted, wanted_firm
from autotime.collectors.microsoft.door import Door
from autotime.collectors.microsoft.graph import MANNERS, Graph, Json
from autotime.collectors.microsoft.keys import FirmKeys, OwnKeys, union_trap
from autotime.collectors.microsoft.parts import Me
from autotime.collectors.microsoft.signin import Browse, sign_in
from autotime.collectors.parts import Page, Read, Sections, State
from autotime.domain.doors import CollectContext, Connection, Person, SignIn
from autotime.domain.errors import AutotimeError, Misused, SignInNeeded, SourceUnavailable
from autotime.domain.evidence import Batch, Gap, SyncCursor
from autotime.domain.people import Timekeeper
from autotime.intake import address
from autotime.web import Answered, Network, Web

PARTS = ("mail", "calendar", "files")
EVERY_PART = (*PARTS, "chats", "calls")
PROFILE = "id,displayName,mail,userPrincipalName"


@dataclass(frozen=True, slots=True)
class MicrosoftCollector:
    """``mailbox`` is the address the firm's own registration reads, the timekeeper's first where it is left
    out; for a person's own sign-in it is a hint. ``mode`` is text, or metadata for mail, meetings
    and chats without their text. ``attendance`` asks when meetings were joined and left; ``chats`` and
    ``call_records`` are off unless switched on. ``first_days`` is how far back a first run looks where the
    settings do not say."""

    account: str
    connection: Connection
    mailbox: str = ""
    mode: str = "text"
    parts: Sequence[str] = PARTS
    attendance: bool = False
    chats: bool = False
    call_records: bool = False
    first_days: int = 30
    page: int = 100
    source: str = field(default="microsoft", init=False)
    sleep: Callable[[float], None] = time.sleep
    browse: Browse = webbrowser.open

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise Misused(f"source «{self.account}»: mode is {' or '.join(MODES)}", hint="text is the usual one")
        strange = sorted(set(self.parts) - set(PARTS)) or ([] if self.parts else ["none"])
        if strange:
            raise Misused(
                f"source «{self.account}»: there is no part «{strange[0]}»", hint=f"parts are: {', '.join(PARTS)}"
            )

    # -- collecting ---------------------------------------------------------------------------

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        app = self._app()
        with ExitStack() as open_:
            door = open_.enter_context(closing(Door(app, self._network(), self.sleep)))
            keys = self._keys(app, door)
            web = open_.enter_context(Web(app.root, keys.headers, MANNERS, self._network(), sleep=self.sleep))
            graph = Graph(web, self.account)
            firm = isinstance(keys, FirmKeys)
            home = self._home(context.timekeeper, firm)
            self._ahead(graph, home)
            me = self._me(graph, context.timekeeper, home)
            sections = Sections.opened(cursor, (app.root, me.id or me.home), self.mode, EVERY_PART)
            as_gap = partial(self._gap, firm=firm)
            readers = self._readers(graph, me)
            if not firm and self._firm_stands(app):
                firms = {part: partial(self._by_the_firm, part, app, door, me) for part in readers if part in APP_ONLY}
                readers |= firms
            found = parted.collect(readers, sections, context, self.first_days, as_gap)
            yield from parted.by_the_clock(found, cursor, lambda: web.skew)

    def _readers(self, graph: Graph, me: Me) -> dict[str, Read]:
        from autotime.collectors.microsoft import calendar, calls, chats, files, mail  # noqa: PLC0415 - who connects reads none

        readers: dict[str, Read] = {
            "mail": lambda state, context: mail.read(graph, state, context, me, self.mode, self.page),
            "calendar": lambda state, context: calendar.read(
                graph, state, context, me, self.mode, max(self.page, 2), self.attendance
            ),
            "files": lambda state, context: files.read(graph, state, context, me),
            "chats": lambda state, context: chats.read(graph, state, context, me, self.mode),
            "calls": lambda state, context: calls.read(graph, state, context, me),
        }
        return {part: readers[part] for part in self._asked()}

    def _by_the_firm(
        self, part: str, app: App, door: Door, me: Me, state: State, context: CollectContext
    ) -> Iterator[Page]:
        """A part that only the firm may read, beside a person's own; trouble with its sign-in is not theirs."""
        try:
            keys = FirmKeys(app, self.connection.shared, door)
            with Web(app.root, keys.headers, MANNERS, self._network(), sleep=self.sleep) as web:
                yield from self._readers(Graph(web, self.account), me)[part](state, context)
        except (Misused, SignInNeeded) as failure:
            yield Page(state=state, gaps=(Gap(part, str(failure), failure.hint),))

    def _asked(self) -> list[str]:
        return [*self.parts, *(["chats"] if self.chats else []), *(["calls"] if self.call_records else [])]

    def _home(self, timekeeper: Timekeeper, firm: bool) -> str:
        """The path of the timekeeper's things."""
        mailbox = self.mailbox or (timekeeper.emails[0] if timekeeper.emails else "")
        if firm and not mailbox:
            raise Misused(
                f"source «{self.account}» does not say whose mailbox to read",
                hint=f"give timekeeper {timekeeper.id} an address, or the source a mailbox",
            )
        return f"/users/{quote(mailbox, safe='@')}" if firm else "/me"

    def _ahead(self, graph: Graph, home: str) -> None:
        """What every run begins with, in one request; what this one cannot answer is asked for singly."""
        from autotime.collectors.microsoft import calendar, folders  # noqa: PLC0415 - who connects reads none

        mail = folders.paths_of(home) if "mail" in self.parts else []
        calendars = [calendar.list_of(home)] if "calendar" in self.parts else []
        with suppress(SourceUnavailable):
            graph.ahead([_profile(home), *mail, *calendars])

    def _me(self, graph: Graph, timekeeper: Timekeeper, home: str) -> Me:
        """The timekeeper's own addresses count in any case."""
        said = _said_of(graph, home)
        addresses = dict.fromkeys((*_addresses(said), *timekeeper.emails))
        return Me(
            account=self.account,
            home=home,
            id=str(said.get("id") or ""),
            name=str(said.get("displayName") or ""),
            addresses=tuple(addresses),
        )

    def _gap(self, part: str, failure: AutotimeError, firm: bool) -> Gap:
        """A part that was not collected, and what would mend it."""
        if not isinstance(failure, Answered) or failure.status not in (403, 404):
            return Gap(part, str(failure), failure.hint)
        if failure.status == 404:
            return Gap(part, f"{failure}: there is no such mailbox or licence", "ask the administrator")
        names = needed(part, self.mode, firm)
        then = "docs/for-your-administrator.md" if firm or part in APP_ONLY else f'autotime connect "{self.account}"'
        return Gap(part, f"{failure}: the permission {names} is missing", then)

    # -- signing in ---------------------------------------------------------------------------

    def wants(self) -> Mapping[str, str]:
        return wanted(self._permitted(), self.mode)

    def wants_firm(self) -> Mapping[str, str]:
        """What an administrator grants the firm's registration, in the place of what a person is asked for."""
        return wanted_firm(self._permitted(), self.mode)

    def _permitted(self) -> list[str]:
        """Attendance belongs to the meetings of the calendar, and has permissions of its own."""
        return [*self._asked(), *(["attendance"] if self.attendance else [])]

    def connect(self, person: Person, device: bool = False) -> None:
        """Signs in, keeps the sign-in, and tries one call. ``device``: by a code, on any other device."""
        app, vault, scopes = self._app(), self.connection.vault, list(self.wants())
        before = vault.load()
        with closing(Door(app, self._network(), self.sleep)) as door:
            sign_in(
                app,
                self.account,
                vault,
                door,
                person,
                scopes,
                mailbox=self.mailbox,
                device=device,
                browse=self.browse,
            )
            keys = OwnKeys(app, self.account, vault, door, scopes)
            with Web(app.root, keys.headers, MANNERS, self._network(), sleep=self.sleep) as web:
                said = _said_of(Graph(web, self.account), "/me")
        if self.mailbox and address(self.mailbox) not in (*_addresses(said), cache.who_is_in(vault)):
            cache.replace(vault, before) if before else vault.forget()
            raise Misused(
                f"the browser signed in to another mailbox than «{self.mailbox}»",
                hint="sign in as that one, or change the source's «mailbox» in the settings",
            )

    def connect_firm(self, person: Person) -> None:
        """Keeps the secret of the firm's app registration, and says how far its permissions reach."""
        app, shared = self._app(), self.connection.shared
        before = shared.load()
        if not app.certificate:
            shared.save(person.ask("Client secret of the firm's app registration:", secret=True).strip())
        try:
            with closing(Door(app, self._network(), self.sleep)) as door:
                reach = union_trap(FirmKeys(app, shared, door))
        except AutotimeError:
            shared.save(before) if before else shared.forget()
            raise
        person.say("The firm's registration signs in.")
        if reach:
            person.say(
                f"Careful: {', '.join(reach)} is granted in Entra and reaches EVERY mailbox of the firm, also where a "
                "scope is set in Exchange: the two add up. To narrow it, remove the grant in Entra and keep the role "
                "in Exchange (docs/for-your-administrator.md)."
            )

    def standing(self, now: int) -> SignIn:
        """As far as this machine knows; no network is asked. When a person's sign-in lapses is what is
        generally expected (90 days without use), not what Microsoft promised; a certificate's end is sure."""
        vault = self.connection.vault
        who = cache.who_is_in(vault)
        if who:
            lapses = cache.lapses_at(vault)
            return SignIn(not lapses or now < lapses, who, lapses, tuple(self._missing()))
        app = self._app()
        if certificate.has_credential(app, self.connection.shared):
            ends = certificate.ends_at(app) if app.certificate else 0
            return SignIn(not ends or now < ends, self.mailbox, ends)
        return SignIn(False)

    def _missing(self) -> list[str]:
        granted = cache.granted_in(self.connection.vault)
        return [scope for scope in self.wants() if granted and scope not in granted]

    # -- what it is made of -------------------------------------------------------------------

    def _app(self) -> App:
        return App.of(self.connection.app)

    def _network(self) -> Network:
        return Network(**self.connection.network)

    def _firm_stands(self, app: App) -> bool:
        return certificate.has_credential(app, self.connection.shared)

    def _keys(self, app: App, door: Door) -> OwnKeys | FirmKeys:
        """A person's own sign-in, else the firm's."""
        if not cache.who_is_in(self.connection.vault) and self._firm_stands(app):
            return FirmKeys(app, self.connection.shared, door)
        return OwnKeys(app, self.account, self.connection.vault, door, list(self.wants()))


def _profile(home: str) -> str:
    return f"{home}?$select={PROFILE}"


def _said_of(graph: Graph, home: str) -> Json:
    """The profile, as far as it may be read."""
    try:
        return graph.get(_profile(home))
    except Answered as refused:
        if refused.status not in (403, 404):
            raise
        return {}


def _addresses(profile: Json) -> list[str]:
    """Both may differ, and either may be what a person calls their mailbox."""
    known = [address(str(profile.get(name) or "")) for name in ("mail", "userPrincipalName")]
    return [one for one in known if one]
