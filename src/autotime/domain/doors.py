"""The doors for guests: collectors, billers, and the matching face.

A guest is one short file, loaded because the settings name it. Residents use the same doors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from autotime.domain.books import Books, Client, Code, Key, Matter, Thing
from autotime.domain.decisions import Decision
from autotime.domain.delivery import BatchFile, Offers, Remote, Submission
from autotime.domain.evidence import Batch, Evidence, SyncCursor
from autotime.domain.learning import Features
from autotime.domain.matching import Ranking
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span


@dataclass(frozen=True, slots=True)
class CollectContext:
    """What a collector may know: whose things these are, the stretch of time wanted, and now. ``excluded``
    are folders that are never stored, case-folded; for a source whose mail lies in several at once."""

    timekeeper: Timekeeper
    window: Span
    now: int
    excluded: frozenset[str] = frozenset()


class Vault(Protocol):
    """Keeps one secret text of one source: a sign-in, a password."""

    path: Path

    def load(self) -> str:
        """The secret; nothing where there is none."""

    def save(self, secret: str) -> None: ...

    def forget(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Connection:
    """What a collector that signs in is given, by a parameter ``connection``: its own vault, the firm's
    registration with the service (``[microsoft]``, ``[google]`` of the settings), and ``[network]``.

    ``shared`` keeps what the firm's own registration signs in with, for every mailbox.
    """

    vault: Vault
    shared: Vault
    app: Mapping[str, Any] = field(default_factory=dict, repr=False)
    network: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class SignIn:
    """How a source's sign-in stands. ``lapses_at`` is the UTC second at which it ends if nobody uses it,
    0 where that is not known; ``missing`` names permissions that were asked for and not given."""

    signed_in: bool
    who: str = ""
    lapses_at: int = 0
    missing: tuple[str, ...] = ()


@runtime_checkable
class Connectable(Protocol):
    """A collector that a person signs in to, by ``autotime connect``.

    ``wants`` says which permissions are asked for, each with its reason in plain words. ``connect``
    walks the person through it: ``say`` shows a line (an address to open, a code), ``ask`` asks for a
    line (``secret``: not shown while it is typed), ``device`` signs in by a code on another device.
    """

    def wants(self) -> Mapping[str, str]: ...

    def connect(self, person: Person, device: bool = False) -> None: ...

    def standing(self, now: int) -> SignIn: ...


@runtime_checkable
class Renewable(Protocol):
    """A sign-in that may end unless it is used now and then. ``renew`` uses it where it is due, and changes nothing
    else; it is called each night, whether anything is sent or not. Raises ``SignInNeeded`` or ``SourceUnavailable``."""

    def renew(self) -> None: ...


class Person(Protocol):
    """Somebody who sits there."""

    def say(self, line: str) -> None: ...

    def ask(self, question: str, secret: bool = False) -> str: ...


@runtime_checkable
class Collector(Protocol):
    """Reads one source.

    ``account`` is the name the settings give it, ``source`` the kind (``mbox``). ``collect`` yields
    pages in any order; each carries the cursor that holds once the page is stored. Reading the same
    thing twice is harmless. One bad item becomes a ``Quarantined``, never an exception. Raises
    ``SourceUnavailable``, ``CursorExpired``, ``SuddenlyEmpty`` or ``SignInNeeded``.
    """

    account: str
    source: str

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]: ...


@runtime_checkable
class FileBiller(Protocol):
    """Writes batches of approved entries as files.

    ``lines`` are submissions of one batch in order, with their payloads; ``render`` is a pure
    function of batch and lines, so that a batch written again has the same bytes. ``refuse`` says
    why one payload cannot go (empty: it can), naming the missing field and where to set it.
    """

    target: str
    extension: str
    mapping_version: str

    def refuse(self, payload: Mapping[str, object], header: Mapping[str, object]) -> str: ...

    def render(self, batch: BatchFile, lines: Sequence[Submission]) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Keys:
    """All keys of one system, both ways."""

    system: str
    remotes: Mapping[tuple[Thing, str], str] = field(default_factory=dict)
    ours: Mapping[tuple[Thing, str], str] = field(default_factory=dict)

    @classmethod
    def of(cls, system: str, keys: Iterable[Key]) -> Keys:
        mine = [key for key in keys if key.system == system]
        remotes = {(key.kind, key.key): key.remote for key in mine}
        return cls(system, remotes, {(key.kind, key.remote): key.key for key in mine})

    def remote(self, kind: Thing, key: str) -> str:
        """The system's id for what we call ``key``; empty where it is not known."""
        return self.remotes.get((kind, key), "")

    def key(self, kind: Thing, remote: str) -> str:
        """What we call the system's thing; empty where it is not known."""
        return self.ours.get((kind, remote), "")


