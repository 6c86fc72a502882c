"""What the nouns promise beside their fields."""

from __future__ import annotations

import copy
import pickle
from datetime import date

import pytest

from autotime.domain.books import Books, Code, Matter, MatterStatus
from autotime.domain.evidence import Evidence, Kind, evidence_id
from autotime.domain.matching import NO_MATTER, Candidate, Ranking
from autotime.domain.people import Timekeeper
from autotime.domain.untrusted import Untrusted

LURE = Untrusted("[bold]click[/bold]")


@pytest.mark.parametrize("use", [str, lambda text: f"{text}", "%s".__mod__, "{}".format])
def test_untrusted_text_refuses_to_become_a_string_by_accident(use: object) -> None:
    with pytest.raises(TypeError, match="sink"):
        use(LURE)  # type: ignore[operator]


def test_untrusted_text_shows_its_length_and_not_its_words() -> None:
    assert repr(LURE) == "<untrusted, 18 characters>"
    assert (len(LURE), bool(LURE), bool(Untrusted())) == (18, True, False)


def test_untrusted_text_is_equal_by_its_words_and_survives_copying() -> None:
    assert copy.deepcopy(LURE) == LURE
    assert pickle.loads(pickle.dumps(LURE)) == LURE  # noqa: S301 - our own bytes
    assert LURE != "[bold]click[/bold]"
    assert len({LURE, Untrusted("[bold]click[/bold]")}) == 1


def test_evidence_keeps_privileged_text_out_of_its_repr() -> None:
    """A log or a traceback that shows an object shows no client's words."""
    item = Evidence(
        account="a", source="s", key="k", kind=Kind.MESSAGE, at=1, own=True,
        subject=Untrusted("merger"), facts={"attachment_names": "merger plan.docx"},
    )  # fmt: skip
    assert "merger" not in repr(item)


def test_the_id_of_evidence_tells_account_source_and_key_apart() -> None:
    """Joined names must not run into each other."""
    assert evidence_id("a", "bc", "d") != evidence_id("ab", "c", "d")
    assert evidence_id("a", "b", "c") == evidence_id("a", "b", "c")


def test_a_fact_that_is_no_number_counts_as_none() -> None:
    item = Evidence(
        account="a", source="s", key="k", kind=Kind.MESSAGE, at=1, own=True, facts={"words_new": "many", "bulk": True}
    )
    assert item.number("words_new", 3) == 3
    assert item.number("absent") == 0
    assert item.flag("bulk")


def test_a_move_changes_the_zone_from_its_day_on() -> None:
    mover = Timekeeper(
        id="M", last="Moss", zone="America/Chicago",
        zone_from=((date(2026, 3, 1), "America/New_York"), (date(2026, 6, 1), "Europe/Oslo")),
    )  # fmt: skip
    zones = [mover.zone_on(date(2026, month, 1)) for month in (2, 3, 5, 6, 7)]
    assert zones == ["America/Chicago", "America/New_York", "America/New_York", "Europe/Oslo", "Europe/Oslo"]


def test_a_doubtful_ranking_selects_nothing_and_still_has_a_choice() -> None:
    doubtful = Ranking("v1", (Candidate("m1", 0.4), Candidate("m2", 0.3)), confident=False)
    assert (doubtful.choice, doubtful.selected, doubtful.probability) == ("m1", NO_MATTER, 0.4)
    assert Ranking("v1", (), confident=True).selected == NO_MATTER


def test_books_offer_open_matters_and_the_codes_of_a_matters_own_set() -> None:
    lease = Matter(number="1", name="Lease", code_set="project")
    closed = Matter(number="2", name="Old", status=MatterStatus.CLOSED)
    codes = [
        Code("P400", "Draft", "project"),
        Code("L120", "Analysis", "litigation"),
        Code("A103", "Draft", "activity"),
    ]
    books = Books(matters={m.number: m for m in (lease, closed)}, codes={c.code: c for c in codes})
    assert books.open_matters() == (lease,)
    assert [code.code for code in books.task_codes(lease)] == ["P400"]
    assert books.task_codes(closed) == ()
    assert [code.code for code in books.activity_codes()] == ["A103"]
