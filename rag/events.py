"""What happened at a date: announced, on sale, delivered; planned or done.

A thing is shown in December, sold in March and delivered in April, and three sources that give
these dates agree. The words of the clause that a date stands in tell which is meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

EVENTS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "announced": r"宣布|公布|官宣|披露|亮相|首秀|曝光|"
        r"\b(?:announc|unveil|reveal|present|debut|showcas)",
        "released": r"上市|开售|发售|发布|推出|上架|开卖|面世|"
        r"\b(?:launch|releas|on sale|on the market|hit the market|came out|come out|"
        r"roll(?:ed|s)? out|publish|introduc)",
        "ordered": r"预售|预订|预定|下订|开订|\b(?:pre-?order|pre-?sale|order(?:s|ed|ing)?\b)",
        "delivered": r"交付|交车|提车|\bdeliver",
        "produced": r"量产|投产|下线|试产|试生产|开工|动工|奠基|"
        r"\b(?:mass[- ]produc|production|groundbreaking|broke ground|assembl)",
        "built": r"建成|建造|修建|竣工|落成|完工|\b(?:built|construct|erect)",
        "opened": r"开放|开幕|开业|开通|通车|启用|开馆|\b(?:open|inaugurat)",
        "founded": r"成立|创立|创办|创建|组建|设立|\b(?:found|establish|set up|creat|incorporat)",
        "closed": r"关闭|停产|停业|闭馆|关停|倒闭|\b(?:clos|shut|discontinu|ceas)",
        "signed": r"签署|签约|签订|\b(?:sign(?:ed|s|ing)?\b)",
        "began": r"开始|启动|\b(?:began|begin|start)",
        "ended": r"结束|完成|终止|\b(?:end(?:ed|s)?\b|finish|complet)",
        "born": r"出生|生于|诞生|\bborn\b",
        "died": r"去世|逝世|病逝|死于|\bdied\b",
    }.items()
}
# 将 means "will" and 计划 "plans to" only before what is to happen.
_TO_HAPPEN = (
    r"(?=[于在会要]|[^，。；]{0,10}(?:上市|发布|交付|开放|通车|举行|举办|推出|开售|量产|投产|建成|完工|开业|"
    r"启用|达到|实现|增加|招))"
)
_PLANNED = re.compile(
    rf"(?:计划|将){_TO_HAPPEN}|计划(?=[0-9])|预计(?!为)|预期|拟|有望|打算|目标(?=[是为达：:—-]|[^，。；]{{0,4}}超)|即将|"
    r"\b(?:will|plans? to|planned|expect(?:s|ed)?|aims?|scheduled|slated|upcoming|"
    r"targets? (?:of|to|for)|targeted)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,，;；。!！?？\n]")


@lru_cache(maxsize=1_000)  # every value of a sentence asks, and each time of the question
def read_events(text: str, start: int, end: int) -> frozenset[str]:
    """Return the events of `EVENTS` that the clause of `text[start:end]` names, and "planned".

    A clause without an event, such as a date before a comma, goes with the whole sentence; so do
    its plans. Without any at all it is empty.
    """
    first = max((m.end() for m in _CLAUSE.finditer(text, 0, start)), default=0)
    last = _CLAUSE.search(text, end)
    clause = text[first : last.start() if last else len(text)]
    told = clause if _find_events(clause) else text
    events = _find_events(told)
    return events | {"planned"} if _PLANNED.search(told) else events


def can_conflict(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two clauses with these events speak of the same: both planned or neither is."""
    if ("planned" in one) != ("planned" in other):
        return False
    return bool(one & other - {"planned"}) or one == other


def _find_events(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in EVENTS.items() if pattern.search(text))
