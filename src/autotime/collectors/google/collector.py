"""Google Workspace as one source: mail, calendar, files and attendance, each with a section of one cursor."""

from __future__ import annotations

import time
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autotime.collectors.google.app import APIS, MODES, PARTS, App, scopes_of, wanted, wanted_firm
from autotime.collectors.google.delegation import FirmKeys, firm_key, keep_key, to_grant
from autotime.collectors.google.identity import who_signed_in
from autotime.collectors.google.quota import Quota
from autotime.collectors.google.refusals import Missing, ungranted
from autotime.collectors.google.service import Google
from autotime.collectors.google.signin import Browse, OwnKeys, both_refused, keep, remember, sign_in, standing
from autotime.collectors.google.tokens import TokenDoor
from autotime.collectors.parts import Page, Read, Sections, State, by_the_clock, collect
from autotime.domain.doors import CollectContext, Connection, Person, SignIn
from autotime.domain.errors import AutotimeError, Misused
from autotime.domain.evidence import Batch, Gap, SyncCursor
from autotime.web import Network


@dataclass(frozen=True, slots=True)
class GoogleCollector:
    """``mailbox`` is the address where the firm's service account acts for it, and a hint at sign-in;
    ``mode`` is text, or metadata for mail and meetings without their text. ``first_days`` is how far back a
    first run looks where the settings do not say."""

    account: str
    connection: Connection
    mailbox: str = ""
    mode: str = "text"
    parts: Sequence[str] = ("mail", "calendar", "files")
    first_days: int = 30
    page: int = 200
    source: str = field(default="google", init=False)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    browse: Browse = webbrowser.open

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise Misused(f"source «{self.account}»: mode is {' or '.join(MODES)}", hint="text is the usual one")
        strange = sorted(set(self.parts) - set(PARTS)) or (["none"] if not self.parts else [])
        if strange:
            raise Misused(
                f"source «{self.account}»: there is no part «{strange[0]}»", hint=f"parts are: {', '.join(PARTS)}"
            )

    # -- collecting ---------------------------------------------------------------------------

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        with self._door() as door:
            keys = self._keys(door)
            whose = (self._app().base_url, keys.whose())
            sections = Sections.opened(cursor, whose, self.mode, PARTS)
            with self._google(keys.authorise) as google:
                readers = {part: self._reader(part, google, keys) for part in self._asked()}
                found = collect(readers, sections, context, self.first_days, self._gap)
                yield from by_the_clock(found, cursor, lambda: google.skew)

    def _reader(self, part: str, google: Google, keys: OwnKeys | FirmKeys) -> Read:
        from autotime.collectors.google import calendar, files, gmail, meet  # noqa: PLC0415 - who connects reads none

        attended = meet.with_attendance if "meet" in self.parts else calendar.read
        read = {"mail": gmail.read, "calendar": attended, "files": files.read}[part]

        def permitted(state: State, context: CollectContext) -> Iterator[Page]:
            self._permitted(part, keys.granted())
            return read(google, state, context)

        return permitted

    def _asked(self) -> list[str]:
        """What is read one after another. Attendance belongs to the meetings of the calendar."""
        parts = ["calendar" if part == "meet" else part for part in self.parts]
        return list(dict.fromkeys(parts))

    def _permitted(self, part: str, granted: frozenset[str]) -> None:
        """``Missing`` where no API of the part may be asked."""
        if part == "mail":
            both_refused(granted, self.account)
        apis = [scopes_of(api, self.mode) for api in APIS[part]]
        if not any(granted & scopes.keys() for scopes in apis):
            raise ungranted(self.account, apis[0])

    def _gap(self, part: str, failure: AutotimeError) -> Gap:
        return failure.gap(part) if isinstance(failure, Missing) else Gap(part, str(failure), failure.hint)

    # -- signing in ---------------------------------------------------------------------------

    def wants(self) -> Mapping[str, str]:
        return wanted(self._permissions(), self.mode)

    def wants_firm(self) -> Mapping[str, str]:
        """What an administrator grants the firm's service account by domain-wide delegation."""
        return wanted_firm(self._permissions(), self.mode)

    def _permissions(self) -> list[str]:
        return list(dict.fromkeys([*self._asked(), *self.parts]))

    def connect(self, person: Person, device: bool = False) -> None:
        """Signs in, keeps the sign-in, and asks whose it is. ``device``: the browser is on another machine.

        Where that call fails, or it is another mailbox than the one meant, what was kept before is kept on."""
        vault = self.connection.vault
        before = vault.load()
        with self._door() as door:
            granted = sign_in(
                self._app(),
                self.account,
                vault,
                door,
                person,
                self.wants(),
                mailbox=self.mailbox,
                elsewhere=device,
                browse=self.browse,
            )
            try:
                who = self._who(door, granted)
            except BaseException:
                keep(vault, before)
                raise
        if who:
            remember(vault, who)

    def connect_firm(self, person: Person) -> None:
        """Keeps the key of the firm's service account, sealed, for every mailbox."""
        path = Path(person.ask("JSON key file of the firm's service account:").strip()).expanduser()
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            raise Misused(f"{path} cannot be read", hint="give the path of the key file as downloaded") from None
        shared = self.connection.shared
        before = shared.load()
        try:
            keep_key(shared, text)
            person.say("The key is kept sealed on this machine: delete the file, or lock it away.")
            person.say(f"Once for the whole firm: {to_grant(self._firm_key(), self.wants_firm())}")
        except AutotimeError:
            shared.save(before) if before else shared.forget()
            raise

    def standing(self, now: int) -> SignIn:
        own = standing(self.connection.vault, self.wants(), now)
        if not own.signed_in and not own.who and self._firm():
            return SignIn(True, self.mailbox)
        return own

    def _who(self, door: TokenDoor, granted: frozenset[str]) -> str:
        """Whose account it is, where that can be known; ``Misused`` for another than the one meant."""
        with self._google(OwnKeys(self.account, self.connection.vault, door).authorise) as google:
            who = who_signed_in(google, granted)
        if who and self.mailbox and who != self.mailbox.lower():
            raise Misused(
                f"the browser signed in to another mailbox than «{self.mailbox}»",
                hint="sign in as that one, or change the source's «mailbox» in the settings",
            )
        return who

    # -- what it is made of -------------------------------------------------------------------

    def _app(self) -> App:
        return App.of(self.connection.app)

    def _network(self) -> Network:
        return Network(**self.connection.network)

    def _door(self) -> TokenDoor:
        return TokenDoor(self._app(), self._network(), self.sleep)

    def _firm(self) -> dict[str, Any]:
        """The key of the firm's service account, where this source names the mailbox to act for."""
        return self._firm_key() if self.mailbox else {}

    def _firm_key(self) -> dict[str, Any]:
        return firm_key(self.connection.shared)

    def _keys(self, door: TokenDoor) -> OwnKeys | FirmKeys:
        """A person's own sign-in, else the firm's. ``SignInNeeded`` where there is neither."""
        own = OwnKeys(self.account, self.connection.vault, door)
        if not own.signed_in() and (key := self._firm()):
            return FirmKeys(key, self.mailbox, self.mode, door)
        own.kept()
        return own

    def _google(self, authorise: Callable[[str], Any]) -> Google:
        app = self._app()
        return Google(
            app,
            authorise,
            account=self.account,
            mode=self.mode,
            page=self.page,
            network=self._network(),
            quota=Quota(app.units_per_minute, sleep=self.sleep, clock=self.clock),
            sleep=self.sleep,
        )
