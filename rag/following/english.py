"""Complete an English follow-up: `and the Pro?`, `how long is it?`, `who said that?`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from embeddings.gloss import Glossary
from rag.asking.kinds import Asked
from rag.following.across import ask_in_english
from rag.following.pronouns_en import replace_description, replace_pronoun
from rag.following.things import Thing, find_named, gloss_words, print_thing
from rag.following.turns import Turn
from rag.following.words_en import (
    ASKING_EN,
    ATTRIBUTES_EN,
    AUXILIARIES,
    BARE_EN,
    KIN_EN,
    LEAD_EN,
    MEASURE_EN,
    PARTICIPLE_EN,
    POLITE_EN,
    PREPOSITION_EN,
    RELATIVE_DATE_EN,
    ROLES_EN,
    SAID_EN,
    STOP_EN,
    SUFFIXES,
)
from rag.understand import read_question
from rag.values import find_values

LONGEST_QUOTE = 160  # characters of a quote that a question can hold; of a longer one, its words
MOST_WORDS = 8  # of a quote, where its words are asked with
LONGEST_PHRASE = 6  # words behind "what about" that name a thing


def complete_english(text: str, turn: Turn, glossary: Glossary) -> str | None:
    """Return the English follow-up completed, or None where it stands alone.

    Args:
        text: Folded, without a mark at its end.
        turn: What it may borrow from.
        glossary: For the words of a turn in the other language.
    """
    said = _ask_about_statement(text, turn, glossary)
    if said is not None or SAID_EN.fullmatch(text):
        return said
    lead = LEAD_EN.match(text)
    rest = text[lead.end() :] if lead else text
    if POLITE_EN.fullmatch(rest):
        return None
    led = bool(lead and lead[0])
    for complete in _WAYS:
        completed = complete(rest, turn, glossary, led)
        if completed is not None:
            return re.sub(r" +", " ", completed).strip()
    return None


def _ask_about_statement(text: str, turn: Turn, glossary: Glossary) -> str | None:
    match = SAID_EN.fullmatch(text)
    if match is None or not turn.quote:
        return None
    asks: dict[str, Asked] = {"who": "person", "when": "date", "where": "place", "why": "reason"}
    asked = next(word for word in asks if match[word])
    opening = "who said" if match["who"] else f"{match[asked].casefold()} was this:"
    quote = read_question(turn.quote, glossary)
    words = " ".join(dict.fromkeys(concept.text for concept in quote.concepts[:MOST_WORDS]))
    shown = [gloss_words(words, glossary)]
    if quote.language == "en" and len(turn.quote) <= LONGEST_QUOTE:
        shown.insert(0, turn.quote.rstrip(". "))
    questions = [f"{opening} “{said}”?" for said in shown]
    fit = (q for q in questions if read_question(q, glossary).asked == asks[asked])
    return next(fit, questions[-1])


def _ask_same(rest: str, turn: Turn, glossary: Glossary, led: bool) -> str | None:
    """`and the Pro?`, `what about 2023?`, `in Berlin?`: the same question of another thing."""
    words = rest.split()
    if _asks(rest) or _OWNED.match(rest) or all(word.casefold() in STOP_EN for word in words):
        return None
    dated = _find_date(rest)
    if dated is not None:
        return _put_date(dated, turn, glossary)
    if _is_suffix(words):
        return _put_suffix(words, turn, glossary)
    alone = led or _is_model(rest) or _is_at_place(rest, glossary)
    if not alone or len(words) > LONGEST_PHRASE or _is_attribute(rest):
        return None
    preposition = PREPOSITION_EN.match(rest)
    if preposition is None:
        return _put_thing(rest, turn, glossary)
    inner = rest[preposition.end() :]
    if _is_suffix(inner.split()):
        return _put_suffix(inner.split(), turn, glossary)
    if preposition["word"].casefold() in ("for", "of", "with", "about") and turn.things:
        return _put_thing(inner, turn, glossary)
    return _put_place(rest, inner, turn, glossary)


_OWNED = re.compile("(?:its|their|his|her) ", re.IGNORECASE)


def _asks(rest: str) -> bool:
    return bool(re.match(rf"(?:wh\w+|how|{AUXILIARIES})(?:['’]s)?\b", rest, re.IGNORECASE))


def _find_date(rest: str) -> str | None:
    """The date that is all of `rest`, with its preposition."""
    preposition = PREPOSITION_EN.match(rest)
    bare = rest[preposition.end() :] if preposition else rest
    values = [value for value in find_values(bare) if value.kind == "date"]
    if len(values) != 1 or values[0].text != re.sub(r"^the ", "", bare):
        return None
    if preposition or RELATIVE_DATE_EN.match(bare):
        return rest
    day = values[0].date is not None and values[0].date.day is not None
    return f"{'on' if day else 'in'} {bare}"


def _is_model(rest: str) -> bool:
    return re.fullmatch(r"(?:the )?[A-Za-z]+-?\d+[A-Za-z]?", rest) is not None


def _is_at_place(rest: str, glossary: Glossary) -> bool:
    """Whether `rest` is a preposition of place and one name: `in Berlin`, `at the Salt Museum`."""
    match = _AT_PLACE.match(rest)
    named = find_named(rest, glossary)[:1]
    at = [(thing.start, thing.end) for thing in named if thing.kind not in _UNPLACED]
    return match is not None and at == [(match.end(), len(rest))]


_UNPLACED = ("person", "identifier")
_AT_PLACE = re.compile(r"(?:in|at|near|from|to) (?!english|chinese)(?:the )?", re.IGNORECASE)


def _is_suffix(words: Sequence[str]) -> bool:
    named = [w for w in words if w.casefold() not in ("the", "version", "model", "one")]
    return bool(named) and all(word.casefold() in SUFFIXES for word in named)


def _put_date(date: str, turn: Turn, glossary: Glossary) -> str:
    if turn.language != "en":
        return ask_in_english(turn, glossary, turn.things[:1], f" {date}")
    if not turn.dates:
        return f"{turn.text.rstrip('?!. ')} {date}?"
    old = turn.dates[-1]
    before = re.sub(r"\b(?:in|on|at|by|since|until|during) $", "", turn.text[: old.start])
    return f"{before}{date}{turn.text[old.end :]}"


def _put_suffix(words: Sequence[str], turn: Turn, glossary: Glossary) -> str | None:
    suffix = [w for w in words if w.casefold() in SUFFIXES]
    target = next((t for t in turn.things if t.kind == "identifier"), None)
    if target is None:
        target = next((t for t in turn.things if t.kind in ("name", "organization")), None)
    if target is None:
        return None
    base = target.text.split()
    while len(base) > 1 and base[-1].casefold() in SUFFIXES:
        base.pop()
    return _replace_thing(target, " ".join([*base, *suffix]), turn, glossary)


def _put_thing(phrase: str, turn: Turn, glossary: Glossary) -> str | None:
    named = find_named(phrase, glossary)
    kind = named[0].kind if named else "person" if _names_role(phrase) else "word"
    target = next((t for t in turn.things if t.kind == kind), None)
    if kind == "place" and named and (target is None or _is_building(target, phrase)):
        return _put_place(f"in {phrase}", phrase, turn, glossary)
    if target is None and turn.things:
        target = turn.things[0]
    if target is None:
        return None
    _, of, owner = target.text.partition(" of ")
    if of and not named and " of " not in phrase:  # the mayor of Linhe, then the deputy mayor
        phrase = f"{phrase} of {owner}"
    article = target.text[:4] == "the " and kind == "identifier" and " " not in phrase
    return _replace_thing(target, f"the {phrase}" if article else phrase, turn, glossary)


def _is_building(target: Thing, phrase: str) -> bool:
    """Whether a place has an article and the phrase has none: the Salt Tower is in Linhe."""
    return target.text.casefold().startswith("the ") and not phrase.casefold().startswith("the ")


def _put_place(phrase: str, inner: str, turn: Turn, glossary: Glossary) -> str | None:
    target = next(
        (t for t in turn.things if t.kind == "place" and not _is_building(t, inner)), None
    )
    if target is not None:
        return _replace_thing(target, inner, turn, glossary)
    if not turn.things:
        return None
    if turn.language != "en":
        return ask_in_english(turn, glossary, turn.things[:1], f" {phrase}")
    return f"{turn.text.rstrip('?!. ')} {phrase}?"


def _replace_thing(target: Thing, phrase: str, turn: Turn, glossary: Glossary) -> str:
    if turn.language != "en":
        shown = Thing(phrase, target.kind, target.start, target.end)
        return ask_in_english(turn, glossary, [shown], "")
    return f"{turn.text[: target.start]}{phrase}{turn.text[target.end :]}"


def _ask_bare(rest: str, turn: Turn, glossary: Glossary, led: bool) -> str | None:
    """`where?`, `and why?`: something else asked of what the turn before was about."""
    measure = MEASURE_EN.fullmatch(rest)
    if measure is None and led:
        measure = MEASURE_EN.fullmatch(f"how {rest}")
    if measure is not None and turn.subjects:
        thing = print_thing(turn.subjects[0], "en", glossary)
        return f"how {measure['measure'].casefold()} is {thing}?"
    match = BARE_EN.fullmatch(rest)
    if match is None:
        return None
    ask = match["ask"].casefold()
    old = ASKING_EN.match(turn.text) if turn.language == "en" else None
    if old is not None and ask not in ("who", "whose"):
        return f"{ask}{turn.text[old.end() :]}"
    if old is not None and re.match(" (?:was|were) ", turn.text[old.end() :]):
        return f"by whom{turn.text[old.end() :]}"
    if turn.language == "en" and re.match(rf"{AUXILIARIES}\b", turn.text, re.IGNORECASE):
        return f"{ask} {turn.text[0].lower()}{turn.text[1:]}"
    return _ask_passive(ask, turn) or ask_in_english(turn, glossary, turn.things[:1], "", ask)


def _ask_passive(ask: str, turn: Turn) -> str | None:
    """`who built the bridge?`, then `when?`: `when was the bridge built?`."""
    active = re.match(r"(?:who|(?:which|what) \w+) (?P<verb>\w+) (?=(?:the )?\w)", turn.text, re.I)
    if turn.language != "en" or active is None or not turn.things:
        return None
    thing, verb = turn.things[0], active["verb"]
    if not PARTICIPLE_EN.fullmatch(verb) or thing.start != active.end():
        return None
    return f"{ask} was {thing.text} {verb}{turn.text[thing.end :]}"


def _ask_attribute(rest: str, turn: Turn, glossary: Glossary, led: bool) -> str | None:
    """`the price?`, `who is the director?`: of the thing that the turn before was about."""
    if not turn.subjects or not _is_attribute(rest):
        return None
    opening = _ATTRIBUTE_ASKED.match(rest)
    phrase = rest[opening.end() :] if opening else rest
    thing = _choose_owner(phrase, turn)
    if thing is None:
        return None
    phrase = re.sub(r"^(?:its|their|his|her|the) ", "", phrase, flags=re.IGNORECASE)
    person = phrase.split()[-1].casefold() in ROLES_EN
    shown = print_thing(thing, "en", glossary)
    plural = re.search(r"(?<!s)s$", phrase) is not None
    asks = (
        opening[0].strip()
        if opening
        else f"{'who' if person else 'what'} {'are' if plural else 'is'}"
    )
    return f"{asks} the {phrase} of {shown}?"


def _choose_owner(phrase: str, turn: Turn) -> Thing | None:
    """Whose the attribute is; `his salary` and `the wife` are a person's, or nobody's."""
    first = [t for t in turn.answered if turn.asked.asked == "person"]
    persons = [t for t in (*first, *turn.things, *turn.answered) if t.kind == "person"]
    if _PERSONS.match(phrase) or phrase.split()[-1].casefold() in KIN_EN:
        return next(iter(persons), None)
    return next((t for t in turn.subjects if t.kind != "person"), turn.subjects[0])


_PERSONS = re.compile("(?:his|her) ", re.IGNORECASE)
_ATTRIBUTE_ASKED = re.compile(r"(?:what|who)(?:['’]s| is| are| was| were) (?=the )", re.IGNORECASE)


def _is_attribute(rest: str) -> bool:
    opening = _ATTRIBUTE_ASKED.match(rest)
    words = rest[opening.end() if opening else 0 :].split()
    known = ATTRIBUTES_EN | ROLES_EN | {"the", "its", "their", "his", "her"}
    if not words or words[-1].casefold() not in ATTRIBUTES_EN | ROLES_EN:
        return False
    return all(w.casefold() in known for w in words) and not (opening and len(words) < 2)


def _names_role(phrase: str) -> bool:
    words = [w for w in phrase.casefold().split() if w not in STOP_EN]
    return bool(words) and words[-1] in ROLES_EN


_Way = Callable[[str, Turn, Glossary, bool], str | None]
_WAYS: tuple[_Way, ...] = (
    _ask_bare,
    _ask_attribute,
    _ask_same,
    lambda rest, turn, glossary, led: replace_pronoun(rest, turn, glossary),
    lambda rest, turn, glossary, led: replace_description(rest, turn, glossary),
)
