"""What looks wrong in the books: told once, each with what a person may do; nothing is told of sound books."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autotime.billing.checking import SHARED_BY, Finding, look
from autotime.billing.names import plain
from autotime.domain.books import Books, Client, Key, Matter, MatterStatus, Thing
from autotime.domain.doors import Keys

NORTH = Client("NORTH", "Northwind Mills, Inc.", contacts=("jo@northwind.example",), phones=("+1 (217) 555-0100",))
SOLO = Client("SOLO", "Solo Press LLC", contacts=("kim@solo.example",))
CLAIM = Matter(number="2026-001", name="Claim", client="NORTH")
LEASE = Matter(number="2026-002", name="Lease", client="SOLO")


def books(*clients: Client, matters: tuple[Matter, ...] = ()) -> Books:
    return Books({one.id: one for one in clients}, {one.number: one for one in matters})


def found(*clients: Client) -> list[Finding]:
    return look(books(*clients))


def test_sound_books_have_nothing_to_look_at() -> None:
    """Two clients, their matters, and what a system calls them."""
    keys = Keys.of("clio", [Key("clio", Thing.CLIENT, "NORTH", "21"), Key("clio", Thing.TIMEKEEPER, "AOK", "7")])
    assert look(books(NORTH, SOLO, matters=(CLAIM, LEASE)), [keys], ["AOK"]) == []


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (Client("N2", "Someone", contacts=("JO@northwind.example",)), "the mail address jo@northwind.example"),
        (Client("N2", "Someone", phones=("217.555.0100 x12",)), "the phone 2175550100"),
        (Client("N2", "NORTHWIND MILLS LLC"), "names 100 of 100 alike"),
        (Client("N2", "Mills Northwind"), "names 100 of 100 alike"),
        (Client("N2", "Northwnd Mills"), "names 97 of 100 alike"),
        (Client("N2", "North-Wind Mills"), "names 97 of 100 alike"),
    ],
)
def test_duplicates_are_found_by_address_phone_and_name(other: Client, why: str) -> None:
    """With the command that makes them one: the client with more matters stays."""
    [one] = look(books(other, NORTH, matters=(CLAIM,)))
    assert (one.kind, one.things) == ("duplicate", ("NORTH", "N2"))
    assert one.says.endswith(why)
    assert one.proposal == "autotime books merge NORTH N2"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Birch Holdings 1", "Birch Holdings 2"),
        ("Ada Stone", "Ida Stein"),
        ("Northwind Mills", "Northwind Bakery"),
        ("Alder Holdings 17, LLC", "Alder Holdings 18, LLC"),
        ("Alder Birch Holdings II LP", "Alder Birch Holdings III LP"),
        ("Birchwood Capital Partners A", "Birchwood Capital Partners B"),
        ("Eastgate Property Management", "Westgate Property Management"),
        ("Bartholomew Lindqvist", "Bartholomew Lindqvist Jr."),
        ("Ada Stone Family Trust", "Ida Stone Family Trust"),
        ("Alder Hill Shipping Partners", "Elder Hill Shipping Partners"),
        ("Lindqvist-Okafor, Joan", "Lindqvist-Okafor, John"),
        ("", ""),
    ],
)
def test_names_that_only_look_alike_are_left(one: str, other: str) -> None:
    assert found(Client("A", one), Client("B", other)) == []


def test_several_reasons_are_one_finding() -> None:
    [one] = found(NORTH, replace(NORTH, id="N2"))
    assert one.says.count("the mail address") == one.says.count("the phone") == one.says.count("alike") == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Stone", "Stone, Bea"),
        ("Alder Holdings 17", "Alder Holdings 18"),
        ("Harrow Shipping Ltd", "Harrow Textiles Ltd"),
    ],
)
def test_a_family_or_a_group_at_one_address_is_not_taken_for_one(one: str, other: str) -> None:
    """It is told, and the merge is only for those who know better."""
    [found_] = found(
        Client("A", one, contacts=("home@stone.example",)), Client("B", other, contacts=("home@stone.example",))
    )
    assert (found_.kind, found_.things) == ("shared", ("A", "B"))
    assert found_.says.endswith("have the mail address home@stone.example, and names of one house")
    assert found_.proposal == "leave them, if they are a family or a group; if not: autotime books merge A B"


@pytest.mark.parametrize("other", ["J. Stone", "Jo Stone", "Stone", "Joanna Stone-Harrow", "Greyfield Ltd"])
def test_one_address_and_names_that_may_be_one_is_a_duplicate(other: str) -> None:
    """Initials, short forms, a married name, another name altogether."""
    one = Client("A", "Joanna Stone", contacts=("jo@stone.example",))
    assert [each.kind for each in found(one, replace(one, id="B", name=other))] == ["duplicate"]


def test_the_firms_own_people_make_no_two_clients_one() -> None:
    """Nor does a matter that knows only them have somebody to be matched by."""
    ours = ("ada@firm.example", "desk@firm.example")
    clients = (Client("A", "Quayside", contacts=ours), Client("B", "Harrow", contacts=ours))
    lone = Matter(number="1", name="One", client="A")
    assert {each.kind for each in look(books(*clients, matters=(lone,)))} == {"duplicate"}
    [told] = look(books(*clients, matters=(lone,)), own={"ada@firm.example", "firm.example"})
    assert (told.kind, told.things) == ("no_contacts", ("1",))


def test_words_in_another_order_are_found_among_many_of_one_word() -> None:
    """However far apart they stand by the alphabet."""
    many = [Client(str(number), f"Harrow {number} Mills") for number in range(300)]
    [one] = found(*many, Client("A", "Zephyr Harrow Mills"), Client("B", "Mills, Harrow Zephyr"))
    assert one.things == ("A", "B")


def test_what_is_surest_comes_first() -> None:
    """Several reasons before one, and the nearest names before others."""
    pairs = [
        ("C", "Solo Press", ()),
        ("D", "Solo Pres", ()),
        ("E", "Harrow", ("a@h.example",)),
        ("F", "Harrow", ("a@h.example",)),
    ]
    twice = [Client("A", "Quayside Mills"), Client("B", "Quayside Mills")]
    told = found(*(Client(of, name, contacts=mails) for of, name, mails in pairs), *twice)
    assert [each.things for each in told] == [("E", "F"), ("A", "B"), ("C", "D")]


def test_an_address_that_many_share_is_no_sign() -> None:
    """It is told once, and no merge is proposed."""
    names = ("Birch", "Cedar", "Elder", "Maple", "Willow")
    assert len(names) > SHARED_BY
    [one] = found(*(Client(name, name, contacts=("books@agent.example",)) for name in names))
    assert (one.kind, one.things) == ("shared", names)


def test_a_client_that_was_merged_is_none_any_more() -> None:
    assert look(books(NORTH, replace(NORTH, id="N2")), merged={"N2": "NORTH"}) == []


def test_orphans_name_what_would_bring_the_other_half() -> None:
    """A matter whose client nobody knows, and a system's id of something that is gone."""
    keys = Keys.of("clio", [Key("clio", Thing.MATTER, "2025-001", "31"), Key("clio", Thing.ACTIVITY, "A103", "42")])
    lost = replace(CLAIM, client="clio:99", contacts=("a@b.example",))
    odd = replace(LEASE, client="NOBODY", contacts=("a@b.example",))
    one, two, three = look(books(matters=(lost, odd)), [keys])
    assert {each.kind for each in (one, two, three)} == {"orphan"}
    assert (one.things, one.proposal) == (("2026-001",), "autotime books pull clio --everything")
    assert (two.things, two.proposal) == (("2026-002",), "autotime books import FILE.csv")
    assert three.says == "clio 31 is known as matter 2025-001, which is not in the books"


