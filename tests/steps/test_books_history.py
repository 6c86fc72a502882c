"""Time that stands in billing already: imported once, shown beside what is suggested, never billed twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from autotime.domain.books import Key, Thing
from autotime.domain.delivery import Billed, DeliveryState, Remote
from autotime.domain.doors import HistoryPage
from autotime.domain.errors import Misused, SourceUnavailable, SuddenlyEmpty
from autotime.office import Office
from autotime.steps.deciding import billed_on
from autotime.steps.history import forget_history, import_history, import_invoices, import_sheet
from autotime.steps.stale import stale_days
from autotime.steps.suggesting import tasks_billed
from tests.billing.firm import approve, entry
from tests.classifiers.firm import mail

from .bookshelf import office


@dataclass
class Past:
    """A ``HistorySource`` in memory. ``asked`` is for whom and which days."""

    pages: list[tuple[Remote, ...] | HistoryPage]
    asked: list[tuple[str, date, date]] = field(default_factory=list)
    target: str = "clio"

    def history(self, timekeeper: str, first: date, last: date) -> Iterator[HistoryPage]:
        self.asked.append((timekeeper, first, last))
        yield from (page if isinstance(page, HistoryPage) else HistoryPage(page) for page in self.pages)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        opened.store.systems.save_keys(
            [Key("clio", Thing.TIMEKEEPER, "AOK", "7"), Key("clio", Thing.MATTER, "2026-001", "31")]
        )
        yield opened


def remote(number: str, day: date, **fields: Any) -> Remote:
    return Remote(**{"id": number, "timekeeper": "7", "matter": "31", "day": day, "seconds": 4320, **fields})


def today(here: Office) -> date:
    return here.date_of(here.now)


def sent(here: Office, receipt: str) -> date:
    """An approved entry that stands at Clio; its day."""
    one = entry(1)
    approve(here.store, one, target="clio")
    [queued] = here.store.submissions.of_entry(one.id)
    for state in (DeliveryState.SENDING, DeliveryState.SENT):
        here.store.submissions.save(replace(queued, state=state, receipt=receipt))
    return one.day


def test_twelve_months_are_read_unless_other_days_are_named(here: Office) -> None:
    """Of this timekeeper, by the system's own id."""
    source, end = Past([]), today(here)
    import_history(here, source)
    import_history(here, source, date(2026, 1, 1), date(2026, 1, 31))
    assert source.asked == [("7", end - timedelta(365), end), ("7", date(2026, 1, 1), date(2026, 1, 31))]


def test_importing_twice_stores_once_and_what_is_gone_is_forgotten(here: Office) -> None:
    day = today(here)
    pages = [(remote("1", day), remote("2", day)), (remote("3", day, matter="99"),)]
    first, again = import_history(here, Past(pages)), import_history(here, Past(pages))
    assert (first.read, first.stored, first.unknown, first.seconds) == (3, 3, 1, 3 * 4320)
    assert again.stored == 0
    assert import_history(here, Past(pages[:1])).gone == 1
    assert [one.remote for one in here.store.billed.all()] == ["1", "2"]


def test_time_whose_length_is_not_told_is_counted_apart(here: Office) -> None:
    report = import_history(here, Past([(remote("1", today(here)), remote("2", today(here), seconds=None))]))
    assert (report.read, report.hidden, report.seconds) == (2, 1, 4320)


def test_a_dry_run_counts_and_keeps_nothing(here: Office) -> None:
    report = import_history(here, Past([(remote("1", today(here)),)]), dry_run=True)
    assert (report.read, report.stored) == (1, 0)
    assert here.store.billed.all() == []


def test_what_was_sent_from_here_is_not_told_again(here: Office) -> None:
    """By its receipt when it is imported; and when it was imported while its delivery was in doubt."""
    day = sent(here, "500")
    assert import_history(here, Past([(remote("500", day),)])).ours == 1
    page = (remote("501", day),)
    import_history(here, Past([page]))
    assert [one.remote for one in billed_on(here.store, day, here.store.entries.on(day))] == ["501"]


def test_what_cannot_be_read_is_told_and_nothing_is_forgotten(here: Office) -> None:
    """It may be one of those that were kept."""
    end = today(here)
    import_history(here, Past([(remote("1", end), remote("2", end))]))
    report = import_history(here, Past([HistoryPage((remote("1", end),), ("time entry 2 cannot be read",))]))
    assert (report.bad, report.gone) == (["time entry 2 cannot be read"], 0)
    assert {one.remote for one in here.store.billed.all()} == {"1", "2"}
    assert import_history(here, Past([(remote("1", end),)])).gone == 1


def test_a_list_that_halved_stops_and_asks(here: Office) -> None:
    """What was read is kept and nothing is forgotten, until a person says so; what came new is not in question."""
    end = today(here)
    import_history(here, Past([tuple(remote(str(number), end) for number in range(5))]))
    with pytest.raises(SuddenlyEmpty, match="clio now lists 2 entries of these days; 5 were kept") as stopped:
        import_history(here, Past([(remote("1", end), remote("9", end))]))
    assert len(here.store.billed.all()) == 6
    assert stopped.value.hint.startswith("look there; if that is right: autotime history forget clio --from 2025-")
    forget_history(here, "clio")
    assert import_history(here, Past([(remote("1", end), remote("9", end))])).stored == 2


