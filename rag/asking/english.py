"""The words that ask in English, in order of trust, as `rag.question_words` says."""

from __future__ import annotations

from rag.asking.kinds import CUT, KEPT, Rule
from rag.terms import HAN

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
_TITLES = (
    r"(?:count|duke|earl|prince|princess|baron|bishop|archbishop|secretary|speaker|chancellor|"
    r"premier|ruler|owner|winner|champion)"
)
_GOODS = (
    r"(?:models?|products?|(?:smart|cell|mobile )?phones?|handsets?|apps?|devices?|gadgets?|"
    r"laptops?|tablets?|smartwatch|cameras?|cars?|vehicles?|trucks?|software|consoles?|chips?|"
    r"processors?|robots?|appliances?|chipsets?|versions?|operating systems?|generations?|grades?|"
    r"levels?)"
)
_FEW = r"(?:two|three|four|five|six|seven|eight|nine|ten|\d+)"
_NO_NOUN = (
    r"(?!(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|must|may|might|"
    r"of|in|on|at|by|to|for|from|with|the|an?|not)\b)"
)
_SOME = rf"(?:{_FEW}|some|examples|main|major)"
_KINDS = r"(?:kinds|types|sorts|classes|examples) of\b"
# A word in the plural, as far as its end tells.
_PLURAL = (
    r"(?!(?:gas|lens|series|species|news|canvas|atlas|physics|politics|mathematics|does|is|was|"
    r"has)\b)(?:[\w-]+(?<![suia])s|\w+[eio]as|people|children|men|women|criteria)\b(?!['’])"
)
_MANY_DO = r" (?:are|were|have|had|do|did|can|could|will|would|must|should|might|may)\b"
# "What are the attacks causing?", "what are the hairs called?": one thing more about them.
_NO_MORE = (
    r"(?! \w+ing\b)(?!.*(?:\b(?:called|known as|named|made of|used for|like|about|with)|"
    r"(?<! of)(?<! for) \w+ing)\W*$)"
)
# Up to four words that name a thing, and none that makes it a thing of another.
_TERM = (
    r"(?!(?:an? )?(?:another|one|most|new|next|wrong|missing|left|happening|going|needed|your|my|"
    r"his|her|their|its|this|that|it)\b)"
    r"(?:(?!(?:of|for|in|on|at|to|by|with|from|about|as|and|or|the|than|that|which|who|like|"
    r"called|known|concerned|required|allowed|forbidden|responsible|name|price|capital)\b)"
    r"(?!\w+[^e]ed\W*$)(?!\w+['’]s )[\w&.+/'’-]+ ?){1,4}(?:\([^)]*\))?"
)
# "What did the company do?" names a company and asks for something else.
_NO_VERB = r"(?!(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|makes?)\b)"

RULES_EN: tuple[Rule, ...] = (
    (
        "number",
        r"\bhow long (?:(?:is|are) (?=(?:the|this|that|an?|[\w.-]+['’]s) )|"
        rf"(?-i:is|are) (?=(?-i:[A-Z])|[{HAN}])(?!.*ing\W*$))"
        r"(?!.*\b(?:wait\w*|takes?|lasts?|ago|before|until)\b)",
        KEPT,
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
    (  # "how much is the ticket?", but not "how much is the rate above that of 2020?"
        "money",
        r"\bhow much (?:is|are|was|were) (?=(?:the|an?|this|that|it|they|one|my)\b)(?!.*\b(?:of|in|"
        r"from|above|below|left|than|more|less|taller|higher|lower|bigger|larger|faster|older)\b)",
        CUT,
    ),
    ("amount", r"\b(?:by )?how much\b", CUT),
    (
        "definition",
        r"^who(?: is| was|['’]s) (?!the\b|in\b|an?\b)"
        rf"(?!.*\b(?:{_ROLES}|{_TITLES})(?: (?:of|at|for|in)\b|\W*$))"
        r"(?!.* (?:after|of|by|with|to|for|from|against)\W*$)"
        r"(?:[\w.'’·-]+ ?){1,4}(?:\([^)]*\))? ?\??$",
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
        "definition",
        r"^what (?:do|does|did) (?=.*\b(?:stand for\b|(?:mean|refer to)(?: in \w+)?\W*$))",
        CUT,
    ),
    (
        "other",
        r"^what (?=(?:do|does|did|has|have|had)\b.*\b(?:say|said|think|thought|mean|claim|claimed|"
        r"happen|happened|cause|caused)\b)|^what happened\b",
        CUT,
    ),
    (
        "list",
        r"^(?:(?:can|could|would) you )?(?:please )?(?:list|name|enumerate)\b(?! of\b)|"
        r"\blist of(?: all)?\b",
        CUT,
    ),
    (
        "list",
        rf"^what (?:are|were) (?:the |all )?(?={_SOME}\b){_NO_MORE}|"
        rf"^what (?:are|were) (?:the|some|new) (?=(?:{_NO_NOUN}[\w-]+ ){{0,2}}{_PLURAL}{_NO_MORE})",
        CUT,
    ),
    (
        "list",
        rf"(?<!way in )\b(?:what|which) (?:{_FEW} (?=[a-z])|{_KINDS}|"
        rf"(?={_NO_NOUN}(?:{_NO_NOUN}[\w-]+ ){{0,2}}{_PLURAL}"
        rf"(?: (?:of|in|on|from|at|for) (?:[\w.'’-]+ ){{0,3}}[\w.'’-]+)?{_MANY_DO}))|"
        rf"^(?:\w+ )?which (?={_PLURAL} (?!the\b|an?\b|in\b|on\b|of\b|by\b|more\b)[a-z]+\b(?<!er))|"
        rf"(?<=\w )(?:what|which) (?={_NO_NOUN}(?:{_NO_NOUN}[\w-]+ )?{_PLURAL}\W*$)",
        CUT,
    ),
    ("product", rf"\b(?:what|which) {_NO_VERB}(?=(?:{_NO_NOUN}[\w-]+ ){{0,2}}{_GOODS}\b)", KEPT),
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
    (
        "yesno",
        r"^(?!\w+ you (?:please )?(?:tell|explain|describe|show|give|define)\b)"
        r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b",
        CUT,
    ),
    (
        "definition",
        r"\bdefine\b|\b(?:definition|meaning)(?: of\b|\W*$)|\bstands for\W*$",
        CUT,
    ),
    (
        "definition",
        rf"^what(?: is| are|['’]s) (?!the\b)(?:an? )?{_TERM}\W*$|"
        r"^what(?: is|['’]s) the (?:(?-i:[A-Z])[\w&.'’-]* ?){1,4}\W*$",
        KEPT,
    ),
    ("other", r"\b(?:what|which|how)\b", CUT),
)
