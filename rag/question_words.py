"""The words that ask, in English and Chinese, and what each asks for.

Rules stand in order of trust: the first whose pattern is found decides. Those marked KEPT ask by
naming the thing ("price", 售价), and the name stays a word to be found in the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag.asking.chinese import RULES_ZH
from rag.asking.english import RULES_EN
from rag.asking.kinds import Asked, Rule
from rag.types import Language

# What "how tall" and the like are measured in: the base unit of the answer, or of an age.
DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    r"\bhow long\b|多长": ("meter", "month", "second"),  # a thing, or what goes on
    r"\bhow (?:tall|high|far|deep|wide|thick)\b|多[高远深宽厚]|身高|全长|[高长宽深厚]度|距离|里程|"
    r"\b(?:height|length|width|depth|thickness|distance|diameter)\b": ("meter",),
    r"\bhow heavy\b|\bweigh(?:s|ed|t)?\b|多重|重量|体重": ("gram",),
    r"\bhow fast\b|\bspeed\b|多快|[时车]速|速度": ("kilometer per hour",),
    r"\bhow old\b|\bage\b|多大(?:年纪|岁数|年龄)|年龄|年纪|[几多][少大]?岁": ("month",),
    r"\bhow hot\b|\btemperature\b|气温|温度": ("celsius", "fahrenheit"),
    r"面积|占地|\b(?:surface|floor|land) area\b|\bthe area of\b": ("square meter",),
}

_BY_LANGUAGE: Mapping[Language, tuple[Rule, ...]] = {"en": RULES_EN, "zh": RULES_ZH}
RULES: Mapping[Language, tuple[tuple[Asked, re.Pattern[str], bool], ...]] = {
    language: tuple((asked, re.compile(form, re.IGNORECASE), kept) for asked, form, kept in rules)
    for language, rules in _BY_LANGUAGE.items()
}

# Words that repeat what is asked for: no evidence needs to hold them.
CUT_WORDS: Mapping[str, re.Pattern[str]] = {
    "date": re.compile(
        r"\b(?:date|dates|time|year|month|day)\b|日期|时间|年份|日子", re.IGNORECASE
    ),
    "number": re.compile(
        r"\b(?:number|amount|quantity|total)\b|数量|总数|总共|一共", re.IGNORECASE
    ),
    "duration": re.compile(r"\b(?:time|period|duration)\b|时间", re.IGNORECASE),
    "person": re.compile(r"\b(?:person|name|people)\b|名字|姓名", re.IGNORECASE),
    "organization": re.compile(
        r"\b(?:compan(?:y|ies)|firms?|organi[sz]ations?|name)\b|公司|企业|机构", re.IGNORECASE
    ),
    "place": re.compile(
        r"\b(?:city|country|town|place|location)\b|城市|国家|地方|地区", re.IGNORECASE
    ),
    "definition": re.compile(
        r"\b(?:means?|meaning|definition|stands? for|refers? to|defined?)\b|"
        r"意思|含义|涵义|定义|什么|东西|啥",
        re.IGNORECASE,
    ),
}
FILLER = re.compile(
    r"\b(?:please|tell me|can you|could you|do you know|i want to know|i would like to know|"
    r"i'd like to know|according to the (?:documents?|articles?)|exactly|actually|many|much|"
    r"since|until|till|thanks|thank you|hello|hi)\b|"
    r"(?:麻烦|请)(?:你|您)?(?:问一下|问|告诉我|帮我查一下)|告诉我|我?想(?:问一下|问问|问|知道)|"
    r"麻烦(?:你|您)?|帮我查一下|你知道|谢谢(?:你|您)?|你好|到底|究竟|一下|一共|多少|了(?!解|不起)|(?<!目)的(?!确)",
    re.IGNORECASE,
)
# Chinese words that ask, count or close a question, where a rule has left them.
# How evidence names what "how tall" asks for: "a height of 30 m", 身高.
MEASURED: Mapping[str, str] = {
    "tall": "height", "high": "height", "heavy": "weight", "old": "age", "fast": "speed",
    "far": "distance", "long": "length", "deep": "depth", "wide": "width", "thick": "thickness",
    "big": "size", "large": "size", "hot": "temperature",
}  # fmt: skip
EMPTY_WORDS = frozenset(
    "多 少 几 哪 谁 儿 什么 什么人 哪些 多大 多重 多高 多长 几点 没 要 叫 最 很 太 还 都 "
    "只 会 能 可 辆 台 座 幅 款 张 本 项".split()
)
# Words of one character that name nobody: the dictionary lacks 修桥, which is two words, no name.
SINGLE_WORDS = frozenset(
    "要卖买叫花用最很太还都只没不被比去做想问说讲谈听看读写送打开关换租借修建造涨跌降吃喝走跑坐住"
    "辆台本幅座张款家条项届次车书桥船茶贵好新旧多少几谁哪"
)
