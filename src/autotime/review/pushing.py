"""Approved time out, window by window: asked for, tried dry, agreed to, delivered, told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autotime.domain.delivery import Delivery
from autotime.domain.errors import AutotimeError
from autotime.review import desk as looking
from autotime.review.desk import Desk
from autotime.review.pushed import done_lines, foretold_lines, losses, question, summary, troubled
from autotime.review.screens.parts import Read
from autotime.review.screens.push import Foretold, Losses, PushForm, Watch
from autotime.review.view import Backend, Pushed

if TYPE_CHECKING:
    from autotime.review.app import ReviewApp


async def push(app: ReviewApp, desk: Desk, backend: Backend) -> None:
    """What was typed comes back where it cannot be done, or is not agreed to; nothing is delivered before a yes."""
    targets, today = await app.behind(backend.targets), await app.behind(backend.today)
    asked, trouble = None, ""
    while True:
        asked = await app.push_screen_wait(PushForm(desk.view, targets, today, asked, trouble))
        if asked is None:
            return
        try:
            agreed = await _agreed(app, desk, backend, asked)
            if agreed is not None:
                await _deliver(app, desk, backend, asked, agreed)
                return
            trouble = ""
        except AutotimeError as error:
            trouble = looking.refused(desk, error).message.text


async def _agreed(app: ReviewApp, desk: Desk, backend: Backend, asked: Delivery) -> Sequence[str] | None:
    """The fields a person agrees to lose, where the push is wanted as it was foretold; ``None``: it is not."""
    agreed: tuple[str, ...] = ()
    foretold = await _tried(app, backend, asked, agreed)
    if foretold.losing:
        said = await app.push_screen_wait(Losses(f"Some of it has no place in {asked.target}", losses(foretold)))
        if said is None:
            return None
        if said:
            agreed = tuple(foretold.losing)
            foretold = await _tried(app, backend, asked, agreed)
    brief, in_full = (foretold_lines(foretold, desk.view.books, full) for full in (False, True))
    title = question(foretold)
    if not title:
        await app.push_screen_wait(Read(f"Nothing goes to {asked.target}", brief))
        return None
    return agreed if await app.push_screen_wait(Foretold(title, brief, in_full)) else None


async def _tried(app: ReviewApp, backend: Backend, asked: Delivery, agreed: Sequence[str]) -> Pushed:
    app.change(lambda now: looking.said(now, f"asking what a push to {asked.target} would do…"))
    try:
        return await app.behind(lambda: backend.push(asked, dry_run=True, agreed=agreed))
    finally:
        app.change(lambda now: looking.said(now, ""))


async def _deliver(app: ReviewApp, desk: Desk, backend: Backend, asked: Delivery, agreed: Sequence[str]) -> None:
    watch = Watch(asked.target)

    def far(_: str, done: int, of: int) -> None:
        watch.post_message(Watch.Far(done, of))

    await app.push_screen(watch)
    try:
        done = await app.behind(lambda: backend.push(asked, dry_run=False, agreed=agreed, progress=far))
    finally:
        if watch.is_attached:
            await watch.dismiss()
    await app.push_screen_wait(Read(f"Pushed to {asked.target}", done_lines(done, desk.view.books)))
    await app.go(desk.view.day, summary(done), trouble=troubled(done))
