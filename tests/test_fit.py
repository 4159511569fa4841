"""The fit finds a known model, keeps to its prior without data, pools pairs, and swaps names."""

from __future__ import annotations

import numpy as np
import pytest

from embeddings.gloss import Glossary
from eval.fitting.fit import fit_logistic, fit_weights
from eval.fitting.trials import Asked, swap_name
from rag.judge import FEATURES
from rag.options import Option
from rag.search import Findings
from rag.understand import read_question
from rag.weigh import Reading
from tests.fake_evidence import make_document, make_evidence


def test_the_weights_of_a_known_model_are_found_again() -> None:
    generator = np.random.default_rng(0)
    features = generator.normal(size=(20_000, 2))
    chance = 1 / (1 + np.exp(-(-1.0 + features @ np.array([2.0, -0.5]))))
    labels = (generator.random(len(chance)) < chance).astype(np.float64)

    weights = fit_logistic(features, labels, np.zeros(3), ridge=1.0)

    assert weights.tolist() == pytest.approx([-1.0, 2.0, -0.5], abs=0.1)


def test_a_feature_that_never_occurs_keeps_its_prior() -> None:
    features = np.array([[0.0], [0.0], [0.0], [0.0]])
    labels = np.array([1.0, 0.0, 0.0, 0.0])

    intercept, weight = fit_logistic(features, labels, np.array([0.0, -2.5]))

    assert weight == pytest.approx(-2.5)
    assert intercept == pytest.approx(np.log(1 / 3), abs=1e-3)  # the odds of the labels


def test_a_prior_far_off_does_not_throw_the_fit_out() -> None:
    generator = np.random.default_rng(1)
    features = generator.normal(size=(2_000, 2))
    labels = (features[:, 0] + generator.normal(size=2_000) > 2.5).astype(np.float64)

    near = fit_logistic(features, labels, np.zeros(3), ridge=1e-3)
    far = fit_logistic(features, labels, np.array([30.0, 20.0, -20.0]), ridge=1e-3)

    assert far.tolist() == pytest.approx(near.tolist(), abs=0.01)


def test_pairs_fitted_together_learn_from_each_other() -> None:
    """What one pair's questions never show is taken from the other's; thresholds stay apart."""
    taught, untaught = make_asked("zh-zh", shown=True), make_asked("en-en", shown=False)
    words = 1 + FEATURES.index("words")

    alone, both = fit_weights(untaught), fit_weights([*taught, *untaught])

    assert alone["en-en"][words] == 0.0
    assert both["en-en"][words] > 1.0
    assert set(both) == {"en-en", "zh-zh", "threshold en-en", "threshold zh-zh"}


def make_asked(pair: str, *, shown: bool) -> list[Asked]:
    """Forty questions of two options, of which the one that covers the words is right."""
    question = read_question("tea?", Glossary({}))
    reading = read_one_sentence()
    place, words = FEATURES.index("place"), FEATURES.index("words")
    asked = []
    for n in range(40):
        options = []
        for right in (True, False):
            row = [0.0] * len(FEATURES)
            row[place] = float(right) - (n % 3)
            row[words] = float(right and shown)
            options.append(Option(reading, None, tuple(row), 0.5))
        findings = Findings(question, (), (), {}, tuple(options))
        asked.append(Asked(pair, (), True, 15, "as it is", findings, (True, False)))
    return asked


def read_one_sentence() -> Reading:
    (evidence,) = make_evidence(make_document("a", "Tea is hot."))
    return Reading(evidence, (), 0.0, 0.0, 1.0, 1.0)


def test_a_swapped_question_asks_about_another_of_the_same_kind() -> None:
    names = {"identifier": ["X7", "Z9"], "name": ["Linhe"]}
    glossary = Glossary({})

    assert swap_name("When did the X7 open?", names, 0, glossary) == "When did the Z9 open?"
    assert swap_name("when did it open?", names, 0, glossary) == "when did it open?"
