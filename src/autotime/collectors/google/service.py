"""Google's own client over ``autotime.web``: its requests and answers, our deadlines, host checks and patience.

A read is repeated by ``Web`` alone (Google's client ignores Retry-After and gives up at once over
``quotaExceeded``). Nothing here is thread-safe: one ``Google`` a thread and mailbox; close it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from autotime.collectors.google.app import App, scopes_of
from autotime.collectors.google.quota import Quota, api_of
from autotime.collectors.google.refusals import OFF, UNGRANTED, Missing, reasons_of, throttled, ungranted
from autotime.domain.errors import AutotimeError, SignInNeeded, SourceUnavailable
from autotime.web import Answer, Answered, Authorise, Manners, Network, Web
from autotime.web.client import AGENT

VERSIONS = {"gmail": "v1", "calendar": "v3", "drive": "v3", "driveactivity": "v2", "meet": "v2"}
TRIES = 6
PAGES_CAP = 20_000

Call = Any
"""A request of Google's client that has not been sent."""


class Google:
    """The way to Google for one mailbox: a client for each API, one quota for all.

    ``authorise(api)`` gives the token of an API; ``account``, ``mode`` and ``page`` (how many items come at
    once) are the source's.
    """

    def __init__(
        self,
        app: App,
        authorise: Callable[[str], Authorise],
        *,
        account: str = "",
        mode: str = "text",
        page: int = 200,
        network: Network | None = None,
        quota: Quota | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.app, self.authorise = app, authorise
        self.account, self.mode, self.page = account, mode, page
        self.network, self.sleep = network, sleep
        self.quota = quota or Quota(app.units_per_minute, sleep=sleep)
        self._webs: dict[str, Web] = {}
        self._services: dict[str, Any] = {}

    def __enter__(self) -> Google:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for made in self._services.values():
            made.close()

    @property
    def skew(self) -> int:
        """Seconds Google's clock is ahead of this machine's; 0 while within five minutes."""
        return max((web.skew for web in self._webs.values()), key=abs, default=0)

    def service(self, api: str) -> Any:
        """Google's own client of an API: ``google.service("gmail").users()``…"""
        if api not in self._services:
            manners = Manners(service=f"google {api}", throttled=throttled)
            web = Web(self.app.root(api), self.authorise(api), manners, self.network, sleep=self.sleep)
            self._webs[api] = web
            self._services[api] = service(api, VERSIONS[api], web, self.app.endpoint(api))
        return self._services[api]

    def ask(self, call: Call) -> dict[str, Any]:
        """The answer to one call. ``Missing`` without the permission, ``Answered`` for another refusal."""
        self.quota.spend(call.methodId)
        try:
            answer = call.execute(num_retries=0)
        except Answered as refused:
            raise self._understood(refused, call) from None
        except (ValueError, RecursionError) as broken:
            raise unsound(type(broken).__name__) from None
        return _object(answer)

    def pages(self, call: Call, following: Callable[[Call, dict[str, Any]], Call | None]) -> Iterator[dict[str, Any]]:
        """Every page from ``call`` on; ``following`` is the client's own ``list_next``. A page may be empty."""
        seen: set[str] = set()
        now: Call | None = call
        while now is not None:
            uri, plain = now.uri, now.method == "GET"
            answer = self.ask(now)
            token = str(answer.get("nextPageToken") or "")
            if token in seen or len(seen) >= PAGES_CAP:
                raise SourceUnavailable("Google's pages come to no end", hint="the next run tries again")
            if token:
                seen.add(token)
            # list_next refuses a query with a repeated name (historyTypes, eventTypes), so a GET goes on by itself
            now = _on(now, uri, token) if plain else following(now, answer)
            yield answer

    def many(self, calls: Mapping[str, Call]) -> dict[str, dict[str, Any] | Answered]:
        """The answers to calls of one method, in as few requests as may be; a refusal stands where its call was.

        What Google's quota stopped is asked again; ``Missing`` where the permission is not there.
        """
        if len(calls) == 1:
            return {name: self._alone(call) for name, call in calls.items()}
        answers: dict[str, dict[str, Any] | Answered] = {}
        stopped: dict[str, Answered] = {}
        for attempt in range(TRIES):
            if attempt:
                self._pause(calls[next(iter(stopped))], next(iter(stopped.values())), attempt - 1)
            for some in _chunks({name: calls[name] for name in stopped or calls}, self.quota):
                answers |= self._batch(some)
            stopped = {name: told for name, told in answers.items() if isinstance(told, Answered) and _again(told)}
            if not stopped:
                return answers
        if len(stopped) < len(calls) and all(told.status >= 500 for told in stopped.values()):
            return answers  # the service is there, these few are broken
        raise _longer()

    def _pause(self, call: Call, refused: Answered, attempt: int) -> None:
        """Waits as the refusal asks; a token that was refused inside a batch is renewed, once."""
        web = self._webs[api_of(call.methodId)]
        if refused.status == 401:
            if attempt:
                raise self._understood(refused, call)
            web.authorise(True)
        elif not web.wait(refused.answer, attempt):
            raise _longer()

    def _alone(self, call: Call) -> dict[str, Any] | Answered:
        try:
            return self.ask(call)
        except Answered as refused:
            if _again(refused):
                raise
            return refused

    def _batch(self, calls: Mapping[str, Call]) -> dict[str, dict[str, Any] | Answered]:
        from googleapiclient.errors import Error  # noqa: PLC0415 - only who asks Google loads its client
        from googleapiclient.http import BatchHttpRequest  # noqa: PLC0415 - the same

        answers: dict[str, dict[str, Any] | Answered] = {}
        first = next(iter(calls.values()))
        api = api_of(first.methodId)

        def keep(name: str, answer: Any, refused: Any) -> None:
            answers[name] = _object(answer) if refused is None else self._inner(refused, calls[name])

        batch = BatchHttpRequest(callback=keep, batch_uri=self.app.batch(api))
        for name, call in calls.items():
            batch.add(call, request_id=name)
        self.quota.spend(first.methodId, len(calls))
        try:
            batch.execute(http=first.http)
        except Answered as no:
            raise self._understood(no, first) from None
        except (Error, ValueError, LookupError, TypeError, AttributeError, RecursionError) as broken:
            raise unsound(type(broken).__name__) from None
        return answers

    def _inner(self, refused: Any, call: Call) -> Answered:
        """A refusal inside a batch. ``Missing`` at once: it will be the same for all."""
        answer = Answer(int(refused.resp.status), {**refused.resp, "content-type": "application/json"}, refused.content)
        told = Answered(f"Google answered {answer.status} {answer.code}".rstrip(), answer, hint="autotime doctor")
        understood = told if answer.status == 401 else self._understood(told, call)
        if isinstance(understood, Answered):
            return understood
        raise understood

    def _understood(self, refused: Answered, call: Call) -> AutotimeError:
        if refused.status == 401:
            return SignInNeeded(
                f"Google does not take the sign-in of «{self.account}»", hint=f'autotime connect "{self.account}"'
            )
        api, reasons = api_of(call.methodId), reasons_of(refused.answer)
        if refused.status == 403 and reasons & UNGRANTED:
            return ungranted(self.account, scopes_of(api, self.mode))
        if refused.status in (400, 403) and reasons & OFF:
            return Missing(
                f"Google's {api} service is switched off for this mailbox or this project",
                hint="an administrator switches it on: docs/for-your-administrator.md",
            )
        return refused


def service(api: str, version: str, web: Web, endpoint: str) -> Any:
    """Google's client of an API, built from the description in its own package: no network is asked."""
    from googleapiclient.discovery import build  # noqa: PLC0415 - only who asks Google loads its client

    logging.getLogger("googleapiclient").setLevel(logging.CRITICAL)  # its warnings quote answers
    return build(
        api,
        version,
        http=Transport(web),
        static_discovery=True,
        cache_discovery=False,
        client_options={"api_endpoint": endpoint},
    )


class Transport:
    """What Google's client takes for an ``httplib2.Http``. Every request only reads, also a POST: ``Web.ask``."""

    def __init__(self, web: Web) -> None:
        self.web = web

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> tuple[Any, bytes]:
        """An ``httplib2.Response`` and the body; raises as ``Web.ask`` does, also for a refusal."""
        from httplib2 import Response  # noqa: PLC0415 - only who asks Google loads its client

        if method not in ("GET", "POST"):
            raise AssertionError(f"{method} is not a read")
        kept = {name: value for name, value in (headers or {}).items() if name.lower() not in _OURS}
        content = body.encode("utf-8") if isinstance(body, str) else body
        # Google packs its answers only for agents that say gzip
        answer = self.web.ask(method, uri, None, {**kept, "User-Agent": f"{AGENT} (gzip)"}, content)
        if not answer.headers.get("content-type", "").startswith("multipart/"):
            answer.json()
        return Response({**answer.headers, "status": str(answer.status)}), answer.body

    def close(self) -> None:
        self.web.close()


_OURS = ("user-agent", "accept-encoding", "content-length")


def _on(call: Call, uri: str, token: str) -> Call | None:
    """The same request for the next page."""
    if not token:
        return None
    parts = urlsplit(uri)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "pageToken"]
    following = copy(call)
    following.uri = urlunsplit(parts._replace(query=urlencode([*query, ("pageToken", token)])))
    return following


def unsound(what: str) -> SourceUnavailable:
    return SourceUnavailable(f"Google's answer is not sound ({what})", hint="the next run tries again")


def _again(refused: Answered) -> bool:
    return throttled(refused.answer) or refused.status == 401


def _longer() -> SourceUnavailable:
    return SourceUnavailable("Google asks to wait longer", hint="the next run tries again")


def _object(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise unsound("another shape")
    return answer


def _chunks(calls: Mapping[str, Call], quota: Quota) -> Iterator[dict[str, Call]]:
    names = list(calls)
    size = quota.at_once(calls[names[0]].methodId) if names else 1
    for first in range(0, len(names), size):
        yield {name: calls[name] for name in names[first : first + size]}
