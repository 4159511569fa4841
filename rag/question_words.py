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
    r"\bhow long\b|多长": ("meter", "month", "second"),  # a thing, or what goes on
    r"\bhow (?:tall|high|far|deep|wide|thick)\b|多[高远深宽厚]|身高|全长|[高长宽深厚]度|距离|里程|"
    r"\b(?:height|length|width|depth|thickness|distance|diameter)\b": ("meter",),
    r"\bhow heavy\b|\bweigh(?:s|ed|t)?\b|多重|重量|体重": ("gram",),
    r"\bhow fast\b|\bspeed\b|多快|[时车]速|速度": ("kilometer per hour",),
    r"\bhow old\b|\bage\b|多大(?:年纪|岁数|年龄)|年龄|年纪|[几多][少大]?岁": ("month",),
    r"\bhow hot\b|\btemperature\b|气温|温度": ("celsius", "fahrenheit"),
    r"面积|占地|\b(?:surface|floor|land) area\b|\bthe area of\b": ("square meter",),
}
_ROLES = (
    r"(?:mayor|president|chairman|chairwoman|king|queen|emperor|pope|minister|governor|general|"
    r"ceo|cto|cfo|founder|co-founder|director|manager|head|boss|leader|captain|author|writer|poet|"
    r"scientist|engineer|developer|designer|architect|inventor|artist|painter|composer|musician|"
    r"singer|actor|actress|player|coach|professor|teacher|doctor|lawyer|judge|journalist|"
    r"reporter|analyst|wife|husband|spouse|father|mother|son|daughter|brother|sister)"
)
_BODIES = (
    r"(?:compan(?:y|ies)|firms?|start-?ups?|organi[sz]ations?|automakers?|carmakers?|"
    r"manufacturers?|makers?|brands?|agency|agencies|ministry|bureau|associations?|banks?|"
    r"universit(?:y|ies)|colleges?|schools?|hospitals?|newspapers?|magazines?|suppliers?|partners?|"
    r"retailers?|airlines?|outlets?|platforms?|publishers?|studios?|institutes?|institutions?|"
    r"teams?|clubs?)"
)
# "What did the company do?" names a company and asks for something else.
_NO_VERB = r"(?!(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|makes?)\b)"
Rule = tuple[Asked, str, bool]
CUT, KEPT = False, True

