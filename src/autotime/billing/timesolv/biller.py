"""TimeSolv as far as it is confirmed: its books and its time cards are read, and nothing is written by its API.

Approved time goes there as its import file (``autotime push timesolv``). What stands there is read by user and days:
before, to see what would be entered twice (``autotime history import timesolv``), and after the import, to see that all
has arrived (``autotime reconcile timesolv``). The search for projects is not confirmed: matters come from CSV,
and which of them a time card means is said by ``projects`` of the settings, or not known.
"""

from __future__ import annotations

import time
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, NoReturn

from autotime.billing.signin import Browse, sign_in, standing
from autotime.billing.timesolv.books import pulled
from autotime.billing.timesolv.cards import between
from autotime.billing.timesolv.service import TARGET, TimeSolv
from autotime.domain.books import Thing
from autotime.domain.delivery import Remote
from autotime.domain.doors import BooksPage, Connection, Keys, Payload, Person, SignIn
from autotime.domain.errors import Misused
from autotime.web import Carrier


class TimeSolvBiller:
    """A ``BooksSource``, ``HistorySource`` and ``Connectable``; no ``Biller``."""

    target = TARGET

    def __init__(
        self,
        connection: Connection,
        keys: Keys,
        mapping: Mapping[str, Mapping[str, Any]] | None = None,  # noqa: ARG002 - the import file's; see ``layouts``
        *,
        sleep: Callable[[float], None] = time.sleep,
        wall: Callable[[], float] = time.time,
        carrier: Carrier | None = None,
        browse: Browse = webbrowser.open,
    ) -> None:
        self.connection, self.browse = connection, browse
        self.keys = _with_projects(keys, connection.app.get("projects") or {})
        self.service = TimeSolv(connection, sleep=sleep, wall=wall, carrier=carrier)

    # -- signing in -------------------------------------------------------------------------------

    def wants(self) -> Mapping[str, str]:
        return {"all the user may see": "TimeSolv names no single permissions; users, clients and time cards are read"}

    def connect(self, person: Person, device: bool = False) -> None:  # noqa: ARG002 - always in a browser, and pasted
        """By an address that is pasted: whether TimeSolv gives our mark of this sign-in back is not confirmed."""
        sign_in(self.service.tokens, person, elsewhere=True, browse=self.browse)
        person.say("Read from TimeSolv: users, clients, task codes, time cards. Matters come from CSV.")
        person.say("Time goes there by its import file: autotime push timesolv")

    def standing(self, now: int) -> SignIn:
        return standing(self.service.service, self.connection.vault, now)

    # -- reading ----------------------------------------------------------------------------------

    def pull(self, cursors: Mapping[str, str]) -> Iterator[BooksPage]:  # noqa: ARG002 - no list tells its changes
        return pulled(self.service)

    def history(self, timekeeper: str, first: date, last: date) -> Iterator[tuple[Remote, ...]]:
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