@dataclass(frozen=True, slots=True)
class Pulled:
    """One thing as a billing system holds it. Where ``noun`` names another (a matter its client, a rate its
    timekeeper), it does so by the system's id; the step that stores it puts ours in its place.

    ``sees`` is set where a matter's rates are hidden but for one timekeeper's, whose id there it is: what is known of
    the others' rates stays.
    """

    kind: Thing
    remote: str
    noun: Client | Matter | Code | Timekeeper
    version: str = ""
    sees: str = ""


@dataclass(frozen=True, slots=True)
class BooksPage:
    """One page of a pull, stored in one transaction with the cursor that then holds.

    ``part`` names what is read (``matters``); ``cursor`` is where the next pull of it goes on, empty until its
    last page. ``whole``: the last page of a complete list, so that what was not in it is gone. ``bad`` are things
    that cannot be read, each with its reason; ``of`` how many there are in all, where that is known.
    """

    part: str
    things: tuple[Pulled, ...] = ()
    cursor: str = ""
    whole: bool = False
    bad: tuple[str, ...] = ()
    of: int = 0


Payload = Mapping[str, str | int]
"""What billing is told of one entry: see ``autotime.billing.payload``."""


@runtime_checkable
class Biller(Protocol):
    """Puts single entries into a billing system that is asked over the network.

    ``refuse`` says why one payload cannot go, naming what is missing and the command that mends it (empty: it
    can). ``told`` is what the system is told of it, flat, by the system's own field names; ``drops`` names
    what it has no place for. ``create`` makes one request, once: ``Refused`` where the system said no for good,
    ``NotDelivered`` where it certainly was not done and may be tried again, ``SignInNeeded``; any other error, a
    2xx that cannot be read among them, is doubt and raised as ``InDoubt``. ``present`` lists what stands there for the
    timekeepers, matters and days of some payloads, in as few requests as it can: perhaps more than was asked for.
    ``same``: whether an entry there says what a payload says. ``change`` and ``remove`` touch nothing that is billed
    or changed meanwhile (``Refused``).
    """

    target: str
    mapping_version: str
    offers: Offers

    def refuse(self, payload: Payload) -> str: ...

    def told(self, payload: Payload) -> Mapping[str, str | int]: ...

    def drops(self, payload: Payload) -> tuple[str, ...]: ...

    def present(self, payloads: Sequence[Payload]) -> list[Remote]: ...

    def same(self, payload: Payload, remote: Remote) -> bool: ...

    def create(self, payload: Payload) -> Remote: ...

    def read(self, remote: str) -> Remote | None: ...

    def change(self, remote: Remote, payload: Payload) -> Remote: ...

    def remove(self, remote: Remote) -> None: ...


@runtime_checkable
class BooksSource(Protocol):
    """A billing system that knows the firm's people, clients, matters and codes. ``cursors`` by part, from earlier
    pulls; people and clients come before the matters that name them."""

    target: str

    def pull(self, cursors: Mapping[str, str]) -> Iterator[BooksPage]: ...


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One page of entries of the past. ``bad`` are entries that cannot be read, each with its id, where it has one,
    and a reason without its words: they stand there all the same."""

    found: tuple[Remote, ...] = ()
    bad: tuple[str, ...] = ()


@runtime_checkable
class HistorySource(Protocol):
    """A billing system whose entries of the past can be read, page by page, of one timekeeper (its own id). One entry
    that cannot be read ends nothing: it is told in its page."""

    target: str

    def history(self, timekeeper: str, first: date, last: date) -> Iterator[HistoryPage]: ...


class Memory(Protocol):
    """What a matcher has learned. ``learn`` and ``unlearn`` take less than 50 ms."""

    def learn(self, decision: Decision) -> None: ...

    def unlearn(self, decision: Decision) -> None: ...

    def snapshot(self) -> bytes: ...

    def restore(self, snapshot: bytes) -> None: ...


class FeatureSource(Protocol):
    """Looks up stored features by evidence id; ``None`` where there are none."""

    def __call__(self, evidence: str, /) -> Features | None: ...


class Rank(Protocol):
    """The matching face: candidates for each piece of evidence, in the order given."""

    def __call__(self, evidence: Sequence[Evidence], books: Books, memory: Memory, now: int) -> list[Ranking]: ...
