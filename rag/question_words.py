"""The words that ask, in English and Chinese, and what each asks for.

Rules stand in order of trust: the first whose pattern is found decides. Those marked KEPT ask by
naming the thing ("price", 售价), and the name stays a word to be found in the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from rag.types import Language

Asked = Literal[
    "date", "time", "duration", "share", "money", "amount", "number",
    "person", "organization", "place", "reason", "yesno", "other",
]  # fmt: skip
"""What is asked for. `amount` is a bare "how much": money, a share or a number."""

# What "how tall" and the like are measured in: the base unit of the answer, or of an age.
DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    r"\bhow (?:tall|high|far|deep|wide|thick|long)\b|多[高远深宽厚长]|身高|[高长宽]度|距离|里程": (
        "meter",
    ),
    r"\bhow heavy\b|多重|重量|体重": ("gram",),
    r"\bhow fast\b|\btop speed\b|多快|[时车]速": ("kilometer per hour",),
    r"\bhow old\b|多大(?:年纪|岁数)?|年龄|几岁": ("month",),
    r"\bhow (?:big|large)\b|面积|占地": ("square meter", "cubic meter", "byte"),
}
Rule = tuple[Asked, str, bool]
CUT, KEPT = False, True

_EN: tuple[Rule, ...] = (
    ("duration", r"how long (?!ago\b)(?:did it take|does it take|will it take)?", CUT),
    ("duration", r"how many (?=(?:years|months|weeks|days|hours|minutes|seconds)\b)", CUT),
    ("duration", r"\b(?:waiting|lead) time\b|\bhow soon\b", KEPT),
    ("share", r"\b(?:what|which) (?:is the |was the )?(?:percentage|percent|proportion)\b", CUT),
    ("share", r"\bhow many percent\b|\bby what (?:percentage|percent)\b", CUT),
    ("share", r"\b(?:growth rate|(?:gross |profit |net )?margin|market share|percentage)\b", KEPT),
    ("money", r"\bhow expensive\b|\bhow much money\b", CUT),
    (
        "money",
        r"\bhow much\b(?=.*\b(?:costs?|price|pay|paid|spend|spent|invest|invested|worth|raised?|"
        r"revenue|earn|earned|loss|profit|lose|lost)\b)",
        CUT,
    ),
    ("time", r"\b(?:at )?what time\b", CUT),
    ("date", r"\bwhen\b|\bhow long ago\b", CUT),
    ("date", r"\b(?:in |on |by )?(?:what|which) (?:date|day|month|year|quarter|season)\b", CUT),
    ("number", r"\bhow many\b|\b(?:the )?number of\b|\bhow often\b", CUT),
    ("number", r"\bhow (?:tall|high|far|big|large|fast|heavy|old|deep|wide|strong|thick)\b", KEPT),
    ("amount", r"\b(?:by )?how much\b", CUT),
    (
        "other",
        r"^who (?:is|was) (?!the\b|in\b|an?\b)(?:[\w.'’·-]+ ?){1,4}(?:\([^)]*\))? ?\??$",
        KEPT,
    ),
    ("person", r"\bwho(?:se|m)?\b|\b(?:what|which) (?:person|people|man|woman)\b", CUT),
    (
        "organization",
        r"\b(?:what|which) (?=(?:\w+ ){0,2}(?:compan(?:y|ies)|firms?|organi[sz]ations?|"
        r"automakers?|carmakers?|manufacturers?|makers?|brands?|agency|agencies|banks?|"
        r"universit(?:y|ies)|newspapers?|suppliers?|partners?|outlets?|publishers?|institutes?|"
        r"institutions?)\b)",
        CUT,
    ),
    (
        "place",
        r"\bwhere\b|\b(?:in |at |to |from )?(?:what|which) (?=(?:city|country|place|town|province|"
        r"state|region|location|continent|county|district)\b)",
        CUT,
    ),
    ("reason", r"\bwhy\b|\bhow come\b", CUT),
    ("reason", r"\b(?:what|which) (?:is|was|were|are) the (?:reasons?|causes?)\b", CUT),
    ("date", r"\bdates?\b(?! ?range)", KEPT),
    ("money", r"\b(?:prices?|costs?|revenue|valuation|budget|net loss|salary|turnover)\b", KEPT),
    (
        "number",
        r"\b(?:amount|quantity|population|sales volume|sales figures?|sales target)\b",
        KEPT,
    ),
    ("yesno", r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b", CUT),
    ("other", r"\b(?:what|which|how)\b", CUT),
)
_END = r"(?=$|[?？。是为有])"
_ZH: tuple[Rule, ...] = (
    ("duration", r"多久|多长时间|多长的?时间", CUT),
    ("duration", r"(?:多少|(?<!第)几)个?(?=年(?![代初底])|月(?!份)|周|天|星期|小时|分钟)", CUT),
    ("duration", rf"(?:周期|工期|等待时间){_END}", KEPT),
    ("share", r"百分之(?:几|多少)|多少个?百分点|多少%", CUT),
    ("share", r"(?:占|占比|比例|比重|份额|率|幅)(?:是|为|有|达到?)?多少", KEPT),
    (
        "share",
        r"(?:增长|上涨|下降|下跌|增加|减少|收窄|涨|跌|降)了?(?:多少|几)(?![元万亿个块辆台家人])",
        KEPT,
    ),
    ("money", r"多少钱|(?:什么|多少|啥)价(?:格|钱)?", CUT),
    ("money", r"多少(?:[万亿]*)(?:元|美元|港元|欧元|日元|块|人民币|资金)", CUT),
    (
        "money",
        r"(?:花|耗资|投资|投入|支付|估值|市值|融资|营收|收入|利润|亏损|净利润?|注册资本|成本|费用|支出|"
        r"售价|定价|价格|经费|股价)(?:费|了|为|是|有|达|约|大约)*(?:多少|几)",
        KEPT,
    ),
    ("time", r"几点钟?", CUT),
    (
        "date",
        r"什么时[候间]|何时|几时|啥时候?|哪一?[年天日]|哪个?月|哪个?季度|几月(?:几[日号])?|几[号日]",
        CUT,
    ),
    ("number", r"多少|(?<!第)几(?=[辆台个人名家款项位次股件种条成])", CUT),
    ("number", r"多[高重大远快深宽厚]", KEPT),
    ("other", r"^[^的]{2,12}是(?:谁|什么人|何人)[?？]?$", KEPT),
    ("person", r"谁|哪位|什么人|哪个人|哪些人|何人", CUT),
    (
        "organization",
        r"(?:哪一?[家个些]|哪几家|什么)(?=\w{0,4}(?:公司|企业|厂商|车企|机构|集团|媒体|平台|银行|大学|品牌|"
        r"供应商|券商|报))",
        CUT,
    ),
    (
        "place",
        r"哪里|哪儿|何处|何地|什么地方|在哪|哪一?个?(?=城市|国家|省|地区|市|地方|州|县)",
        CUT,
    ),
    ("reason", r"为什么|为何|为啥|怎么会|原因是什么|原因何在", CUT),
    ("date", rf"(?:时间|日期|年份|日子){_END}", KEPT),
    ("share", rf"(?:毛利率|增长率|增速|增幅|涨幅|跌幅|占比|市场份额|利润率|比例){_END}", KEPT),
    (
        "money",
        rf"(?:价格|售价|定价|成本|费用|营收|收入|估值|市值|注册资本|报价|股价|支出|亏损|利润){_END}",
        KEPT,
    ),
    ("number", rf"(?:销量|产量|交付量|数量|人数|目标|产能|身高|预期){_END}", KEPT),
    ("yesno", r"吗(?=$|[?？])|是否|是不是|有没有|会不会|能不能|可不可以", CUT),
    ("other", r"什么|哪些|哪个|哪|怎么样?|如何", CUT),
)
_BY_LANGUAGE: Mapping[Language, tuple[Rule, ...]] = {"en": _EN, "zh": _ZH}
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
}
FILLER = re.compile(
    r"\b(?:please|tell me|can you|could you|do you know|i want to know|i would like to know|"
    r"i'd like to know|according to the (?:documents?|articles?)|exactly|actually|many|much)\b|"
    r"请问|请告诉我|告诉我|我想知道|想知道|麻烦问一下|你知道|帮我查一下|到底|究竟|一下|[呢呀啊吗是的有了多少]",
    re.IGNORECASE,
)
