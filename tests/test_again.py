"""The list-wise fit finds a known model, with "none of them" as one of the choices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings.gloss import Glossary
from eval.fitting.again import PRIOR, fit_again, fit_lists, fit_softmax, rejudge
from eval.fitting.fit import format_fit
from eval.fitting.read import RetrievalTask
from eval.fitting.trials import Asked, Variant
from rag.config import Settings
from rag.reread import FEATURES
from rag.search import Findings
from rag.types import Language
from rag.understand import read_question
from tests.fake_cross_encoder import FakeCrossEncoder
from tests.fake_evidence import make_document
from tests.fake_options import make_option
from tests.test_trials import ENCODER, make_task

DOCUMENT = make_document("a", "Tea is hot.\nIce is cold.")


def test_the_weights_of_a_known_model_are_found_again() -> None:
    generator = np.random.default_rng(0)
    truth = np.array([-1.0, 1.5, -0.5])
    lists = []
    for _ in range(6_000):
        rows = generator.normal(size=(5, 2))
        totals = np.append(truth[0] + rows @ truth[1:], 0.0)
        chosen = generator.choice(6, p=np.exp(totals) / np.exp(totals).sum())
        lists.append((rows, np.arange(5) == chosen))  # the sixth is none of them

    weights = fit_softmax(lists, np.zeros(3), ridge=1.0)

    assert weights.tolist() == pytest.approx(truth.tolist(), abs=0.1)


def test_a_feature_that_never_occurs_keeps_its_prior() -> None:
    rows = np.zeros((3, 2))
    lists = [(rows, np.array([True, False, False])), (rows, np.array([False, False, False]))]

    _, *weights = fit_softmax(lists, np.array([0.0, 0.5, -2.0]))

    assert weights == pytest.approx([0.5, -2.0])


def make_asked(fitting: bool, n: int, variant: Variant) -> Asked:
    """A question whose second option is right, which the network's score alone tells."""
    told = variant == "as it is"
    options = []
    for right in (False, True):
        row = dict.fromkeys(FEATURES, 0.0) | {"score": 1.0 if right and told else -1.0 - n % 3}
        option = make_option(DOCUMENT, int(right), 0.5)
        options.append(replace(option, reread=tuple(row.values())))
    findings = Findings(read_question("tea?", Glossary({})), (), (), {}, tuple(options))
    return Asked("en-en", (), fitting, 240, variant, findings, (False, told))


def test_a_feature_that_tells_gets_weight_and_its_options_come_first() -> None:
    asked = [make_asked(True, n, variant) for n in range(60) for variant in ("as it is", "without")]
    weights = fit_lists(asked)

    assert weights["weights"][1 + FEATURES.index("score")] > PRIOR[1 + FEATURES.index("score")]
    judged = rejudge(asked[0], weights)
    assert judged.right == (True, False)
    first, second = judged.options
    assert first.probability > 0.5 > second.probability
    assert first.trust is not None
    assert first.trust > weights["threshold en-en"][0] - 1e-4
    assert weights["trust"][1 + FEATURES.index("score")] > 1.0


def test_what_is_not_for_fitting_is_not_fitted() -> None:
    asked = [make_asked(True, n, "as it is") for n in range(9)]
    others = [make_asked(False, n, "without") for n in range(50)]

    assert fit_lists([*asked, *others]) == fit_lists(asked)


def test_the_questions_of_a_folder_are_asked_and_fitted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From asking to the table, with a network that finds the years of opening."""
    network = FakeCrossEncoder("1932")
    pairs = []

    def read_task(
        data: Path, *, questions: Language, documents: Language, unit: str
    ) -> RetrievalTask:
        pairs.append(f"{questions}-{documents}")
        task = make_task()
        return replace(task, question_language=questions, document_language=documents)

    monkeypatch.setattr("eval.fitting.again.read_xquad_r", read_task)
    monkeypatch.setattr("eval.fitting.again.load_encoder", lambda settings: ENCODER)
    monkeypatch.setattr("eval.fitting.again.CrossEncoder", lambda precision: network)
    # so that there is a half to fit and one to report on
    monkeypatch.setattr("eval.fitting.trials.ARTICLES", 1)
    monkeypatch.setattr("eval.fitting.trials.PARAGRAPHS", 1)

    reports, weights = fit_again(tmp_path, Settings())

    assert sorted(pairs) == ["en-en", "en-zh", "zh-en", "zh-zh"]
    assert {report.pair for report in reports} == set(pairs)
    assert set(weights) == {"weights", "trust", *(f"threshold {pair}" for pair in pairs)}
    assert network.shown
    assert "en-zh" in format_fit(reports)
