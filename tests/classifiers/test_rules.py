"""What the books say of a piece of evidence, when only its hashed features are left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autotime.classifiers.features import compute, hasher
from autotime.classifiers.rules import BOOKED, OUTSIDER, Hit, book_rules, telling
from autotime.domain.books import Books
from autotime.domain.evidence import Evidence, Participant, Role
from tests.classifiers.firm import BOOKS, CONTACT, KEY, LEASE, MERGER, MILL, STRANGER, books, mail
from tests.timeline.seen import ME


def hits(item: Evidence, firm: Books = BOOKS, *, known: bool = True) -> dict[str, list[Hit]]:
    return book_rules(firm, hasher(KEY)).hits(compute(item, KEY), known)


def told(item: Evidence, firm: Books = BOOKS) -> dict[str, list[str]]:
    return {matter: [hit.rule for hit in strong] for matter, strong in hits(item, firm).items()}


@pytest.mark.parametrize(
    ("item", "matter", "rule", "reason"),
    [
        (mail("m", "Re: 1:26-CV-00417", sender=STRANGER), MILL, "docket", "docket number 1:26-cv-00417"),
        (mail("m", "", "Please file under 2026-002.", STRANGER), LEASE, "number", "matter number 2026-002"),
        (mail("m", "Hello", sender=CONTACT), MILL, "contact", "a contact of this matter takes part"),
        (mail("m", "Hello", sender="cfo@solstice.example"), MERGER, "domain", "mail with solstice.example"),
        (mail("m", "Harrow Freight", sender=STRANGER), MILL, "name", "the party Harrow Freight"),
        (mail("m", "The Dockside plans", sender=STRANGER), LEASE, "name", "«Dockside»"),
        (mail("m", "Solstice merger", sender=STRANGER), MERGER, "name", "the matter's name"),
        (
            mail("m", sender=STRANGER, place="Work/Quayside_warehouse-lease"),
            LEASE,
            "filed",
            "filed in this matter's folder",
        ),
    ],
)
def test_each_rule_speaks_for_its_matter(item: Evidence, matter: object, rule: str, reason: str) -> None:
    """In words a person can check."""
    found = hits(item)[matter.number]  # type: ignore[attr-defined]
    assert reason in [hit.reason for hit in found if hit.rule == rule]


def test_the_strongest_rule_comes_first() -> None:
    """In the order of the rules: what is filed, then numbers, people, names."""
    item = mail("m", "Northwind Mills v. Harrow", "1:26-cv-00417", CONTACT, place="2026-001")
    assert told(item)[MILL.number] == [rule for rule in BOOKED if rule != "number"]


def test_a_contact_of_two_matters_says_less_of_each() -> None:
    """And a domain that many share, less still."""
    shared = replace(MERGER, contacts=(CONTACT,), domains=("northwind.example",))
    one, two = hits(mail("m"))[MILL.number], hits(mail("m"), books(MILL, shared))[MILL.number]
    strength = {hit.rule: hit.strength for hit in one}
    less = {hit.rule: hit.strength for hit in two}
    assert strength["contact"] == strength["domain"] == 1.0
    assert less["domain"] < less["contact"] < 1.0


def test_words_from_an_outsider_count_less() -> None:
    """A name is easily dropped; an address of the books is not."""
    item = mail("m", "Harrow Freight", sender=STRANGER)
    trusted, outside = hits(item)[MILL.number][0], hits(item, known=False)[MILL.number][0]
    assert outside.strength == pytest.approx(trusted.strength * OUTSIDER)


def test_a_name_in_a_quoted_chain_says_less_than_one_in_the_subject() -> None:
    """A chain may be about anything."""
    above, below = mail("m", "Dockside", sender=STRANGER), mail("m", quoted="Dockside", sender=STRANGER)
    assert hits(below)[LEASE.number][0].strength < hits(above)[LEASE.number][0].strength


def test_part_of_a_name_is_not_the_name() -> None:
    """One word of three that say something is too little; words that every firm uses say nothing."""
    assert LEASE.number not in hits(mail("m", "warehouse", sender=STRANGER))
    assert telling("The Quayside Group, Inc. v. Co") == ["quayside"]
    assert not hits(mail("m", "the general agreement, new matter", sender=STRANGER))


def test_closed_matters_have_no_rules() -> None:
    """Whatever names them."""
    assert "2019-900" not in hits(mail("m", "Obelisk foreclosure 2:19-cv-00900", sender="a@obelisk.example"))


def test_those_in_copy_take_part_too() -> None:
    """A contact need not be the one who writes."""
    people = (Participant(Role.FROM, ME), Participant(Role.TO, STRANGER), Participant(Role.CC, CONTACT))
    assert "contact" in told(mail("m", people=people, own=True))[MILL.number]


def test_a_name_without_words_that_say_something_makes_no_rule() -> None:
    """A matter called «General advice» is not meant by every advice."""
    firm = books(replace(LEASE, name="General advice", aliases=(), client=""))
    assert not hits(mail("m", "General advice", sender=STRANGER), firm)
