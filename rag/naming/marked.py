"""Organizations that a sign beside them marks: a ticker, a short form, a list, a news title.

`晨星股份（600000.SH）`, `Acme (NASDAQ: ACM)`, `北江科技有限公司（下称“北科”）`, `与甲公司、丙星和
丁科技合作`, `据《晨江日报》报道`. None of these needs to be known by the dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rag.naming.cues_en import COMMON_ACRONYMS, MONTHS_AND_DAYS, NOT_NAMES
from rag.naming.cues_zh import (
    LEGAL_SUFFIXES,
    NOT_GIVEN,
    STOP_WORDS,
    WEAK_SUFFIXES,
)
from rag.naming.tokens import HAN, Reading, Token

_EXCHANGE = (
    r"(?:NASDAQ|Nasdaq|NYSE(?: American)?|AMEX|HKEX|SEHK|LSE|TSX|TSE|TYO|SSE|SZSE|ASX|XETRA|KRX|"
    r"FRA|SH|SZ|HK|纳斯达克|纽交所|港交所|上交所|深交所|北交所|港股|[AHB]股|美股|(?:股票|证券)?代码)"
)
_TICKER = re.compile(
    rf"\.? ?[(（](?:{_EXCHANGE} ?[:：. ] ?[A-Z0-9]{{1,6}}(?:\.[A-Z]{{1,2}})?|"
    r"\d{5,6}(?:\.(?:SH|SZ|HK|BJ|SS))?|"
    r"[A-Z]{1,5}\.(?:US|N|O|OQ|HK|L|DE|PA))(?:[,，;；] ?[^()（）]{1,40})?[)）]"
)
_SHORT_FORM = re.compile(
    rf"[(（](?:以下|下文|文中)?(?:又?简称|下称)(?:为|作)?[:：]? ?[“\"「‘']?([A-Za-z{HAN}]{{2,10}})"
    r"[”\"」’']?(?:[、,，或][^()（）]{0,20})?[)）]"
)
_PAPER = re.compile(
    rf"《([{HAN}]{{1,8}}(?:日报|晚报|时报|早报|晨报|周刊|周报|邮报|商报|快报|报))》"
)
_SIGN_AFTER = re.compile(r" ?(?:、|以及|[和与及]) ?")
_SIGN_BEFORE = re.compile(r" ?(?:、|以及|[和与及]) ?$")
_AFTER_ITEM = re.compile(
    r" ?(?:$|[、和与及，,。；;：:()（）]|以及|等|均|都|的?合作|联合|共同|签署|签约|宣布|"
    r"达成|成立|组建|投资|参与)"
)
_BEFORE_ITEM = re.compile(
    r"(?:^|[、，,。；;：:(（]|包括|[与和由向给为对被让有]|以及|客户|股东|伙伴|企业|公司|厂商|品牌|"
    r"机构) ?$"
)
_FUNDS = frozenset("指数 基金 ETF 债券 转债".split())
_LEADS = frozenset(  # what stands before a company in market news and belongs to no name
    "收盘 截至 显示 个股 股价 龙头 龙头股 原标题 标题 概念股 成份股 成分股 领导者 巨头 行情 快报 "
    "盘前 盘后 港股 美股 该股 午后 早盘 集团 控股股东 子公司 母公司 放弃".split()
)
_FUNCTION = frozenset("的了在是和与及或对向由从给为被将据称获以于把比跟让使如像年月日号股")
MAX_LISTED = 10  # Han characters of a company before its ticker
MAX_WORDS = 6  # Latin words there
MAX_ITEM = 10  # characters of a company in a list that nothing else tells
LEAST = 0.7  # certainty of an organization that tells what stands in a list with it


def find_marked(folded: str, tokens: Sequence[Token], known: Sequence[Reading]) -> list[Reading]:
    """Return the organizations of folded text that a sign marks, in no order.

    Args:
        folded: The text.
        tokens: Its words.
        known: Organizations and persons that were found without such signs.
    """
    listed = list(_find_listed(folded, tokens))
    sure = [name for name in (*known, *listed) if name.kind == "organization"]
    shortened = list(_find_short_forms(folded, sure))
    papers = [Reading("organization", *match.span(1), 0.7) for match in _PAPER.finditer(folded)]
    found = [*listed, *shortened, *papers]
    return [
        *found,
        *_find_again(folded, tokens, found, known),
        *_find_in_lists(folded, tokens, [*known, *found]),
    ]


def _find_listed(folded: str, tokens: Sequence[Token]) -> Iterator[Reading]:
    """Companies with a ticker in brackets behind them."""
    for match in _TICKER.finditer(folded):
        last = next((n for n, token in enumerate(tokens) if token.end == match.start()), None)
        if last is None or tokens[last].text in _FUNDS:
            continue
        first = _go_left(folded, tokens, last)
        if first is not None:
            yield Reading("organization", tokens[first].start, tokens[last].end, 0.92)


def _go_left(folded: str, tokens: Sequence[Token], last: int) -> int | None:
    """Return the token where the company that ends in token `last` begins, if it is one."""
    latin = tokens[last].latin
    if latin and not tokens[last].text[:1].isupper():
        return None
    first = last
    while first > 0 and not _is_whole(tokens[first], first == last):
        left = tokens[first - 1]
        gap = folded[left.end : tokens[first].start]
        if gap not in (("", " ", " & ", ", ") if latin else ("",)) or _bars(left, tokens[first]):
            break
        first -= 1
    length = tokens[last].end - tokens[first].start
    if not latin:
        return first if 2 <= length <= MAX_LISTED else None
    return first if last - first < MAX_WORDS else None


def _is_whole(token: Token, ends: bool) -> bool:
    """Whether a name needs no more to its left: an organization of the dictionary that ends it."""
    return ends and token.kind == "organization" and not token.latin


def _bars(left: Token, right: Token) -> bool:
    """Whether no name goes on from its word `right` to the word before it."""
    if left.latin:
        small = not left.text[:1].isupper() or left.text.lower() in NOT_NAMES | MONTHS_AND_DAYS
        return small or (not right.latin and left.text in COMMON_ACRONYMS)
    if right.latin:
        return True
    if len(left.text) == 1:
        return left.text in _FUNCTION
    return left.text in STOP_WORDS or left.text in _LEADS or left.text in LEGAL_SUFFIXES


def _find_short_forms(folded: str, sure: Sequence[Reading]) -> Iterator[Reading]:
    """What an organization is said to be called for short, right behind its name."""
    ends = {name.end for name in sure}
    for match in _SHORT_FORM.finditer(folded):
        if match.start() in ends and match[1] not in ("公司", "集团", "本公司"):
            yield Reading("organization", *match.span(1), 0.85)


def _find_again(
    folded: str, tokens: Sequence[Token], found: Sequence[Reading], known: Sequence[Reading]
) -> Iterator[Reading]:
    """The names that were found, where they stand again as whole words and in no longer name."""
    starts, ends = {token.start for token in tokens}, {token.end for token in tokens}
    longer = [name for name in known if name.kind == "organization"]
    for name in {folded[reading.start : reading.end] for reading in found}:
        for match in re.finditer(re.escape(name), folded):
            start, end = match.span()
            within = any(o.start <= start and end <= o.end for o in longer)
            if start in starts and end in ends and not within:
                yield Reading("organization", start, end, 0.8)


def _find_in_lists(
    folded: str, tokens: Sequence[Token], known: Sequence[Reading]
) -> Iterator[Reading]:
    """Unknown words in a list, each right beside an organization or another such word."""
    sure = [name for name in known if name.kind == "organization" and name.certainty >= LEAST]
    persons = [name for name in known if name.kind == "person"]
    begins = {token.start: n for n, token in enumerate(tokens)}
    ends = {token.end: n for n, token in enumerate(tokens)}
    for name in sure:
        for step, edge, places in ((1, name.end, begins), (-1, name.start, ends)):
            at = edge
            while span := _read_item(folded, tokens, at, step, places):
                start, end = span
                if any(person.start < end and start < person.end for person in persons):
                    break
                yield Reading("organization", start, end, 0.5)
                at = end if step > 0 else start


def _read_item(
    folded: str, tokens: Sequence[Token], at: int, step: int, places: Mapping[int, int]
) -> tuple[int, int] | None:
    """Return the span of the item of a list next to `at`, behind it or (`step` -1) before it."""
    sign = _SIGN_AFTER.match(folded, at) if step > 0 else _SIGN_BEFORE.search(folded, 0, at)
    edge = sign and (sign.end() if step > 0 else sign.start())
    n = places.get(edge) if edge is not None else None
    if edge is None or n is None:
        return None
    far = edge
    while 0 <= n < len(tokens) and _may_name(tokens, n):
        near = tokens[n].start if step > 0 else tokens[n].end
        if near != far:
            break
        far = tokens[n].end if step > 0 else tokens[n].start
        n += step
    closed = _AFTER_ITEM.match(folded, far) if step > 0 else _BEFORE_ITEM.search(folded, 0, far)
    return (min(edge, far), max(edge, far)) if closed and 2 <= abs(far - edge) <= MAX_ITEM else None


def _may_name(tokens: Sequence[Token], n: int) -> bool:
    """Whether a word may be of a company's name that its place in a list alone tells."""
    token = tokens[n]
    if token.latin:
        return token.text[:1].isupper() and token.text not in COMMON_ACRONYMS
    if len(token.text) == 1:
        return token.text not in NOT_GIVEN
    after = tokens[n + 1] if n + 1 < len(tokens) else None
    brand = after is not None and after.text in WEAK_SUFFIXES and after.start == token.end
    return brand or token.text in WEAK_SUFFIXES or (token.named and token.kind is None)
