"""Scores against values worked out by hand."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.training import scores
from autotime.training.scores import Predicted

CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=60)


def predicted(right: bool, probability: float) -> Predicted:
    return Predicted("a", ("a",) if right else ("b", "c", "a"), probability, seen=True)


def test_means_and_their_errors() -> None:
    """Of 1, 2, 3: a mean of 2, a deviation of 1, an error of 1/√3; of one value, no error."""
    assert (scores.mean([1, 2, 3]), scores.standard_error([1, 2, 3])) == (2, pytest.approx(1 / sqrt(3)))
    assert (scores.mean([]), scores.standard_error([7.0])) == (0.0, 0.0)


def test_the_first_choice_and_the_first_three() -> None:
    """An answer in fourth place is neither."""
    assert (predicted(False, 0.5).right, predicted(False, 0.5).near) == (False, True)
    assert not Predicted("d", ("a", "b", "c", "d"), 0.5, seen=True).near
    assert not Predicted("d", (), 0.5, seen=True).right


def test_the_calibration_error_of_few_predictions_is_that_of_each() -> None:
    """Under fifteen, every prediction is its own bin: here .1, .8 and .4 away."""
    assert scores.calibration_error([0.9, 0.8, 0.4], [True, False, False]) == pytest.approx(1.3 / 3)


def test_the_calibration_error_is_over_fifteen_bins_of_equal_mass() -> None:
    """Thirty said .2 and thirty said .8, half of each right: each bin is .3 away, but for the one that
    holds two of either, which is right."""
    said = [0.2] * 30 + [0.8] * 30
    right = [place % 2 == 0 for place in range(60)]
    assert scores.calibration_error(said, right) == pytest.approx((28 + 28) * 0.3 / 60)


def test_a_perfect_model_has_the_error_of_chance() -> None:
    """Its error lies at the floor, which falls with the number of predictions and is 0 for certainty."""
    chance = np.random.default_rng(3)
    said = chance.random(4_000)
    was = chance.random(4_000) < said
    floor = scores.calibration_floor(said.tolist())
    assert scores.calibration_error(said.tolist(), was.tolist()) == pytest.approx(floor, abs=0.01)
    assert scores.calibration_floor(said[:200].tolist()) > 2 * floor
    assert scores.calibration_floor([1.0, 0.0, 1.0]) == 0.0


@given(CHANCES)
def test_errors_and_floors_are_fractions(said: list[float]) -> None:
    """And the floor is the same each time it is asked for."""
    right = [chance > 0.5 for chance in said]
    assert 0 <= scores.calibration_error(said, right) <= 1
    assert 0 <= scores.calibration_floor(said) <= 1
    assert scores.calibration_floor(said) == scores.calibration_floor(said)


def test_nothing_predicted_has_no_error() -> None:
    """And no coverage."""
    assert scores.calibration_error([], []) == scores.calibration_floor([]) == 0.0
    assert scores.covered([]) == (0.0, 0.0)


def test_the_threshold_is_the_lowest_that_was_right_in_95_of_100() -> None:
    """Nineteen of twenty are; eighteen are not. Nobody passes while too little is known."""
    said = [1.0 - place / 1_000 for place in range(100)]
    right = [place < 57 for place in range(100)]
    assert scores.threshold(said, right) == pytest.approx(said[59])
    assert scores.threshold(said, [False] * 100) > 1
    assert scores.threshold(said[:49], [True] * 49) > 1
    assert scores.threshold(said[:50], [True] * 50) == said[49]


def test_coverage_is_measured_with_thresholds_of_the_past_only() -> None:
    """A group says nothing of its own threshold: the first is never covered; the second passes where
    the first was right, and the third where both were."""
    first = [predicted(right=True, probability=0.9)] * 60
    second = [predicted(right=False, probability=0.95)] * 30 + [predicted(right=True, probability=0.5)] * 30
    third = [predicted(right=True, probability=0.99)] * 10
    assert scores.covered([first]) == (0.0, 0.0)
    assert scores.covered([first, second]) == (30 / 120, 0.0)
    assert scores.covered([first, second, third]) == (30 / 130, 0.0)


@given(st.lists(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=70), max_size=4))
def test_coverage_and_precision_are_fractions(groups: list[list[tuple[bool, float]]]) -> None:
    """Whatever was predicted."""
    coverage, precision = scores.covered([[predicted(right, said) for right, said in group] for group in groups])
    assert 0 <= coverage <= 1
    assert 0 <= precision <= 1
