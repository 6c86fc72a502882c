"""A desk on an invisible terminal: keys in, the text of the screen out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from textual.pilot import Pilot

from autotime.office import Office
from autotime.review.app import ReviewApp
from autotime.review.desk import Desk
from autotime.review.view import Backend
from autotime.review.widgets import Plain
from tests.review import day


@dataclass
class Screen:
    app: ReviewApp
    pilot: Pilot[None]

    async def press(self, *keys: str) -> None:
        """Keys, one after the other, and what they lead to behind the desk."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        await self.press(*("space" if letter == " " else letter for letter in text))

    async def settle(self) -> None:
        """Until nothing behind the desk is under way. A window that waits for an answer is a worker too."""
        await self.pilot.pause()
        self.app._hand.submit(lambda: None).result()
        await self.pilot.pause()
        self.app._hand.submit(lambda: None).result()
        await self.pilot.pause()

    @property
    def desk(self) -> Desk:
        assert self.app.desk is not None
        return self.app.desk

    @property
    def lines(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def problem(self) -> str:
        """What the window on top says is wrong."""
        return str(self.app.screen.query_one("#problem", Plain).render())

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


@asynccontextmanager
async def desk_of(
    here: Office, size: tuple[int, int] = (140, 40), behind: Callable[[Office], Backend] = day.backend
) -> AsyncIterator[Screen]:
    app = ReviewApp(lambda: behind(here), day.DAY)
    async with app.run_test(size=size) as pilot:
        screen = Screen(app, pilot)
        await screen.settle()
        yield screen
