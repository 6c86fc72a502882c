"""What was learned, and that it can be taken back as if it had never been."""

from __future__ import annotations

import time
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autotime.classifiers.features import compute
from autotime.classifiers.fitting import fit
from autotime.classifiers.memory import (
    CORRECTED,
    PICKED,
    PREFILLED,
    MatterMemory,
    lessons_of,
    refitted_at,
)
from autotime.classifiers.rules import BookRules
from autotime.domain.decisions import DecisionKind
from autotime.domain.errors import Misused
from autotime.domain.evidence import Evidence
from autotime.domain.learning import ExampleKind
from autotime.domain.matching import Ranking
from tests.classifiers.firm import (
    BOOKS,
    DAY,
    KEY,
    STRANGER,
    decision,
    example,
    filed,
    mail,
    memory,
    ranked,
    ranked_all,
    shown,
)

PAST = filed(60)
ASKED = [mail("a", "rent", "premises"), mail("b", "shares", "escrow"), mail("c", "hello", sender=STRANGER)]
NEW = mail("n", "hello", "What a day", STRANGER)


def told(rankings: list[Ranking]) -> list[list[tuple[str, float]]]:
    """Answers with their probabilities, to what a screen can show of them."""
    return [[(c.matter, round(c.probability, 3)) for c in ranking.candidates] for ranking in rankings]


def test_a_decision_teaches_at_once() -> None:
    """The next mail of that stranger is where the last one was put."""
    known = memory(PAST, also=[NEW])
    again = mail("n2", "hello", "What another day", STRANGER)
    assert ranked(again, known).probability < 0.6
    known.learn(decision(NEW, "2026-003"))
    assert ranked(again, known).choice == "2026-003"


def test_to_learn_and_unlearn_leaves_everything_as_it_was() -> None:
    """Rankings, model name and snapshot; and to unlearn what was never learned changes nothing."""
    known = memory(PAST, also=[NEW])
    before, bytes_before = ranked_all(ASKED, known), known.snapshot()
    one = decision(NEW, "2026-003")
    known.learn(one)
    assert told(ranked_all(ASKED, known)) != told(before)
    known.unlearn(one)
    known.unlearn(decision(NEW, "2026-002", "d99"))
    assert ranked_all(ASKED, known) == before
    assert known.snapshot() == bytes_before


def test_a_restored_memory_ranks_as_the_one_that_was_kept() -> None:
    """From the bytes of a snapshot, in a new process, with the features of the store."""
    known = memory(PAST, also=[NEW])
    known.learn(decision(NEW, "2026-003"))
    restored = memory([], also=[NEW, *(item for item, _ in PAST)])
    restored.restore(known.snapshot())
    assert ranked_all(ASKED, restored) == ranked_all(ASKED, known)
    assert restored.snapshot() == known.snapshot()


@pytest.mark.parametrize(
    "broken", [b"", b"{}", b"[1]", b"\xff", b'{"format":2,"lessons":{}}', b'{"format":1,"lessons":{"d":[{"a":1}]}}']
)
def test_bytes_that_are_no_snapshot_are_refused_and_nothing_is_forgotten(broken: bytes) -> None:
    """With the command to run next."""
    known = memory(PAST)
    before = known.snapshot()
    with pytest.raises(Misused) as refused:
        known.restore(broken)
    assert refused.value.hint
    assert known.snapshot() == before


