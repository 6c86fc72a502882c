"""The firm's books: clients, matters, codes and rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class MatterStatus(StrEnum):
    OPEN = "open"
    PENDING = "pending"
    CLOSED = "closed"


class Thing(StrEnum):
    """What the books hold, by the names under which a billing system's own ids are kept."""

    TIMEKEEPER = "timekeeper"
    CLIENT = "client"
    MATTER = "matter"
    CODE = "code"
    ACTIVITY = "activity"


@dataclass(frozen=True, slots=True)
class Client:
    """``ledes_id`` is what the client's e-billing portal calls it (empty: ``id``). ``contacts`` are mail addresses,
    ``phones`` as they are written."""

    id: str
    name: str = ""
    ledes_id: str = ""
    contacts: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rate:
    """What one timekeeper's hour costs on one matter."""

    timekeeper: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One piece of work for one client.

    ``number`` is the firm's matter number and the key everywhere. ``client_matter_id`` is what the
    client's e-billing portal calls it. ``code_set`` names a UTBMS set (``litigation``, ``project``,
    ``counseling``, ``bankruptcy``, …; empty: none used). ``increment`` is in minutes (``None``: the
    firm's). ``rate`` is money per hour (``None``: the timekeeper's). ``contacts`` are mail
    addresses, ``domains`` mail domains, ``dockets`` court case numbers. ``rates`` go before ``rate``.
    """

    number: str
    name: str
    client: str = ""
    client_matter_id: str = ""
    status: MatterStatus = MatterStatus.OPEN
    practice: str = ""
    code_set: str = ""
    increment: int | None = None
    fee_type: str = "hourly"
    currency: str = "USD"
    rate: Decimal | None = None
    parties: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    dockets: tuple[str, ...] = ()
    rates: tuple[Rate, ...] = ()

    def rate_of(self, timekeeper: str) -> Decimal | None:
        """Money per hour on this matter; ``None`` where the timekeeper's own rate holds."""
        return next((rate.amount for rate in self.rates if rate.timekeeper == timekeeper), self.rate)


@dataclass(frozen=True, slots=True)
class Code:
    """A UTBMS task or activity code (``L330``, ``A103``) with its title."""

    code: str
    title: str
    code_set: str


@dataclass(frozen=True, slots=True)
class Books:
    """All a run may know of the firm. A snapshot: a run uses one from start to end."""

    clients: Mapping[str, Client] = field(default_factory=dict)
    matters: Mapping[str, Matter] = field(default_factory=dict)
    codes: Mapping[str, Code] = field(default_factory=dict)

    def open_matters(self) -> tuple[Matter, ...]:
        return tuple(m for m in self.matters.values() if m.status is not MatterStatus.CLOSED)

    def client_of(self, matter: Matter) -> Client:
        return self.clients.get(matter.client, Client(matter.client))

    def task_codes(self, matter: Matter) -> tuple[Code, ...]:
        """The task codes of the matter's set; none where the matter uses no set."""
        return tuple(c for c in self.codes.values() if c.code_set == matter.code_set and matter.code_set)

    def activity_codes(self) -> tuple[Code, ...]:
        return tuple(c for c in self.codes.values() if c.code_set == "activity")


@dataclass(frozen=True, slots=True)
class Key:
    """What a billing system calls one thing of the books. ``key`` is ours (a matter's number), ``remote`` the
    system's own id, ``version`` its word for this state of the thing (an ETag, a time)."""

    system: str
    kind: Thing
    key: str
    remote: str
    version: str = ""
