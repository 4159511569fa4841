"""Whether a statement stands in a quote word for word, and whether the quote stands by it.

"The claim, the bridge is safe, was found to be false" holds "the bridge is safe" and does not say
so. Only words of a short closed list take a clause back or make it depend on another; they are
looked for in the rest of the quote, for the statement may say them too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from embeddings.fold import fold_text
from rag.terms import HAN

_QUOTING = re.compile("[“”„‟\"「」『』«»‘’'`]")
_EDGE = " \n.。!！?？,，;；:：、…—-()（）[]【】"
_ENDS = re.compile(r" ?[.。!?,;:、—()\[\]【】]| -|\Z")
_BEGINS = re.compile(r"(?:[.。!?,;:、—()\[\]【】] ?|- |\A)\Z")
# Marks that part no clauses: those of 3.5, 1,234, 3 (million), 20 - 30, 三、四 and U.S.
_JOINT = re.compile(
    r"\d\W{1,3}(?=\d|[百千万亿]|(?:hundred|(?:m|b|tr)illion|thousand)\b)"
    r"|[一二三四五六七八九十百千万亿]、(?=[一二三四五六七八九十])|[A-Za-z0-9][.:](?=[A-Za-z0-9])"
)
# What is cut in two here says another thing: 3.5, 1,234, 20-30, -5, non-toxic; not 2021-05-18.
_CUT = re.compile(
    r"\d\.(?=\d)|\d,(?=\d{3}(?!\d))|\d ?(?<!\d{4})-(?= ?\d)|[^\W\d]-(?=\w)|\w-(?=[^\W\d])"
    r"|(?:(?<= )|\A)-(?=\d)"
)

_SUPPOSED = (
    r"(?<!\beven )(?<!\bas )\bif\b(?! (?:only|not|any)\b)|\bunless\b"
    r"|如果|假如|假若|假使|倘若|要是|除非"
    r"|(?:^|(?<=[\W但而又或]))若(?![干望泽昂瑟热尔])"
)
_FALSE = (
    r"(?<!\bnot )\b(?:false|untrue)\b|\b(?:rumou?r(?:s|ed)?|hoax|debunked)\b"
    r"|不属实|不实|谣言|谣传|传闻|网传"
)
_DENYING = r"(?<!\bnot )(?<!\bnever )\bden(?:ied|ies)\b|(?<![没未不]有)(?<![未不])否认|辟谣"
_DOUBT = re.compile(f"{_SUPPOSED}|{_FALSE}|{_DENYING}", re.IGNORECASE)
_DOUBT_BEFORE = re.compile(
    f"(?P<supposed>{_SUPPOSED})|(?P<false>{_FALSE})|(?P<denying>{_DENYING})", re.IGNORECASE
)
# A denial behind a clause must point at it: "Ann Reed is the founder, who denied it" does not.
_DOUBT_AFTER = re.compile(
    rf"{_SUPPOSED}|{_FALSE}|\b(?:is|was|were|been) denied\b|辟谣"
    r"|(?<![没未不]有)(?<![未不])否认了?(?:[这此该]|上述|有关|相关|\W*\Z)",
    re.IGNORECASE,
)
# Behind these, another thing is said.
_BUT = (
    r"[;；]|\b(?:but|however|although|though|whereas)\b(?! th[ia][st])"
    r"|(?:但|不过|然而)(?!是?[这此])|虽然"
)
_PARTED = re.compile(
    rf"{_BUT}|\b(?:and|while|who)\b|而且|并且|同时|以及|并(?!非)|且", re.IGNORECASE
)
_PARTED_BEFORE = {
    "supposed": re.compile(rf"{_BUT}|\bsa(?:id|ys)\b|表示|指出", re.IGNORECASE),
    "false": _PARTED,
    "denying": re.compile(rf"{_PARTED.pattern}|\bsa(?:id|ys)\b|表示|指出|强调", re.IGNORECASE),
}
_SENTENCE_END = re.compile(r"[。!?]|\.(?= |\Z)")
_TAKEN_BACK = re.compile(
    r"[.。!] ?(?:th(?:is|at|ese)(?: \w+)? (?:is|was|are|were|has been) (?:\w+ )?"
    rf"(?:false|untrue|denied|rumou?rs?)\b|(?:[这此该]|上述)[{HAN}]{{0,6}}(?:不属实|不实|谣言|否认))",
    re.IGNORECASE,
)
# What asserts something: three English words with a verb, four Chinese characters to a clause's
# end. A bare name or value asserts nothing that could be taken back.
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|did|does|may|must|rose|fell|grew|won|"
    r"lost|made|built|sold|bought|died|became|began|opens|closes|costs|\w{2,}ed)\b",
    re.IGNORECASE,
)
_ENDS_ZH = re.compile(rf"{_ENDS.pattern}|的(?:消息|说法|传言|传闻|报道)")


def stands_in(text: str, quote: str) -> bool:
    """Whether the statement is the quote, or whole clauses of one whose rest casts no doubt.

    Clauses are parted by marks, of which those inside a number or a word are none. Case counts,
    but neither width, traditional characters, quotation marks nor the marks at both ends.
    """
    wanted, whole = _plain(text), _plain(quote)
    if not wanted or wanted == whole:
        return bool(wanted)
    joints = list(_JOINT.finditer(whole))
    starts, ends = {m.end() for m in joints}, {m.start() + 1 for m in joints}
    return any(
        start not in starts
        and end not in ends
        and _ENDS.match(whole, end) is not None
        and _BEGINS.search(whole[:start]) is not None
        and not _DOUBT.search(f"{whole[:start]}\n{whole[end:]}")
        for start, end in _find_places(wanted, whole)
    )


def is_doubted(text: str, quote: str) -> bool:
    """Whether the quote holds the statement, and each time denies it, or says it of an `if`.

    So it is where the statement is cut off inside a number or a word: `It seats 20` of `20-30`.
    Words that may belong to another part of the sentence, behind "and" or "but", are none. So
    what is not sure counts as not doubted.
    """
    wanted, whole = _plain(text).lower(), _plain(quote).lower()
    if not re.search(r"[^\W\d]{2}", wanted) or wanted == whole:
        return False
    cuts = list(_CUT.finditer(whole))
    starts, ends = {m.end() for m in cuts}, {m.start() + 1 for m in cuts}
    places = list(_find_places(wanted, whole))
    return bool(places) and all(
        start in starts or end in ends or _is_taken_back(whole, start, end) for start, end in places
    )


def _plain(text: str) -> str:
    folded = _QUOTING.sub("", unicodedata.normalize("NFKC", fold_text(text)))
    folded = " ".join(folded.split()).rstrip(_EDGE)
    bare = folded.lstrip(_EDGE)
    mark = folded[: len(folded) - len(bare)][-1:]
    return f"{mark}{bare}" if mark in ("-", ".") and bare[:1].isdigit() else bare


def _find_places(wanted: str, whole: str) -> Iterator[tuple[int, int]]:
    start = whole.find(wanted)
    while start >= 0:
        yield start, start + len(wanted)
        start = whole.find(wanted, start + 1)


def _is_taken_back(whole: str, start: int, end: int) -> bool:
    if not _asserts(whole, start, end):
        return False
    head, tail = _SENTENCE_END.split(whole[:start])[-1], _SENTENCE_END.split(whole[end:])[0]
    for doubt in _DOUBT_BEFORE.finditer(head):
        if not _PARTED_BEFORE[str(doubt.lastgroup)].search(head, doubt.end()):
            return True
    doubted = any(not _PARTED.search(tail, 0, m.start()) for m in _DOUBT_AFTER.finditer(tail))
    return doubted or _TAKEN_BACK.match(whole, end) is not None


def _asserts(whole: str, start: int, end: int) -> bool:
    stated = whole[start:end]
    if re.search(f"[{HAN}]", stated):
        return len(re.findall(f"[{HAN}]", stated)) > 3 and _ENDS_ZH.match(whole, end) is not None
    parted = not whole[:start][-1:].isalnum() and not whole[end : end + 1].isalnum()
    return parted and len(stated.split()) > 2 and bool(_VERB.search(stated))