_EN: tuple[Rule, ...] = (
    (
        "number",
        r"\bhow long (?:is|are) (?=(?:the|this|that|an?|[\w.-]+['’]s) )"
        r"(?!.*\b(?:wait\w*|takes?|lasts?|ago|before|until)\b)",
        CUT,
    ),
    ("duration", r"\bhow long (?!ago\b)(?:did it take|does it take|will it take)?", CUT),
    ("duration", r"how many (?=(?:years|months|weeks|days|hours|minutes|seconds)\b)", CUT),
    ("duration", r"\b(?:waiting|lead|delivery|travel|charging) times?\b|\bhow soon\b", KEPT),
    ("share", r"\b(?:what|which) (?:is the |was the )?(?:percentage|percent|proportion)\b", CUT),
    ("share", r"\bhow many percent\b|\bby what (?:percentage|percent)\b", CUT),
    ("share", r"\b(?:growth rate|(?:gross |profit |net )?margin|market share|percentage)\b", KEPT),
    (
        "share",
        r"\bhow fast (?=.*\b(?:grow\w*|grew|rise|rose|increas\w*|expand\w*|shr[aiu]nk)\b)",
        CUT,
    ),
    ("money", r"\bhow expensive\b|\bhow much money\b", CUT),
    (
        "money",
        r"\bhow much\b(?=.*\b(?:costs?|price|pay|paid|spend|spent|invest|invested|worth|raised?|"
        r"revenue|earn|earned|loss|profit|lose|lost)\b)",
        CUT,
    ),
    ("number", r"\bhow much\b(?=.*\bweigh)", CUT),
    ("time", r"\b(?:at )?what time\b", CUT),
    ("time", r"\b(?:opening|closing|business) (?:hours|times?)\b", KEPT),
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
    ("person", rf"\bname of (?=(?:[\w.'’-]+ ){{0,4}}{_ROLES}\b)|\b{_ROLES}['’]s name\b", KEPT),
    ("organization", rf"\b(?:what|which) {_NO_VERB}(?=(?:\w+ ){{0,2}}{_BODIES}\b)", CUT),
    (
        "organization",
        rf"\bwhat (?:is|was) the (?:name of the )?(?=(?:\w+ )?{_BODIES} (?:that|which|behind)\b)|"
        rf"\bname of the (?=(?:\w+ )?{_BODIES}\b)",
        CUT,
    ),
    ("person", rf"\b(?:what|which) {_NO_VERB}(?=(?:\w+ ){{0,2}}{_ROLES}\b)", CUT),
    (
        "place",
        r"\bwhere\b|\b(?:in |at |to |from )?(?:what|which) (?=(?:city|country|place|town|province|"
        r"state|region|location|continent|county|district)\b)",
        CUT,
    ),
    ("reason", r"\bwhy\b|\bhow come\b|\bwhat (?=(?:caused?|causes|led to|leads to)\b)", CUT),
    ("reason", r"\b(?:what|which) (?:is|was|were|are) the (?:reasons?|causes?)\b", CUT),
    (
        "other",
        r"^what (?=(?:do|does|did|has|have|had)\b.*\b(?:say|said|think|thought|mean|claim|claimed|"
        r"happen|happened|cause|caused)\b)|^what happened\b",
        CUT,
    ),
    ("date", r"\bdates?\b(?! ?range)", KEPT),
    ("money", r"\b(?:prices?|costs?|revenue|valuation|budget|net loss|salary|turnover)\b", KEPT),
    (
        "number",
        r"\b(?:amount|quantity|population|sales volume|sales figures?|sales target)\b",
        KEPT,
    ),
    (
        "number",
        r"\b(?:height|length|width|depth|thickness|weight|diameter|(?:top |maximum )?speed|"
        r"distance|temperature|age|(?:surface |floor |land )?area|capacity|"
        r"(?:charging|output|engine|motor|maximum) power)(?= of\b|\W*$)",
        KEPT,
    ),
    ("yesno", r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b", CUT),
    ("other", r"\b(?:what|which|how)\b", CUT),
)
_END = r"(?=$|[?？。是为有])"
_SUMS_ZH = (
    r"(?:花|耗资|投资|投入|支付|估值|市值|融资|营收|收入|利润|亏损|注册资本|成本|费用|支出|造价|售价|"
    r"定价|价格|票价|租金|年薪|月薪|薪水|工资|奖金|罚款|预算|经费|股价)"
)
# What somebody is whom one asks for by the office: 馆长是谁.
_BEHIND_ROLE = (
    r"(?:(?<=[长席理官员师者裁授事板主妻夫])|(?<=[画作专]家)|(?<=[责始言理]人)|(?<=[父母]亲)|"
    r"(?<=[儿妻]子)|(?<=C[ETFO]O))"
)
_ZH: tuple[Rule, ...] = (
    ("date", r"(?:星期|礼拜|周)几|(?<!第)几月(?:份|几[日号])?", CUT),
    ("duration", r"多久|多长的?时间|(?<=[期程间])(?:是|有|为)?多长", CUT),
    ("duration", r"(?:多少|(?<!第)几)个?(?=年(?![代初底])|月(?!份)|周|天|星期|小时|分钟|秒)", CUT),
    ("duration", rf"(?:周期|工期|等待时间){_END}", KEPT),
    ("share", r"百分之(?:几|多少)|多少个?百分点|多少%", CUT),
    ("share", r"(?:占|占比|比例|比重|份额|率|幅)(?:是|为|有|达到?)?多[少大高]", KEPT),
    (
        "share",
        r"(?:增长|上涨|下降|下跌|增加|减少|收窄|涨|跌|降)了?(?:多少|几)(?![元万亿个块辆台家人])",
        KEPT,
    ),
    ("money", r"多少钱|(?:什么|多少|啥)价(?:格|钱)?", CUT),
    (
        "money",
        r"多少(?=利润|收入|营收|亏损|损失|债务|奖金|罚款|投资|贷款|工资|税款|赔偿)",
        CUT,
    ),
    ("money", r"多少(?:[万亿]*)(?:元|美元|港元|欧元|日元|块|人民币|资金)", CUT),
    ("money", rf"{_SUMS_ZH}(?:费|了|为|是|有|达|约|大约)*(?:多少|几)", KEPT),
    ("time", r"几点钟?", CUT),
    (
        "date",
        r"什么时[候间]|何时|几时|啥时候?|哪一?[年天日]|哪个?(?:月|季度|年代|世纪)|几[号日]",
        CUT,
    ),
    (
        "number",
        r"(?:多少|(?<!第)几)(?:[辆台个名家款项位次股件种条成座只头匹艘架颗棵本张把间层节场支份册栋幢处所枝遍](?!月))?",
        CUT,
    ),
    ("number", r"(?<!第)几岁|多[高重大远快深宽厚长]", KEPT),
    ("person", rf"{_BEHIND_ROLE}(?:是(?:谁|哪位|什么人|何人)|叫(?:什么|啥)(?:名字?)?)", CUT),
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
        r"在?(?:哪里|哪儿|何处|何地|什么地方)(?:人(?=$|[?？]))?|在哪(?![个些家一几款])|"
        r"哪(?:一?个|些|几个|一?座)?(?=城市|国家|省|地区|市|地方|州|县|镇|村|岛)",
        CUT,
    ),
    ("reason", r"为什么|为何|为啥|怎么会|原因是什么|原因何在", CUT),
    ("date", rf"(?:时间|日期|年份|日子){_END}", KEPT),
    ("share", rf"(?:毛利率|增长率|增速|增幅|涨幅|跌幅|占比|市场份额|利润率|比例){_END}", KEPT),
    ("money", rf"(?:{_SUMS_ZH}|报价){_END}", KEPT),
    (
        "number",
        rf"(?:销量|产量|交付量|数量|人数|目标|产能|身高|面积|[高长宽深厚速温]度|时速|重量|体重|年龄|"
        rf"预期){_END}",
        KEPT,
    ),
    (
        "yesno",
        r"吗(?=$|[?？])|是否|是不是|有没有|会不会|能不能|可不可以|[了过]没有?(?=$|[?？])",
        CUT,
    ),
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
    "organization": re.compile(
        r"\b(?:compan(?:y|ies)|firms?|organi[sz]ations?|name)\b|公司|企业|机构", re.IGNORECASE
    ),
    "place": re.compile(
        r"\b(?:city|country|town|place|location)\b|城市|国家|地方|地区", re.IGNORECASE
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
EMPTY_WORDS = frozenset(
    "多 少 几 哪 谁 儿 什么 什么人 哪些 多大 多重 多高 多长 几点 没 要 叫 最 很 太 还 都 "
    "只 会 能 可 辆 台 座 幅 款 张 本 项".split()
)
# Words of one character that name nobody: the dictionary lacks 修桥, which is two words, no name.
SINGLE_WORDS = frozenset(
    "要卖买叫花用最很太还都只没不被比去做想问说讲谈听看读写送打开关换租借修建造涨跌降吃喝走跑坐住"
    "辆台本幅座张款家条项届次车书桥船茶贵好新旧多少几谁哪"
)
