"""TimeSolv: what is read of it, and that nothing is written."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from autotime.billing.timesolv.biller import TimeSolvBiller
from autotime.billing.timesolv.service import PAGE
from autotime.domain.books import Key, Thing
from autotime.domain.doors import Biller, BooksSource, Connectable, Connection, HistorySource
from autotime.domain.errors import Misused, SourceUnavailable
from autotime.domain.work import Billing
from autotime.office import Office
from autotime.settings import Settings
from autotime.steps.history import import_history
from autotime.testing.server import Reply
from autotime.testing.systems.signed import Kept
from autotime.testing.systems.timesolv import TimeSolv
from autotime.testing.systems.wire import START
from tests.billing.firm import TIMEKEEPER, found
from tests.billing.test_ledes import payload
from tests.billing.timesolv.room import KEYS, MARCH, SIGNED_IN, Room

# -- books ----------------------------------------------------------------------------------------


def test_users_clients_and_codes_are_read() -> None:
    """Active ones; the firm's own text for a client is its id with us."""
    room = Room()
    user = {"FirstName": "Ada", "LastName": "Okafor", "Email": "Ada@firm.example", "EmploymentStatus": "Full"}
    room.account.add("FirmUsers", **user, UserStatus="Active", LastUpdatedDate="2026-01-05")
    room.account.add("FirmUsers", FirstName="Old", LastName="Hand", Email="", UserStatus="Inactive")
    room.account.add("Clients", ClientId="NORTH", ClientName="Northwind\u202e Mills", ClientStatus="Active")
    room.account.add("TaskCodes", Anything="L310", isActive=1)
    room.account.add("TaskCodes", Anything="A103", isActive=1)
    found = room.pulled()
    assert [(one.id, one.last, one.first, one.emails) for one in found["users"]] == [
        ("501", "Okafor", "Ada", ("ada@firm.example",))
    ]
    assert [(one.id, one.name) for one in found["clients"]] == [("NORTH", "Northwind Mills")]
    assert [(one.code, one.code_set) for one in found["codes"]] == [("L310", "litigation"), ("A103", "activity")]


def test_somebody_without_any_name_is_told() -> None:
    """Bills name people."""
    room = Room()
    room.account.add("FirmUsers", FirstName="", LastName=None, Email="x@firm.example", UserStatus="Active")
    room.account.add("FirmUsers", FirstName="Ada", LastName="", Email="", UserStatus="Active")
    ada, bad = room.pulled()["users"]
    assert bad == "users 501: no LastName"
    assert (ada.last, ada.first) == ("Ada", "")


def test_what_cannot_be_read_is_told_and_the_rest_is_read() -> None:
    """A client without the firm's text, a code of the firm's own shape."""
    room = Room()
    room.account.add("Clients", ClientName="Nobody", ClientStatus="Active")
    room.account.add("Clients", ClientId="SOLO", ClientName="Solo Press LLC", ClientStatus="Active")
    room.account.add("TaskCodes", Name="Filing", isActive=1)
    found = room.pulled()
    assert [getattr(one, "id", one) for one in found["clients"]] == ["SOLO", "clients 501: no ClientId"]
    assert found["codes"] == ["codes 503: no UTBMS code"]


@pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE])
def test_a_list_is_read_to_its_end(count: int) -> None:
    """A page that is not full is the last; a full one may be."""
    room = Room()
    for number in range(count):
        room.account.add("Clients", ClientId=f"C{number}", ClientName="", ClientStatus="Active")
    assert [one.id for one in room.pulled()["clients"]] == [f"C{number}" for number in range(count)]


def test_a_list_that_gives_one_page_for_ever_ends_with_an_error() -> None:
    """Its numbers of pages are not heeded."""
    room = Room(access_token="fine", ends=START + 9000)
    page = {"FirmUsers": [{"Id": n} for n in range(PAGE)], "Status": {"ResponseCode": 200, "Message": ""}}
    room.wire.answer = lambda _asked: Reply(page)
    with pytest.raises(SourceUnavailable, match="twice"):
        room.pulled()


# -- time cards -----------------------------------------------------------------------------------


def test_time_cards_are_read_as_they_stand_there() -> None:
    """Decimal hours become seconds; whatever is not work in progress is billed."""
    room = Room()
    room.card()
    room.card(Duration=0.1, BillableStatus="Non-Billable", TimeCardStatus="Approved")
    room.card(Duration=0.25, BillableStatus="No Charge", TimeCardStatus="Billed")
    told = [(one.id, one.matter, one.seconds, one.billing, one.billed) for one in room.cards()]
    assert told == [
        ("501", "817", 5400, Billing.BILLABLE, False),
        ("502", "817", 360, Billing.NON_BILLABLE, False),
        ("503", "817", 900, Billing.NO_CHARGE, True),
    ]
    first, *_, last = room.cards()
    assert (first.narrative, first.rate, last.rate) == ("Draft answer", Decimal("450.00"), Decimal("2700.00"))
    room.card(TotalAmount=100, Duration=0.7)
    assert room.cards()[-1].rate == Decimal("142.86")
    room.card(TotalAmount=0.01, Duration=1000)
    assert room.cards()[-1].rate is None


