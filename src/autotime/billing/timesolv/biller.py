"""TimeSolv as far as it is confirmed: its books and its time cards are read, and nothing is written by its API.

Approved time goes there as its import file (``autotime push timesolv``). What stands there is read by user and days:
before, to see what would be entered twice (``autotime history import timesolv``), and after the import, to see that all
has arrived (``autotime reconcile timesolv``). The search for projects is not confirmed: matters come from CSV,
and which of them a time card means is said by ``projects`` of the settings, or not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NoReturn, Unpack

from autotime.billing.registration import Changed, Registration, Seams, SignedIn
from autotime.billing.timesolv.books import pulled
from autotime.billing.timesolv.cards import between
from autotime.billing.timesolv.service import TARGET, TimeSolv, service_of
from autotime.domain.books import Thing
from autotime.domain.doors import BooksPage, Connection, HistoryPage, Keys, Payload, Person
from autotime.domain.errors import Misused

PERMISSIONS = {"all the user may see": "TimeSolv names no single permissions; users, clients and time cards are read"}


class TimeSolvBiller(SignedIn):
    """A ``BooksSource``, ``HistorySource`` and ``Connectable``; no ``Biller``."""

    target, title, permissions = TARGET, "TimeSolv", PERMISSIONS

    def __init__(
        self,
        connection: Connection,
        keys: Keys,
        mapping: Changed | None = None,  # noqa: ARG002 - the import file's; see ``layouts``
        **seams: Unpack[Seams],
    ) -> None:
        self.keys = _with_projects(keys, connection.app.get("projects") or {})
        self.registration = Registration(service_of(connection.app), connection, **seams)
        self.service = TimeSolv(self.registration)

    # -- signing in -------------------------------------------------------------------------------

    def connect(self, person: Person, device: bool = False) -> None:  # noqa: ARG002 - always in a browser, and pasted
        """By an address that is pasted: whether TimeSolv gives our mark of this sign-in back is not confirmed."""
        self.registration.sign_in(person, elsewhere=True)
        person.say("Read from TimeSolv: users, clients, task codes, time cards. Matters come from CSV.")
        person.say("Time goes there by its import file: autotime push timesolv")

    # -- reading ----------------------------------------------------------------------------------

    def pull(self, cursors: Mapping[str, str]) -> Iterator[BooksPage]:  # noqa: ARG002 - no list tells its changes
        return pulled(self.service)

    def history(self, timekeeper: str, first: date, last: date) -> Iterator[HistoryPage]:
        return between(self.service, timekeeper, first, last)

    # -- writing ----------------------------------------------------------------------------------

    def create_timecard(self, payload: Payload) -> NoReturn:  # noqa: ARG002
        """Where a write would go once somebody with an account has confirmed its path, body and answer."""
        raise Misused(
            "how TimeSolv's API takes a time card is not confirmed, so nothing is sent by it",
            kept="the entry stays as it is",
            hint=f"autotime push {TARGET} writes its import file",
        )


def _with_projects(keys: Keys, projects: Mapping[str, str]) -> Keys:
    """With what a person said the time cards call our matters."""
    theirs = {(Thing.MATTER, matter): project for matter, project in projects.items()}
    ours = {(Thing.MATTER, project): matter for matter, project in projects.items()}
    return Keys(keys.system, {**keys.remotes, **theirs}, {**keys.ours, **ours})
