"""Organizations and places in Chinese text: `临河股份`, `临河科技有限公司`, `北京市海淀区`.

An organization ends in a suffix word; from there the reading goes left over words of a trade to
a brand or a place, and no further. Words of the dictionary that are names stand for themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.naming.cues_en import COMMON_ACRONYMS
from rag.naming.cues_zh import (
    CIVIC_SUFFIXES,
    GROUP_SUFFIXES,
    HOMOGRAPH_ORGANIZATIONS,
    INDUSTRY,
    LEGAL_SUFFIXES,
    NOT_BRANDS,
    NOT_GIVEN,
    ORGANIZATIONS,
    PLACE_BEFORE,
    PLACE_SUFFIXES,
    STOP_UNLESS_PLACE,
    STOP_WORDS,
    WEAK_SUFFIXES,
)
from rag.naming.tokens import Reading, Token, touches

MAX_CHARS = 26  # of an organization's name
MAX_WORDS = 5  # between its place and a suffix that is not a legal form
_SUFFIXES = LEGAL_SUFFIXES | GROUP_SUFFIXES | WEAK_SUFFIXES
_COUNTRY_ENDINGS = "国洲本"
_NEWS = ("新闻", "财经", "信息", "资本")
_GENERIC_ENDINGS = frozenset("公司 集团 企业 队 社 报 局 厅 署 委 党 控股".split())


def find_organizations(folded: str, tokens: Sequence[Token]) -> list[Reading]:
    """Return the organizations that folded text names in Chinese, in order of their ends."""
    return [*_find_by_suffix(folded, tokens), *_find_known(folded, tokens)]


def find_places(folded: str, tokens: Sequence[Token]) -> list[Reading]:
    """Return the places that folded text names in Chinese, in order; parts that touch are one."""
    found: list[Reading] = []
    n = 0
    while n < len(tokens):
        last = _read_place(folded, tokens, n)
        if last > n:
            sure = 0.85 if _follows_preposition(folded, tokens[n]) else 0.6
            found.append(Reading("place", tokens[n].start, tokens[last - 1].end, sure))
        n = max(last, n + 1)
    return found


def _find_by_suffix(folded: str, tokens: Sequence[Token]) -> Iterator[Reading]:
    for n, token in enumerate(tokens):
        if token.text not in _SUFFIXES or (n and tokens[n - 1].text == "副"):
            continue
        after = tokens[n + 1] if n + 1 < len(tokens) else None
        if after is not None and token.end == after.start and after.text in _SUFFIXES:
            continue  # the later suffix reads this one too
        reading = _read_left(folded, tokens, n)
        if reading is not None:
            yield reading


def _read_left(folded: str, tokens: Sequence[Token], n: int) -> Reading | None:
    first = n
    while first > 0 and _goes_on(folded, tokens, first, tokens[n]):
        first -= 1
    legal = tokens[n].text in LEGAL_SUFFIXES
    place = next((k for k in range(first, n) if tokens[k].kind == "place"), n)
    if place < n and _may_begin(tokens, place, n):
        return Reading("organization", tokens[place].start, tokens[n].end, 0.9 if legal else 0.7)
    brand_end = n
    while brand_end > first and tokens[brand_end - 1].text in INDUSTRY:
        brand_end -= 1
    if brand_end == first:
        return None
    brand = _read_brand(tokens, first, brand_end)
    if brand is not None:
        return Reading("organization", tokens[brand].start, tokens[n].end, 0.9 if legal else 0.8)
    if legal and tokens[n].start - tokens[first].start >= 3:
        return Reading("organization", tokens[first].start, tokens[n].end, 0.6)
    return None


def _goes_on(folded: str, tokens: Sequence[Token], first: int, suffix: Token) -> bool:
    """Whether the token before `first` may belong to the name that ends in `suffix`."""
    left = tokens[first - 1]
    if not touches(folded, left, tokens[first]) or suffix.end - left.start > MAX_CHARS:
        return False
    if left.latin:
        return left.text[:1].isupper() and left.text not in COMMON_ACRONYMS
    if left.text in STOP_UNLESS_PLACE and first > 1 and tokens[first - 2].end == left.start:
        return tokens[first - 2].kind == "place"
    single = len(left.text) == 1 and left.text in NOT_GIVEN
    return left.text not in STOP_WORDS and not single and left.kind != "person"


def _may_begin(tokens: Sequence[Token], place: int, n: int) -> bool:
    """Whether a place and what follows it up to the suffix make a name: no bare `美国公司`."""
    between = [token for token in tokens[place + 1 : n] if token.kind != "place"]
    suffix = tokens[n].text
    if suffix not in LEGAL_SUFFIXES and len(between) > MAX_WORDS:
        return False
    if suffix in WEAK_SUFFIXES and not all(_is_brand(token) for token in between):
        return False
    if between:
        trade = all(token.text in INDUSTRY for token in between)
        return not trade or suffix not in _GENERIC_ENDINGS | WEAK_SUFFIXES
    country = tokens[place].text[-1] in _COUNTRY_ENDINGS
    return suffix in CIVIC_SUFFIXES and not country


def _is_brand(token: Token) -> bool:
    return token.named or token.latin or len(token.text) == 1 or token.text in INDUSTRY


def _read_brand(tokens: Sequence[Token], first: int, end: int) -> int | None:
    """Return the token where the brand that ends before token `end` begins, if it is one."""
    last = tokens[end - 1]
    if last.latin:
        start = end - 1
        while start > first and tokens[start - 1].latin:
            start -= 1
        return start
    if last.kind == "organization" and tokens[end].text in _NEWS:
        return None
    if last.named and last.kind not in ("person", "place"):
        return end - 1
    if last.text in HOMOGRAPH_ORGANIZATIONS or last.text in ORGANIZATIONS:
        return end - 1
    start = end
    while start > first and len(tokens[start - 1].text) == 1 and not tokens[start - 1].latin:
        start -= 1
    if any(token.text in NOT_BRANDS for token in tokens[start:end]):
        return None
    return start if 2 <= end - start <= 4 else None


def _find_known(folded: str, tokens: Sequence[Token]) -> Iterator[Reading]:
    n = 0
    while n < len(tokens):
        last = _read_known(tokens, n)
        if last > n:
            yield Reading("organization", tokens[n].start, tokens[last - 1].end, 0.75)
        n = max(last, n + 1)


def _read_known(tokens: Sequence[Token], n: int) -> int:
    """Return the token behind a known organization, or `n`; joint ventures are read whole."""
    token = tokens[n]
    after = tokens[n + 1] if n + 1 < len(tokens) else None
    neighbor = after.text if after is not None and after.start == token.end else ""
    last = n
    if token.text + neighbor in ORGANIZATIONS:
        last = n + 2 if neighbor else n + 1
    elif token.kind == "organization":
        last = n + 1
    while n < last < len(tokens) and (more := _read_partner(tokens, last)):
        last += more
    return last


def _read_partner(tokens: Sequence[Token], n: int) -> int:
    """Return of how many tokens the partner in a joint venture consists, 0 if none follows."""
    if tokens[n].start != tokens[n - 1].end:
        return 0
    if tokens[n].text in ORGANIZATIONS:
        return 1
    pair = n + 1 < len(tokens) and tokens[n + 1].start == tokens[n].end
    return 2 if pair and tokens[n].text + tokens[n + 1].text in ORGANIZATIONS else 0


def _follows_preposition(folded: str, token: Token) -> bool:
    return PLACE_BEFORE.search(folded[max(0, token.start - 4) : token.start]) is not None


def _read_place(folded: str, tokens: Sequence[Token], n: int) -> int:
    """Return the token behind the place that begins at token `n`, or `n` if none does."""
    last = n
    while last < len(tokens) and (last == n or tokens[last].start == tokens[last - 1].end):
        token = tokens[last]
        if token.kind == "place" or (last > n and token.text in PLACE_SUFFIXES):
            last += 1
            continue
        run = _read_local(tokens, last)
        if run == last or (last == n and not _follows_preposition(folded, token)):
            break
        last = run
    return last


def _read_local(tokens: Sequence[Token], n: int) -> int:
    """Return the token behind a name in single characters and its suffix, or `n`: `郓|城|县`."""
    last = n
    while last < len(tokens) and last - n < 4 and _spells_on(tokens, n, last):
        last += 1
        if last - n >= 2 and tokens[last - 1].text in PLACE_SUFFIXES:
            return last
    if not 1 <= last - n <= 3 or last == len(tokens):
        return n
    suffixed = tokens[last].text in PLACE_SUFFIXES and tokens[last].start == tokens[last - 1].end
    return last + 1 if suffixed else n


def _spells_on(tokens: Sequence[Token], n: int, last: int) -> bool:
    token = tokens[last]
    if token.latin or len(token.text) > 1 or token.text in NOT_GIVEN - STOP_UNLESS_PLACE:
        return False
    return last == n or token.start == tokens[last - 1].end
