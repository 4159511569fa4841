"""The fit finds the weights of a known model, keeps to its prior without data, and swaps names."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.gloss import Glossary
from eval.fitting.fit import fit_logistic
from eval.fitting.trials import swap_name


def test_the_weights_of_a_known_model_are_found_again() -> None:
    generator = np.random.default_rng(0)
    features = generator.normal(size=(20_000, 2))
    chance = 1 / (1 + np.exp(-(-1.0 + features @ np.array([2.0, -0.5]))))
    labels = (generator.random(len(chance)) < chance).astype(np.float64)

    weights = fit_logistic(features, labels, np.zeros(2), ridge=1.0)

    assert weights.tolist() == pytest.approx([-1.0, 2.0, -0.5], abs=0.1)


def test_a_feature_that_never_occurs_keeps_its_prior() -> None:
    features = np.array([[0.0], [0.0], [0.0], [0.0]])
    labels = np.array([1.0, 0.0, 0.0, 0.0])

    intercept, weight = fit_logistic(features, labels, np.array([-2.5]))

    assert weight == pytest.approx(-2.5)
    assert intercept == pytest.approx(np.log(1 / 3), abs=1e-3)  # the odds of the labels


def test_a_swapped_question_asks_about_another_of_the_same_kind() -> None:
    names = {"identifier": ["X7", "Z9"], "name": ["Linhe"]}
    glossary = Glossary({})

    assert swap_name("When did the X7 open?", names, 0, glossary) == "When did the Z9 open?"
    assert swap_name("when did it open?", names, 0, glossary) == "when did it open?"
