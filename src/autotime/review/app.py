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

from autotime.domain.decisions import DismissReason
from autotime.domain.errors import AutotimeError
from autotime.review import desk as looking
from autotime.review import keys, meant, search, words
from autotime.review.acts import Act, Add, Edits, Merge
from autotime.review.desk import Desk
from autotime.review.forms import Fields, addition, edits_of, merged_fields, shown_fields
from autotime.review.lines import REASONS, bulk_line, led_to, pushed_lines, with_hint
from autotime.review.meant import Meant
from autotime.review.screens.entry import EntryForm
from autotime.review.screens.parts import Ask, Choose, Confirm, Pick, Read
from autotime.review.screens.push import PushForm
from autotime.review.screens.split import SplitForm
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
            view = await self._behind(self._first_day)
        except AutotimeError as error:
            self.exit(return_code=error.exit_code, message=Text(with_hint(error)))
            return
        self._show(Desk(view))

    def _first_day(self) -> DayView:
        self._backend = self._open_backend()
        day = self._asked_day or opening_day(self._backend.days(), self._backend.today())
        return self._backend.day(day)

    async def _behind(self, call: Callable[..., Result], *given: object) -> Result:
        """What a call behind the desk answers; calls keep their order."""
        import asyncio  # noqa: PLC0415 - Textual runs it already

        return await asyncio.get_running_loop().run_in_executor(self._hand, call, *given)

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

    def _with(self, change: Callable[[Desk], Desk]) -> None:
        """Shows what a pure change makes of the desk."""
        if self.desk:
            self._show(change(self.desk))
            self.query_one("#about", VerticalScroll).scroll_home(animate=False)

    def on_day_list_chosen(self, event: DayList.Chosen) -> None:
        self._with(lambda desk: looking.at(desk, event.key))

    # --- looking around ---

    def action_move(self, steps: int) -> None:
        self._with(lambda desk: looking.moved(desk, steps))

    def action_mark(self) -> None:
        self._with(looking.marked)

    def action_clear(self) -> None:
        self._with(looking.unmarked)

    def action_reorder(self) -> None:
        self._with(looking.reordered)

    def action_scroll_detail(self, lines: int) -> None:
        self.query_one("#about", VerticalScroll).scroll_relative(y=lines, animate=False)

    @work
    async def action_find(self) -> None:
        wanted = await self.push_screen_wait(Ask("Show rows with these words", self.desk.wanted if self.desk else ""))
        if wanted is not None:
            self._with(lambda desk: looking.narrowed(desk, wanted))

    @work
    async def action_help(self) -> None:
        await self.push_screen_wait(Read("Keys", [f"{each.shown:>9}  {each.what}" for each in keys.KEYS if each.what]))

    # --- days ---

    @work
    async def action_day(self, step: int) -> None:
        """The next day that holds something, in this direction; beyond the last, simply the next."""
        if self.desk is None:
            return
        here = self.desk.view.day
        others = [day for day in self.desk.view.days if (day > here) is (step > 0) and day != here]
        await self._go((min if step > 0 else max)(others, default=here + timedelta(days=step)))

    @work
    async def action_go(self) -> None:
        if self.desk is None or self._backend is None:
            return
        today, view = await self._behind(self._backend.today), self.desk.view
        picked = await self.push_screen_wait(Pick("Which day?", lambda typed: search.days(view, today, typed)))
        if picked:
            await self._go(date.fromisoformat(picked))

    @work
    async def action_reload(self) -> None:
        if self.desk:
            await self._go(self.desk.view.day, "looked again")

    async def _go(self, day: date, message: str = "") -> None:
        view = await self._seen(day)
        if view:
            self._with(lambda desk: looking.said(looking.seen(desk, view), message))

    async def _seen(self, day: date) -> DayView | None:
        """A day as it stands; ``None``, and a word on the screen, where it cannot be read."""
        assert self._backend is not None, "a desk has something behind it"  # noqa: S101
        try:
            return await self._behind(self._backend.day, day)
        except AutotimeError as error:
            self._refuse(error)
            return None

    def _refuse(self, error: AutotimeError) -> None:
        self._with(lambda desk: looking.refused(desk, error))

    # --- changing and deciding ---

    def action_nudge(self, increments: int) -> None:
        self._with(lambda desk: meant.nudged(desk, increments))

    def action_unchange(self) -> None:
        self._with(meant.unchanged)

    @work
    async def action_matter(self) -> None:
        desk = self.desk
        if desk is None or not desk.chosen:
            return
        about = desk.chosen[0] if len(desk.chosen) == 1 else None
        title = "Which matter?" if about else f"Which matter, for {words.counted(len(desk.chosen), 'row')}?"
        picked = await self.push_screen_wait(Pick(title, lambda typed: search.matters(desk.view, typed, about)))
        if picked:
            self._with(lambda now: meant.reassigned(now, picked))

    def action_accept(self) -> None:
        self._mean(meant.accept)

    def action_defer(self) -> None:
        self._mean(meant.defer)

    def action_undo(self) -> None:
        self._mean(meant.undo)

    @work
    async def action_accept_all(self) -> None:
        if self.desk is None:
            return
        taken = meant.accept_safe(self.desk)
        if not taken:
            self._with(lambda desk: looking.said(desk, "nothing is safe to accept unseen: a accepts one", trouble=True))
            return
        lines = [bulk_line(self.desk.view, one) for one in taken]
        title = f"Approve {words.counted(len(taken), 'entry', 'entries')}, as shown?"
        if await self.push_screen_wait(Confirm(title, lines)):
            self._mean(lambda desk: meant.accept_all(desk, taken))

    @work
    async def action_dismiss(self) -> None:
        if self.desk is None or not self.desk.chosen:
            return
        reason = await self.push_screen_wait(Choose("Why is it no time entry?", REASONS))
        if reason:
            self._mean(lambda desk: meant.dismiss(desk, DismissReason(reason)))

    @work
    async def action_edit(self) -> None:
        desk, one = self.desk, self.desk.suggestion if self.desk else None
        if desk is None or one is None:
            return
        view, before = desk.view, desk.edits.get(one.id, Edits())
        shown = shown_fields(view, one, before)

        def outcome(typed: Fields) -> str:
            return led_to(view, meant.accepting(one, edits_of(typed, shown, before)))

        def anew(matter: str) -> Fields:
            return shown_fields(view, one, meant.redrafted(view, one, matter, before))

        filled = await self.push_screen_wait(EntryForm("Change", view, shown, outcome, about=one, anew=anew))
        if filled is None:
            return
        edits = edits_of(filled.fields, shown, before)
        if filled.accept:
            self._mean(lambda now: meant.accept_edited(now, one, edits))
        else:
            self._with(lambda now: meant.changed(now, {one.id: edits}))

    @work
    async def action_add(self) -> None:
        if self.desk is None:
            return
        view = self.desk.view
        fields = Fields(matter=view.recent[0] if view.recent else "")
        await self._fill("Add time by hand", view, fields, lambda typed: addition(view, typed), placed=True)

    @work
    async def action_merge(self) -> None:
        if self.desk is None:
            return
        view, chosen = self.desk.view, self.desk.chosen
        if len(chosen) < 2:
            self._with(lambda desk: looking.said(desk, "space marks the rows to merge: two or more", trouble=True))
            return
        try:
            made, fields = merged_fields(view, chosen, next((one.matter for one in chosen if one.matter), ""))
        except AutotimeError as error:
            self._refuse(error)
            return

        def merged(typed: Fields) -> Merge:
            return Merge(made.suggestions, edits_of(typed, fields, made.edits))

        await self._fill(f"Merge {len(chosen)} rows into one entry", view, fields, merged)

    async def _fill(
        self, title: str, view: DayView, fields: Fields, act: Callable[[Fields], Add | Merge], *, placed: bool = False
    ) -> None:
        """A form that becomes an act."""

        def outcome(typed: Fields) -> str:
            return led_to(view, act(typed))

        filled = await self.push_screen_wait(EntryForm(title, view, fields, outcome, placed=placed))
        if filled:
            self._mean(lambda desk: meant.act(desk, act(filled.fields)))

    @work
    async def action_split(self) -> None:
        one = self.desk.suggestion if self.desk else None
        if self.desk is None or one is None:
            return
        made = await self.push_screen_wait(SplitForm(self.desk.view, one))
        if made:
            self._mean(lambda desk: meant.act(desk, made))

    def _mean(self, key: Callable[[Desk], Meant]) -> None:
        """Shows what a key means, and has its acts carried out behind the desk."""
        if self.desk is None:
            return
        intended = key(self.desk)
        self._show(intended.desk)
        if intended.acts:
            self._carry_out(intended.acts)

    @work
    async def _carry_out(self, acts: Sequence[Act]) -> None:
        decided, error = await self._behind(self._decide, acts)
        if self.desk is None:
            return
        undone = next((one.day for one in reversed(decided) if one.undone), None)
        view = await self._seen(undone or self.desk.view.day)
        if view is None:
            return
        if error:
            self._with(lambda desk: meant.failed(desk, acts, view, decided, error))
        else:
            self._with(lambda desk: meant.settled(desk, acts, view, decided))

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

    # --- delivering ---

    @work
    async def action_push(self) -> None:
        if self.desk is None or self._backend is None:
            return
        backend, view = self._backend, self.desk.view
        targets, today = await self._behind(backend.targets), await self._behind(backend.today)
        asked = await self.push_screen_wait(PushForm(view, targets, today))
        if asked is None:
            return
        try:
            foretold = await self._behind(lambda: backend.push(asked, dry_run=True))
            title = f"Deliver {words.counted(len(foretold.lines), 'entry', 'entries')} to {asked.target}?"
            if not await self.push_screen_wait(Confirm(title, pushed_lines(view, foretold))):
                return
            done = await self._behind(lambda: backend.push(asked, dry_run=False))
        except AutotimeError as error:
            self._refuse(error)
            return
        await self.push_screen_wait(Read(f"Pushed to {asked.target}", pushed_lines(view, done)))
        await self._go(view.day, "pushed")

    # --- when something breaks ---

    def _handle_exception(self, error: Exception) -> None:
        """Leaves without showing what variables held: that may be privileged."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        where = "".join(format_tb(error.__traceback__))
        self.panic(Text(f"{where}{type(error).__name__}\nautotime met a defect. What was approved is stored."))


def run_desk(open_backend: OpenBackend, day: date | None = None) -> None:
    """Opens the desk and stays until it is left. The exit code is that of what went wrong."""
    app = ReviewApp(open_backend, day)
    app.run()
    if app.return_code:
        raise SystemExit(app.return_code)
