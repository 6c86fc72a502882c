"""The firm's registration with one billing system: signing in by it, and asking by its tokens.

An adapter has one, and is ``SignedIn`` by it. What is an adapter's own is how its system is asked and what it answers.
"""

from __future__ import annotations

import json
import time
import webbrowser
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypedDict

from autotime.billing.signin import Browse, Service, Tokens, sign_in, standing
from autotime.domain.doors import Connection, Person, SignIn
from autotime.intake import clean
from autotime.web import Authorise, Carrier, Manners, Network, Web
from autotime.web.locks import locked

Changed = Mapping[str, Mapping[str, Any]]
"""What the settings change of a mapping: rules by field."""


class Seams(TypedDict, total=False):
    """What tests put in the place of the clock, the network and the browser."""

    sleep: Callable[[float], None]
    wall: Callable[[], float]
    carrier: Carrier | None
    browse: Browse


class Registration:
    """``vault`` keeps the sign-in of one timekeeper."""

    def __init__(
        self,
        service: Service,
        connection: Connection,
        *,
        sleep: Callable[[float], None] = time.sleep,
        wall: Callable[[], float] = time.time,
        carrier: Carrier | None = None,
        browse: Browse = webbrowser.open,
    ) -> None:
        self.service, self.vault, self.network = service, connection.vault, Network(**connection.network)
        self.sleep, self.wall, self.carrier, self.browse = sleep, wall, carrier, browse
        self.tokens = Tokens(service, self.vault, self.network, wall=wall, carrier=carrier)

    def web(self, root: str, manners: Manners, authorise: Authorise | None = None) -> Web:
        """Asks below ``root`` with the tokens, or with what ``authorise`` makes of them."""
        headers = authorise or self.tokens.headers
        return Web(root, headers, manners, self.network, sleep=self.sleep, wall=self.wall, carrier=self.carrier)

    def sign_in(self, person: Person, *, elsewhere: bool) -> None:
        sign_in(self.tokens, person, elsewhere=elsewhere, browse=self.browse)

    def keep_name(self, who: str) -> str:
        """Keeps who signed in beside the sign-in; the name as it may be shown. No renewal comes in between."""
        name = clean(who, 100)
        with locked(self.vault):
            self.vault.save(json.dumps({**json.loads(self.vault.load() or "{}"), "who": name}))
        return name

    def standing(self, now: int) -> SignIn:
        return standing(self.service, self.vault, now)

    def renew(self) -> None:
        """Renews a sign-in that ends unless it is used, once its access has ended; no other is renewed before its
        use. Raises as ``Tokens.headers`` does."""
        if self.service.unused:
            self.tokens.headers(False)


class SignedIn:
    """The doors ``Connectable`` and ``Renewable``, by a registration. ``title`` is what people call the system, ``who``
    the name of whoever signed in, asked of it; ``permissions`` are what is asked for, each with its reason."""

    title: ClassVar[str]
    permissions: ClassVar[Mapping[str, str]]
    registration: Registration

    def who(self) -> str:
        raise NotImplementedError

    def wants(self) -> Mapping[str, str]:
        return self.permissions

    def connect(self, person: Person, device: bool = False) -> None:
        self.registration.sign_in(person, elsewhere=device)
        person.say(f"Signed in to {self.title} as {self.registration.keep_name(self.who())}.")

    def standing(self, now: int) -> SignIn:
        return self.registration.standing(now)

    def renew(self) -> None:
        self.registration.renew()