def test_only_the_days_and_the_user_that_were_asked_for_come() -> None:
    """The first and the last day among them, whatever a search gives beside."""
    room = Room()
    for day in ("2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01"):
        room.card(day)
    room.card(FirmUserId=9)
    assert [card.day.day for card in room.cards()] == [1, 31]


def test_a_card_without_a_number_has_the_same_mark_each_time() -> None:
    """Two that say the same have two."""
    room = Room()
    rows = [{"Date": "2026-03-04", "FirmUserId": 501, "ProjectId": 817, "Duration": 1, "Notes": "x"}] * 2
    room.account.tokens["fine"] = START + 9000
    room.wire.answer = lambda _asked: Reply({"TimeCards": rows, "Status": {"ResponseCode": 200}, "access_token": "a"})
    first, again = room.cards(), room.cards()
    assert [card.id for card in first] == [card.id for card in again]
    assert len({card.id for card in first}) == 2


def test_numbers_that_are_text_are_read_and_hours_that_are_not_told_are_not_zero() -> None:
    room = Room()
    room.card(Duration="1.50", TotalAmount="675.00", FirmUserId="501", ProjectId="817")
    room.card(Duration=None, TotalAmount=None)
    assert [(one.seconds, one.rate) for one in room.cards()] == [(5400, Decimal("450.00")), (None, None)]


@pytest.mark.parametrize("row", [{}, {"Date": "soon"}, {"Duration": "long"}, {"Duration": "Infinity"}])
def test_a_card_that_cannot_be_read_is_told_beside_the_others(row: dict[str, Any]) -> None:
    """Without it, what stands there would seem to be less."""
    room = Room()
    good = {"Id": 1, "Date": "2026-03-04", "FirmUserId": 501, "ProjectId": 817, "Duration": 1}
    whole = {"Date": "2026-03-04", "FirmUserId": 501, "ProjectId": 817, "Duration": 1} | row if row else row
    room.wire.answer = lambda _asked: Reply(
        {"TimeCards": [good, whole], "Status": {"ResponseCode": 200}, "access_token": "a"}
    )
    [page] = room.biller.history("501", *MARCH)
    [bad] = page.bad
    assert "cannot be read" in bad
    assert [one.id for one in page.found] == ["1"]


def test_past_time_is_kept_with_the_matter_a_person_named(tmp_path: Path) -> None:
    """A project nobody named is kept without one: it still stands on its day."""
    room = Room(projects={"2026-001": "817"})
    room.card()
    room.card(ProjectId=818)
    with found(tmp_path) as store:
        store.systems.save_keys([Key("timesolv", Thing.TIMEKEEPER, "AOK", "501")])
        report = import_history(Office(store, Settings(), TIMEKEEPER, START), room.biller, *MARCH)
        assert (report.stored, report.unknown) == (2, 1)
        assert sorted(one.matter for one in store.billed.between(*MARCH)) == ["", "2026-001"]


# -- writing --------------------------------------------------------------------------------------


def test_no_time_card_is_written_by_the_api() -> None:
    """The hook says so, and what to do instead."""
    room = Room()
    with pytest.raises(Misused, match="not confirmed") as told:
        room.biller.create_timecard(payload())
    assert "autotime push timesolv" in told.value.hint
    assert room.wire.asked == []


def test_it_goes_through_the_doors_it_has() -> None:
    """Books, history and a sign-in; no biller of single entries."""
    biller = Room().biller
    for door in (BooksSource, HistorySource, Connectable):
        assert isinstance(biller, door)
    assert not isinstance(biller, Biller)


def test_over_a_real_socket_it_is_the_same() -> None:
    """The sign-in as a form, the search as JSON."""
    account = TimeSolv()
    account.add("Clients", ClientId="NORTH", ClientName="Northwind Mills", ClientStatus="Active")
    kept = Kept(json.dumps(SIGNED_IN))
    with account.serving() as server:
        app = {"client_id": "client-1", "base_url": server.url}
        biller = TimeSolvBiller(Connection(kept, Kept(), app), KEYS)
        assert [thing.remote for page in biller.pull({}) for thing in page.things] == ["501"]
    assert server.asked[0].form()["grant_type"] == "authorization_code"
    assert server.asked[1].json()["Criteria"] == [{"FieldName": "UserStatus", "Operator": "=", "Value": "Active"}]
    assert Decimal(server.asked[1].json()["PageSize"]) == PAGE
