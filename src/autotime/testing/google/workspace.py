"""A Google Workspace on this machine: sign-in, mail, calendar, files and attendance, as Google's own client knows them.

::

    with Workspace() as workspace:
        ada = workspace.user("ada@okafor.example")
        ada.mail.receives(rfc822_bytes, labels=("INBOX", "Harrow lease"))
        section = workspace.settings(folder)     # the [google] section that leads here
        signed_in = workspace.sign_in(ada)       # what the vault holds once Ada has signed in

Every listing pages; ``workspace.quirks`` makes pages misbehave; ``workspace.refusing`` holds refusals for
the calls to come, also inside a batch; ``workspace.server`` is the server, with its faults.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from email.parser import BytesParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from autotime.testing.google import calendar, drive, mail, meet
from autotime.testing.google.calendar import Calendars
from autotime.testing.google.drive import Drive
from autotime.testing.google.mail import Mailbox
from autotime.testing.google.meet import Conferences
from autotime.testing.google.routes import AUTH, Caller, Quirks, Refused, Route, masked, ungranted
from autotime.testing.google.signin import CLIENT, SignInDesk, client_json, robot_key
from autotime.testing.server import Asked, Loopback, Reply

BATCH_LIMIT = 100
BOUNDARY = "batch_of_answers"
EVERYTHING = (
    "gmail.readonly",
    "calendar.events.readonly",
    "calendar.calendarlist.readonly",
    "drive.metadata.readonly",
    "drive.activity.readonly",
    "meetings.space.readonly",
)


class User:
    """One person of the workspace, and what is theirs."""

    def __init__(self, address: str, workspace: Workspace) -> None:
        self.address = address
        self.workspace = workspace
        self.mail = Mailbox(address)
        self.calendars = Calendars(address)
        self.drive = Drive(address)
        self.meet = Conferences()

    def meets(self, title: str, start: str, minutes: int = 60, **more: Any) -> str:
        return self.calendars.meets(title, start, minutes, **more)

    def receives(self, raw: bytes, labels: Iterable[str] = ("INBOX",), **more: Any) -> str:
        return self.mail.receives(raw, labels, **more)

    def sends(self, raw: bytes, labels: Iterable[str] = ("SENT",), **more: Any) -> str:
        return self.mail.sends(raw, labels, **more)


class Workspace:
    """A context manager; ``url`` is the root of every API, ``batches`` the sizes of batches so far."""

    def __init__(self) -> None:
        self.server = Loopback(self.answer)
        self.url = self.server.url
        self.desk = SignInDesk(lambda address: address in self._users)
        self.quirks = Quirks()
        self.refusing: list[Refused | None] = []
        self.off: set[str] = set()
        self.batches: list[int] = []
        self.calls: list[str] = []
        self._users: dict[str, User] = {}
        apis = (mail, calendar, drive, meet)
        self.routes: list[Route] = [route for api in apis for route in api.ROUTES]

    def __enter__(self) -> Workspace:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__(None, None, None)

    def user(self, address: str) -> User:
        """The user with this address, who is there from the first mention on."""
        return self._users.setdefault(address, User(address, self))

    # -- what the settings and the vault hold -------------------------------------------------

    def settings(self, folder: Path) -> dict[str, Any]:
        """The ``[google]`` section that leads here, with a client file in ``folder``."""
        file = folder / "client.json"
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(client_json(), "utf-8")
        return {"client_file": str(file), "base_url": self.url, "token_url": f"{self.url}/token"}

    def sign_in(self, user: User, scopes: Iterable[str] = EVERYTHING) -> str:
        """What the vault of a source holds once the user has signed in with these permissions."""
        granted = frozenset(f"{AUTH}{name}" for name in scopes)
        return json.dumps(
            {
                **CLIENT,
                "type": "authorized_user",
                "refresh_token": self.desk.keep(user.address, granted),
                "granted": sorted(granted),
                "who": user.address,
            }
        )

    def service_account(self, scopes: Iterable[str] = EVERYTHING) -> str:
        """The key file of the firm's service account, which may act for every user with these permissions."""
        self.desk.delegated = {f"{AUTH}{name}" for name in scopes}
        return json.dumps(robot_key(f"{self.url}/token"))

    # -- how listings misbehave ---------------------------------------------------------------

    def empty_page_with_next(self) -> None:
        self.quirks.empty_first = True

    def repeat_page(self) -> None:
        self.quirks.repeat = True

    def loop_pages(self) -> None:
        self.quirks.loop = True

    def expire_cursors(self) -> None:
        """What a collector remembers of every user is too old from now on."""
        for user in self._users.values():
            user.mail.forget_history()
            user.calendars.expire_tokens()
            user.drive.expire_tokens()

    # -- answering ----------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/auth":
            return self.desk.consent(asked)
        if asked.path == "/token":
            return self.desk.token(asked)
        if asked.path == "/batch" or asked.path.startswith("/batch/"):
            return self._batch(asked)
        return self.call(asked)

    def call(self, asked: Asked) -> Reply:
        """One call of an API, alone or inside a batch."""
        self.calls.append(f"{asked.method} {asked.path}")
        try:
            refused = self.refusing.pop(0) if self.refusing else None
            if refused is not None:
                raise refused
            return self._routed(asked)
        except Refused as refused_now:
            return refused_now.reply(asked.path)

    def _routed(self, asked: Asked) -> Reply:
        caller = self._caller(asked)
        for route in self.routes:
            names = route.names(asked)
            if names is None:
                continue
            if any(asked.path.startswith(prefix) for prefix in self.off):
                raise Refused(403, "accessNotConfigured", "The API is disabled.", "SERVICE_DISABLED")
            if not caller.may(*route.needs):
                raise ungranted()
            answer = route.handle(self.user(caller.address), caller, asked, names)
            return Reply(masked(answer, asked.query.get("fields", "")))
        raise Refused(404, "notFound", "Not Found")

    def _caller(self, asked: Asked) -> Caller:
        caller = self.desk.caller(asked.headers.get("authorization", ""))
        if caller is None:
            raise Refused(401, "authError", "Request had invalid authentication credentials.")
        return caller

    def _batch(self, asked: Asked) -> Reply:
        """Each inner call under the outer one's token; answers in order, each with its name."""
        kind = asked.headers["content-type"]
        whole = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + asked.body)
        parts: list[Any] = list(whole.get_payload())
        self.batches.append(len(parts))
        if len(parts) > BATCH_LIMIT:
            return Refused(400, "batchSizeTooLarge", "Too many calls in the batch").reply("")
        if self.desk.caller(asked.headers.get("authorization", "")) is None:
            return Refused(401, "authError", "Invalid Credentials").reply("")
        told = [_part(part["Content-ID"], self.call(_inner(part, asked.headers))) for part in parts]
        body = b"".join(b"--" + BOUNDARY.encode() + b"\r\n" + one for one in told)
        return Reply(body + f"--{BOUNDARY}--\r\n".encode(), 200, {}, f"multipart/mixed; boundary={BOUNDARY}")


def _inner(part: Any, outer: Mapping[str, str]) -> Asked:
    line, _, rest = part.get_payload(decode=True).partition(b"\n")
    method, target, _ = line.decode().split(" ", 2)
    inner = BytesParser().parsebytes(rest)
    headers = {"authorization": outer.get("authorization", "")}
    headers |= {name.lower(): value for name, value in inner.items()}
    query = {name: values[0] for name, values in parse_qs(urlsplit(target).query, keep_blank_values=True).items()}
    body = inner.get_payload(decode=True)
    return Asked(
        method, unquote(urlsplit(target).path), query, headers, body if isinstance(body, bytes) else b"", target
    )


def _part(name: str, reply: Reply) -> bytes:
    head = f"Content-Type: application/http\r\nContent-ID: <response-{name.strip()[1:-1]}>\r\n\r\n"
    lines = [f"HTTP/1.1 {reply.status} Told", f"Content-Type: {reply.kind}"]
    lines += [f"{key}: {value}" for key, value in reply.headers.items()]
    return (head + "\r\n".join(lines) + "\r\n\r\n").encode() + reply.bytes() + b"\r\n"
