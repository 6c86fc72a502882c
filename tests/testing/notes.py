"""An invented service of notes, and an honest collector of them over ``autotime.web``: as small as may be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from autotime.domain.doors import CollectContext
from autotime.domain.errors import AutotimeError, CursorExpired, SignInNeeded, SourceUnavailable, SuddenlyEmpty
from autotime.domain.evidence import Batch, Evidence, Kind, Quarantined, SyncCursor
from autotime.intake import untrusted
from autotime.testing import Loopback, RemoteContract
from autotime.testing.collectors import instant
from autotime.testing.server import Asked, Reply
from autotime.web import Answered, Manners, Web, asked_for


class Notes(Loopback):
    """``GET /v1/changes?since=3&size=2&era=1`` gives changes from the third on, and where to go on; ``POST
    /v1/token`` a token. ``odd`` is what is wrong with its pages."""

    def __init__(self) -> None:
        super().__init__(self.route)
        self.changes: list[dict[str, Any]] = []
        self.era = self.tokens = 0
        self.odd = ""
        self.away = ""

    def route(self, asked: Asked) -> Reply:
        if asked.path == "/v1/token":
            self.tokens += 1
            return Reply({"token": f"token-{self.tokens}"})
        if not asked.headers.get("authorization", "").startswith("Bearer token-"):
            return Reply({}, 401)
        if asked.method != "GET":
            return Reply({})
        since, size, era = (int(asked.query.get(name, 0)) for name in ("since", "size", "era"))
        if era != self.era and since:
            return Reply({"error": {"code": "expired"}}, 410)
        return Reply(self.page(since, size or 2))

    def page(self, since: int, size: int) -> dict[str, Any]:
        first = max(0, since - 1) if self.odd == "repeat" else since
        last = since + size
        page = {"value": self.changes[first:last], "held": len(self.held)}
        if self.odd == "empty" and since == 2:
            self.odd = ""
            return {**page, "value": [], "next": f"{self.link(2, size)}&again=1"}
        if last < len(self.changes):
            return {**page, "next": self.link(0 if self.odd == "loop" else last, size)}
        return {**page, "cursor": self.link(len(self.changes), size)}

    def link(self, since: int, size: int) -> str:
        return f"{self.away or self.url}/v1/changes?since={since}&size={size}&era={self.era}"

    @property
    def held(self) -> dict[str, dict[str, Any]]:
        last = {change["id"]: change for change in self.changes}
        return {name: change for name, change in last.items() if "gone" not in change}

    def hold(self, numbers: Sequence[int]) -> None:
        wanted = {f"n{number}": number for number in numbers}
        self.changes += [{"id": name, "gone": "deleted"} for name in self.held if name not in wanted]
        new = {name: number for name, number in wanted.items() if name not in self.held}
        self.changes += [{"id": name, "at": instant(n), "text": f"note no. {n}"} for name, n in new.items()]


@dataclass
class NotesCollector:
    """Follows the changes, page by page; its cursor is the link to what comes next."""

    account: str
    root: str
    sleep: Callable[[float], None]
    kept: Path
    """Where the token is kept."""
    source: str = "notes"
    manners: ClassVar[Manners] = Manners()

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        where, seen = self.begin(cursor), set[str]()
        with self.web() as web:
            while where not in seen:
                seen.add(where)
                page = self.page(web, where)
                if cursor and not page["held"]:
                    raise SuddenlyEmpty(f"«{self.account}» is empty now", hint="if that is right, remove the source")
                where = page.get("next") or page["cursor"]
                yield self.batch(page, where, context)
                if "cursor" in page:
                    return
        raise SourceUnavailable("the pages lead in a circle", hint="the next run tries again")

    def web(self) -> Web:
        return Web(self.root, self.authorise, self.manners, sleep=self.sleep)

    def begin(self, cursor: SyncCursor | None) -> str:
        try:
            return str(json.loads(cursor.value)["notes"]) if cursor else "changes"
        except (ValueError, TypeError, LookupError, RecursionError):
            return "changes"

    def page(self, web: Web, where: str) -> dict[str, Any]:
        try:
            page = web.get(where).json()
        except Answered as no:
            raise self.understood(no) from None
        if not (
            isinstance(page, dict) and isinstance(page.get("value"), list) and ("next" in page) != ("cursor" in page)
        ):
            raise SourceUnavailable("that is no page of notes", hint="the next run tries again")
        return page

    def understood(self, no: Answered) -> AutotimeError:
        again = SignInNeeded("the sign-in has ended", hint=f'autotime connect "{self.account}"')
        expired = CursorExpired("the notes begin anew", hint="the next run reads them again")
        return {401: again, 410: expired}.get(asked_for(no), no)

    def batch(self, page: dict[str, Any], where: str, context: CollectContext) -> Batch:
        items = [self.item(change) for change in page["value"] if "gone" not in change]
        return Batch(
            tuple(item for item in items if isinstance(item, Evidence) and context.window.contains(item.at)),
            SyncCursor(json.dumps({"notes": where})),
            withdrawn=tuple(change["id"] for change in page["value"] if change.get("gone") == "withdrawn"),
            quarantined=tuple(item for item in items if isinstance(item, Quarantined)),
        )

    def item(self, change: dict[str, Any]) -> Evidence | Quarantined:
        if not isinstance(change.get("at"), int):
            return Quarantined(change["id"], "it has no time")
        text = untrusted(change["text"], 300)
        return Evidence(
            account=self.account,
            source=self.source,
            key=change["id"],
            kind=Kind.DOCUMENT,
            at=change["at"],
            own=True,
            subject=text,
        )

    def authorise(self, fresh: bool) -> Mapping[str, str]:
        if fresh or not self.kept.exists():
            with Web(self.root, sleep=self.sleep) as web:
                token = web.ask("POST", "token").json()
            if not isinstance(token, dict) or not isinstance(token.get("token"), str):
                raise SourceUnavailable("that is no token", hint="the next run tries again")
            self.kept.parent.mkdir(parents=True, exist_ok=True)
            self.kept.write_text(token["token"])
        return {"Authorization": f"Bearer {self.kept.read_text()}"}


class NotesContract(RemoteContract):
    """The contract, as the maker of this collector would subclass it."""

    made: type[NotesCollector] = NotesCollector

    def serve(self, folder: Path) -> Notes:
        return Notes()

    def at(self, folder: Path) -> Notes:
        found = super().at(folder)
        assert isinstance(found, Notes)
        return found

    def collector(self, folder: Path) -> NotesCollector:
        return self.made("notes", f"{self.at(folder).url}/v1", self.sleep, folder / "token")

    def write(self, folder: Path, numbers: Sequence[int]) -> None:
        self.at(folder).hold(numbers)

    def spoil(self, folder: Path) -> None:
        self.at(folder).changes.append({"id": "torn", "at": "noon", "text": "torn"})

    def clear(self, folder: Path) -> None:
        self.at(folder).changes.clear()

    def held(self, folder: Path) -> object:
        return list(self.at(folder).changes)

    def empty_page(self, folder: Path) -> None:
        self.at(folder).odd = "empty"

    def repeat_page(self, folder: Path) -> None:
        self.at(folder).odd = "repeat"

    def loop_page(self, folder: Path) -> None:
        self.at(folder).odd = "loop"

    def lead_away(self, folder: Path, root: str) -> None:
        self.at(folder).away = root

    def forget_cursors(self, folder: Path) -> None:
        self.at(folder).era += 1

    def withdraw(self, folder: Path, number: int) -> None:
        self.at(folder).changes.append({"id": f"n{number}", "gone": "withdrawn"})
