"""Adapters of the ledger that each break one promise: what their makers might have thought good enough."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from autotime.billing.once import once
from autotime.domain.delivery import Remote
from autotime.domain.doors import Payload
from autotime.domain.errors import (
    AutotimeError,
    InDoubt,
    NotDelivered,
    Refused,
    SignInNeeded,
    SourceUnavailable,
)
from autotime.testing.server import Asked, Reply
from autotime.testing.systems.ledger import Ledger
from autotime.testing.systems.ledger_biller import LedgerBiller, remote

Told = Mapping[str, str | int]


class PostsTwice(LedgerBiller):
    """No answer, so once more."""

    def create(self, payload: Payload) -> Remote:
        try:
            return super().create(payload)
        except InDoubt:
            return super().create(payload)


class PostsUntilItWorks(LedgerBiller):
    """As an ordinary client does with 429."""

    def create(self, payload: Payload) -> Remote:
        try:
            return super().create(payload)
        except NotDelivered:
            return super().create(payload)


class LosesText(LedgerBiller):
    """The column there is short, is it not?"""

    def told(self, payload: Payload) -> Told:
        told = super().told(payload)
        return {**told, "text": str(told["text"])[:255]}


class LosesLines(LedgerBiller):
    def told(self, payload: Payload) -> Told:
        told = super().told(payload)
        return {**told, "text": " ".join(str(told["text"]).split())}


class SaysOneThingAndSendsAnother(LedgerBiller):
    def create(self, payload: Payload) -> Remote:
        return super().create({**payload, "rate": ""})


class RoundsUp(LedgerBiller):
    """Quarters of an hour."""

    def told(self, payload: Payload) -> Told:
        return {**super().told(payload), "seconds": -(-int(payload["billed_minutes"]) // 15) * 900}


class SaysNothingIsLost(LedgerBiller):
    def drops(self, payload: Payload) -> tuple[str, ...]:
        return ()


class SaysAllIsLost(LedgerBiller):
    def drops(self, payload: Payload) -> tuple[str, ...]:
        return (*super().drops(payload), "task_code")


class RefusesNothing(LedgerBiller):
    """The system will say."""

    def refuse(self, payload: Payload) -> str:
        return ""


class RefusesCurtly(LedgerBiller):
    def refuse(self, payload: Payload) -> str:
        return "no" if super().refuse(payload) else ""


class RefusesWithTheText(LedgerBiller):
    def refuse(self, payload: Payload) -> str:
        said = super().refuse(payload)
        return said and f"{said}: {payload['narrative']}"


class IgnoresTheSignIn(LedgerBiller):
    """It will be better tomorrow."""

    def create(self, payload: Payload) -> Remote:
        try:
            return super().create(payload)
        except SignInNeeded:
            raise NotDelivered("not now", hint="later") from None


class TakesDoubtForNo(LedgerBiller):
    def create(self, payload: Payload) -> Remote:
        try:
            return super().create(payload)
        except InDoubt as doubt:
            raise Refused(str(doubt)) from None


class TakesBusyForNo(LedgerBiller):
    def create(self, payload: Payload) -> Remote:
        try:
            return super().create(payload)
        except NotDelivered as busy:
            raise Refused(str(busy)) from None


class ForgetsTheWait(LedgerBiller):
    def create(self, payload: Payload) -> Remote:
        try:
            return super().create(payload)
        except NotDelivered as busy:
            raise NotDelivered(str(busy), hint=busy.hint) from None


class BelievesAPage(LedgerBiller):
    """200 is 200."""

    def create(self, payload: Payload) -> Remote:
        answer = self.web.send(
            "POST", "entries", {"Content-Type": "application/json"}, json.dumps(self.told(payload)).encode()
        )
        try:
            return remote(answer.json())
        except (AutotimeError, KeyError, TypeError, ValueError):
            return Remote(id="?", timekeeper="", matter="", day=_day(payload), seconds=None)


class QuotesTheServer(LedgerBiller):
    def create(self, payload: Payload) -> Remote:
        def why(answer: Any) -> str:
            return str(answer.json())

        return once(self.web, "POST", "entries", self.told(payload), read=remote, why=why)


class ShowsTheToken(LedgerBiller):
    def present(self, payloads: Sequence[Payload]) -> list[Remote]:
        try:
            return super().present(payloads)
        except SourceUnavailable as trouble:
            raise SourceUnavailable(f"{trouble} {self.web.authorise(False)}", hint="look") from None


class TakesTroubleForNothing(LedgerBiller):
    """Nothing was found."""

    def present(self, payloads: Sequence[Payload]) -> list[Remote]:
        try:
            return super().present(payloads)
        except SourceUnavailable:
            return []


class TakesTroubleForGone(LedgerBiller):
    def read(self, remote_id: str) -> Remote | None:
        try:
            return super().read(remote_id)
        except SourceUnavailable:
            return None


class NeverFindsItGone(LedgerBiller):
    def read(self, remote_id: str) -> Remote | None:
        return remote(self.web.get(f"entries/{remote_id}").json())


class ReadsOnePage(LedgerBiller):
    def _listed(self, asked: Mapping[str, str]) -> Any:
        return (remote(one) for one in self.web.get("entries", asked).json()["entries"])


class TurnsInCircles(LedgerBiller):
    """Follows every link, and each page is believed."""

    def _listed(self, asked: Mapping[str, str]) -> Any:
        page = self.web.get("entries", asked).json()
        for _ in range(100):
            yield from map(remote, page["entries"])
            if not page["next"]:
                return
            page = self.web.get(page["next"]).json()


class StopsQuietlyInACircle(LedgerBiller):
    def _listed(self, asked: Mapping[str, str]) -> Any:
        try:
            yield from super()._listed(asked)
        except SourceUnavailable:
            return


class FollowsAnyLink(LedgerBiller):
    def _listed(self, asked: Mapping[str, str]) -> Any:
        page = self.web.get("entries", asked).json()
        while page["next"]:
            yield from map(remote, page["entries"])
            headers = dict(self.web.authorise(False))
            page = self.web._carrier.fetch("GET", page["next"], headers, None, 1 << 20).json()
        yield from map(remote, page["entries"])


class AsksForEach(LedgerBiller):
    """One request for each entry."""

    def present(self, payloads: Sequence[Payload]) -> list[Remote]:
        found = {one.id: one for payload in payloads for one in super(AsksForEach, self).present([payload])}
        return list(found.values())


class AsksForNothing(LedgerBiller):
    def present(self, payloads: Sequence[Payload]) -> list[Remote]:
        return super().present(payloads) if payloads else [*self._listed({"user": "U1", "from": "1", "to": "9"})]


class SleepsItself(LedgerBiller):
    def present(self, payloads: Sequence[Payload]) -> list[Remote]:
        time.sleep(0.1)
        return super().present(payloads)


class InventsTime(LedgerBiller):
    """Hidden hours are none."""

    def present(self, payloads: Sequence[Payload]) -> list[Remote]:
        return [replace(one, seconds=one.seconds or 0) for one in super().present(payloads)]


class NeedsNoId(LedgerBiller):
    def create(self, payload: Payload) -> Remote:
        return once(self.web, "POST", "entries", self.told(payload), read=lambda it: remote({"id": "None", **it}))


class NeverRenews(LedgerBiller):
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        usual = self.web.authorise
        self.web.authorise = lambda _fresh: usual(False)


class AlwaysRenews(LedgerBiller):
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        usual = self.web.authorise
        self.web.authorise = lambda _fresh: usual(True)


class ForgetsBilled(LedgerBiller):
    """The system will see to it."""

    def change(self, there: Remote, payload: Payload) -> Remote:
        return super().change(replace(there, billed=False), payload)

    def remove(self, there: Remote) -> None:
        super().remove(replace(there, billed=False))


class ForgetsTheVersion(LedgerBiller):
    """Whatever it is now."""

    def change(self, there: Remote, payload: Payload) -> Remote:
        return super().change(self.read(there.id) or there, payload)

    def remove(self, there: Remote) -> None:
        super().remove(self.read(there.id) or there)


class ChangesAgain(LedgerBiller):
    def change(self, there: Remote, payload: Payload) -> Remote:
        try:
            return super().change(there, payload)
        except InDoubt:
            return super().change(self.read(there.id) or there, payload)


class RemovesNothing(LedgerBiller):
    def remove(self, there: Remote) -> None:
        """Done, is it not?"""


class ChangesByAddingOne(LedgerBiller):
    def change(self, there: Remote, payload: Payload) -> Remote:
        return self.create(payload)


def blind_to(**hidden: Any) -> type[LedgerBiller]:
    """An adapter for which entries that differ in one field only are the same."""

    class Blind(LedgerBiller):
        def same(self, payload: Payload, remote: Remote) -> bool:
            ours = self._as_theirs(payload)
            return super().same(payload, replace(remote, **{name: getattr(ours, name) for name in hidden}))

        def _as_theirs(self, payload: Payload) -> Remote:
            told = self.told(payload)
            return Remote(
                id="",
                timekeeper=str(told["user"]),
                matter=str(told["matter"]),
                day=_day(payload),
                seconds=int(told["seconds"]),
                narrative=str(told["text"]),
            )

    return Blind


class GivesUpAtOnce(LedgerBiller):
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.web.manners = replace(self.web.manners, attempts=1)


class RefusesAll(LedgerBiller):
    def refuse(self, payload: Payload) -> str:
        return "not today: autotime push tomorrow"


class KnowsNothing(LedgerBiller):
    def same(self, payload: Payload, remote: Remote) -> bool:
        return False


class Trusting(Ledger):
    """A ledger that lets anybody change what is billed, and looks at no version."""

    def answer(self, asked: Asked) -> Reply:
        one = self.held(asked.path.rpartition("/")[2])
        if one is None or asked.method not in ("PUT", "DELETE"):
            return super().answer(asked)
        if asked.method == "DELETE":
            self.entries.remove(one)
            return Reply(b"", 204)
        return Reply(self._stored(one["id"], **asked.json()))


def _day(payload: Payload) -> date:
    return date.fromisoformat(str(payload["day"]))
