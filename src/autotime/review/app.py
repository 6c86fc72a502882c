"""The desk on the screen: keys in, what the pure desk says out. Nothing is decided here.

The first frame is drawn before the store is opened. Whatever stands behind the desk is asked in one
thread of its own, in order, so a slow disk never stops a key and no two acts ever meet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from traceback import format_tb
from typing import ClassVar, TypeVar

from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from autotime.domain.errors import AutotimeError
from autotime.review import desk as looking
from autotime.review import keys, meant
from autotime.review.acts import Act
from autotime.review.desk import Desk
from autotime.review.meant import Meant
from autotime.review.view import Backend, DayView, Decided, opening_day
from autotime.review.widgets import DayList, Plain, drawn_day, head, key_line, last_word, plain, told

Result = TypeVar("Result")
OpenBackend = Callable[[], Backend]


class ReviewApp(App[None]):
    """One timekeeper's day. ``open_backend`` is called behind the first frame."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #head { height: 1; background: $panel; padding: 0 1; }
    #strip { height: 2; padding: 0 1; }
    DayList { height: 1fr; margin: 1 0 0 0; padding: 0 1; }
    #about { height: 40%; min-height: 6; border-top: solid $panel-lighten-2; padding: 0 1; }
    #said { height: auto; max-height: 3; padding: 0 1; }
    #keys { height: 1; background: $panel; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding(each.press, each.action, each.what) for each in keys.KEYS]

    def __init__(self, open_backend: OpenBackend, day: date | None = None) -> None:
        super().__init__()
        self._open_backend, self._asked_day = open_backend, day
        self._backend: Backend | None = None
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="behind-the-desk")
        self._asking = False
        self.desk: Desk | None = None

    def compose(self) -> ComposeResult:
        yield Plain(plain("autotime · opening…"), id="head")
        yield Plain(id="strip")
        yield DayList(id="day")
        with VerticalScroll(id="about", can_focus=False):
            yield Plain(id="detail")
        yield Plain(id="said")
        yield Plain(id="keys")

    def on_mount(self) -> None:
        self.query_one(DayList).focus()
        self.call_after_refresh(self._begin)

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    @work
    async def _begin(self) -> None:
        """Opens what stands behind; without it there is no desk, and the command says why."""
        try:
            view = await self.behind(self._first_day)
        except AutotimeError as error:
            self.exit(return_code=error.exit_code, message=Text(_why(error)))
            return
        self._show(Desk(view))

    def _first_day(self) -> DayView:
        self._backend = self._open_backend()
        day = self._asked_day or opening_day(self._backend.days(), self._backend.today())
        return self._backend.day(day)

    async def behind(self, call: Callable[..., Result], *given: object) -> Result:
        """What a call behind the desk answers; calls keep their order, and are made even if the desk is left."""
        import asyncio  # noqa: PLC0415 - Textual runs it already

        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._hand, call, *given))

    def on_unmount(self) -> None:
        if self._backend:
            self._hand.submit(self._backend.close)
        self._hand.shutdown()

    # --- showing ---

    def _show(self, desk: Desk | None = None) -> None:
        self.desk = desk or self.desk
        if self.desk is None:
            return
        width = max(self.size.width - 2, 20)
        self.query_one("#head", Plain).show(head(self.desk, width))
        self.query_one("#strip", Plain).show(drawn_day(self.desk, width))
        self.query_one(DayList).show(self.desk)
        self.query_one("#detail", Plain).show(told(self.desk))
        self.query_one("#said", Plain).show(last_word(self.desk))
        self.query_one("#keys", Plain).show(key_line(width))

    def change(self, change: Callable[[Desk], Desk]) -> None:
        """Shows what a pure change makes of the desk."""
        if self.desk:
            self._show(change(self.desk))
            self.query_one("#about", VerticalScroll).scroll_home(animate=False)

    def on_day_list_chosen(self, event: DayList.Chosen) -> None:
        self.change(lambda desk: looking.at(desk, event.key))

    # --- looking around ---

    def action_move(self, steps: int) -> None:
        self.change(lambda desk: looking.moved(desk, steps))

    def action_mark(self) -> None:
        self.change(looking.marked)

    def action_clear(self) -> None:
        self.change(looking.unmarked)

    def action_reorder(self) -> None:
        self.change(looking.reordered)

    def action_scroll_detail(self, lines: int) -> None:
        self.query_one("#about", VerticalScroll).scroll_relative(y=lines, animate=False)

    @work
    async def action_ask(self, what: str) -> None:
        """Opens a window about the desk as it stands; one at a time, however fast the keys come."""
        if self.desk is None or self._backend is None or self._asking:
            return
        from autotime.review.asking import ask  # noqa: PLC0415 - the windows wait until one is opened

        self._asking = True
        try:
            await ask(self, what, self.desk, self._backend)
        finally:
            self._asking = False

    # --- days ---

    @work
    async def action_day(self, step: int) -> None:
        """The next day that holds something, in this direction; beyond the last, simply the next."""
        if self.desk is None:
            return
        here = self.desk.view.day
        others = [day for day in self.desk.view.days if (day > here) is (step > 0) and day != here]
        await self.go((min if step > 0 else max)(others, default=here + timedelta(days=step)))

    @work
    async def action_reload(self) -> None:
        if self.desk:
            await self.go(self.desk.view.day, "looked again")

    async def go(self, day: date, message: str = "", *, trouble: bool = False) -> None:
        view = await self._seen(day)
        if view:
            self.change(lambda desk: looking.said(looking.seen(desk, view), message, trouble))

    async def _seen(self, day: date) -> DayView | None:
        """A day as it stands; ``None``, and a word on the screen, where it cannot be read."""
        assert self._backend is not None, "a desk has something behind it"  # noqa: S101
        try:
            return await self.behind(self._backend.day, day)
        except AutotimeError as error:
            self.refuse(error)
            return None

    def refuse(self, error: AutotimeError) -> None:
        self.change(lambda desk: looking.refused(desk, error))

    # --- changing and deciding ---

    def action_nudge(self, increments: int) -> None:
        self.change(lambda desk: meant.nudged(desk, increments))

    def action_unchange(self) -> None:
        self.change(meant.unchanged)

    def action_accept(self) -> None:
        self.mean(meant.accept)

    def action_defer(self) -> None:
        self.mean(meant.defer)

    def action_undo(self) -> None:
        self.mean(meant.undo)

    def mean(self, key: Callable[[Desk], Meant]) -> None:
        """Shows what a key means, and has its acts carried out behind the desk."""
        if self.desk is None:
            return
        intended = key(self.desk)
        self._show(intended.desk)
        if intended.acts:
            self._carry_out(intended.acts)

    @work
    async def _carry_out(self, acts: Sequence[Act]) -> None:
        decided, error = await self.behind(self._decide, acts)
        if self.desk is None:
            return
        undone = next((one.day for one in reversed(decided) if one.undone), None)
        view = await self._seen(undone or self.desk.view.day)
        if view is None:
            return
        if error:
            self.change(lambda desk: meant.failed(desk, acts, view, decided, error))
        else:
            self.change(lambda desk: meant.settled(desk, acts, view, decided))

    def _decide(self, acts: Sequence[Act]) -> tuple[list[Decided], AutotimeError | None]:
        """Act by act, until one is refused; what was decided before it stands."""
        assert self._backend is not None, "a desk has something behind it"  # noqa: S101
        decided: list[Decided] = []
        for each in acts:
            try:
                decided.append(self._backend.decide(each))
            except AutotimeError as error:
                return decided, error
        return decided, None

    # --- when something breaks ---

    def _handle_exception(self, error: Exception) -> None:
        """Leaves without showing what variables held: that may be privileged."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        where = "".join(format_tb(error.__traceback__))
        self.panic(Text(f"{where}{type(error).__name__}\nautotime met a defect. What was approved is stored."))


def _why(error: AutotimeError) -> str:
    """What went wrong, what is safe, and the command to run next."""
    return "\n".join(part for part in (str(error), error.kept, f"next: {error.hint}" if error.hint else "") if part)


def run_desk(open_backend: OpenBackend, day: date | None = None) -> None:
    """Opens the desk and stays until it is left. The exit code is that of what went wrong."""
    app = ReviewApp(open_backend, day)
    app.run()
    if app.return_code:
        raise SystemExit(app.return_code)
