"""Whether a statement denies what its quotes say, or says what they deny.

Only plain words of denial in a closed list count, and only where one side has none at all: the
languages deny in too many ways ("without", "unable", 难以) for a finer rule to be right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.naming.tokens import fold_han
from rag.terms import HAN

_DENIED = re.compile(rf"\s*(?:(?:be|been|a|an|the|to|yet) )*(?:([{HAN}]{{2}})|(\w{{3,}}))")
_HAN = re.compile(f"[{HAN}]")
# A word that denies its verb, and nothing else.
_STRICT = re.compile(
    r"\b(?:not|never|cannot|no longer|nobody|none|neither)\b|\w+n['’]t\b(?! (?:just|only))"
    r"|(?<![要就能会可是差造无])不(?![仅同但过断少久管论止只单光得一错良满足利对及由禁如妨料到惜乏多再勒二公景明便幸丹甘凡堪顾屈懈屑朽法了])"
    r"|没有|没(?![收落])|未(?!来|婚|必|免|知|成年|遂|经|能)|并非|从未|绝不|尚未",
    re.IGNORECASE,
)
# Whatever may deny: where the other side has one of these, nothing is said.
_LOOSE = re.compile(
    r"\b(?:no|not|never|cannot|nobody|none|nothing|nowhere|neither|nor|without|un(?!i|der|less)\w+"
    r"|in(?:a|e|c(?:ap|orr)|s(?:uff|uffer)|v(?:al|is))\w+|dis\w+|im(?:p(?:os|erf|rob)|mobil)\w+|non\w*"
    r"|hardly|barely|rarely|seldom|scarcely|lack\w*|fail\w*|refus\w*|den[iy]\w*|reject\w*|avoid\w*"
    r"|prevent\w*|stop\w*|ban|banned|far from|yet|until|unless|absen\w*|miss\w*|free|instead)\b"
    r"|n['’]t\b|\w+less\b|[不没未无非否别勿莫免难缺拒禁]",
    re.IGNORECASE,
)


def find_denial(text: str, quotes: Sequence[str]) -> tuple[int, int] | None:
    """Return the span of the word that a statement denies with and the quotes do not.

    Where instead every quote denies and the statement does not, it is the whole statement. None
    where both deny, or neither, or it cannot be told: of two languages, only what the English
    side denies is looked for in the other, for Chinese denies much that English says otherwise.
    """
    text, quotes = fold_han(text), [fold_han(quote) for quote in quotes]
    stated = _STRICT.search(text)
    if stated is not None:
        silent = not any(_LOOSE.search(quote) or _differ(quote, text) for quote in quotes)
        return stated.span() if silent else None
    if _LOOSE.search(text) or not quotes:
        return None
    denied = all(_denies_part(quote, text) for quote in quotes)
    return (0, len(text)) if denied else None


def _denies_part(quote: str, text: str) -> bool:
    """Whether the quote denies what the statement says; across languages, whether it denies."""
    found = _STRICT.search(quote)
    if found is None or _differ(text, quote):
        return False
    if bool(_HAN.search(text)) != bool(_HAN.search(quote)):
        return True
    return any(
        word.casefold() in text.casefold()
        for match in _STRICT.finditer(quote)
        if (follows := _DENIED.match(quote, match.end()))
        for word in [follows[1] or follows[2]]
    )


def _differ(plain: str, denying: str) -> bool:
    """Whether the denying text is Chinese and the other one is not."""
    return bool(_HAN.search(denying)) and not _HAN.search(plain)
