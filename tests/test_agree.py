"""A date that is told is the one asked about wholly, in part or not at all, as its parts say."""

from __future__ import annotations

import pytest

from rag.figures.agree import END, WITHIN_LONG, agree_dates
from rag.figures.dates import PartialDate, Shift

DAY = PartialDate(2019, 8, 7)
THIRD = PartialDate(2019, part="Q3")


@pytest.mark.parametrize(
    ("asked", "told", "share"),
    [
        (PartialDate(2019), DAY, 1.0),
        (PartialDate(2019), PartialDate(2020, 8, 7), 0.0),
        (PartialDate(2019), PartialDate(None, 8, 7), 0.0),
        (PartialDate(None, 2, 7), PartialDate(2020, 2, 7), 1.0),
        (PartialDate(None, 2, 7), PartialDate(2020, 2), 1 / 2),
        (PartialDate(None, 2, 7), PartialDate(2020), 0.0),
        (PartialDate(None, 2, 7), PartialDate(None, 2, 8), 0.0),
        (THIRD, PartialDate(2019, part="Q3"), 1.0),
        (THIRD, PartialDate(2019, 9), 1.0),
        (THIRD, PartialDate(2019, 10), 0.0),
        (THIRD, PartialDate(2019), 1 / 2),
        (THIRD, PartialDate(2019, part="H2"), 1 / 2),
        (THIRD, PartialDate(2019, part="H1"), 0.0),
        (THIRD, PartialDate(part="Q3"), 1 / 2),
        (THIRD, PartialDate(2018, part="Q3"), 0.0),
        (DAY, PartialDate(2019, 8), 2 / 3),
        (DAY, PartialDate(2019), 1 / 3),
        (DAY, PartialDate(2019, 8, part="early"), 2 / 3),
        (DAY, PartialDate(2019, 8, part="late"), 0.0),
        (PartialDate(1990, part="decade"), PartialDate(1999, 12), 1.0),
        (PartialDate(1990, part="decade"), PartialDate(2000), 0.0),
        (PartialDate(2000, part="century"), PartialDate(2000, part="century"), 1.0),
        (PartialDate(2000, part="century"), PartialDate(2005), WITHIN_LONG),
        (PartialDate(2005), PartialDate(2000, part="century"), 0.0),
        (PartialDate(-44), PartialDate(-44, 3, 15), 1.0),
        (PartialDate(2019, part="winter"), PartialDate(2019, part="winter"), 1.0),
        (PartialDate(day=7), PartialDate(day=7), 0.0),
        (PartialDate(2019), PartialDate(shift=Shift("year", -1)), 0.0),
    ],
)
def test_a_date_is_met_as_far_as_its_parts_are_told(
    asked: PartialDate, told: PartialDate, share: float
) -> None:
    assert agree_dates(asked, told) == pytest.approx(share)


@pytest.mark.parametrize(
    ("asked", "told", "share"),
    [
        ((2015, 2018), (2015, 2018), 1.0),
        ((2015, 2018), (2018, 2020), WITHIN_LONG),
        ((2015, 2018), (2016, 2016), WITHIN_LONG),
        ((2016, 2016), (2015, 2018), WITHIN_LONG),
        ((2018, 2018), (2015, 2018), END),
        ((2015, 2018), (2019, 2020), 0.0),
        ((2015, 2018), (2012, 2014), 0.0),
    ],
)
def test_a_range_is_met_by_itself_and_in_part_by_what_it_shares_years_with(
    asked: tuple[int, int], told: tuple[int, int], share: float
) -> None:
    (first, last), (start, end) = asked, told
    found = agree_dates(
        PartialDate(first),
        PartialDate(start),
        asked_until=PartialDate(last) if last != first else None,
        told_until=PartialDate(end) if end != start else None,
    )

    assert found == share
