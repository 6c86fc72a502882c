"""The ridge: it solves what it says, grows without a new fit, and remembers what it would have said."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autotime.classifiers import logit
from autotime.classifiers.kernels import RIDGES, Kernels, likeness, shared
from autotime.classifiers.nearness import lead, middle, nearest, steep, votes
from autotime.classifiers.ridge import Ridge
from autotime.classifiers.views import DAY, Space, prepare
from autotime.domain.learning import FEATURE_VERSION, Features

Lessons = tuple[np.ndarray, np.ndarray, np.ndarray]


@st.composite
def lessons(draw: st.DrawFn) -> Lessons:
    """Likeness among some lessons, their doubts, and the classes wanted."""
    number, classes = draw(st.integers(2, 12)), draw(st.integers(1, 4))
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows = chance.normal(size=(number, 5))
    wanted = np.eye(classes)[chance.integers(0, classes, number)]
    return rows @ rows.T, chance.uniform(0.2, 2.0, number), wanted


def fitted(known: Lessons, number: int | None = None) -> Ridge:
    likeness_, doubt, wanted = known
    n = number if number is not None else len(doubt)
    return Ridge(likeness_[:n, :n].copy(), doubt[:n].copy(), wanted[:n])


@given(lessons())
def test_scores_solve_the_equations_of_ridge_regression(known: Lessons) -> None:
    """``K (K + D)⁻¹ Y``, as any textbook says."""
    alike, doubt, wanted = known
    plain = alike @ np.linalg.solve(alike + np.diag(doubt), wanted)
    np.testing.assert_allclose(fitted(known).score(alike), plain, atol=1e-8)


@given(lessons())
@settings(max_examples=50)
def test_what_was_said_before_each_lesson_is_what_a_fit_on_the_lessons_before_it_says(known: Lessons) -> None:
    """Row by row, from a ridge that never saw the lesson or any after it."""
    alike, doubt, wanted = known
    before = fitted(known).before(wanted)
    assert np.allclose(before[0], 0)
    for place in range(1, len(doubt)):
        alone = fitted(known, place).score(alike[place : place + 1, :place])
        np.testing.assert_allclose(before[place : place + 1], alone, atol=1e-8)


@given(lessons(), st.data())
@settings(max_examples=50)
def test_lessons_added_later_are_as_if_fitted_at_once(known: Lessons, data: st.DataObject) -> None:
    """However they are cut, and when new classes come with them."""
    alike, doubt, wanted = known
    cut = data.draw(st.integers(1, len(doubt) - 1))
    first = int(wanted[:cut].argmax(axis=1).max()) + 1
    grown = Ridge(alike[:cut, :cut].copy(), doubt[:cut], wanted[:cut, :first])
    for place in range(cut, len(doubt)):
        one = slice(place, place + 1)
        grown.extend(alike[one, :place], alike[one, one], doubt[one], wanted[one])
    np.testing.assert_allclose(grown.score(alike), fitted(known).score(alike), atol=1e-7)


def pieces(number: int) -> list[Features]:
    chance = np.random.default_rng(7)

    def block(size: int) -> dict[int, int]:
        return {int(term): int(chance.integers(1, 4)) for term in chance.integers(1, 40, size)}

    names = ("new", "subject", "chars", "people", "thread")
    return [Features(FEATURE_VERSION, {name: block(6) for name in names}) for _ in range(number)]


def test_three_ridges_grow_together_as_if_fitted_at_once() -> None:
    """In single precision, within what it can tell apart."""
    ready = [prepare(item) for item in pieces(12)]
    rows = Space(ready).rows(ready)
    doubt, wanted = np.linspace(0.3, 1.0, 12), np.eye(3)[np.arange(12) % 3]
    whole = Kernels(rows, likeness(rows, rows), doubt, wanted)
    part = tuple(field[:8] for field in rows)
    grown = Kernels(part, likeness(part, part), doubt[:8], wanted[:8])
    grown.extend(tuple(field[8:] for field in rows), doubt[8:], wanted[8:])
    asked = whole.likeness(rows)
    for name, one, other in zip(RIDGES, grown.score(asked), whole.score(asked), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4, err_msg=name)


def test_a_thing_is_wholly_like_itself() -> None:
    """And no two things are more alike than that."""
    ready = [prepare(item) for item in pieces(6)]
    rows = Space(ready).rows(ready)
    alike = shared(likeness(rows, rows))
    np.testing.assert_allclose(np.diag(alike), 1.0, atol=1e-5)
    assert alike.min() >= 0
    assert alike.max() <= 1 + 1e-5


def test_a_term_that_was_never_learned_says_nothing() -> None:
    """It is not in the vocabulary, and nothing breaks where nothing is known at all."""
    known, stranger = pieces(3), Features(FEATURE_VERSION, {"new": {10**15: 4}})
    text, _, _ = Space([prepare(item) for item in known]).rows([prepare(stranger)])
    assert text.nnz == 0
    assert Space([]).rows([prepare(known[0])])[0].nnz == 0


def test_the_lead_is_over_the_best_other() -> None:
    """Also for the best itself; one label alone leads nobody."""
    np.testing.assert_allclose(lead(np.array([[0.5, 0.2, 0.9]])), [[-0.4, -0.7, 0.4]])
    np.testing.assert_allclose(lead(np.array([[0.5]])), [[0.0]])


def test_neighbours_vote_by_likeness_and_lateness() -> None:
    """A month halves a vote; a likeness twice as great counts sixteen times."""
    answers = np.array([0, 1])
    alike, now = np.array([[0.5, 0.5]]), np.zeros((1, 2))
    np.testing.assert_allclose(votes(alike, now, answers, 2), [[0.5, 0.5]])
    np.testing.assert_allclose(votes(alike, np.array([[0.0, 30 * DAY]]), answers, 2), [[2 / 3, 1 / 3]])
    np.testing.assert_allclose(votes(np.array([[0.8, 0.4]]), now, answers, 2), [[16 / 17, 1 / 17]])
    assert not votes(np.zeros((1, 0)), np.zeros((1, 0)), np.zeros(0, dtype=int), 2).any()


def test_the_nearest_and_the_middle_of_each_label() -> None:
    """A label nobody may know of yet has neither."""
    alike, answers = np.array([[0.1, 0.9, 0.4, 0.0]]), np.array([0, 0, 1, 2])
    np.testing.assert_allclose(nearest(alike, answers, 3), [[0.9, 0.4, 0.0]])
    np.testing.assert_allclose(middle(alike, np.array([3]), answers, 3), [[0.5, 0.4, 0.0]])


def test_a_steep_share_of_nothing_is_nothing() -> None:
    """And what is below nothing is nothing too."""
    np.testing.assert_allclose(steep(np.array([-0.3, 0.0, 0.05])), [0.0, 0.0, np.log(2)])


def test_the_weights_stay_where_they_were_stated_while_nothing_is_known() -> None:
    """And move towards the view that was right."""
    prior = np.array([1.0, 1.0])
    none = np.zeros((0, 2, 2))
    np.testing.assert_allclose(logit.weigh(none, none[:, :, 0] > 0, np.zeros(0, int), np.zeros(0), prior, 1.0), prior)
    views = np.tile(np.array([[1.0, 0.0], [0.0, 1.0]]), (40, 1, 1))
    there, right = np.ones((40, 2), dtype=bool), np.zeros(40, dtype=int)
    learned = logit.weigh(views, there, right, np.ones(40), prior, 1.0)
    assert learned[0] > 1 > learned[1]


def test_shares_of_a_softmax() -> None:
    """An answer beside the candidates takes its share; a place without a candidate takes none."""
    np.testing.assert_allclose(logit.softmax(np.array([[0.0, 0.0]]), none=0.0), [[1 / 3, 1 / 3]])
    scored = logit.scores(np.zeros((1, 2, 1)), np.array([[True, False]]), np.ones(1))
    np.testing.assert_allclose(logit.softmax(scored), [[1.0, 0.0]])
    assert logit.softmax(np.zeros((2, 0))).shape == (2, 0)
