"""CalDAV under the contract, against Radicale behind a wire that fails."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from autotime.domain.doors import Collector
from autotime.testing.collectors import instant
from autotime.testing.remote import RemoteContract
from autotime.testing.server import Asked, Reply

from .calendars import House, meeting


def written(number: int, *lines: str) -> str:
    return meeting(number, *lines, start=f"DTSTART:{datetime.fromtimestamp(instant(number), UTC):%Y%m%dT%H%M%SZ}")


class TestCaldav(RemoteContract):
    places = 2
    shapeless: Mapping[str, bytes] = {"a text": b'"value"', "another document": b"<html/>"}
    without: Mapping[str, str] = {
        "empty_page": "a multistatus has no pages",
        "token": "a password is not renewed; see test_caldav",
    }

    def serve(self, folder: Path) -> House:
        return House()

    def collector(self, folder: Path) -> Collector:
        return self.at(folder).collector(page=2, sleep=self.sleep)

    def write(self, folder: Path, numbers: Sequence[int]) -> None:
        house = self.at(folder)
        for number in numbers:
            if str(number) not in house.names():
                house.put(str(number), written(number))
        for name in house.names() - {str(number) for number in numbers}:
            house.delete(name)

    def spoil(self, folder: Path) -> None:
        self.at(folder).put("bad", written(99, "RRULE:FREQ=SECONDLY"))

    def clear(self, folder: Path) -> None:
        self.write(folder, [])

    def held(self, folder: Path) -> object:
        return {file.name: file.read_bytes() for file in self.at(folder).folder.rglob("*.ics")}

    def repeat_page(self, folder: Path) -> None:
        """Every resource twice in one answer."""

        def twice(_asked: Asked, reply: Reply) -> Reply:
            return replace(reply, body=re.sub(rb"(<response>.*</response>)", rb"\1\1", reply.body, flags=re.DOTALL))

        self.at(folder).twist = twice

    def loop_page(self, folder: Path) -> None:
        """There is always more, says the server."""
        house = self.at(folder)
        self.collected(folder)
        more = b"<response><href>/ada/office/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"

        def endless(asked: Asked, reply: Reply) -> Reply:
            if b"sync-collection" not in asked.body:
                return reply
            token = f"<sync-token>again{len(house.server.asked)}</sync-token>".encode()
            return Reply(b'<multistatus xmlns="DAV:">' + more + token + b"</multistatus>", 207, kind="text/xml")

        house.twist = endless

    def lead_away(self, folder: Path, root: str) -> None:
        away = f"<href>{root}/ada/".encode()
        self.at(folder).twist = lambda _asked, reply: replace(reply, body=reply.body.replace(b"<href>/ada/", away))

    def forget_cursors(self, folder: Path) -> None:
        """Tokens given so far are good no longer."""
        old = len(self.at(folder).server.asked)
        given: set[bytes] = set()

        def forgotten(asked: Asked, reply: Reply) -> Reply:
            token = re.search(rb"<d:sync-token>(.*?)</d:sync-token>", asked.body)
            if token and token.group(1) not in given:
                return Reply(b'<error xmlns="DAV:"><valid-sync-token/></error>', 403, kind="text/xml")
            return replace(reply, body=reply.body.replace(b"/ns/sync/", b"/ns/sync/%d-" % old))

        self.at(folder).twist = forgotten

    def withdraw(self, folder: Path, number: int) -> None:
        self.at(folder).put(str(number), written(number, "STATUS:CANCELLED"))
