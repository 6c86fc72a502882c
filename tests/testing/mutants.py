"""Collectors that each break one promise: what their makers might have thought good enough."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from autotime.domain.doors import CollectContext
from autotime.domain.errors import SignInNeeded, SourceUnavailable
from autotime.domain.evidence import Batch, Evidence, Quarantined, SyncCursor
from autotime.web import Answer, Answered, Manners, Web

from .notes import NotesCollector

END = {"value": [], "held": 1, "cursor": "changes?since=0"}
"""What a careless collector makes of a page it could not read: the end."""


class BelievesTheEnd(NotesCollector):
    """Whatever goes wrong on the wire is the end of the list."""

    def page(self, web: Web, where: str) -> dict[str, Any]:
        try:
            return super().page(web, where)
        except SourceUnavailable:
            return {**END, "cursor": f"{where}&since=99"}


class TakesAnyShape(NotesCollector):
    """No look at what a page is."""

    def page(self, web: Web, where: str) -> dict[str, Any]:
        page = web.get(where).json()
        return {**END, **(page if isinstance(page, dict) else {})}


class Crowds(NotesCollector):
    """Each reader counts for itself how many ask."""

    def web(self) -> Web:
        return Web(self.root, self.authorise, Manners(service=f"notes {id(self)}"), sleep=self.sleep)


class StopsAtNothing(NotesCollector):
    """An empty page is taken for the last."""

    def page(self, web: Web, where: str) -> dict[str, Any]:
        page = super().page(web, where)
        return page if page["value"] else {**END, **page, "cursor": where}


class CountsItems(NotesCollector):
    """Keys are places on a page."""

    def item(self, change: dict[str, Any]) -> Evidence | Quarantined:
        item, self.number = super().item(change), getattr(self, "number", 0) + 1
        return replace(item, key=f"{item.key} {self.number}") if isinstance(item, Evidence) else item


class TurnsForEver(NotesCollector):
    """No memory of the links followed."""

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        where = self.begin(cursor)
        with self.web() as web:
            while True:
                page = self.page(web, where)
                where = page.get("next") or page["cursor"]
                yield self.batch(page, where, context)
                if "cursor" in page:
                    return


class NeverForgets(NotesCollector):
    """An expired cursor is trouble, run after run."""

    def understood(self, no: Answered) -> Any:
        return no if no.status == 410 else super().understood(no)


class TrustsItsCursor(NotesCollector):
    """What stands in the store is what it wrote."""

    def begin(self, cursor: SyncCursor | None) -> str:
        return str(json.loads(cursor.value)["notes"]) if cursor else "changes"


class RunsAhead(NotesCollector):
    """The first page's cursor speaks of all pages."""

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        pages = list(super().collect(cursor, context))
        yield from (replace(page, cursor=pages[-1].cursor) for page in pages)


class LeavesALock(NotesCollector):
    """A file says that somebody is at work."""

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        lock = self.kept.with_name("lock")
        if lock.exists():
            raise SourceUnavailable("somebody else reads this source", hint="wait for them")
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
        yield from super().collect(cursor, context)
        lock.unlink()


class NeverWithdraws(NotesCollector):
    def batch(self, page: dict[str, Any], where: str, context: CollectContext) -> Batch:
        return replace(super().batch(page, where, context), withdrawn=())


class WithdrawsAll(NotesCollector):
    """One item that is gone takes its neighbours with it."""

    def batch(self, page: dict[str, Any], where: str, context: CollectContext) -> Batch:
        batch = super().batch(page, where, context)
        gone = any("gone" in change for change in page["value"])
        return replace(batch, withdrawn=tuple(f"n{number}" for number in range(9)) if gone else ())


class MarksAsRead(NotesCollector):
    def page(self, web: Web, where: str) -> dict[str, Any]:
        page = super().page(web, where)
        web.send("PATCH", "changes")
        return page


class AsksOnce(NotesCollector):
    manners: ClassVar[Manners] = Manners(attempts=1)


class NeverGivesUp(NotesCollector):
    manners: ClassVar[Manners] = Manners(attempts=200, patience=10**9)


class Impatient(NotesCollector):
    """It sleeps a second, whatever it is told."""

    def web(self) -> Web:
        return Web(self.root, self.authorise, self.manners, sleep=lambda _seconds: self.sleep(1))


class Overdoes(NotesCollector):
    """It sleeps ten times as long."""

    def web(self) -> Web:
        return Web(self.root, self.authorise, self.manners, sleep=lambda seconds: self.sleep(10 * seconds))


class SkipsWhatFails(NotesCollector):
    """One error, and the page is left out for good."""

    manners: ClassVar[Manners] = Manners(attempts=1)

    def page(self, web: Web, where: str) -> dict[str, Any]:
        try:
            return super().page(web, where)
        except SourceUnavailable:
            return {**END, "next": "changes?since=4&size=2"}


class JudgesByTheServersClock(NotesCollector):
    def page(self, web: Web, where: str) -> dict[str, Any]:
        page = super().page(web, where)
        return {**page, "value": []} if web.skew else page


class SaysNothing(NotesCollector):
    """A source that is not there has nothing new."""

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        try:
            yield from super().collect(cursor, context)
        except SourceUnavailable:
            return


class SaysTooMuch(NotesCollector):
    """Its trouble names the address."""

    def page(self, web: Web, where: str) -> dict[str, Any]:
        try:
            return super().page(web, where)
        except SourceUnavailable as trouble:
            raise SourceUnavailable(f"{web.url(where)}: {trouble}", hint=trouble.hint) from None


@dataclass
class Naive:
    """A client that follows any link and always shows its token."""

    collector: NotesCollector
    skew: int = 0

    def get(self, where: str) -> Answer:
        whole = where if where.startswith("http") else f"{self.collector.root}/{where}"
        asked = urllib.request.Request(whole, headers=dict(self.collector.authorise(False)))  # noqa: S310
        try:
            with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310
                return Answer(answer.status, {}, answer.read())
        except OSError:
            raise SourceUnavailable("no answer", hint="later") from None

    def __enter__(self) -> Naive:
        return self

    def __exit__(self, *_: object) -> None: ...


class FollowsAnyLink(NotesCollector):
    def web(self) -> Any:
        return Naive(self)


class RenewsNothing(NotesCollector):
    """The first 401 ends the run."""

    def web(self) -> Web:
        token = self.authorise(False)

        class Bearing(Web):
            def get(self, where: str, params: Any = None, headers: Any = None) -> Answer:
                return super().get(where, params, {**(headers or {}), **token})

        return Bearing(self.root, manners=self.manners, sleep=self.sleep)


class AlwaysRenews(NotesCollector):
    """A refused token is fetched again and again, with pauses, as if the service were busy."""

    manners: ClassVar[Manners] = Manners(throttled=lambda answer: answer.status == 401)


class NeverAsksForASignIn(NotesCollector):
    """A refused token is one more trouble that will pass."""

    def understood(self, no: Answered) -> Any:
        return no if no.status == 401 else super().understood(no)


class Forgetful(NotesCollector):
    """A busy token service is taken for a sign-in that has ended."""

    def authorise(self, fresh: bool) -> Mapping[str, str]:
        try:
            return super().authorise(fresh)
        except SourceUnavailable:
            raise SignInNeeded("sign in again", hint="autotime connect") from None
