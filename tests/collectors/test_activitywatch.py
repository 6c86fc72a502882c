"""What ActivityWatch gives beyond the contract: its real exports, its real server, days and their edges."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest

from autotime.collectors.activitywatch import ActivityWatchCollector
from autotime.domain.errors import Misused, SourceUnavailable, SuddenlyEmpty
from autotime.domain.evidence import Kind
from autotime.domain.spans import Span
from autotime.testing import Shelf

from .servers import aw_server, free_port
from .sources import MONDAY, at, collected, context, only, put
from .test_activitywatch_contract import AWAY, WINDOW, Watch, bucket, buckets, event

SHARED = Path(os.environ.get("AUTOTIME_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data")).parent
SAMPLES = SHARED / "reference" / "collectors" / "samples" / "activitywatch"
MIDNIGHT = at("2026-03-10T00:00-05:00")
LATER = MONDAY + 20 * 86_400


def word(start: int, seconds: float, name: str = "Motion") -> dict[str, Any]:
    return event(start, seconds, app="WINWORD.EXE", title=f"{name}.docx - Word")


def here(start: int, seconds: float, status: str = "not-afk") -> dict[str, Any]:
    return event(start, seconds, status=status)


def export(path: Path, windows: Sequence[Any], there: Sequence[Any]) -> Path:
    held = {WINDOW: bucket(WINDOW, "currentwindow", windows), AWAY: bucket(AWAY, "afkstatus", there)}
    return put(path, json.dumps({"buckets": held}))


def spans(shelf: Shelf) -> list[Span | None]:
    return [item.span for item in shelf.items]


# -- exports ------------------------------------------------------------------------------------------


def test_a_document_that_was_open_is_evidence_of_editing(tmp_path: Path) -> None:
    file = export(tmp_path / "export.json", [word(MONDAY, 600, "Smith_v_Jones - Motion")], [here(MONDAY, 900)])
    item = only(collected(ActivityWatchCollector("screen", paths=[file])))
    assert (item.kind, item.own, item.span) == (Kind.DOCUMENT, True, Span(MONDAY, MONDAY + 600))
    assert item.subject.reveal() == "Smith v Jones - Motion"
    assert item.facts == {"file": "Smith_v_Jones - Motion.docx", "app": "WINWORD.EXE"}


@pytest.mark.parametrize("name", ["aw_export_all.json", "aw_export_one.json"])
def test_the_programs_own_exports_are_read(name: str, tmp_path: Path) -> None:
    """In them nobody sat there for any time at all; with somebody there, the one document is found."""
    if not SAMPLES.exists():
        pytest.skip("no samples of ActivityWatch: AUTOTIME_SHARED_DATA names no folder beside them")
    shelf = collected(ActivityWatchCollector("screen", paths=[SAMPLES / name]))
    assert (shelf.items, shelf.quarantined) == ([], {})
    assert bool(shelf.gaps) == (name == "aw_export_one.json")
    told = json.loads((SAMPLES / name).read_text())
    began = at("2025-03-03T09:00+00:00")
    told["buckets"]["afk"] = bucket("afk", "afkstatus", [here(began, 3600)]) | {"hostname": "testhost"}
    told["buckets"].pop("aw-watcher-afk_testhost", None)
    item = only(collected(ActivityWatchCollector("screen", paths=[put(tmp_path / "with.json", json.dumps(told))])))
    assert (item.facts["file"], item.span) == ("Smith v Jones - Motion.docx", Span(began, began + 55))


def test_exports_of_the_other_server_and_of_the_schema_are_read_too(tmp_path: Path) -> None:
    """aw-server-rust adds keys, and its machines may not know their name; the schema says a list."""
    held = buckets([word(MONDAY, 600) | {"id": 7}])
    held[AWAY]["events"] = [here(MONDAY, 600) | {"id": 8}]
    for one in held.values():
        one |= {"hostname": "unknown", "metadata": {"start": "2026-03-01T00:00:00Z", "end": None}}
        del one["created"]
    for number, told in enumerate((held, list(held.values()))):
        file = put(tmp_path / f"{number}.json", json.dumps({"buckets": told}))
        assert spans(collected(ActivityWatchCollector("screen", paths=[file]))) == [Span(MONDAY, MONDAY + 600)]


def test_a_bucket_may_go_on_in_another_export(tmp_path: Path) -> None:
    """What both hold counts once."""
    export(tmp_path / "1.json", [word(MONDAY, 300)], [here(MONDAY, 300)])
    made = ActivityWatchCollector("screen", paths=[tmp_path])
    shelf = collected(made)
    export(tmp_path / "2.json", [word(MONDAY, 600), word(MONDAY + 7200, 60)], [here(MONDAY, 9000)])
    shelf.run(made, context())
    assert spans(shelf) == [Span(MONDAY, MONDAY + 600), Span(MONDAY + 7200, MONDAY + 7260)]
    assert (shelf.new, shelf.changed) == (1, 1)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"buckets": 7}', '{"buckets": {"a": 7}}', "[" * 100_000, "\x00"], ids=len
)
def test_a_file_that_is_no_export_stops_no_other(text: str, tmp_path: Path) -> None:
    export(tmp_path / "good.json", [word(MONDAY, 300)], [here(MONDAY, 300)])
    put(tmp_path / "bad.json", text)
    shelf = collected(ActivityWatchCollector("screen", paths=[tmp_path]))
    assert len(shelf.items) == 1
    assert len(shelf.quarantined) == ("a" not in text)


def test_programs_that_are_denied_leave_nothing(tmp_path: Path) -> None:
    file = export(tmp_path / "export.json", [word(MONDAY, 600)], [here(MONDAY, 900)])
    assert collected(ActivityWatchCollector("screen", paths=[file], denied_apps=["winword"])).items == []


def test_without_anybody_who_watches_presence_nothing_is_claimed(tmp_path: Path) -> None:
    told = {"buckets": {WINDOW: bucket(WINDOW, "currentwindow", [word(MONDAY, 600)])}}
    shelf = collected(ActivityWatchCollector("screen", paths=[put(tmp_path / "export.json", json.dumps(told))]))
    assert shelf.items == []
    assert [gap.hint for gap in shelf.gaps] == ["start aw-watcher-afk beside aw-watcher-window"]


# -- the server ---------------------------------------------------------------------------------------


@pytest.fixture
def watch() -> Iterator[Watch]:
    with Watch() as started:
        yield started


def run(watch: Watch, shelf: Shelf | None = None, now: int = LATER, **options: Any) -> Shelf:
    watch.server.asked.clear()
    made = ActivityWatchCollector("screen", watch.server.url, sleep=lambda _seconds: None, **options)
    return (shelf or Shelf()).run(made, context(now))


def test_a_stretch_over_midnight_is_one_whichever_day_is_asked_for(watch: Watch) -> None:
    """The server cuts it at the edges of each question; it belongs to the day it begins on."""
    watch.windows = [word(MIDNIGHT - 1800, 3600)]
    watch.present = [here(MIDNIGHT - 1800, 3600)]
    shelf = run(watch, now=MIDNIGHT - 600)
    assert spans(shelf) == [Span(MIDNIGHT - 1800, MIDNIGHT - 600)]
    for now in (MIDNIGHT + 600, MIDNIGHT + 86_400, LATER):
        run(watch, shelf, now=now)
    assert spans(shelf) == [Span(MIDNIGHT - 1800, MIDNIGHT + 1800)]


def test_a_stretch_that_lies_in_two_questions_is_not_cut_between_them(watch: Watch) -> None:
    """A week is asked for at once; the second begins on the 14th."""
    edge = at("2026-03-14T00:00-05:00")
    watch.windows, watch.present = [word(edge - 1800, 3600)], [here(edge - 1800, 3600)]
    assert spans(run(watch)) == [Span(edge - 1800, edge + 1800)]


def test_a_stretch_that_went_on_is_the_same_one(watch: Watch) -> None:
    watch.windows, watch.present = [word(MONDAY, 600)], [here(MONDAY, 3600)]
    shelf = run(watch)
    watch.windows = [word(MONDAY, 1800)]
    run(watch, shelf)
    assert (shelf.new, shelf.changed, spans(shelf)) == (0, 1, [Span(MONDAY, MONDAY + 1800)])


def test_a_stretch_that_turns_out_to_have_begun_before_takes_the_place_of_the_other(watch: Watch) -> None:
    """What another machine saw arrived late: no minute stands there twice."""
    watch.windows, watch.present = [word(MONDAY, 600)], [here(MONDAY - 900, 3600)]
    shelf = run(watch)
    watch.windows.append(word(MONDAY - 200, 100))
    run(watch, shelf)
    assert spans(shelf) == [Span(MONDAY - 200, MONDAY + 600)]


def test_a_quiet_day_asks_for_a_month_and_no_more(watch: Watch) -> None:
    watch.windows, watch.present = [word(MONDAY, 600)], [here(MONDAY, 3600)]
    shelf = run(watch)
    run(watch, shelf)
    assert len(watch.server.asked) <= 12
    assert (shelf.new, shelf.changed) == (0, 0)


def test_what_was_imported_is_older_than_its_bucket_and_comes_too(watch: Watch) -> None:
    old = MONDAY - 200 * 86_400
    watch.windows, watch.present = [word(old, 600)], [here(old, 3600)]
    assert spans(run(watch)) == [Span(old, old + 600)]


def test_a_time_zone_is_written_so_that_its_plus_arrives(watch: Watch) -> None:
    run(watch)
    asked = [one for one in watch.server.asked if "start" in one.query]
    assert asked
    assert all("%2B00%3A00" in one.target for one in asked)


def test_a_watch_that_forgot_everything_is_not_believed(watch: Watch) -> None:
    watch.windows, watch.present = [word(MONDAY, 600)], [here(MONDAY, 3600)]
    shelf = run(watch)
    watch.windows = []
    with pytest.raises(SuddenlyEmpty):
        run(watch, shelf)
    assert len(shelf.items) == 1


def test_a_program_that_does_not_run_is_named() -> None:
    made = ActivityWatchCollector("screen", f"http://127.0.0.1:{free_port()}", sleep=lambda _seconds: None)
    with pytest.raises(SourceUnavailable) as away:
        Shelf().run(made, context())
    assert "is ActivityWatch running" in away.value.hint


@pytest.mark.parametrize("url", ["http://watch.firm.example:5600", "https://watch.firm.example", "127.0.0.1:5600"])
def test_only_this_machine_is_asked(url: str) -> None:
    with pytest.raises(Misused):
        ActivityWatchCollector("screen", url)


# -- the real server ----------------------------------------------------------------------------------


def post(url: str, body: Any) -> None:
    httpx2.post(url, json=body).raise_for_status()


@pytest.mark.parametrize("storage", ["memory", "peewee"])
def test_the_real_server_gives_what_its_export_gives(storage: str, tmp_path: Path) -> None:
    """aw-server, started by the test: over midnight, half away, with mail in between."""
    with aw_server(storage) as url:
        for name, kind in ((WINDOW, "currentwindow"), (AWAY, "afkstatus")):
            post(f"{url}/api/0/buckets/{name}", {"client": "test", "type": kind, "hostname": "pc"})
        mail = event(MONDAY + 600, 900, app="OUTLOOK.EXE", title="Inbox - Outlook")
        seen = [word(MONDAY, 600), mail, word(MONDAY + 1500, 900, "Brief"), word(MIDNIGHT - 1800, 3600)]
        post(f"{url}/api/0/buckets/{WINDOW}/events", seen)
        post(f"{url}/api/0/buckets/{AWAY}/events", [here(MONDAY, 2000), here(MIDNIGHT - 1800, 3000)])
        made = ActivityWatchCollector("screen", url)
        shelf = Shelf().run(made, context())
        file = put(tmp_path / "export.json", httpx2.get(f"{url}/api/0/export").content)
        assert spans(shelf) == [
            Span(MONDAY, MONDAY + 600),
            Span(MONDAY + 1500, MONDAY + 2000),
            Span(MIDNIGHT - 1800, MIDNIGHT + 1200),
        ]
        assert shelf.items == collected(ActivityWatchCollector("screen", paths=[file])).items
        shelf.run(made, context(now=MIDNIGHT + 600))
        assert (shelf.new, shelf.changed) == (0, 1)
        shelf.run(made, context())
        assert (shelf.new, shelf.changed, len(shelf.items)) == (0, 1, 3)
