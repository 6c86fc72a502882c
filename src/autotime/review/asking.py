"""Keys that ask something first: each opens its window, and turns the answer into changes or acts.

Loaded with the first such key: what windows are made of takes longer to load than the day to show.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from autotime.domain.decisions import DismissReason
from autotime.domain.errors import AutotimeError
from autotime.review import desk as looking
from autotime.review import keys, meant, search, words
from autotime.review.acts import Add, Edits, Merge
from autotime.review.desk import Desk
from autotime.review.detail import Line
from autotime.review.forms import Fields, addition, edits_of, merged_fields, shown_fields
from autotime.review.lines import REASONS, bulk_line, led_to
from autotime.review.pushing import push
from autotime.review.screens.entry import EntryForm
from autotime.review.screens.parts import Ask, Choose, Confirm, Pick, Read
from autotime.review.screens.split import SplitForm
from autotime.review.view import Backend, DayView

if TYPE_CHECKING:
    from autotime.review.app import ReviewApp


async def ask(app: ReviewApp, what: str, desk: Desk, backend: Backend) -> None:
    """One of the questions below, about the desk as it stands."""
    match what:
        case "matter":
            await _matter(app, desk)
        case "edit":
            await _edit(app, desk)
        case "add":
            await _add(app, desk)
        case "split":
            await _split(app, desk)
        case "merge":
            await _merge(app, desk)
        case "dismiss":
            await _dismiss(app, desk)
        case "accept_all":
            await _accept_all(app, desk)
        case "push":
            await push(app, desk, backend)
        case "go":
            await _go(app, desk, backend)
        case "find":
            await _find(app, desk)
        case _:
            await app.push_screen_wait(Read("Keys", [Line(f"{k.shown:>9}  {k.what}") for k in keys.KEYS if k.what]))


# --- looking around ---


async def _find(app: ReviewApp, desk: Desk) -> None:
    wanted = await app.push_screen_wait(Ask("Show rows with these words", desk.wanted))
    if wanted is not None:
        app.change(lambda now: looking.narrowed(now, wanted))


async def _go(app: ReviewApp, desk: Desk, backend: Backend) -> None:
    today = await app.behind(backend.today)
    picked = await app.push_screen_wait(Pick("Which day?", lambda typed: search.days(desk.view, today, typed)))
    if picked:
        await app.go(date.fromisoformat(picked))


# --- changing and deciding ---


async def _matter(app: ReviewApp, desk: Desk) -> None:
    if not desk.chosen:
        return
    about = desk.chosen[0] if len(desk.chosen) == 1 else None
    title = "Which matter?" if about else f"Which matter, for {words.counted(len(desk.chosen), 'row')}?"
    picked = await app.push_screen_wait(Pick(title, lambda typed: search.matters(desk.view, typed, about)))
    if picked:
        app.change(lambda now: meant.reassigned(now, picked))


async def _accept_all(app: ReviewApp, desk: Desk) -> None:
    taken = meant.accept_safe(desk)
    if not taken:
        app.change(lambda now: looking.said(now, "nothing is safe to accept unseen: a accepts one", trouble=True))
        return
    title = f"Approve {words.counted(len(taken), 'entry', 'entries')}, as shown?"
    if await app.push_screen_wait(Confirm(title, [bulk_line(desk.view, one) for one in taken])):
        app.mean(lambda now: meant.accept_all(now, taken))


async def _dismiss(app: ReviewApp, desk: Desk) -> None:
    if not desk.chosen:
        return
    reason = await app.push_screen_wait(Choose("Why is it no time entry?", REASONS))
    if reason:
        app.mean(lambda now: meant.dismiss(now, DismissReason(reason)))


async def _edit(app: ReviewApp, desk: Desk) -> None:
    one, view = desk.suggestion, desk.view
    if one is None:
        return
    before = desk.edits.get(one.id, Edits())
    shown = shown_fields(view, one, before)

    def outcome(typed: Fields) -> str:
        return led_to(view, meant.accepting(one, edits_of(typed, shown, before)))

    def anew(matter: str) -> Fields:
        return shown_fields(view, one, meant.redrafted(view, one, matter, before))

    filled = await app.push_screen_wait(EntryForm("Change", view, shown, outcome, about=one, anew=anew))
    if filled is None:
        return
    edits = edits_of(filled.fields, shown, before)
    if filled.accept:
        app.mean(lambda now: meant.accept_edited(now, one, edits))
    else:
        app.change(lambda now: meant.changed(now, {one.id: edits}))


async def _add(app: ReviewApp, desk: Desk) -> None:
    view = desk.view
    fields = Fields(matter=view.recent[0] if view.recent else "")
    await _fill(app, "Add time by hand", view, fields, lambda typed: addition(view, typed), placed=True)


async def _merge(app: ReviewApp, desk: Desk) -> None:
    view, chosen = desk.view, desk.chosen
    if len(chosen) < 2:
        app.change(lambda now: looking.said(now, "space marks the rows to merge: two or more", trouble=True))
        return
    try:
        made, fields = merged_fields(view, chosen, next((one.matter for one in chosen if one.matter), ""))
    except AutotimeError as error:
        app.refuse(error)
        return

    def merged(typed: Fields) -> Merge:
        return Merge(made.suggestions, edits_of(typed, fields, made.edits))

    await _fill(app, f"Merge {len(chosen)} rows into one entry", view, fields, merged)


async def _fill(
    app: ReviewApp,
    title: str,
    view: DayView,
    fields: Fields,
    act: Callable[[Fields], Add | Merge],
    *,
    placed: bool = False,
) -> None:
    """A form that becomes an act."""

    def outcome(typed: Fields) -> str:
        return led_to(view, act(typed))

    filled = await app.push_screen_wait(EntryForm(title, view, fields, outcome, placed=placed))
    if filled:
        app.mean(lambda now: meant.act(now, act(filled.fields)))


async def _split(app: ReviewApp, desk: Desk) -> None:
    if desk.suggestion is None:
        return
    made = await app.push_screen_wait(SplitForm(desk.view, desk.suggestion))
    if made:
        app.mean(lambda now: meant.act(now, made))
