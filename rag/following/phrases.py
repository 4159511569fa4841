"""Find what a question is about: names, noun phrases, and runs of Chinese words.

The most likely meant stands first: what has a name, before what has none, and last the place
where it all happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from embeddings.gloss import Glossary
from rag.following.things import Thing, ThingKind, find_named
from rag.following.words_en import ATTRIBUTES_EN, ROLES_EN, STOP_EN, VERBS_EN
from rag.following.words_zh import ASKING_ZH, ATTRIBUTES_ZH, ROLES_ZH, STOP_ZH, VERBS_ZH
from rag.naming.cues_zh import SURNAMES, WEAK_SURNAMES
from rag.types import Language
from rag.values import find_values


def find_things(text: str, language: Language, glossary: Glossary) -> list[Thing]:
    """Return the things that a folded question is about, the most likely meant first."""
    named = find_named(text, glossary)
    find = _find_phrases_en if language == "en" else _find_runs_zh
    found: list[Thing] = []
    for thing in (*find(text, named, glossary), *named):
        if all(thing.end <= other.start or other.end <= thing.start for other in found):
            found.append(thing)
    found = sorted(found, key=lambda thing: (_rank(thing, text), thing.start))
    found = [_add_place(thing, text, named) for thing in found]
    joined = list(_join_persons(text, found))
    plain = [t for t in found if t.kind != "person" or not any(_holds(j, t) for j in joined)]
    return [*plain, *joined]


_WORD = re.compile(r"[^\W_]+(?:[.&'’-][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_PLACE_BEFORE = re.compile(r"(?:\b(?:in|at|from|to|near|into) (?:the )?|[在从到])$", re.IGNORECASE)
_DO_BEFORE = re.compile(r"\b(?:do|does|did|will|would|can|could|should) $", re.IGNORECASE)
_OF = re.compile(r" of (?:the )?")
_IN = re.compile(r" (?:in|of|at|near) (?:the )?")
_OWNS = re.compile(r"['’]s? (?:\w+ )?|的\w{0,2}")
_PLACE_ENDING = re.compile(r"(?:[市县省镇村岛国]|地区)$")
_ORGANIZATION_ENDING = re.compile(r"(?:公司|集团|大学|银行|机构|企业)$")


def _rank(thing: Thing, text: str) -> int:
    if _PLACE_BEFORE.search(text[: thing.start]) and thing.kind in ("place", "word"):
        return 3
    return {"identifier": 0, "word": 2}.get(thing.kind, 1)


def _join_persons(text: str, found: Sequence[Thing]) -> Iterator[Thing]:
    """A person known by an office together with what it is of: `the mayor of Linhe`."""
    for person in (thing for thing in found if thing.kind == "person"):
        for thing in found:
            if _OF.fullmatch(text, person.end, thing.start):
                yield Thing(text[person.start : thing.end], "person", person.start, thing.end)
            elif thing.end < person.start and _OWNS.fullmatch(text, thing.end, person.start):
                yield Thing(text[thing.start : person.end], "person", thing.start, person.end)


def _add_place(thing: Thing, text: str, named: Sequence[Thing]) -> Thing:
    """A thing without a name is printed with its place: `the tower in Linhe`; its span stays."""
    inner = next((t for t in named if _IN.fullmatch(text, thing.end, t.start)), None)
    if thing.kind != "word" or inner is None:
        return thing
    return replace(thing, text=text[thing.start : inner.end])


def _holds(longer: Thing, thing: Thing) -> bool:
    return longer.start <= thing.start and thing.end <= longer.end


def _find_phrases_en(text: str, named: Sequence[Thing], glossary: Glossary) -> Iterator[Thing]:
    """Noun phrases: an article and what follows as far as no word of grammar or verb."""
    words = list(_WORD.finditer(text))
    opens = [n for n, word in enumerate(words) if word[0].casefold() in _ARTICLES]
    found = [_read_phrase(text, words[n], words[n + 1 :], named) for n in opens]
    yield from (thing for thing in found if thing is not None)
    if any(found) or named:
        return
    run: list[re.Match[str]] = []
    for word in words:
        low = word[0].casefold()
        if low in STOP_EN | VERBS_EN | ATTRIBUTES_EN or low.endswith("ed") or low.isdigit():
            if run:
                break
        else:
            run.append(word)
    if run:
        start, end = run[0].start(), run[-1].end()
        yield Thing(text[start:end], _judge_word(run[-1][0]), start, end)


_ARTICLES = frozenset("the a an this these those my our your".split())


def _read_phrase(
    text: str, article: re.Match[str], after: Sequence[re.Match[str]], named: Sequence[Thing]
) -> Thing | None:
    words = _take_nouns(text, article, after)
    if not words:
        return None
    end = words[-1].end() - len("".join(_POSSESSIVE.findall(words[-1][0])))
    inner = next((t for t in named if t.start < end and article.end() < t.end), None)
    if inner is not None:
        end = max(end, inner.end) if words[-1].start() >= inner.start else inner.end
        return Thing(text[article.start() : end], inner.kind, article.start(), end)
    kind = _judge_word(words[-1][0])
    return Thing(text[article.start() : end], kind, article.start(), end)


def _take_nouns(
    text: str, article: re.Match[str], after: Sequence[re.Match[str]]
) -> list[re.Match[str]]:
    taken: list[re.Match[str]] = []
    end = article.end()
    for word in after[:6]:
        low = word[0].casefold()
        if text[end : word.start()] != " " or low in STOP_EN:
            break
        if taken and word[0].islower() and _is_verb(low):
            return _drop_attributes(taken)
        taken.append(word)
        end = word.end()
        if _POSSESSIVE.search(word[0]):
            return taken
    if taken and taken[-1][0].casefold() in ATTRIBUTES_EN and text.startswith(" of ", end):
        return []  # the top speed of the ferry
    if len(taken) > 1 and taken[-1][0].islower() and _DO_BEFORE.search(text[: article.start()]):
        taken.pop()
    return _drop_attributes(taken)


def _is_verb(word: str) -> bool:
    return word not in ATTRIBUTES_EN and (word in VERBS_EN or word.endswith("ed"))


def _drop_attributes(taken: list[re.Match[str]]) -> list[re.Match[str]]:
    while taken and taken[-1][0].casefold() in ATTRIBUTES_EN:
        taken = taken[:-1]
    return taken


def _judge_word(word: str) -> ThingKind:
    return "person" if word.casefold() in ROLES_EN or ROLES_ZH.search(word) else "word"


def _find_runs_zh(text: str, named: Sequence[Thing], glossary: Glossary) -> Iterator[Thing]:
    """Runs of words that neither ask, nor are verbs, grammar, dates or attributes."""
    masked = ASKING_ZH.sub(_blank, text)
    masked = re.sub("了(?!解|不起)", " ", masked)  # 发明了 is no 明了
    masked = re.sub(r"[这那]一?[座家款台辆位本条张部件艘幢栋间只棵]", _blank, masked)
    for value in find_values(text):
        masked = masked[: value.start] + " " * (value.end - value.start) + masked[value.end :]
    for thing in named:
        masked = masked[: thing.start] + "\x00" * (thing.end - thing.start) + masked[thing.end :]
    roles = [match.span() for match in ROLES_ZH.finditer(masked)]
    spans = [
        (w.start, w.end)
        for w in glossary.find_words(masked)
        if not _ends_run(w.text) and not any(s < w.end and w.start < e for s, e in roles)
    ]
    spans += [*roles, *((thing.start, thing.end) for thing in named)]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and text[joined[-1][1] : start] in ("", " "):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    for start, joined_end in joined:
        end = _cut_parts(text, start, joined_end, named, glossary)
        inner = next((t for t in named if start <= t.start and t.end <= end), None)
        shown = text[start:end]
        kind = inner.kind if inner else judge_run(shown, glossary)
        if kind == "word" and text.startswith("是谁", end):
            kind = "person"
        yield Thing(shown, kind, start, end)


# What is bought or measured of a thing and printed right behind it, and for whom: 博物馆儿童门票.
_PARTS = ATTRIBUTES_ZH | frozenset(
    "门票 车票 船票 票 成人 儿童 学生 老人 单程 往返 全票 半票".split()
)
_BUILDING_ENDING = re.compile(r"\w[馆桥园塔寺庙宫站院厅店城楼]$")


def _cut_parts(text: str, start: int, end: int, named: Sequence[Thing], glossary: Glossary) -> int:
    """Where a run ends without 门票, 价格, 面积: only where a thing that has them is left."""
    cut = end
    for word in reversed(glossary.find_words(text[start:end])):
        if start + word.end != cut or word.text not in _PARTS:
            break
        cut = start + word.start
    has_parts = _BUILDING_ENDING.search(text[start:cut]) or any(t.end == cut for t in named)
    return cut if has_parts else end


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _ends_run(word: str) -> bool:
    return word in STOP_ZH or word in VERBS_ZH or word in ATTRIBUTES_ZH


def judge_run(run: str, glossary: Glossary) -> ThingKind:
    """What kind of thing a Chinese run is, by its ending."""
    role = ROLES_ZH.search(run)
    if (role and role.end() == len(run)) or _may_name_person(run, glossary):
        return "person"
    if _ORGANIZATION_ENDING.search(run):
        return "organization"
    return "place" if _PLACE_ENDING.search(run) and len(run) > 2 else "word"


def _may_name_person(run: str, glossary: Glossary) -> bool:
    """Two or three characters that begin with a surname and are no words: `周敏`."""
    if len(run) not in (2, 3) or run[0] not in SURNAMES - WEAK_SURNAMES:
        return False
    return max(len(word.text) for word in glossary.find_words(run)) == 1
