"""Answer measures have the values that their papers give, by hand and by brute force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, product
from math import comb

import numpy as np
import pytest

from eval.measures.scores import (
    citation_precision,
    citation_recall,
    estimate_difference,
    exact_match,
    measure_consistency,
    token_f1,
)
from rag.types import Language, Quote, Statement


@pytest.mark.parametrize(
    ("said", "gold", "language", "expected"),
    [
        pytest.param("The Broncos!", "broncos", "en", 1.0, id="article, case, mark"),
        pytest.param("  New   York ", "new york", "en", 1.0, id="spaces"),
        pytest.param("“Don’t”", "don't", "en", 1.0, id="curly quotes"),
        pytest.param("$5+", "5", "en", 1.0, id="ASCII symbols count as marks"),
        pytest.param("thesis", "sis", "en", 0.0, id="an article inside a word stays"),
        pytest.param("13.5", "135", "en", 1.0, id="SQuAD drops the point"),
        pytest.param("New York City", "New York", "en", 0.0, id="more is not the same"),
        pytest.param("York New", "New York", "en", 0.0, id="order counts"),
        pytest.param("《红楼梦》。", "红楼梦", "zh", 1.0, id="Chinese marks"),
        pytest.param("紅樓夢", "红楼梦", "zh", 1.0, id="traditional"),
        pytest.param("ＧＤＰ 增长", "gdp增长", "zh", 1.0, id="width, case, spaces"),
        pytest.param("1,000万", "1000万", "zh", 1.0, id="digit grouping"),
        pytest.param("13.5万", "135万", "zh", 0.0, id="the decimal point stays"),
        pytest.param("1，2", "12", "zh", 0.0, id="a list is not a number"),
        pytest.param("北京市", "北京", "zh", 0.0, id="one more character"),
    ],
)
def test_an_exact_match_looks_past_how_it_is_written(
    said: str, gold: str, language: Language, expected: float
) -> None:
    assert exact_match(said, [gold], language) == expected


@pytest.mark.parametrize(
    ("said", "gold", "language", "expected"),
    [
        pytest.param("the Santa Clara", "Santa Clara, California", "en", 4 / 5, id="2 of 2 and 3"),
        pytest.param("a b b", "b b b c", "en", 4 / 6, id="as often as both hold it, a dropped"),
        pytest.param("Clara Santa", "Santa Clara", "en", 1.0, id="in any order"),
        pytest.param("Rome", "Paris", "en", 0.0, id="nothing in common"),
        pytest.param("北京市", "北京", "zh", 4 / 5, id="a Han character is a token"),
        pytest.param("iPhone15手机", "iphone15", "zh", 2 / 4, id="a Latin run is a token"),
        pytest.param("iPhone16", "iphone15", "zh", 0.0, id="and is not shared in part"),
        pytest.param("v2.5版", "v2.5", "zh", 2 / 3, id="with its point"),
        pytest.param("A、B", "A和B", "zh", 4 / 5, id="a mark parts two runs"),
        pytest.param("二〇二四年", "二○二四年", "zh", 8 / 9, id="the circle is no digit"),
        pytest.param("", "Paris", "en", 0.0, id="nothing said"),
        pytest.param("the", "a", "en", 1.0, id="nothing left on either side"),
    ],
)
def test_token_f1_by_hand(said: str, gold: str, language: Language, expected: float) -> None:
    assert token_f1(said, [gold], language) == pytest.approx(expected)
    assert token_f1(gold, [said], language) == pytest.approx(expected)


def test_the_best_right_answer_counts() -> None:
    golds = ["Paris", "the city of Paris", "city Paris"]

    assert exact_match("Paris city", golds, "en") == 0.0
    assert exact_match("City of Paris", golds, "en") == 1.0
    assert token_f1("Paris of old", golds, "en") == pytest.approx(2 * 2 / (3 + 3))


@pytest.mark.parametrize("measure", [exact_match, token_f1])
def test_no_right_answers_are_an_error(
    measure: Callable[[str, Sequence[str], Language], float],
) -> None:
    with pytest.raises(ValueError, match="no right answers"):
        measure("Paris", [], "en")


def state(text: str, *quotes: str) -> Statement:
    return Statement(text, tuple(Quote("d", 0, len(quote), quote) for quote in quotes))


def holds_all_words(statement: str, quotes: Sequence[Quote]) -> bool:
    return set(statement.split()) <= {word for quote in quotes for word in quote.text.split()}


@pytest.mark.parametrize(
    ("statement", "recall", "precision"),
    [
        pytest.param(state("a b", "a b c"), 1.0, 1.0, id="one that supports"),
        pytest.param(state("a b", "a c"), 0.0, 0.0, id="one that does not"),
        pytest.param(state("a b", "a c", "b c"), 1.0, 1.0, id="both are needed"),
        pytest.param(state("a b", "a b", "a b c"), 1.0, 1.0, id="each alone supports"),
        pytest.param(state("a b", "a b", "c"), 1.0, 1 / 2, id="one says nothing of it"),
        pytest.param(state("a b", "a b", "a c"), 1.0, 1 / 2, id="a part is not needed"),
        pytest.param(state("a b", "a", "b", "c"), 1.0, 2 / 3, id="two of three are needed"),
        pytest.param(state("a b", "a", "c"), 0.0, 0.0, id="not even together"),
    ],
)
def test_citations_of_one_statement(statement: Statement, recall: float, precision: float) -> None:
    assert citation_recall([statement], holds_all_words) == recall
    assert citation_precision([statement], holds_all_words) == pytest.approx(precision)


def test_recall_is_over_statements_and_precision_over_citations() -> None:
    statements = [state("a b", "a", "b", "c"), state("d", "e"), state("f", "f")]

    assert citation_recall(statements, holds_all_words) == pytest.approx(2 / 3)
    assert citation_precision(statements, holds_all_words) == pytest.approx(3 / 5)


@pytest.mark.parametrize("measure", [citation_recall, citation_precision])
def test_an_answer_that_states_nothing_has_no_citations_to_measure(
    measure: Callable[..., float],
) -> None:
    with pytest.raises(ValueError, match="without statements"):
        measure([], holds_all_words)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(["x", "x", "x"], 1.0, id="all the same"),
        pytest.param(["x", "y", "z"], 0.0, id="all different"),
        pytest.param(["x", "x", "y"], 1 / 3, id="one pair of three"),
        pytest.param(["x", None, "x", None], 2 / 6, id="refusals equal each other"),
        pytest.param([None, None], 1.0, id="refusals alone"),
        pytest.param([("x", 1), ("x", 1)], 1.0, id="any value"),
    ],
)
def test_consistency_is_the_share_of_pairs_that_agree(
    values: list[object], expected: float
) -> None:
    pairs = [first == second for first, second in combinations(values, 2)]

    assert measure_consistency({"g": values}) == pytest.approx({"g": expected})
    assert np.mean(pairs) == pytest.approx(expected)


def test_groups_are_measured_apart_and_a_single_variant_is_an_error() -> None:
    assert measure_consistency({"b": [1, 1], "a": [1, 2]}) == {"b": 1.0, "a": 0.0}
    assert measure_consistency({}) == {}
    with pytest.raises(ValueError, match="group 'c' has 1 variants"):
        measure_consistency({"b": [1, 1], "c": [1]})


def test_a_difference_is_of_pairs() -> None:
    difference = estimate_difference([0.0, 0.5, 1.0, 1.0], [1.0, 0.75, 1.0, 0.5])

    assert difference.value == pytest.approx((1 + 0.25 + 0 - 0.5) / 4)
    assert (difference.n, difference.better, difference.worse) == (4, 2, 1)
    assert difference.low < difference.value < difference.high


def test_the_same_gain_on_every_question_is_certain() -> None:
    difference = estimate_difference([0.25] * 40, [0.75] * 40, resamples=999)

    assert (difference.low, difference.value, difference.high) == (0.5, 0.5, 0.5)
    assert difference.p == 1 / 1000  # none of the 999 draws has forty equal signs


def test_two_equal_runs_do_not_differ() -> None:
    difference = estimate_difference([1.0, 0.0, 1.0], [1.0, 0.0, 1.0])

    assert (difference.value, difference.low, difference.high) == (0.0, 0.0, 0.0)
    assert difference.p == 1.0


def test_pairs_are_surer_than_two_runs_apart() -> None:
    """Hard and easy questions differ by 1, the runs by .1: the difference alone is drawn."""
    before = [0.0, 0.8] * 50
    after = [value + 0.1 + 0.02 * (n % 3 - 1) for n, value in enumerate(before)]

    difference = estimate_difference(before, after)

    assert 0.09 < difference.low < difference.high < 0.11


@pytest.mark.parametrize(("better", "worse"), [(7, 3), (12, 10), (60, 35)])
def test_p_of_right_and_wrong_is_that_of_mcnemars_exact_test(better: int, worse: int) -> None:
    before = [0.0] * better + [1.0] * worse + [1.0] * 50
    after = [1.0] * better + [0.0] * worse + [1.0] * 50
    flips = better + worse
    exact = min(1.0, 2 * sum(comb(flips, k) for k in range(worse + 1)) / 2**flips)

    difference = estimate_difference(before, after, resamples=20_000)

    assert difference.p == pytest.approx(exact, abs=4 * (0.25 / 20_000) ** 0.5)
    assert estimate_difference(after, before, resamples=20_000).p == difference.p


@pytest.mark.parametrize("seed", range(5))
def test_p_is_the_share_of_all_signs_that_reach_as_far(seed: int) -> None:
    random = np.random.default_rng(seed)
    changes = random.normal(0.3, 1.0, size=9).round(1)
    means = np.abs(np.array(list(product([1, -1], repeat=9))) @ changes)
    exact = (means >= abs(changes.sum()) - 1e-9).mean()

    difference = estimate_difference([0.0] * 9, changes.tolist(), resamples=20_000)

    assert difference.p == pytest.approx(exact, abs=4 * (0.25 / 20_000) ** 0.5)


def test_a_difference_depends_on_nothing_but_the_values_and_the_seed() -> None:
    before, after = [0.0, 1.0, 0.5, 0.2, 0.9], [0.3, 0.8, 0.9, 0.2, 1.0]

    assert estimate_difference(before, after, seed=3) == estimate_difference(before, after, seed=3)
    assert estimate_difference(before, after) != estimate_difference(before, after, seed=3)


def test_runs_over_other_questions_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="got 2 values before but 1 after"):
        estimate_difference([1.0, 0.0], [1.0])
    with pytest.raises(ValueError, match="no values"):
        estimate_difference([], [])
    with pytest.raises(ValueError, match="between 0 and 1, got 95"):
        estimate_difference([1.0], [1.0], level=95)