@given(st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_the_order_of_lessons_does_not_matter(chance: Random) -> None:
    """What was learned counts, not when it was told."""
    shuffled = list(PAST)
    chance.shuffle(shuffled)
    assert ranked_all(ASKED, memory(shuffled)) == ranked_all(ASKED, memory(PAST))


def test_lessons_one_by_one_are_as_lessons_at_once() -> None:
    """A model that grew and a model that was fitted say the same, within what single precision tells."""
    grown = memory([], also=[item for item, _ in PAST])
    for item, label in PAST:
        grown.learn_examples([example(item, label)])
        ranked(ASKED[0], grown)
    once = memory(PAST)
    assert grown.snapshot() == once.snapshot()
    assert told(ranked_all(ASKED, grown)) == told(ranked_all(ASKED, once))


def test_learning_takes_less_than_fifty_milliseconds() -> None:
    """And so does unlearning: what is learned is worked out when it is asked for."""
    known = memory(filed(400), also=[NEW])
    ranked(ASKED[0], known)
    one = decision(NEW, "2026-003")
    began = time.perf_counter()
    known.learn(one)
    known.unlearn(one)
    assert time.perf_counter() - began < 0.1


def test_of_two_lessons_about_one_thing_the_heavier_holds() -> None:
    """A correction against a folder; of equals, the later teacher's."""
    known = memory([(NEW, "2026-002")])
    known.learn(decision(NEW, "2026-003", saw=shown(NEW, "2026-002", preselected=True)))
    assert [(one.label, one.weight) for one in known.lessons()] == [("2026-003", CORRECTED)]


def test_lessons_are_in_order_of_time() -> None:
    """Whoever taught them, and whenever they were told."""
    late, early = mail("late", at=5_000), mail("early", at=1_000)
    assert [one.at for one in memory([(late, "a"), (early, "b")]).lessons()] == [1_000, 5_000]


@pytest.mark.parametrize(
    ("saw", "label", "weight"),
    [
        (shown(NEW, "2026-001", preselected=True), "2026-001", PREFILLED),
        (shown(NEW, "2026-001", preselected=True), "2026-002", CORRECTED),
        (shown(NEW), "2026-001", PICKED),
    ],
)
def test_what_a_decision_is_worth(saw: object, label: str, weight: float) -> None:
    """Leaving what was filled in is a weak lesson, a pick a whole one, a correction a double one."""
    assert [one.weight for one in lessons_of(decision(NEW, label, saw=saw))] == [weight]  # type: ignore[arg-type]


def test_what_teaches_nothing() -> None:
    """An accept-all, what was put aside, and an undoing."""
    assert lessons_of(decision(NEW, "2026-001", bulk=True)) == []
    for kind in (DecisionKind.DEFERRED, DecisionKind.UNDONE):
        assert lessons_of(decision(NEW, "2026-001", kind=kind)) == []
    assert lessons_of(decision(NEW, "2026-001", labels=())) == []


def test_examples_of_other_kinds_teach_no_matter() -> None:
    """Minutes are another lesson."""
    known = memory(also=[NEW])
    known.learn_examples([replace(example(NEW, "2026-001"), kind=ExampleKind.DURATION)])
    assert known.lessons() == []


def test_a_lesson_whose_features_are_gone_is_left_out() -> None:
    """Or are of a version that is computed no more: nothing breaks, nothing is learned of it."""
    old = replace(compute(NEW, KEY), version=0)
    for kept in (None, old):
        known = MatterMemory({NEW.id: kept}.get, KEY)
        known.learn_examples([example(NEW, "2026-003")])
        assert known.model(BOOKS).lessons == []
        assert ranked(ASKED[2], known).choice == ""


def test_lessons_long_after_the_last_fade() -> None:
    """The same words, another matter since: the late ones are believed."""
    said = ("Weekly call", "agenda for the weekly call", STRANGER)
    before = [(mail(f"o{n}", *said, at=n * DAY), "2026-001") for n in range(12)]
    since = [(mail(f"l{n}", *said, at=(200 + n) * DAY), "2026-002") for n in range(8)]
    asked = mail("q", *said, at=209 * DAY)
    assert ranked(asked, memory(before + since)).choice == "2026-002"


def test_a_model_is_fitted_anew_every_so_many_lessons() -> None:
    """Never for more than there are; less often the more there are."""
    bases = [refitted_at(number) for number in range(3_000)]
    assert all(base <= number for number, base in enumerate(bases))
    assert bases == sorted(bases)
    assert len(set(bases)) < 100
    assert max(number - base for number, base in enumerate(bases)) < 100


def test_the_same_books_ask_for_no_new_model() -> None:
    """Other books do: their rules are part of it."""
    known = memory(PAST)
    model = known.model(BOOKS)
    assert known.model(replace(BOOKS)) is model
    assert known.model(replace(BOOKS, matters={})) is not model


def test_one_lesson_alone_can_be_learned_from() -> None:
    """And none at all."""
    item: Evidence = PAST[0][0]
    assert ranked(item, memory(PAST[:1])).choice == PAST[0][1]
    assert fit([], [], BookRules()).kernels is None


def test_many_lessons_about_one_matter_leave_no_other_answer_but_none() -> None:
    """A single label has no other to be told from: weights stay as stated."""
    known = memory([(mail(f"m{n}", "rent", at=n), "2026-002") for n in range(120)])
    ranking = ranked(ASKED[0], known)
    assert {candidate.matter for candidate in ranking.candidates} >= {"2026-002", ""}
