"""The door a browser comes back through after signing in: on this machine alone, and for one answer.

``msal``'s own opens every interface of the machine inside a container, so it is not used.
"""

from __future__ import annotations

import queue
import secrets
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

LARGEST = 64 * 1024
"""Bytes of an answer; a code is two thousand."""

PATIENCE = 10
"""Seconds one connection may take."""

DONE = "You are signed in. This page can be closed."
NOT_DONE = "You are not signed in: autotime says why. This page can be closed."


class Receiver:
    """A context manager. ``address`` is where the browser is to be sent back to; nothing but a form that
    is posted there with the right ``state`` is an answer.

    ``linked``: for services that have no form, the answer comes in the address, at ``/callback``. ``port`` is
    for services that know one address only; 0 is any.
    """

    def __init__(self, linked: bool = False, port: int = 0) -> None:
        self.state = secrets.token_urlsafe(32)
        self.linked = linked
        self.answers: queue.SimpleQueue[Mapping[str, str]] = queue.SimpleQueue()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.receiver = self
        host, path = ("127.0.0.1", "/callback") if linked else ("localhost", "")
        self.address = f"http://{host}:{self._server.server_address[1]}{path}"

    def __enter__(self) -> Receiver:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, seconds: float) -> Mapping[str, str]:
        """What the browser brought; nothing where it did not come in time. Short waits, so that ctrl-c works."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            try:
                return self.answers.get(timeout=min(0.5, left))
            except queue.Empty:
                continue
        return {}

    def takes(self, form: Mapping[str, str]) -> bool:
        """Whether this is the answer to our question."""
        ours = secrets.compare_digest(form.get("state", "").encode(), self.state.encode())
        if ours and ("code" in form or "error" in form):
            self.answers.put(form)
            return True
        return False


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: Receiver

    def handle_error(self, *_: object) -> None:
        """Nothing: a browser that leaves early is no news, and what it sent may be secret."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = PATIENCE

    def do_POST(self) -> None:
        self._take(self._form() if self.path == "/" and not self.server.receiver.linked else {})

    def do_GET(self) -> None:
        """A code in an address stays in the browser's history: taken only from services that know no other way."""
        asked = urlsplit(self.path)
        comes = self.server.receiver.linked and asked.path == "/callback" and len(self.path) <= LARGEST
        self._take(_first(asked.query) if comes else {})

    def _take(self, form: Mapping[str, str]) -> None:
        taken = self.server.receiver.takes(form)
        self._say(200 if taken else 400, DONE if taken and "code" in form else NOT_DONE)

    def _form(self) -> dict[str, str]:
        told = self.headers.get("Content-Length", "")
        if not told.isdigit() or int(told) > LARGEST:
            return {}
        return _first(self.rfile.read(int(told)).decode("utf-8", "replace"))

    def _say(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        """Nothing: the line would hold the address."""


def _first(form: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(form).items()}
