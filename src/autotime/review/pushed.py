"""What a push would do, asks, and did, in the words of its windows. Pure; all text is safe to show."""

from __future__ import annotations

from collections.abc import Iterator

from autotime.domain.amounts import money, moneys
from autotime.domain.books import Books
from autotime.intake import for_screen
from autotime.review import words
from autotime.review.detail import Line, Tone
from autotime.review.view import Pushed, PushedLine

STATES = {
    "ready": "goes",
    "queued": "stays here",
    "skipped": "never goes there",
    "refused": "refused",
    "handed_over": "handed over, which is all that can be known",
    "in_doubt": "in doubt",
    "drifted": "changed there",
    "duplicate_found": "there twice",
    "removed_there": "removed there",
}
"""What became of an entry, where its state says it too shortly."""

GONE = ("sent", "handed_over")
DOUBTFUL = "it may stand there or not, and is not sent again until that is settled"
LABEL = 4


# --- before ---


def question(foretold: Pushed) -> str:
    """What is agreed to with a yes; empty where a push would do nothing."""
    ready = foretold.counts.get("ready", 0)
    if ready:
        return f"Deliver {_entries(ready)} to {foretold.target}?"
    left = _entries(foretold.unfinished)
    return f"Look into {left} that an earlier push left open at {foretold.target}?" if foretold.unfinished else ""


def losses(foretold: Pushed) -> list[Line]:
    """Which fields get lost at which target, and of how many entries."""
    each = [Line(" " * LABEL + f"{for_screen(name)}: of {_entries(count)}") for name, count in foretold.losing.items()]
    return [
        Line(for_screen(f"{foretold.target} has no place for:")),
        *each,
        Line(""),
        Line(f"Agreed to once, it holds for every later push to {for_screen(foretold.target)}."),
        Line("Left here, those entries wait; the others go."),
    ]


def foretold_lines(foretold: Pushed, books: Books, in_full: bool = False) -> list[Line]:
    """All that would go, and why the rest does not. ``in_full``: with what the system is told, by its own names."""
    going = [line for line in foretold.lines if line.state == "ready"]
    staying = [line for line in foretold.lines if line.state != "ready"]
    lines = [*_sums(foretold, "would go"), *_of_file(foretold, "would be written")]
    for line in going:
        lines += [_entry(line, books), *_words(line), *_dropped(line), *(_told(line) if in_full else ())]
    if staying:
        lines.append(Line(f"{_entries(len(staying))} not among them:" if going else ""))
    for line in staying:
        lines += [_entry(line, books), _outcome(foretold.target, line)]
    return [*lines, *_stop(foretold)] if foretold.lines or foretold.stopped else [Line("nothing waits for this target")]


# --- after ---


def done_lines(done: Pushed, books: Books) -> list[Line]:
    """What became of each entry; what needs a person first."""
    lines = [*_stop(done), *_sums(done, "went"), *_of_file(done, "written")]
    for line in sorted(done.lines, key=lambda one: one.state in GONE):
        lines += [_entry(line, books), _outcome(done.target, line)]
    return lines or [Line("nothing waits for this target")]


def summary(done: Pushed) -> str:
    """``2 sent, 1 in doubt: autotime resolve clio``."""
    counted = ", ".join(f"{count} {_short(state)}" for state, count in done.counts.items()) or "nothing waited"
    doubt = f": autotime resolve {done.target}" if done.counts.get("in_doubt") else ""
    return f"pushed to {done.target}: {counted}{doubt}"


def troubled(done: Pushed) -> bool:
    """A person must do something."""
    return done.stopped is not None or any(_is_trouble(line) for line in done.lines)


# --- parts ---


def _entries(count: int) -> str:
    return words.counted(count, "entry", "entries")


def _short(state: str) -> str:
    return STATES.get(state, state.replace("_", " ")).partition(",")[0]


def _is_trouble(line: PushedLine) -> bool:
    elsewhere = ("ready", "skipped", "delivered_elsewhere", "waits_elsewhere", *GONE)
    return line.state not in elsewhere


def _sums(pushed: Pushed, went: str) -> list[Line]:
    total = pushed.total
    if not total.entries:
        return []
    unpriced = f", {total.unpriced} of them without a rate" if total.unpriced else ""
    sums = f"{words.hours(total.minutes)}h, {moneys(total.amounts)}{unpriced}"
    return [Line(for_screen(f"{_entries(total.entries)} {went}: {sums}"), "head")]


def _of_file(pushed: Pushed, written: str) -> list[Line]:
    lost = [f"it has no place for: {', '.join(pushed.lost)}"] if pushed.lost else []
    said = [*([f"{pushed.file} {written}"] if pushed.file else []), *lost]
    return [Line(for_screen(text)) for text in said] + [Line(f"! {for_screen(text)}", "note") for text in pushed.warned]


def _stop(pushed: Pushed) -> list[Line]:
    stopped = pushed.stopped
    if stopped is None:
        return []
    parts = [f"! {stopped}", stopped.kept, f"next: {stopped.hint}" if stopped.hint else ""]
    return [Line(for_screen(part), "note") for part in parts if part]


def _entry(line: PushedLine, books: Books) -> Line:
    """Day, hours, money and matter of one entry."""
    if not line.day:
        return Line(for_screen(line.number))
    cost = "no rate" if line.amount is None else for_screen(money(line.amount, line.currency))
    matter = words.matter_words(line.matter, books) if line.matter else "no matter"
    return Line(f"{line.day} {words.hours(line.minutes):>5}h {cost:>13}  {matter}")


def _words(line: PushedLine) -> list[Line]:
    return [_below(line.narrative, "quiet")] if line.narrative else []


def _dropped(line: PushedLine) -> list[Line]:
    return [_below(f"no place there for: {', '.join(line.drops)}", "note")] if line.drops else []


def _told(line: PushedLine) -> Iterator[Line]:
    for name, value in line.told.items():
        yield _below(f"{name} = {value}", "text")


def _outcome(target: str, line: PushedLine) -> Line:
    said = STATES.get(line.state, line.state.replace("_", " "))
    why = _in_keys(line.reason or line.receipt)
    if line.state == "in_doubt":
        settle = "" if "autotime resolve" in why else f": autotime resolve {target}"
        why = "; ".join(part for part in (why, f"{DOUBTFUL}{settle}") if part)
    text = f"{said}: {why}" if why else said
    return _below(f"! {text}", "note") if _is_trouble(line) else _below(text, "quiet")


def _in_keys(reason: str) -> str:
    """What the command line advises, in keys."""
    head, found, _ = reason.partition(": autotime push ")
    return f"{head}: p asks again" if found and reason.endswith("--accept-losses") else reason


def _below(text: str, tone: Tone) -> Line:
    return Line(" " * LABEL + for_screen(text), tone)