def test_matters_that_mail_cannot_reach_are_told() -> None:
    """Open ones, where neither they nor their client have an address."""
    bare = Client("BARE", "Bare Ltd")
    own = Matter(number="1", name="One", client="BARE", domains=("one.example",))
    none, shut = replace(own, number="2", domains=()), replace(own, number="3", domains=(), status=MatterStatus.CLOSED)
    [one] = look(books(bare, NORTH, matters=(own, none, shut, CLAIM)))
    assert (one.kind, one.things) == ("no_contacts", ("2",))


def test_a_closed_matter_that_is_worked_on_is_told() -> None:
    """An open one is not, whatever is said of it."""
    shut = replace(CLAIM, status=MatterStatus.CLOSED)
    why = {"2026-001": "a suggestion of 2026-03-02 names it", "2026-002": "so too", "gone": "so too"}
    [one] = look(books(NORTH, SOLO, matters=(shut, LEASE)), lately=why)
    assert (one.kind, one.says) == ("closed", "2026-001 «Claim» is closed, and a suggestion of 2026-03-02 names it")


def test_a_name_of_nothing_but_forms_keeps_its_words() -> None:
    """Else all such would be one."""
    assert plain("The Company, Inc.") == "the company inc"
    assert plain("O'Hara & Sons Co.") == "ohara sons"
