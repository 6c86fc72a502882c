"""IMAP mailboxes: read only, nothing marked as read, attachments left on the server.

The cursor holds for each folder its numbering (UIDVALIDITY), the last mail's number, since when mail was
read, and whether it held anything. A folder with another numbering is read again, and its mails are the
same evidence: their keys are made of what they say. A folder that is gone withdraws nothing.

Microsoft 365 and Google have their own kinds of source, which ask for less and see more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from autotime.collectors.files import suddenly_empty
from autotime.collectors.mailfolders import Folder, is_left_out, names_of, readable
from autotime.collectors.mailreading import items
from autotime.collectors.mailserver import LATER, Listed, SaidNo, Server, Standing
from autotime.collectors.messages import Where
from autotime.domain.doors import CollectContext, Connection, Person, SignIn
from autotime.domain.errors import Misused, SignInNeeded, SourceUnavailable
from autotime.domain.evidence import Batch, Evidence, Gap, Quarantined, SyncCursor
from autotime.web import Network
from autotime.web.links import LOOPBACK
from autotime.web.transport import trusted

OTHER_SERVICES = "for Microsoft 365 or Google, use their own types: microsoft, google"

Known = dict[str, dict[str, int]]
"""By folder, as the server writes its name: ``validity``, ``last``, ``since``, ``held``."""


@dataclass(frozen=True, slots=True)
class ImapCollector:
    """Mail on any IMAP server.

    ``host``, ``port`` and ``security`` (tls, starttls, or plain for a server on this machine) say where it
    is, ``user`` whose mailbox; the password lies in the sign-in. ``folders`` names those to read; without
    it, all but drafts, junk and trash. ``mode`` is text, or metadata: headers alone. ``deadline`` is how
    many seconds one answer may take.
    """

    account: str
    connection: Connection
    host: str
    user: str
    port: int = 993
    security: str = "tls"
    folders: Sequence[str] = ()
    mode: str = "text"
    page: int = 200
    deadline: float = 120.0
    source: str = "imap"

    def __post_init__(self) -> None:
        whose = f"source «{self.account}»"
        if self.security not in ("tls", "starttls", "plain"):
            raise Misused(f"{whose}: security is tls, starttls or plain", hint="tls is usual, with port 993")
        if self.security == "plain" and self.host not in LOOPBACK:
            raise Misused(
                f"{whose}: without encryption only a server on this machine may be asked",
                hint='security = "tls" (port 993) or "starttls" (port 143)',
            )
        if self.mode not in ("text", "metadata"):
            raise Misused(f"{whose}: mode is text or metadata", hint="metadata: headers alone, no text")
        if isinstance(self.folders, str):
            raise Misused(f"{whose}: folders is a list of names", hint='folders = ["INBOX", "Sent"]')

    # -- signing in ---------------------------------------------------------------------------

    def wants(self) -> Mapping[str, str]:
        what = "headers of mail" if self.mode == "metadata" else "mail, without its attachments"
        return {
            "the password of the mailbox": f"to read {what}. It is kept encrypted on this machine; nothing in the "
            "mailbox is changed or marked as read"
        }

    def connect(self, person: Person, device: bool = False) -> None:  # noqa: ARG002 - a password needs no browser
        """Asks for the password, tries it, and keeps it if the server takes it."""
        person.say(f"Signing in to {self.host} as {self.user} ({OTHER_SERVICES}).")
        person.say("If the service knows app passwords, make one for autotime and give that.")
        password = person.ask("Password", secret=True).strip("\r\n")
        if not password:
            raise SignInNeeded("no password was given", hint=self._hint)
        with self._open(password) as server:
            found = len(self._chosen(server.folders())[0])
        self.connection.vault.save(password)
        person.say(f"Signed in. {found} folders will be read.")

    def standing(self, now: int) -> SignIn:  # noqa: ARG002 - a password does not lapse
        return SignIn(bool(self.connection.vault.load()), self.user)

    @property
    def _hint(self) -> str:
        return f'autotime connect "{self.account}"'

    def _open(self, password: str) -> Server:
        network = Network(**self.connection.network)
        server = Server(self.host, self.port, self.security, trusted(network.ca_file), self.deadline)
        try:
            server.sign_in(self.user, password)
        except SignInNeeded as refused:
            server.close()
            raise SignInNeeded(str(refused), hint=f"{self._hint}; {OTHER_SERVICES}") from None
        except BaseException:
            server.close()
            raise
        return server

    # -- reading ------------------------------------------------------------------------------

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        password = self.connection.vault.load()
        if not password:
            raise SignInNeeded(f"nobody has signed in to {self.host} yet", hint=self._hint)
        known = _known(cursor)
        with self._open(password) as server:
            chosen, gaps = self._chosen(server.folders())
            standings = _standings(server, chosen)
            gaps += _closed(len(chosen) - len(standings))
            if len(standings) == len(chosen):
                held = [name for name, state in known.items() if state.get("held")]
                suddenly_empty(self.account, held, chosen, sum(one.mails for one in standings.values()))
            yield from self._read(server, chosen, standings, known, gaps, context)

    def _chosen(self, listed: Sequence[Listed]) -> tuple[list[Folder], list[Gap]]:
        """The folders to read, the inbox and sent mail first, and what the settings name in vain."""
        folders = sorted(readable(listed), key=lambda one: (one.place != "Inbox", one.place != "Sent", one.place))
        if not self.folders:
            return [one for one in folders if not is_left_out(one.listed, listed)], []
        wanted = {name.casefold() for name in self.folders}
        found = [one for one in folders if wanted & names_of(one)]
        missing = len(wanted) - len({name for one in found for name in wanted & names_of(one)})
        if not found:
            raise SourceUnavailable(
                f"{self.host} has none of the folders", hint="check the source's folders in the settings"
            )
        told = f"{missing} that the settings name are not on the server"
        gap = Gap("folders", told, "check the source's folders in the settings")
        return found, [gap] if missing else []

    def _read(
        self,
        server: Server,
        chosen: Sequence[Folder],
        standings: Mapping[str, Standing],
        known: Known,
        gaps: list[Gap],
        context: CollectContext,
    ) -> Iterator[Batch]:
        done, of = 0, sum(standing.mails for standing in standings.values())
        before = json.dumps(known, sort_keys=True)
        refused: list[SaidNo] = []
        for folder in chosen:
            standing = standings.get(folder.listed.raw)
            if standing is None:
                continue
            if not _is_read(known.get(folder.listed.raw), standing, context):
                try:
                    for found, bad, part in self._folder(server, folder, known, context):
                        before = json.dumps(known, sort_keys=True)
                        told = done + int(standing.mails * part)
                        yield Batch(found, SyncCursor(before), (), bad, tuple(gaps), told, of)
                        gaps = []
                except SaidNo as no:
                    if no.code in LATER:
                        raise
                    refused.append(no)
            done += standing.mails
        if refused and len(refused) == len(standings):
            raise refused[0]
        gaps += _closed(len(refused))
        last = json.dumps(known, sort_keys=True)
        if gaps or last != before:
            yield Batch((), SyncCursor(last), gaps=tuple(gaps), done=of, of=of)

    def _folder(
        self, server: Server, folder: Folder, known: Known, context: CollectContext
    ) -> Iterator[tuple[tuple[Evidence, ...], tuple[Quarantined, ...], float]]:
        """The pages of one folder, each with how much of it is read then; ``known`` follows."""
        standing = server.examine(folder.listed)
        state = known.get(folder.listed.raw)
        after = state["last"] if state and _continues(state, standing, context) else 0
        uids = server.search(after, _first_day(context))
        where = Where(self.account, self.source, folder.place, context.timekeeper, context.now)
        for first in range(0, len(uids), self.page):
            page = uids[first : first + self.page]
            known[folder.listed.raw] = _state(standing, page[-1], context)
            yield *self._page(server, page, where, context), min(1.0, (first + len(page)) / len(uids))
        known[folder.listed.raw] = _state(standing, max([after, standing.following - 1, *uids[-1:]]), context)

    def _page(
        self, server: Server, uids: Sequence[int], where: Where, context: CollectContext
    ) -> tuple[tuple[Evidence, ...], tuple[Quarantined, ...]]:
        mails = list(items(server, uids, where, text=self.mode == "text"))
        evidence = {item.key: item for item in mails if isinstance(item, Evidence) and context.window.contains(item.at)}
        return tuple(evidence.values()), tuple(item for item in mails if isinstance(item, Quarantined))


def _known(cursor: SyncCursor | None) -> Known:
    """What the cursor says; nothing where it is not one of ours."""
    try:
        said = json.loads(cursor.value) if cursor else {}
    except (ValueError, RecursionError):
        return {}
    numbers = ("validity", "last", "since", "held")
    if not isinstance(said, dict):
        return {}
    return {
        name: state
        for name, state in said.items()
        if isinstance(state, dict) and all(isinstance(state.get(number), int) for number in numbers)
    }


def _state(standing: Standing, last: int, context: CollectContext) -> dict[str, int]:
    held = int(standing.mails > 0)
    return {"validity": standing.validity, "last": last, "since": context.window.start, "held": held}


def _continues(state: Mapping[str, int], standing: Standing, context: CollectContext) -> bool:
    """Whether the numbers still mean the same mails, and all of the window was read."""
    return state["validity"] == standing.validity and state["since"] <= context.window.start


def _is_read(state: Mapping[str, int] | None, standing: Standing, context: CollectContext) -> bool:
    if state is None or not _continues(state, standing, context):
        return False
    return (
        bool(standing.following) and standing.following - 1 <= state["last"] and state["held"] == (standing.mails > 0)
    )


def _first_day(context: CollectContext) -> date | None:
    """A day before the window: the server's days are those of its own zone."""
    if context.window.start < 2 * 86_400:
        return None
    return (datetime.fromtimestamp(context.window.start, UTC) - timedelta(days=1)).date()


def _standings(server: Server, chosen: Sequence[Folder]) -> dict[str, Standing]:
    """How each folder stands; one that the server does not open is missing."""
    found: dict[str, Standing] = {}
    trouble: SaidNo | None = None
    for folder in chosen:
        try:
            found[folder.listed.raw] = server.standing(folder.listed)
        except SaidNo as no:
            trouble = no
    if trouble and not found:
        raise trouble
    return found


def _closed(count: int) -> list[Gap]:
    return [Gap("folders", f"the server does not open {count} of them")] if count else []
