"""The closed word lists by which an English follow-up is told and completed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag.asking.kinds import Asked

# What a thing has, and one asks for by naming it.
ATTRIBUTES_EN = frozenset(
    "price prices cost costs height length width depth weight size age area speed capacity range "
    "color colour name names date dates time times hours address location population revenue "
    "budget salary distance weather reason reasons cause causes purpose history owner number "
    "amount total opening closing release launch launching thickness diameter temperature power "
    "turnover value deadline warranty duration profit profits loss losses sales output result "
    "results theme title fee fees rent nationality birthday birthplace percentage".split()
)
ROLES_EN = frozenset(
    "mayor president chairman chairwoman king queen emperor minister governor ceo cto cfo founder "
    "founders director directors manager head boss leader captain author writer poet engineer "
    "developer designer architect inventor artist painter composer singer actor actress coach "
    "professor owner builder maker wife husband father mother son daughter brother sister "
    "sponsor curator".split()
)
# The roles that only a person's are.
KIN_EN = frozenset("wife husband father mother son daughter brother sister".split())
VERBS_EN = frozenset(
    "open opens close closes start starts begin begins began end ends launch launches arrive "
    "arrives leave leaves left cost costs weigh weighs last lasts take takes took run runs ran "
    "stop stops sell sells sold buy bought make makes made build built write wrote written win "
    "won lose lost lead led found hold held say says said tell told pay paid raise rise rose fall "
    "fell grow grew win have has get got go goes went come comes came move sink sank burn burnt "
    "show shown showed born die retire resign report employ produce plan expect support use used "
    "cross carry carries crosses export import serve charge happen become became work works live "
    "lives stand stands stood belong spend spent invest announce increase decrease earn offer "
    "change keep kept give gave given draw drawn drew taught teach sing sang sung see seen saw "
    "join create design finish appear reopen earn think thought known know need needs want wants "
    "finally available located based free expensive tall high long wide deep heavy big large old "
    "called worth still also already".split()
)
STOP_EN = frozenset(
    "a an the this that these those my our your his her its their is are was were be been being "
    "am do does did has have had can could will would should may might must of in on at to for "
    "from by with about into over under near after before since until during as than and or but "
    "so if then there here who whom whose what which when where why how it they them he she him "
    "not no yes please tell me i we you us many much long s t between against without per next "
    "ever actually exactly out up down off".split()
)
AUXILIARIES = (
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must)"
)
# Words that go on behind a model's name and make another model of it.
SUFFIXES = frozenset(
    "pro max plus ultra mini lite air se gt turbo sport touring premium standard basic "
    "performance long-range fold flip note s x xl rs neo prime edge fe".split()
)
CLASSES_EN: Mapping[str, str] = {
    **dict.fromkeys("company firm organization organisation maker manufacturer".split(),
                    "organization"),
    **dict.fromkeys("city town village country province region place".split(), "place"),
    **dict.fromkeys("man woman person".split(), "person"),
}  # fmt: skip
SAID_EN = re.compile(
    r"(?:and |but |so )?(?:"
    r"(?P<who>who(?: exactly)? (?:said|says|wrote|claimed|claims|reported|reports|stated|announced|"
    r"told (?:you|them)))(?: that| this| it| so)|"
    r"(?:(?P<when>when)|(?P<where>where)|(?P<why>why)) "
    r"(?:(?:was|is|did) (?:that|this)(?: (?:said|happen|written|reported|announced|so))?|"
    r"did (?:he|she|they|it) say (?:that|this|so|it)))",
    re.IGNORECASE,
)
POLITE_EN = re.compile(
    r"(?>(?:ok|okay|thank you|thanks?|great|good|nice|fine|cool|bye|goodbye|please|sorry|hello|"
    r"hi|yes|no|right|sure|well|never ?mind|i see|so much|very much|that['’]s all)\b[,.!]? ?)++",
    re.IGNORECASE,
)
LEAD_EN = re.compile(
    r"(?:(?:and|but|so|or|also|then|ok|okay|well),? )*(?:(?:what|how) about |what of )?",
    re.IGNORECASE,
)
BARE_EN = re.compile(
    r"(?P<ask>since when|until when|at what time|what time|(?:in )?(?:what|which) "
    r"(?:year|city|country)|how long ago|when|where|why|how come|how|by whom|by who|who|whose)"
    r"(?: exactly| then| so| is that| was that| not)?",
    re.IGNORECASE,
)
MEASURE_EN = re.compile(
    r"how (?P<measure>much|long|tall|high|big|large|old|heavy|far|deep|wide|fast|expensive|thick)"
    r"(?: exactly)?",
    re.IGNORECASE,
)
# The words that ask, with an auxiliary behind them: others can be put in their place.
ASKING_EN = re.compile(
    r"(?:(?:and|but) )?(?:(?:in|on|at|by|since|until|for|from|to) )?"
    r"(?:(?:what|which) (?:year|month|day|date|time|city|country|town|place|place|way)|"
    rf"how long ago|how long|when|where|why|how come|how)(?= {AUXILIARIES}\b)",
    re.IGNORECASE,
)
PREPOSITION_EN = re.compile(
    r"(?P<word>in|on|at|by|since|until|for|from|to|of|with|about|during|before|after|near) ",
    re.IGNORECASE,
)
RELATIVE_DATE_EN = re.compile(r"(?:last|next|this|yesterday|today|tomorrow|now)\b", re.IGNORECASE)
PARTICIPLE_EN = re.compile(
    r"\w+ed|built|made|led|won|sold|bought|held|found|paid|left|lost|taught", re.IGNORECASE
)
ASK_EN: Mapping[Asked, str] = {
    "date": "when", "time": "at what time", "duration": "how long", "share": "what percentage",
    "money": "how much money", "amount": "how much", "number": "how many", "person": "who",
    "organization": "which company", "place": "where", "reason": "why", "yesno": "is it so",
    "list": "which", "definition": "what is it", "product": "which one", "other": "what",
}  # fmt: skip
