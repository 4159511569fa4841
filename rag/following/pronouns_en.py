"""English pronouns that point to the turn before, and what they point to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from embeddings.gloss import Glossary
from rag.following.things import Thing, print_thing
from rag.following.turns import Turn
from rag.following.words_en import (
    ATTRIBUTES_EN,
    AUXILIARIES,
    CLASSES_EN,
    ROLES_EN,
    STOP_EN,
    VERBS_EN,
)
from rag.values import format_value

_THING, _PERSON, _GROUP, _PLACE = "thing", "person", "group", "place"
_FAMILIES = {
    "it": _THING, "its": _THING, "this": _THING, "that": _THING, "these": _GROUP, "those": _GROUP,
    "he": _PERSON, "she": _PERSON, "him": _PERSON, "her": _PERSON, "his": _PERSON, "hers": _PERSON,
    "they": _GROUP, "them": _GROUP, "their": _GROUP, "there": _PLACE,
}  # fmt: skip
_PRONOUN = re.compile(rf"\b(?:{'|'.join(_FAMILIES)})\b(?!['’]s)", re.IGNORECASE)
_OWNING = frozenset("its his her their".split())
_EXPLETIVE = re.compile(
    r"\b(?:is|was|are|were|be|been|has|have|had|must|will|would|can|could|do|does) there\b|"
    r"\bthere(?: is| are| was| were|['’]s|['’]re| be| has| have)\b|"
    r"\b(?:is|was|does|did|will|would|can|could|has) it\b"
    r"(?= (?:takes? .*?\b(?:to|for)\b|means? (?:to|for|when|if|that)|"
    r"(?:\w+ )?(?:true|possible|common|likely|safe|necessary|known|said|legal|allowed|called|"
    r"important|worth)\b(?! ?\w*$)|raining|snowing|costs? to\b|\w+ (?:that|when|if|how)\b))|"
    r"\bwhat time (?:is|was) it\b",
    re.IGNORECASE,
)
_NAME_BEFORE = re.compile(r"(?<!^)(?<![.\w])[A-Z]\w|\d|[\u3400-\u9fff]")
_OPENING = re.compile(r"^[A-Z][\w'’]*")
_ARTICLE_BEFORE = re.compile(r"\b(?:the|an?|any|some|all|each|every|no|my|our|your) (\w+)", re.I)
_AFTER_AUXILIARY = re.compile(rf"(?:\b{AUXILIARIES}|['’]s|n['’]t) $", re.IGNORECASE)
_DEMONSTRATIVE_GOES_ON = re.compile(
    rf" ?(?:$|[?!.,]|{AUXILIARIES}\b|happen|mean|cost|work|take|come|start|begin|end|open|close|"
    r"last|in\b|on\b|at\b|for\b|by\b|to\b|from\b|then\b)", re.IGNORECASE,
)  # fmt: skip
_CLAUSE_BEFORE = re.compile(r"\w+ .*\b(?:that|because|when|if|while|although)\b", re.IGNORECASE)
_HAS_BEFORE = re.compile(r"\b(?:has|have|had) $", re.IGNORECASE)
WORDS_BEFORE = 6  # more words before a pronoun hold what it stands for
LONGEST_DESCRIBED = 10  # words of a question that says too little with "the bridge"


def replace_pronoun(text: str, turn: Turn, glossary: Glossary) -> str | None:
    """Return `text` with its first pronoun that points out of it replaced, else None."""
    dated = _replace_then(text, turn)
    for match in _PRONOUN.finditer(text):
        if not _points_out(text, match):
            continue
        thing = _choose(match[0].casefold(), text[match.end() :], turn)
        if thing is None:
            continue
        shown = print_thing(thing, "en", glossary)
        shown = _inflect(shown, match[0].casefold(), text[match.end() :], thing)
        return f"{text[: match.start()]}{shown}{text[match.end() :]}?"
    return dated


def _replace_then(text: str, turn: Turn) -> str | None:
    match = re.search(r" (?:back )?then$| (?:at|by) (?:the|that) time$", text, re.IGNORECASE)
    dates = turn.dates or turn.answered_dates
    if match is None or not dates:
        return None
    date = dates[0].text if turn.language == "en" else format_value(dates[0], "en")
    day = dates[0].date is not None and dates[0].date.day is not None
    return f"{text[: match.start()]} {'on' if day else 'in'} {date}?"


def _points_out(text: str, match: re.Match[str]) -> bool:
    """Whether nothing before the pronoun can be what it stands for, and it stands for something."""
    word, before, after = match[0].casefold(), text[: match.start()], text[match.end() :]
    if any(m.start() <= match.start() < m.end() for m in _EXPLETIVE.finditer(text)):
        return False
    if word in ("this", "that", "these", "those") and not _stands_by_itself(before, after):
        return False
    if word == "there" and not re.match(r" ?(?:$|[?!.,]|in |on |every|each|per )", after):
        return False
    if len(before.split()) > WORDS_BEFORE or _NAME_BEFORE.search(_OPENING.sub("", before)):
        return False
    opening = _OPENING.match(before)
    if opening and re.split("['’]", opening[0])[0].casefold() not in STOP_EN:
        return False
    if any(_is_noun(noun) for noun in _ARTICLE_BEFORE.findall(before)):
        return False
    if _CLAUSE_BEFORE.search(before):
        return False
    return _stands_free(word, before, after)


def _stands_by_itself(before: str, after: str) -> bool:
    follows = _DEMONSTRATIVE_GOES_ON.match(after) is not None
    words = before.split()
    return follows and (not words or words[-1].casefold() in STOP_EN | VERBS_EN)


def _is_noun(word: str) -> bool:
    return word.casefold() not in ATTRIBUTES_EN | ROLES_EN


def _stands_free(word: str, before: str, after: str) -> bool:
    has = word in _OWNING and _HAS_BEFORE.search(before) is not None
    if not before or (_AFTER_AUXILIARY.search(before) and not has):
        return True
    opening = before.split()[0].casefold()
    if opening == "who":
        return word not in ("his", "their") and not (word == "her" and re.match(r" \w", after))
    if opening in ("which", "what") and word in _OWNING:
        return before.split()[-1].casefold() in ("of", "is", "was", "are", "were")
    words = before.split()
    if opening not in STOP_EN or len(words) < 3:
        return opening in STOP_EN
    second = words[1].casefold()
    return second in STOP_EN | VERBS_EN or second.endswith("ed")


def _choose(pronoun: str, after: str, turn: Turn) -> Thing | None:
    family = _FAMILIES[pronoun]
    if family == _PERSON:
        return _choose_person(turn)
    if family == _PLACE:
        return _choose_place(turn)
    if family == _GROUP:
        both = (*turn.answered, *turn.things)
        bodies = [t for t in both if t.kind == "organization"]
        persons = [t for t in both if t.kind == "person"]
        return next(iter([*bodies, *persons, *turn.subjects]), None)
    others = [t for t in (*turn.subjects, *turn.answered) if t.kind != "person"]
    return next(iter(others), None)


def _choose_person(turn: Turn) -> Thing | None:
    named = [t for t in turn.things if t.kind == "person"]
    if turn.asked.asked == "person":
        named = [t for t in turn.answered if t.kind == "person"] + named
    named += [t for t in turn.answered if t.kind == "person"]
    named += [t for t in turn.things if t.kind == "name"]
    return next(iter(named), None)


def _choose_place(turn: Turn) -> Thing | None:
    answered = (
        [t for t in turn.answered if t.kind == "place"] if turn.asked.asked == "place" else []
    )
    places = [t for t in turn.things if t.kind == "place"]
    others = [t for t in turn.things if t.kind in ("word", "organization", "name")]
    return next(iter([*answered, *places, *others]), None)


def _inflect(shown: str, pronoun: str, after: str, thing: Thing) -> str:
    if pronoun == "there":
        return f"{'at' if shown.startswith('the ') else 'in'} {shown}"
    if pronoun == "her" and not re.match(r" \w", after):
        return shown
    if pronoun in _OWNING:
        return f"{shown}’" if shown.endswith("s") else f"{shown}’s"
    return shown


def replace_description(text: str, turn: Turn, glossary: Glossary) -> str | None:
    """`the bridge` after `the Linhe Bridge`, `the company` after the name of one."""
    if _NAME_BEFORE.search(_OPENING.sub("", text)) or len(text.split()) > LONGEST_DESCRIBED:
        return None
    for match in re.finditer(r"\b(?:the|this|that) (\w+)(?= |$)", text, re.IGNORECASE):
        if re.match(r" (?:of|that|which|who|whose|in|on|at|from|with|for)\b", text[match.end() :]):
            continue
        thing = next(_find_described(match[1].casefold(), turn), None)
        if thing is not None:
            shown = print_thing(thing, "en", glossary)
            return f"{text[: match.start()]}{shown}{text[match.end() :]}?"
    return None


_VAGUE = frozenset("a an this that these those".split())


def _find_described(noun: str, turn: Turn) -> Iterator[Thing]:
    for thing in turn.things:
        words = thing.text.casefold().split()
        if len(words) > 1 + (words[0] == "the") and words[-1] == noun and words[0] not in _VAGUE:
            yield thing
    kind = CLASSES_EN.get(noun)
    asked = turn.answered if turn.asked.asked == kind else ()
    yield from (
        t for t in (*asked, *turn.things) if t.kind == kind and noun not in t.text.casefold()
    )
