"""Risk, coverage and calibration have the values of their papers, whatever the order of ties."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from eval.measures.curves import (
    CalibrationBin,
    draw_risk_coverage,
    measure_aurc,
    measure_calibration,
)


def test_risk_is_the_share_wrong_of_those_at_least_as_certain() -> None:
    curve = draw_risk_coverage([0.2, 0.9, 0.5, 0.7], [0, 1, 1, 0])

    assert [coverage for coverage, _ in curve] == [0.25, 0.5, 0.75, 1.0]
    assert [risk for _, risk in curve] == pytest.approx([0.0, 1 / 2, 1 / 3, 2 / 4])


def test_equal_confidences_are_one_point() -> None:
    curve = draw_risk_coverage([0.9, 0.5, 0.5], [1, 0, 1])

    assert [coverage for coverage, _ in curve] == pytest.approx([1 / 3, 1.0])
    assert [risk for _, risk in curve] == pytest.approx([0.0, 1 / 3])


def test_a_partly_right_answer_is_partly_a_risk() -> None:
    assert draw_risk_coverage([0.9, 0.8], [0.75, 0.25]) == [(0.5, 0.25), (1.0, 0.5)]


@pytest.mark.parametrize("seed", range(30))
def test_the_curve_and_its_area_equal_the_papers_formula_in_any_order(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 40))
    confidences = random.integers(0, 8, size=n) / 8  # many ties
    rights = random.choice([0.0, 0.1, 0.7, 1.0], size=n)
    order = random.permutation(n)
    risks = [float((1 - rights[confidences >= threshold]).mean()) for threshold in confidences]

    curve = draw_risk_coverage(confidences.tolist(), rights.tolist())
    area = measure_aurc(confidences.tolist(), rights.tolist())

    assert area == pytest.approx(np.mean(risks))
    assert sorted({round(risk, 9) for _, risk in curve}) == sorted({round(r, 9) for r in risks})
    assert draw_risk_coverage(confidences[order].tolist(), rights[order].tolist()) == curve


def test_the_area_is_the_mean_risk_over_the_answers() -> None:
    assert measure_aurc([0.9, 0.7, 0.5, 0.2], [1, 0, 1, 0]) == pytest.approx(
        (0 + 1 / 2 + 1 / 3 + 2 / 4) / 4
    )


@pytest.mark.parametrize(
    ("confidences", "expected"),
    [
        pytest.param([4, 3, 2, 1], (0 + 0 + 0 + 1 / 4) / 4, id="the wrong one last"),
        pytest.param([1, 2, 3, 4], (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4, id="the wrong one first"),
        pytest.param([2, 2, 2, 2], 1 / 4, id="says nothing: the risk of all"),
    ],
)
def test_a_certainty_that_puts_the_wrong_ones_last_has_the_smaller_area(
    confidences: list[float], expected: float
) -> None:
    assert measure_aurc(confidences, [1, 1, 1, 0]) == pytest.approx(expected)


def test_calibration_by_hand() -> None:
    """.8 twice, one of them right; .3 once, wrong: 2/3 * |.5 - .8| + 1/3 * |0 - .3|."""
    calibration = measure_calibration([0.8, 0.3, 0.8], [1, 0, 0])

    assert calibration.bins == (CalibrationBin(0.3, 0.0, 1), CalibrationBin(0.8, 0.5, 2))
    assert calibration.error == pytest.approx(2 / 3 * 0.3 + 1 / 3 * 0.3)


def test_a_bin_holds_its_mean_probability() -> None:
    (only,) = measure_calibration([0.75, 1.0], [1, 1], bins=2).bins

    assert only == CalibrationBin(0.875, 1.0, 2)


@pytest.mark.parametrize(
    ("below", "edge", "above", "bins"),
    [
        pytest.param(0.21, 0.3, 0.301, 10, id="the upper edge belongs to a bin"),
        pytest.param(0.065, 0.07, 0.071, 100, id="an edge that floats would miss"),
        pytest.param(0.0, 0.1, 0.101, 10, id="zero is in the first"),
        pytest.param(0.85, 0.9, 1.0, 10, id="one is in the last"),
    ],
)
def test_a_bin_includes_its_upper_edge(below: float, edge: float, above: float, bins: int) -> None:
    calibration = measure_calibration([above, edge, below], [1, 1, 1], bins=bins)

    assert [found.n for found in calibration.bins] == [2, 1]
    assert calibration.bins[1].probability == above


@pytest.mark.parametrize("measure", [draw_risk_coverage, measure_aurc, measure_calibration])
def test_what_cannot_be_measured_is_an_error(measure: Callable[..., object]) -> None:
    with pytest.raises(ValueError, match="got 1 confidences but 2 rights"):
        measure([0.5], [1, 0])
    with pytest.raises(ValueError, match="no answers"):
        measure([], [])
    with pytest.raises(ValueError, match="confidence 1 is not a number"):
        measure([0.5, float("nan")], [1, 0])
    with pytest.raises(ValueError, match=r"right must be in \[0, 1\], got 2\.0"):
        measure([0.5, 0.5], [1, 2])


def test_a_probability_above_one_and_no_bins_are_errors() -> None:
    with pytest.raises(ValueError, match=r"probability must be in \[0, 1\], got 1\.5"):
        measure_calibration([0.5, 1.5], [1, 1])
    with pytest.raises(ValueError, match="bins must be at least 1, got 0"):
        measure_calibration([0.5], [1], bins=0)
