"""The firm's books out of PracticePanther."""

from __future__ import annotations

from decimal import Decimal

import pytest

from autotime.domain.books import Client, Code, MatterStatus, Thing
from autotime.domain.doors import BooksPage, Pulled

from .room import Room, room


def pulled(there: Room, cursors: dict[str, str] | None = None) -> list[BooksPage]:
    return list(there.biller().pull(cursors or {}))


def things(pages: list[BooksPage], kind: Thing) -> dict[str, Pulled]:
    return {one.remote: one for page in pages for one in page.things if one.kind is kind}


def only(pages: list[BooksPage], part: str) -> BooksPage:
    """The last page of a part."""
    return [page for page in pages if page.part == part][-1]


def test_people_and_clients_come_before_the_matters_that_name_them():
    parts = list(dict.fromkeys(page.part for page in pulled(room())))
    assert parts == ["users", "clients", "activities", "matters"]


def test_a_matter_has_its_number_its_client_and_its_rate_in_text_read():
    there = room()
    there.panther.changes(there.matter, rate="412.50")
    found = things(pulled(there), Thing.MATTER)[there.matter["id"]]
    assert (found.noun.number, found.noun.name, found.noun.client) == (
        "1042",
        "Northwind v. Harrow",
        there.client["id"],
    )
    assert found.noun.rate == Decimal("412.50")
    assert found.version == there.matter["updated_at"]


@pytest.mark.parametrize(
    ("rate", "read"), [("", None), ("0", Decimal(0)), ("$1,250.00", Decimal(1250)), ("95", Decimal(95))]
)
def test_a_matters_rate_is_what_its_text_says(rate: str, read: Decimal | None):
    there = room()
    there.panther.changes(there.matter, rate=rate)
    assert things(pulled(there), Thing.MATTER)[there.matter["id"]].noun.rate == read


def test_a_matter_whose_rate_cannot_be_read_is_told_and_left_out():
    there = room()
    there.panther.changes(there.matter, rate="by agreement")
    pages = pulled(there)
    assert there.matter["id"] not in things(pages, Thing.MATTER)
    assert [bad for page in pages for bad in page.bad] == [
        f"matters {there.matter['id']}: its rate is no number: put it right there"
    ]


@pytest.mark.parametrize(
    ("status", "read"),
    [("Open", "open"), ("Pending", "pending"), ("Closed", "closed"), ("Archived", "closed")],
)
def test_every_status_of_a_matter_has_one_of_ours(status: str, read: str):
    there = room()
    there.panther.changes(there.matter, status=status)
    assert things(pulled(there), Thing.MATTER)[there.matter["id"]].noun.status is MatterStatus(read)


def test_a_matter_without_a_number_has_none_with_us_either():
    there = room()
    bare = there.panther.matter("Sole matter")
    found = things(pulled(there), Thing.MATTER)[bare["id"]]
    assert (found.noun.number, found.noun.client) == ("", "")


def test_a_client_has_the_mail_addresses_and_phones_of_its_persons():
    there = room()
    inside = {"display_name": "Cy Dean", "email": "Cy@Northwind.example", "phone_work": "555-0100"}
    there.panther.changes(there.client, primary_contact=inside)
    there.panther.contact(there.client, "Dee Roe", "dee@northwind.example", phone_mobile="555-0101")
    there.panther.contact(there.client, "Cy Dean", "cy@northwind.example")
    there.panther.contact(there.client, "Left Long Ago", "left@northwind.example", status="Archived")
    assert things(pulled(there), Thing.CLIENT)[there.client["id"]].noun == Client(
        "17",
        "Northwind Mills, Inc.",
        contacts=("cy@northwind.example", "dee@northwind.example"),
        phones=("555-0100", "555-0101"),
    )


def test_a_client_without_a_number_is_known_by_the_systems_own_id():
    there = room()
    solo = there.panther.account("Solo Press LLC")
    assert things(pulled(there), Thing.CLIENT)[solo["id"]].noun.id == solo["id"]


def test_people_have_names_and_mail_addresses_and_no_rate():
    there = room()
    ada = things(pulled(there), Thing.TIMEKEEPER)[there.ada["id"]].noun
    assert (ada.first, ada.last, ada.emails, ada.rate) == ("Ada", "Okafor", ("ada@okafor.example",), None)


def test_items_are_activities_and_those_with_a_code_of_utbms_say_so():
    there = room()
    own = there.panther.item("Phone call", "CALL")
    bare = there.panther.item("Filing")
    found = things(pulled(there), Thing.ACTIVITY)
    assert [found[one["id"]].noun for one in (there.item, own, bare)] == [
        Code("A103", "Draft/revise", "activity"),
        Code("CALL", "Phone call", "practicepanther"),
        Code("", "Filing", "practicepanther"),
    ]