def test_what_came_before_the_line_broke_is_drafted_by(here: Office) -> None:
    """The next import finds nothing new in it, and would ask for no draft."""

    class Cut(Past):
        def history(self, timekeeper: str, first: date, last: date) -> Iterator[HistoryPage]:
            yield from super().history(timekeeper, first, last)
            raise SourceUnavailable("clio.example: no connection")

    here.store.evidence.put([mail("a", "Claim", at=here.now - 100)], here.now)
    with pytest.raises(SourceUnavailable):
        import_history(here, Cut([(remote("1", today(here)),)]))
    assert len(here.store.billed.all()) == 1
    assert stale_days(here.store) != []


def test_an_entry_imported_while_in_doubt_is_known_by_its_receipt(here: Office) -> None:
    one = entry(1)
    approve(here.store, one, target="clio")
    import_history(here, Past([(remote("500", one.day),)]))
    assert len(billed_on(here.store, one.day, [one])) == 1
    [queued] = here.store.submissions.of_entry(one.id)
    for state in (DeliveryState.SENDING, DeliveryState.SENT):
        here.store.submissions.save(replace(queued, state=state, receipt="500"))
    assert billed_on(here.store, one.day, [one]) == ()


def test_what_was_imported_is_taken_out_again(here: Office) -> None:
    """Of one source, and of some days if they are named."""
    end = today(here)
    import_history(here, Past([(remote("1", end), remote("2", end - timedelta(9)))]))
    assert forget_history(here, "csv") == 0
    with pytest.raises(Misused, match="no time is imported from «clo»") as wrong:
        forget_history(here, "clo")
    assert wrong.value.hint.startswith("one of: clio, ")
    assert "ledes, csv" in wrong.value.hint
    assert forget_history(here, "clio", dry_run=True) == 2
    assert forget_history(here, "clio", end - timedelta(1), end) == 1
    assert [one.remote for one in here.store.billed.all()] == ["2"]
    assert forget_history(here, "clio") == 1


def test_a_person_nobody_knows_there_is_told_what_to_do(here: Office) -> None:
    here.store.systems.forget_keys("clio", Thing.TIMEKEEPER, ["AOK"])
    with pytest.raises(Misused, match="knows nobody") as refused:
        import_history(here, Past([]))
    assert refused.value.hint == "autotime books pull clio"


HEAD = "INVOICE_DATE|INVOICE_NUMBER|CLIENT_ID|LAW_FIRM_MATTER_ID|INVOICE_TOTAL|BILLING_START_DATE|BILLING_END_DATE|"
HEAD += "INVOICE_DESCRIPTION|LINE_ITEM_NUMBER|EXP/FEE/INV_ADJ_TYPE|LINE_ITEM_NUMBER_OF_UNITS|"
HEAD += "LINE_ITEM_ADJUSTMENT_AMOUNT|LINE_ITEM_TOTAL|LINE_ITEM_DATE|LINE_ITEM_TASK_CODE|LINE_ITEM_EXPENSE_CODE|"
HEAD += "LINE_ITEM_ACTIVITY_CODE|TIMEKEEPER_ID|LINE_ITEM_DESCRIPTION|LAW_FIRM_ID|LINE_ITEM_UNIT_COST|"
HEAD += "TIMEKEEPER_NAME|TIMEKEEPER_CLASSIFICATION|CLIENT_MATTER_ID[]"
LINE = "20260402|INV-1|NORTH|2026-001|540.00|20260301|20260331|March|1|F|1.20|0.00|540.00|20260310|L310||A103|AOK|"
LINE += "Draft answers|24-6437381|450.00|Okafor, Ada|PARTNR|NW-77[]"


def test_invoices_are_read_and_a_file_that_is_none_stops_no_other(here: Office, tmp_path: Path) -> None:
    """LEDES of any kind; the bad one is told by its name."""
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text("\n".join(("LEDES1998B[]", HEAD, LINE)))
    bad.write_text("Dear client,")
    report = import_invoices(here, [bad, good, tmp_path / "none.txt"])
    assert (report.read, report.stored) == (1, 1)
    assert [one.split(",")[0] for one in report.bad] == ["bad.txt", "none.txt"]
    [one] = here.store.billed.on(date(2026, 3, 10))
    assert (one.matter, one.seconds, one.rate, one.status) == ("2026-001", 4320, Decimal("450.00"), "invoice INV-1")


def test_a_sheet_is_read(here: Office, tmp_path: Path) -> None:
    file = tmp_path / "past.csv"
    file.write_text("date,matter,hours,narrative\n2026-03-10,2026-001,1.2,Call\nyesterday,2026-001,1,Call\n")
    report = import_sheet(here, file)
    assert (report.read, report.stored, len(report.bad)) == (1, 1, 1)
    assert import_sheet(here, file).stored == 0


def test_what_was_billed_on_a_matter_is_the_task_that_is_drafted(here: Office) -> None:
    """The codes of imported bills by matter, the most frequent first; what has no matter or code teaches nothing."""
    past = [
        ("1", "2026-001", "L320"),
        ("2", "2026-001", "L310"),
        ("3", "2026-001", "L320"),
        ("4", "", "L110"),
        ("5", "2026-002", ""),
    ]
    here.store.billed.upsert(
        Billed(target="csv", remote=remote, day=date(2026, 1, 5), matter=matter, seconds=360, task_code=code)
        for remote, matter, code in past
    )
    assert tasks_billed(here.store) == {"2026-001": ["L320", "L310"]}
