"""A real calendar server, Radicale, behind a wire that fails as told."""

from __future__ import annotations

import base64
import io
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from radicale import config
from radicale.app import Application

from autotime.collectors.caldav import CaldavCollector
from autotime.testing.server import Asked, Loopback, Reply

from .servers import PASSWORD, connection
from .sources import calendar, event

USER = "ada"
SIGNED = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


class House:
    """Radicale with one user's calendars; ``server`` is the wire. ``twist`` changes what it answers."""

    def __init__(self, *names: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="radicale"))
        users = self.folder / "users"
        users.write_text(f"{USER}:{PASSWORD}\n")
        settings = {
            "storage": {"filesystem_folder": str(self.folder / "held"), "_filesystem_fsync": False},
            "auth": {"type": "htpasswd", "htpasswd_filename": str(users), "htpasswd_encryption": "plain", "delay": 0},
            "logging": {"level": "critical"},
        }
        configuration = config.load()
        configuration.update(settings, "tests", privileged=True)
        self.app = Application(configuration)
        self.server = Loopback(self.answer)
        self.twist: Callable[[Asked, Reply], Reply] = lambda _asked, reply: reply
        for name in names or ("office",):
            self.make(name)

    def __enter__(self) -> House:
        self.server.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.server.__exit__(*error)
        shutil.rmtree(self.folder)

    @property
    def url(self) -> str:
        return self.server.url

    def answer(self, asked: Asked) -> Reply:
        return self.twist(asked, self.say(asked.method, asked.target, asked.body, asked.headers))

    def say(self, method: str, target: str, body: bytes = b"", headers: Any = None) -> Reply:
        path, _, query = target.partition("?")
        said: dict[str, Any] = {}
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": unquote(path),
            "SCRIPT_NAME": "",
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "HTTP_AUTHORIZATION": SIGNED,
        }
        for name, value in (headers or {}).items():
            if name == "content-type":
                environ["CONTENT_TYPE"] = value
            elif name != "accept-encoding":
                environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
        if headers is not None and "authorization" not in headers:
            del environ["HTTP_AUTHORIZATION"]
        parts = self.app(environ, lambda status, told: said.update(status=int(status.split()[0]), headers=dict(told)))
        told = {
            name: value for name, value in said["headers"].items() if name not in ("Content-Length", "Content-Type")
        }
        return Reply(b"".join(parts), said["status"], told, said["headers"].get("Content-Type", ""))

    # -- what it holds --------------------------------------------------------------------------------

    def make(self, name: str, kind: str = "VEVENT") -> None:
        body = (
            '<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop>'
            f'<d:displayname>{escape(name)}</d:displayname><c:supported-calendar-component-set><c:comp name="{kind}"/>'
            "</c:supported-calendar-component-set></d:prop></d:set></c:mkcalendar>"
        )
        assert self.say("MKCALENDAR", f"/{USER}/{quote(name)}/", body.encode()).status == 201

    def put(self, name: str, *events: str, into: str = "office") -> None:
        text = calendar(*events).encode()
        target = f"/{USER}/{quote(into)}/{quote(name)}.ics"
        assert self.say("PUT", target, text, {"content-type": "text/calendar", "authorization": SIGNED}).status in (
            201,
            204,
        )

    def delete(self, name: str, of: str = "office") -> None:
        """A resource, or with no name a whole calendar."""
        target = f"/{USER}/{quote(of)}/" + (f"{quote(name)}.ics" if name else "")
        assert self.say("DELETE", target).status == 200

    def names(self, of: str = "office") -> set[str]:
        folder = self.folder / "held" / "collection-root" / USER / of
        return {file.stem for file in folder.glob("*.ics")}

    def forget(self) -> None:
        """The server no longer knows the tokens it gave."""
        for cache in (self.folder / "held").rglob("sync-token"):
            shutil.rmtree(cache)

    def collector(self, path: str = "", **options: Any) -> CaldavCollector:
        given = {"connection": connection(), "user": USER, "sleep": lambda _seconds: None} | options
        return CaldavCollector("office", url=f"{self.url}{path}", **given)


def meeting(number: int, *lines: str, start: str) -> str:
    return event(f"SUMMARY:Harrow no. {number}", *lines, uid=f"{number}@okafor.example", start=start)


def methods(asked: Sequence[Asked]) -> list[str]:
    """What was asked, in short."""
    kinds = ("sync-collection", "calendar-query", "calendar-multiget")
    return [next((kind for kind in kinds if kind.encode() in one.body), one.method) for one in asked]
