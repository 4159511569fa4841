"""Chinese pronouns that point to the turn before, and what they point to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from embeddings.gloss import Glossary
from rag.following.things import Thing, print_thing
from rag.following.turns import Turn
from rag.following.words_zh import ASKING_ZH, STOP_ZH, VERBS_ZH

LONGEST_PHRASE = 14  # characters of a thing that can stand for a noun

_PRONOUN = re.compile(
    r"(?P<group>它们|他们|她们)|(?P<thing>它|其(?![他它中实余次间]))|(?P<person>(?<!其)他|她)|"
    r"(?P<place>那里|那儿|那边|这里|这儿)|"
    r"(?P<there>该|此|[这那][一]?[座家款台辆位本条个所部张件艘幢栋间只棵])(?P<noun>[\u3400-\u9fff]{1,6})?|"
    r"(?P<this>[这那](?=是|有|要|能|会|[在由被]))"
)
_CLASSES = {"公司": "organization", "企业": "organization", "机构": "organization",
            "城市": "place", "地方": "place", "国家": "place", "人": "person"}  # fmt: skip


def replace_pronoun(rest: str, turn: Turn, glossary: Glossary) -> str | None:
    """Return `rest` with its first pronoun that points out of it replaced, else None."""
    for match in _PRONOUN.finditer(rest):
        if not stands_free(rest[: match.start()], glossary):
            return None
        thing, end = _choose(match, turn, glossary)
        if thing is not None:
            shown = print_thing(thing, "zh", glossary)
            return f"{rest[: match.start()]}{shown}{rest[end:]}"
    return None


def stands_free(before: str, glossary: Glossary) -> bool:
    """Whether what stands before a pronoun holds no noun that it could stand for."""
    if re.search("[A-Za-z0-9《“]", before) or len(before) > 8:
        return False
    if "的" in before:
        return False
    plain = ASKING_ZH.sub(" ", before).replace("了", " ")
    words = [w.text for w in glossary.find_words(plain) if w.text not in STOP_ZH]
    return all(word in VERBS_ZH for word in words)


def _choose(match: re.Match[str], turn: Turn, glossary: Glossary) -> tuple[Thing | None, int]:
    if match["there"]:
        return _choose_described(match, turn, glossary)
    both = (*turn.answered, *turn.things)
    if match["person"]:
        first = both if turn.asked.asked == "person" else (*turn.things, *turn.answered)
        fit = [t for t in first if t.kind == "person"] or [t for t in first if t.kind == "name"]
    elif match["place"]:
        answered = [t for t in turn.answered if turn.asked.asked == "place"]
        fit = [*answered, *(t for t in turn.things if t.kind == "place")]
        fit += [t for t in turn.things if t.kind in ("word", "organization", "name")]
    elif match["group"] and match["group"] != "它们":
        fit = [t for t in both if t.kind in ("organization", "person")]
    else:
        fit = [t for t in (*turn.subjects, *turn.answered) if t.kind != "person"]
    return next(iter(fit), None), match.end()


def _choose_described(
    match: re.Match[str], turn: Turn, glossary: Glossary
) -> tuple[Thing | None, int]:
    """`这座桥` after 临河大桥, `该公司` after the name of one."""
    words = glossary.find_words(match["noun"] or "")
    for end in [word.end for word in words[1::-1]]:
        thing = next(_find_described(str(match["noun"])[:end], turn), None)
        if thing is not None:
            return thing, match.start("noun") + end
    return None, match.end()


def _find_described(noun: str, turn: Turn) -> Iterator[Thing]:
    for thing in turn.things:
        if thing.text.endswith(noun) and len(noun) < len(thing.text) <= LONGEST_PHRASE:
            yield thing
    kind = _CLASSES.get(noun)
    asked = turn.answered if turn.asked.asked == kind else ()
    yield from (thing for thing in (*asked, *turn.things) if thing.kind == kind)
