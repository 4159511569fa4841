"""Find lists of other articles under an article: recommendations, teasers, friend links.

Such a list has a heading of a few known forms, or none, and holds short titles and the cut-off
beginnings of other articles. An honest section with the same heading holds sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.furniture import bare_line

# These headings are kept for pointers to other pages.
_SURE_HEADING = re.compile(
    r"(?:recommended|suggested|related|similar|popular|trending|latest|recent|featured|other|most\s(?:read|viewed|popular)|top)"
    r"\s(?:for\syou|articles?|reading|reads|stor(?:y|ies)|posts?|news|links?|content|topics?|videos?|pages?|threads?|discussions?)"
    r"(?:\s(?:for\syou|now|today))?"
    r"|you\s(?:may|might|could)(?:\salso)?(?:\s(?:like|enjoy|love)|\sbe\sinterested\sin)(?:\sthese)?|people\salso\s(?:read|viewed|ask)"
    r"|more\s(?:from|like|stories|articles|posts|news|on|in)\b.{0,40}|read\s(?:more|next|also|this\snext)|keep\sreading"
    r"|what\sto\sread\snext|up\snext|don['’]t\smiss(?:\sthis)?|around\sthe\sweb|from\s(?:around\sthe\sweb|our\spartners)|trending(?:\snow)?"
    r"|editor['’]?s?['’]?\s(?:picks?|choice)|recommended(?:\sby\s.{1,20})?|blogroll|friend(?:ly)?\slinks?"
    r"|(?:相关|相似|类似|关联|同类|推荐|热门|最新|最近|近期|精彩|精选|热点|随机|更多|其他|其它|本周|今日)"
    r"(?:的)?(?:相关|热门|精彩|推荐)?(?:文章|閱讀|阅读|新闻|资讯|内容|链接|专题|报道|帖子|话题|视频|推荐|博文|日志|信息|头条|排行)"
    r"|相[关關](?:文章|推[荐薦]|閱讀|新聞)|(?:为|給|给)[你您]推[荐薦]|猜[你您](?:喜欢|想看|感兴趣)|[你您]可能(?:还|也)?(?:会)?(?:喜欢|感兴趣|想看)(?:的.{0,4})?"
    r"|(?:延伸|扩展|拓展|推荐|相关|延展|關聯|延續)(?:阅读|閱讀|推荐)|往期(?:回顾|精彩|推荐|文章|精选|内容)|编辑推荐|大家都在看|(?:点击|阅读|浏览|热门|新闻)?排行榜?"
    r"|友情[链鏈][接结]|合作伙伴链接|站内链接|看过.{0,6}还看了?",
    re.IGNORECASE,
)
# These may also head a part of the article: they need teasers, not only titles, below them.
_WEAK_HEADING = re.compile(
    r"recommend(?:ation)?s?|related|popular|latest|suggestions?|推荐|推薦|相关|热门|最新|更多|精选|see\salso|further\sreading|参见|另见|参考阅读",
    re.IGNORECASE,
)
_POINTER = re.compile(
    r"(?:read\smore|also\sread|read\salso|related|see\salso|watch"
    r"|相关(?:阅读|文章|报道|新闻|链接)"
    r"|推荐阅读|延伸阅读|更多阅读|点击(?:阅读|查看)|阅读原文|原文链接)\s?[:：]\s?\S.*"
    r"|阅读原文|友情[链鏈][接结]",
    re.IGNORECASE,
)
_AROUND = " 【】[]「」<>《》()（）:：·»→-—"  # stripped from both ends of a heading
_CUT_OFF = re.compile(
    r"(?:\.{3}|…)\s*"
    r"(?:[\[【(]?(?:read more|more|continue reading|阅读全文|详细|全文|更多)[\]】)]?)?"
    r"[\])]?$",
    re.IGNORECASE,
)
_ENDED = re.compile(r"[.。;；][”’」』）)\"'*_]*$")
_MAX_TITLE = 100
_MAX_TEASER = 400
_MIN_TEASER = 20
_MIN_PROSE = 40


def find_related(bodies: Sequence[str], furniture: frozenset[int]) -> Iterator[int]:
    """Yield the ordinals of the paragraphs that advertise other articles; may repeat.

    Args:
        bodies: The paragraphs of a document, in order.
        furniture: Ordinals of those known to be furniture; they neither prove nor end a list.
    """
    n = 0
    while n < len(bodies):
        heading = _heading(bodies[n])
        end = _list_end(bodies, furniture, n + 1) if heading else n
        if heading and _is_proven(
            bodies[n + 1 : end], sure=heading == "sure", at_end=end == len(bodies)
        ):
            yield from range(n, end)
            n = end
            continue
        if len(bodies[n]) <= 160 and _POINTER.fullmatch(_plain(bodies[n])):
            yield n
        n += 1
    yield from _bare_list_at_end(bodies, furniture)


def _plain(body: str) -> str:
    return bare_line(body).strip(_AROUND)


def _heading(body: str) -> str | None:
    if len(body) > 60:
        return None
    plain = _plain(body)
    if _SURE_HEADING.fullmatch(plain):
        return "sure"
    return "weak" if _WEAK_HEADING.fullmatch(plain) else None


def _is_teaser(body: str) -> bool:
    return _MIN_TEASER <= len(body) <= _MAX_TEASER and _CUT_OFF.search(body) is not None


def _is_prose(body: str) -> bool:
    if _CUT_OFF.search(body):
        return len(body) > _MAX_TEASER
    return len(body) > _MAX_TITLE or (
        len(body) >= _MIN_PROSE // 2 and _ENDED.search(body) is not None
    )


def _list_end(bodies: Sequence[str], furniture: frozenset[int], start: int) -> int:
    """Where the list that begins at `start` ends: before the first sentence of an article.

    A whole sentence between a title and another teaser is the teaser of a short article.
    """
    shown = 0
    n = start
    while n < len(bodies) and not _heading(bodies[n]):
        shown += _is_teaser(bodies[n])
        if n not in furniture and _is_prose(bodies[n]):
            ahead = any(map(_is_teaser, bodies[n + 1 : n + 3]))
            if shown < 2 or not ahead or _is_prose(bodies[n - 1]):
                break
        n += 1
    if n < len(bodies):  # the line above the sentence may be the heading that it stands under
        while n > start and bodies[n - 1].startswith("#"):
            n -= 1
    return n


def _is_proven(listed: Sequence[str], *, sure: bool, at_end: bool) -> bool:
    teasers = sum(map(_is_teaser, listed))
    if not sure:
        return teasers >= 2 and 3 * teasers >= len(listed)
    return teasers >= 1 or at_end or 0 < len(listed) <= 12


def _bare_list_at_end(bodies: Sequence[str], furniture: frozenset[int]) -> Iterator[int]:
    """At the end of a document: three or more teasers, each under its title, with no heading."""
    first = len(bodies)
    teasers = 0
    n = len(bodies) - 1
    while n > 0:
        if n in furniture:
            n -= 1
            continue
        if not (_is_teaser(bodies[n]) and _is_title(bodies[n - 1])):
            break
        teasers += 1
        first = n - 1
        n -= 2
    if teasers >= 3:
        yield from range(first, len(bodies))


def _is_title(body: str) -> bool:
    return len(body) <= _MAX_TITLE and not _ENDED.search(body) and not _CUT_OFF.search(body)
