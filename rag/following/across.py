"""Ask again in one language what the turn before asked in the other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from embeddings.gloss import Glossary
from rag.asking.kinds import Asked
from rag.following.things import Thing, gloss_words, print_thing
from rag.following.turns import Turn
from rag.following.words_en import ASK_EN, VERBS_EN
from rag.following.words_zh import ASK_ZH, ROLES_ZH
from rag.terms import HAN


def ask_in_english(
    turn: Turn, glossary: Glossary, things: Sequence[Thing], tail: str, ask: str = ""
) -> str:
    """What was asked in Chinese, in so many words: `X7 Pro launch: when?`."""
    held = " ".join(turn.text[t.start : t.end] for t in things)
    dates = " ".join(value.text for value in turn.dates) if tail else ""
    words = [
        gloss_words(concept.text, glossary)
        for concept in turn.asked.concepts
        if concept.text not in held and concept.text not in dates
    ]
    named = [print_thing(t, "en", glossary) for t in things]
    said = " ".join([*named, *words])
    return f"{said}{tail}: {ask or ASK_EN[turn.asked.asked]}?"


def ask_in_chinese(
    turn: Turn,
    glossary: Glossary,
    things: Sequence[Thing],
    *,
    date: str = "",
    asked: Asked | None = None,
) -> str:
    """What was asked in English, in Chinese as far as its words are known."""
    held = " ".join(turn.text[t.start : t.end] for t in things)
    dates = " ".join(value.text for value in turn.dates) if date else ""
    words = [
        print_thing(Thing(concept.text, "word", 0, 0), "zh", glossary)
        for concept in turn.asked.concepts
        if concept.text not in held and concept.text not in dates
    ]
    named = "".join(print_thing(thing, "zh", glossary) for thing in things)
    if len(words) > 1:  # a verb says little that the thing and the words of asking do not
        words = [word for word in words if word.casefold() not in VERBS_EN]
    said = " ".join(words)
    form = ASK_ZH["amount" if asked is None and turn.asked.bases else asked or turn.asked.asked]
    if asked is None and turn.asked.asked == "amount" and not words:
        form = ASK_ZH["money"]
    if asked is None and words and ROLES_ZH.fullmatch(words[-1]):
        form = "{thing}的{words}是谁？"
    joined = form.format(thing=f"{date}{named} ", words=f"{said} " if said else "")
    return re.sub(rf"(?<=[{HAN}]) (?=[{HAN}])", "", joined)
