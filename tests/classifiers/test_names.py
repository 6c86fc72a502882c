"""How people are named on a bill."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.classifiers.names import display_name, listed, own_domains
from autotime.domain.evidence import Participant, Role
from autotime.domain.untrusted import Untrusted
from tests.timeline.seen import TIMEKEEPER

OWN = ("firm.example",)


def named(address: str, name: str = "") -> str:
    return display_name(Participant(Role.TO, address, Untrusted(name)), OWN)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ruth Adeyemi", "R. Adeyemi"),
        ("Adeyemi, Ruth", "R. Adeyemi"),
        ("Adeyemi, Ruth M.", "R. Adeyemi"),
        ("Ruth Adeyemi, Esq.", "R. Adeyemi"),
        ("Dr. Ruth Adeyemi Jr.", "R. Adeyemi"),
        ("Ruth Adeyemi (Legal)", "R. Adeyemi"),
        ("Ruth Adeyemi/Corp/Mills@MILLS", "R. Adeyemi"),
        ("Jan van der Berg", "J. van der Berg"),
        ("Ruth", "Ruth"),
        ("Office Services", "Office Services"),
        ("ECF Notification", "ECF Notification"),
        ("Harrow Mills, Inc.", "Harrow Mills, Inc."),
        ("'Ruth Adeyemi'", "R. Adeyemi"),
    ],
)
def test_a_display_name_is_taken_at_its_word(name: str, said: str) -> None:
    assert named("x9@client.example", name) == said


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ruth.adeyemi@client.example", "R. Adeyemi"),
        ("ruth_b_adeyemi@client.example", "R. Adeyemi"),
        ("anna.smith-jones@client.example", "A. Smith-Jones"),
        ("nmann@client.example", "client.example"),
        ("jeremiahdeberry@client.example", "client.example"),
        ("r.adeyemi@client.example", "R. Adeyemi"),
        ("t..hodge@client.example", "T. Hodge"),
        ("a.b@client.example", "client.example"),
        ("no.reply@client.example", "client.example"),
        ("jdoe77@gmail.com", "jdoe77@gmail.com"),
        ("", ""),
    ],
)
def test_a_bare_address_gives_a_name_only_where_it_is_made_of_one(address: str, said: str) -> None:
    """Otherwise the organisation, or the address where the domain stands for nobody."""
    assert named(address) == said
    assert named(address, address) == said


def test_a_login_as_display_name_is_no_name() -> None:
    assert named("x@client.example", "nmann") == "client.example"


def test_colleagues_are_initials_and_where_nothing_tells_them_their_address() -> None:
    assert named("helen.lind@firm.example", "Helen Lindqvist") == "HL"
    assert named("helen.lind@firm.example") == "HL"
    assert named("hlind@firm.example") == "hlind@firm.example"


def test_a_mail_provider_is_nobodys_firm() -> None:
    """A sole practitioner with a provider's address has no colleagues among its users."""
    assert own_domains(replace(TIMEKEEPER, emails=("me@gmail.com", "me@firm.example"))) == {"firm.example"}


def test_names_are_listed_as_in_a_sentence() -> None:
    assert [listed(["A", "B", "C", "D"][:n]) for n in range(5)] == [
        "",
        "A",
        "A and B",
        "A, B and C",
        "A, B, C and others",
    ]


@given(st.text(max_size=60), st.from_regex(r"[a-z0-9._-]{0,30}", fullmatch=True))
def test_any_name_is_told_or_left_out_never_an_error(name: str, local: str) -> None:
    assert display_name(Participant(Role.TO, f"{local}@client.example", Untrusted(name)), OWN).isprintable()
