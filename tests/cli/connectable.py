"""A source that a person signs in to, without any service behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autotime.domain.doors import CollectContext, Connection, Person, SignIn
from autotime.domain.errors import SignInNeeded
from autotime.domain.evidence import Batch, Evidence, Gap, Kind, Participant, Role, SyncCursor
from autotime.domain.spans import Span
from autotime.domain.untrusted import Untrusted
from tests.cli.firm import CANARY

HOUR = 3600
DAY = 86_400


@dataclass(frozen=True, slots=True)
class FakeCollector:
    """``host`` is where it stands. Its sign-in is a word: «open sesame», or «half» for one permission only."""

    account: str
    connection: Connection
    host: str
    mailbox: str = ""
    private: bool = False
    source: str = "imap"

    def wants(self) -> Mapping[str, str]:
        return {"Mail.Read": "reads your mail: the words narratives are made of", "Chat.Read": "sees whom you wrote to"}

    def wants_firm(self) -> Mapping[str, str]:
        return {"Mail.Read.All": "reads the mail of those the settings name"}

    def connect(self, person: Person, device: bool = False) -> None:
        person.say(f"go to {self.host}{' and type 1234' if device else ''}")
        self.connection.vault.save(person.ask("Password:", secret=True))

    def connect_firm(self, person: Person) -> None:
        self.connection.shared.save(person.ask("The firm's secret:", secret=True))

    def standing(self, now: int) -> SignIn:
        word = self._word()
        missing = ("Chat.Read",) if word == "half" else ()
        return SignIn(bool(word), "ada@firm.example" if word else "", now + 30 * DAY if word else 0, missing)

    def _word(self) -> str:
        return self.connection.vault.load() or self.connection.shared.load()

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        if self._word() not in ("open sesame", "half"):
            raise SignInNeeded(f"the sign-in of «{self.account}» has ended", hint=f'autotime connect "{self.account}"')
        gap = Gap("chats", "permission Chat.Read is missing", "ask your administrator")
        yield Batch((), SyncCursor("0"), gaps=(gap,) if self._word() == "half" else ())
        yield Batch((self._mail(context.now - HOUR), self._meeting(context.now - 2 * HOUR)), SyncCursor("1"))
        raise AssertionError("nobody asked for more than the first page that holds something")

    def _mail(self, at: int) -> Evidence:
        return Evidence(
            account=self.account,
            source=self.source,
            key=f"mail {at}",
            kind=Kind.MEETING if self.private else Kind.MESSAGE,
            at=at,
            own=True,
            span=Span(at, at + HOUR) if self.private else None,
            subject=Untrusted(f"\x1b[31m{CANARY}"),
            body=Untrusted("We hold that the request is too broad."),
            place=Untrusted("Sent"),
            people=tuple(Participant(Role.TO, f"{n}@northwind.example") for n in range(8)),
            facts={"private": True} if self.private else {"words_new": 8},
        )

    def _meeting(self, at: int) -> Evidence:
        return Evidence(
            account=self.account, source=self.source, key=f"meeting {at}", kind=Kind.MEETING, at=at, own=True
        )
