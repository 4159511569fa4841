"""What a run cost is its tokens times their prices, and no page shows it as a share."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.measures.cost import Prices, measure_cost, read_prices
from eval.measures.grade import MEASURES
from eval.measures.metrics import Mean
from eval.pages.markdown import render_markdown
from eval.pages.page import render_page
from eval.pages.usage import format_mean, format_number, format_range, list_usage
from eval.report import Report, make_report
from eval.runs import read_run, run_questions
from eval.suite import format_summary
from rag.errors import CorpusError
from rag.types import Answer, Usage
from tests.fake_reports import OPENED, RIGHT, UNTOLD, make_record, make_small_report
from tests.fakes import WHEN_EN, fake_ask

PRICES = {"prompt": 2.0, "completion": 10.0}


def make_costly_report(details: dict[str, object]) -> Report:
    """Two questions of a model, of 1,000 and 2,000 tokens read and 50 written, and one without."""
    records = [
        make_record(
            replace(OPENED, id=str(read)),
            replace(fake_ask(WHEN_EN), usage=Usage(read, 50)),
            measures={**RIGHT, "prompt tokens": float(read), "completion tokens": 50.0},
        )
        for read in (1000, 2000)
    ]
    return make_report([*records, make_record()], name="costly", details=details)


def test_a_run_costs_its_tokens_times_the_prices_of_a_million() -> None:
    cost = measure_cost([Usage(1_000_000, 500_000), Usage(0, 100_000)], Prices(2.0, 10.0))

    assert cost is not None
    assert cost.total == pytest.approx(2 + 5 + 1)
    assert cost.mean.value == pytest.approx(4.0)
    assert cost.mean.n == 2
    assert measure_cost([], Prices(2.0, 10.0)) is None


def test_the_report_costs_what_was_asked_of_a_model() -> None:
    report = make_costly_report({"prices": PRICES})

    assert report.cost is not None
    assert report.cost.total == pytest.approx(0.002 + 0.004 + 2 * 0.0005)
    assert report.cost.mean.n == 2
    assert report.to_dict()["cost"]["total"] == report.cost.total
    assert make_costly_report({}).cost is None
    assert make_report([make_record()], details={"prices": PRICES}).cost is None


@pytest.mark.parametrize("pair", [(-1.0, 0.0), (0.0, float("nan")), (float("inf"), 0.0)])
def test_a_price_is_at_least_0(pair: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="prices are at least 0"):
        Prices(*pair)


@pytest.mark.parametrize(
    "prices", [7, [], {"prompt": 1}, {"prompt": "a", "completion": 1}, {**PRICES, "prompt": -1}]
)
def test_prices_that_are_none_are_told(prices: object) -> None:
    assert read_prices({"prices": None}) is read_prices({}) is None
    with pytest.raises(CorpusError, match="the prices of the run are"):
        read_prices({"prices": prices})


def test_tokens_and_cost_are_numbers_and_no_shares() -> None:
    headlines = list_usage(make_costly_report({"prices": PRICES}))

    assert [(h.label, h.value, h.mean) for h in headlines] == [
        ("Tokens that the model read, a question", "1,500.0", None),
        ("Tokens that it wrote, a question", "50", None),
        ("Cost of a question", "0.0035", None),
    ]
    assert headlines[0].note == "1,000.0–2,000.0 over 2 questions"
    assert headlines[2].note == "0.007 for 2 questions, in the currency of the prices"
    assert list_usage(make_small_report()) == []


def test_a_mean_is_shown_as_its_measure_is_counted() -> None:
    mean = Mean(0.5, 0.25, 0.75, 4)

    shown = {name: (format_mean(name, mean), format_range(name, mean)) for name in MEASURES}
    assert shown["value"] == ("50.0%", "25–75")
    assert shown["prompt tokens"] == ("0.5", "0.25–0.75")
    assert [format_number(n) for n in (0, 0.012345, 99.99, 1234.56)] == [
        "0", "0.01235", "99.99", "1,234.6",
    ]  # fmt: skip


def test_page_markdown_and_summary_show_tokens_and_cost() -> None:
    report = make_costly_report({"prices": PRICES})

    page, text = render_page(report), render_markdown(report)
    assert "1,500.0" in page
    assert "| Cost of a question | **0.0035** |" in text
    assert "cost 0.007, 0.0035 a question" in format_summary([report])
    assert "150000" not in page + text
    assert "150,000" not in page + text
    assert "of questions to a model, low is good" in page


def test_prices_can_be_given_when_a_run_goes_on(tmp_path: Path) -> None:
    def ask(question: str, previous: Answer | None = None) -> Answer:
        return replace(fake_ask(question), usage=Usage(1000, 50))

    first = run_questions(ask, [UNTOLD], tmp_path, details={})
    again = run_questions(ask, [UNTOLD], tmp_path, details={"prices": PRICES})
    kept = run_questions(ask, [UNTOLD], tmp_path, details={})

    assert first.cost is None
    assert again.cost == kept.cost == read_run(tmp_path).cost
    assert again.cost is not None
    assert again.cost.total == pytest.approx(0.0025)
    assert json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["prices"] == PRICES
