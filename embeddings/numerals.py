"""Rewrite Chinese dates and large numbers in the English form, for search and encoding.

`2024年3月28日` becomes `March 28, 2024` and `13.5万` becomes `135,000`, so that the figures of
one language meet those of the other. Reading values for an answer is the work of `rag.values`.
"""

from __future__ import annotations

import re
from decimal import Decimal

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DATE = re.compile(
    r"(?:(?P<year>(?<!\d)\d{4})\s*年\s*)?(?P<month>(?<!\d)1[0-2]|(?<!\d)0?[1-9])\s*月(?!份额)份?"
    r"(?:\s*(?P<day>3[01]|[12]\d|0?[1-9])\s*[日号])?"
)
_YEAR = re.compile(r"(?<!\d)(\d{4})\s*年(?!代)")
_SCALES = {"万亿": 10**12, "亿": 10**8, "千万": 10**7, "百万": 10**6, "万": 10**4}
# Bounded, because decimal keeps 28 digits; a longer figure is left as it is.
_NUMBER = re.compile(
    r"(?<!\d)(?<!\d[.,])(\d{1,12}(?:,\d{3}){0,3}(?:\.\d{1,8})?)\s*(万亿|千万|百万|亿|万)"
)


def rewrite_numerals(text: str) -> str:
    """Return `text` (folded) with Chinese dates and scaled numbers in the English form.

    Rewritten pieces are set off by spaces. Text without such forms comes back unchanged.
    """
    if "年" in text or "月" in text:
        text = _YEAR.sub(r" \1 ", _DATE.sub(_english_date, text))
    return _NUMBER.sub(_english_number, text)


def _english_date(match: re.Match[str]) -> str:
    day = f" {int(match['day'])}" if match["day"] else ""
    comma = "," if day else ""
    year = f"{comma} {match['year']}" if match["year"] else ""
    return f" {MONTHS[int(match['month']) - 1]}{day}{year} "


def _english_number(match: re.Match[str]) -> str:
    value = (Decimal(match[1].replace(",", "")) * _SCALES[match[2]]).normalize()
    return f" {value:,f} "