def test_a_first_pull_is_whole_and_tells_where_to_go_on():
    there = room()
    there.panther.page = 1
    pages = pulled(there)
    ends = {page.part: page for page in pages if page.cursor}
    assert {part: page.whole for part, page in ends.items()} == dict.fromkeys(
        ("users", "clients", "activities", "matters"), True
    )
    assert all(page is ends[page.part] for part in ends for page in [only(pages, part)])
    assert ends["matters"].cursor.endswith("Z")
    assert not any(page.whole for page in pages if not page.cursor)


def test_a_later_pull_reads_what_changed_and_says_it_is_not_whole():
    there = room()
    there.clock.sleep(3_600)
    cursors = {page.part: page.cursor for page in pulled(there) if page.cursor}
    there.clock.sleep(3_600)
    there.panther.changes(there.other, name="Warehouse lease, renewed")
    pages = pulled(there, cursors)
    assert [one.noun.name for one in things(pages, Thing.MATTER).values()] == ["Warehouse lease, renewed"]
    assert not any(page.whole for page in pages)
    assert all(one.query.get("updated_since", "Z").endswith("Z") for one in there.wire.asked)
    assert {page.part for page in pages if page.cursor > cursors[page.part]} == set(cursors)


def test_a_change_that_falls_into_a_pull_is_not_missed():
    """The time to go on from lies before the first request of the list."""
    there = room()
    pages, cursors = there.biller().pull({}), {}
    for page in pages:
        cursors |= {page.part: page.cursor} if page.cursor else {}
        if page.part == "matters" and not page.cursor:
            there.panther.changes(there.matter, name="Renamed while it was read")
            there.clock.sleep(120)
    again = things(pulled(there, cursors), Thing.MATTER)
    assert again[there.matter["id"]].noun.name == "Renamed while it was read"


@pytest.mark.parametrize("ahead", [-7_200, -240, 0, 240, 7_200])
def test_a_machine_whose_clock_is_wrong_misses_no_change(ahead: int):
    there = room()
    there.clock.sleep(3_600)
    biller = there.biller(wall=lambda: there.clock() + ahead)
    cursors: dict[str, str] = {}
    for page in biller.pull({}):
        cursors |= {page.part: page.cursor} if page.cursor else {}
        if page.part == "users" and page.cursor:
            there.panther.changes(there.ada, last_name="Okafor-Lind")
    assert [one.noun.last for one in things(pulled(there, cursors), Thing.TIMEKEEPER).values()] == ["Okafor-Lind"]


def test_a_client_that_changed_with_its_person_comes_once():
    there = room()
    there.clock.sleep(3_600)
    cursors = {page.part: page.cursor for page in pulled(there) if page.cursor}
    there.clock.sleep(3_600)
    there.panther.contact(there.client, "Eve New", "eve@northwind.example")
    there.panther.changes(there.client, display_name="Northwind Mills Group")
    assert len([one for page in pulled(there, cursors) for one in page.things if one.kind is Thing.CLIENT]) == 1


def test_a_person_who_changed_changes_the_client_and_keeps_the_others():
    there = room()
    there.panther.contact(there.client, "Dee Roe", "dee@northwind.example")
    there.clock.sleep(3_600)
    cursors = {page.part: page.cursor for page in pulled(there) if page.cursor}
    there.clock.sleep(3_600)
    there.panther.contact(there.client, "Eve New", "eve@northwind.example")
    (found,) = things(pulled(there, cursors), Thing.CLIENT).values()
    assert found.noun.contacts == ("dee@northwind.example", "eve@northwind.example")


def test_a_client_that_changed_keeps_its_persons():
    there = room()
    there.panther.contact(there.client, "Dee Roe", "dee@northwind.example")
    there.clock.sleep(3_600)
    cursors = {page.part: page.cursor for page in pulled(there) if page.cursor}
    there.clock.sleep(3_600)
    there.panther.changes(there.client, display_name="Northwind Mills Group")
    (found,) = things(pulled(there, cursors), Thing.CLIENT).values()
    assert (found.noun.name, found.noun.contacts) == ("Northwind Mills Group", ("dee@northwind.example",))


def test_what_has_no_id_is_told_and_the_rest_is_read():
    there = room()
    there.panther.records["matters"].append({"name": "Ghost", "status": "Open"})
    pages = pulled(there)
    assert len(things(pages, Thing.MATTER)) == 3
    assert [bad for page in pages for bad in page.bad] == ["matters without an id: it has no id"]


def test_texts_of_the_system_are_cleaned():
    there = room()
    there.panther.changes(there.matter, name="Evil\x1b]0;title\x07 matter\u202e")
    name = things(pulled(there), Thing.MATTER)[there.matter["id"]].noun.name
    assert "\x1b" not in name
    assert "\u202e" not in name


def test_every_page_of_a_long_list_is_read():
    there = room()
    for number in range(250):
        there.panther.matter(f"Matter {number}", number=2_000 + number, account=there.client)
    assert len(things(pulled(there), Thing.MATTER)) == 253
    assert [one.query["$skip"] for one in there.asked("matters")] == ["0", "100", "200", "253"]
