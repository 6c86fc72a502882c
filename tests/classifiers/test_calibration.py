"""From a score to a probability: what it learns, what it doubts, and when it is sure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autotime.classifiers import calibration
from autotime.classifiers.calibration import CAREFUL, ENOUGH, PRIOR, REST, Calibrator
from autotime.classifiers.slate import VIEWS

RULE = 8
"""The sign whose weight is stated rather than learned."""


def signs(number: int, seed: int = 0) -> np.ndarray:
    """Rows of signs that look as real ones do: an odd, leads, counts and circumstances."""
    chance = np.random.default_rng(seed)
    found = chance.uniform(0, 1, (number, len(PRIOR)))
    found[:, 0], found[:, 1] = 1.0, chance.normal(0, 2, number)
    return found


def answered(seen: np.ndarray, weights: np.ndarray, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random(len(seen)) < 1 / (1 + np.exp(-seen @ weights))


def test_probabilities_come_to_mean_what_they_say() -> None:
    """Of three thousand predictions, those said to be right p of the time were."""
    truth = np.where(np.arange(len(PRIOR)) == RULE, PRIOR, PRIOR * 0.4)
    seen = signs(6_000)
    right = answered(seen, truth)
    learned = calibration.fit(seen[:3_000], right[:3_000], np.ones(3_000, dtype=bool))
    said, was = learned.probability(seen[3_000:]), right[3_000:]
    for low in (0.2, 0.4, 0.6, 0.8):
        among = (said >= low) & (said < low + 0.2)
        assert was[among].mean() == pytest.approx(said[among].mean(), abs=0.06)


def test_little_past_makes_it_less_sure_than_much() -> None:
    """The same answers, all right: twenty of them allow less than two thousand."""
    few, many = signs(20), signs(2_000)
    learned = [calibration.fit(seen, np.ones(len(seen), bool), np.ones(len(seen), bool)) for seen in (few, many)]
    asked = signs(50, seed=9)
    assert learned[0].probability(asked).mean() < learned[1].probability(asked).mean()


@given(st.integers(0, 300), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_what_it_says_is_a_probability(number: int, seed: int) -> None:
    """And so is its threshold, from any past at all."""
    seen = signs(number, seed)
    right = np.random.default_rng(seed).random(number) < 0.7
    learned = calibration.fit(seen, right, np.ones(number, dtype=bool))
    said = learned.probability(signs(30, seed + 1) * 50)
    assert ((said >= 0) & (said <= 1)).all()
    assert 0 < learned.threshold <= 1
    assert 0 <= learned.rest <= 1


def test_doubt_about_the_weights_draws_a_probability_towards_a_half() -> None:
    """On either side of it, and never across."""
    sure = Calibrator(np.array([2.0]), np.zeros((1, 1)))
    unsure = Calibrator(np.array([2.0]), np.eye(1) * 10)
    asked = np.array([[1.0], [-1.0]])
    assert sure.probability(asked)[0] > unsure.probability(asked)[0] > 0.5
    assert sure.probability(asked)[1] < unsure.probability(asked)[1] < 0.5


def test_the_threshold_is_careful_until_there_is_enough_past() -> None:
    """Then it is where the past was right often enough; nowhere, if it never was."""
    few = np.ones(ENOUGH - 1, dtype=bool)
    assert calibration._threshold(np.full(len(few), 0.9), few) == CAREFUL
    chance = np.linspace(1.0, 0.0, 1_000)
    right = chance > 0.4
    assert 0.35 < calibration._threshold(chance, right) < 0.45
    assert calibration._threshold(chance, ~right) == CAREFUL


def test_one_of_ten_that_was_wrong_above_it_lowers_no_threshold() -> None:
    """Ninety of a hundred are too few."""
    chance, right = np.linspace(1.0, 0.5, 400), np.arange(400) % 10 != 0
    assert calibration._threshold(chance, right) == CAREFUL


def test_what_is_left_goes_to_the_others_as_often_as_they_were_right() -> None:
    """Where the first was wrong and the answer stood beside it, or did not stand at all."""
    seen, wrong = signs(1_000), np.zeros(1_000, dtype=bool)
    beside = calibration.fit(seen, wrong, ~wrong).rest
    nowhere = calibration.fit(seen, wrong, wrong).rest
    assert nowhere < 0.05 < REST < 0.95 < beside


def test_the_signs_of_one_item() -> None:
    """One, odds, lead over the second, the chosen candidate's views, agreement, rule, circumstances."""
    shares = np.array([[0.2, 0.8]])
    views = np.zeros((1, 2, len(VIEWS)))
    for name in ("hybrid", "plain", "among", "votes"):
        views[0, 1, VIEWS.index(name)] = 0.5
    views[0, 0, VIEWS.index("nearest")] = 0.9
    views[0, 1, VIEWS.index("docket")] = 1.0
    found = calibration.signs(shares, views, np.array([[0.3, 0.1]]))[0]
    np.testing.assert_allclose(found[:3], [1.0, np.log(4), 0.6], atol=1e-9)
    np.testing.assert_allclose(found[-4:], [0.8, 1.0, 0.3, 0.1])


def test_circumstances_are_how_much_is_known_and_how_new_it_was() -> None:
    """0 at a hundred lessons, 1 at a thousand; all is new before the first."""
    assert calibration.circumstances(100, [True, False]) == (0.0, 0.5)
    assert calibration.circumstances(1_000, []) == pytest.approx((1.0, 1.0))
