"""Gloss a quote word by word for a reader of the other language: an aid, never a translation.

Only what the reader may not know gets a gloss: Chinese words for a reader of English, English
words for a reader of Chinese. Particles and function words are left out, and so are names in
Latin letters that the dictionary lacks. Values are printed in the reader's form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from embeddings.gloss import PARTICLES, Glossary, Word, romanize, spell_tones, spells_name
from rag.glossing.frequent import CHINESE
from rag.glossing.reverse import LONGEST_PHRASE, ReversedGlossary, reverse_glossary
from rag.match import fold_with_offsets
from rag.names import Name, find_names, format_name
from rag.terms import HAN, stem_words
from rag.types import GlossedWord, Language
from rag.values import find_values, format_value

MAX_GLOSS_CHARS = 30
MIN_CERTAINTY = 0.6  # of a name that is taken as one; below, its words are glossed
Gloss = tuple[int, int, str]  # start, end, and what stands there for the reader
_HAN = re.compile(f"[{HAN}]")
_ENGLISH = re.compile(r"(?<!\w)[A-Za-z]+(?:['’][A-Za-z]+)*(?!\w)")
_POSSESSIVE = re.compile(r"['’][sS]?$")
_JOINS = frozenset({" ", "-"})  # what may stand between the words of a phrase
_NOTE = re.compile(r"\([^()]*\)|\[[^\]]*\]|\bCL:\S*")
_FULL_NAME = re.compile(r"[A-Z][\w.]+ [A-Z]")
_DOT = re.compile("[·•・‧]")
_APPOSITION = re.compile(r",| in \b|(?<=district) of | (?:prefecture|county)-level")
_EITHER = re.compile(r"^(?!more |that )([\w']+(?: [\w']+)?) or [\w' ]+$")
_PLACEHOLDERS = {"sb": "someone", "sb's": "someone's", "sth": "something"}
_PLACEHOLDER = re.compile(r"\b(?:sb's|sb|sth)\b")
_LEAD = re.compile(r"^(?:(?:old |erhua )?variant of|to be|to|an?) (?=\S)")
_NAMED_BEFORE = re.compile(r"集团|公司|汽车|手机|科技|股份|银行|大学|[A-Z]+[0-9]")


def gloss_quote(text: str, glossary: Glossary, reader: Language) -> tuple[GlossedWord, ...]:
    """Gloss the words of `text` that are not in the language of `reader`.

    Args:
        text: A quote; an empty one, or one in the reader's language, gives no words.
        glossary: Read as it is for a reader of English, backwards for a reader of Chinese.
        reader: Who reads the glosses.

    Returns:
        Words in reading order, none overlapping, each a span of `text`. A value is one word, and
        so is a person's name. Chinese words come with their pinyin.
    """
    if reader == "en":
        return _add_pinyin(text, _gloss_chinese(text, glossary)) if _HAN.search(text) else ()
    found = _gloss_english(text, glossary) if _ENGLISH.search(text) else ()
    return tuple(
        GlossedWord(start, end, gloss) for start, end, gloss in found if gloss != text[start:end]
    )


def _add_pinyin(text: str, glosses: Iterable[Gloss]) -> tuple[GlossedWord, ...]:
    """Say how each word is read, as it stands in the text; a value with digits is not spelled."""
    tones = spell_tones(text)
    return tuple(
        GlossedWord(start, end, gloss, "".join(tones[start:end]) if all(tones[start:end]) else "")
        for start, end, gloss in glosses
        if gloss != text[start:end]
    )


def _gloss_chinese(text: str, glossary: Glossary) -> list[Gloss]:
    words = _cut_words(text, 0, len(text), glossary)
    names = [name for name in find_names(text, glossary) if name.certainty >= MIN_CERTAINTY]
    persons = [name for name in names if name.kind == "person"]
    whole = [
        *((v.start, v.end, format_value(v, "en")) for v in find_values(text, language="zh")),
        *((n.start, n.end, _spell_person(n, glossary)) for n in persons),
    ]
    whole = _drop_overlaps(gloss for gloss in whole if not _is_within(gloss, words))
    named = {place for name in names for place in range(name.start, name.end)}
    found = list(whole)
    for start, end in _find_gaps(whole, len(text)):
        found += _gloss_words(_cut_words(text, start, end, glossary), named, glossary)
    return _name_alike(text, sorted(found))


def _name_alike(text: str, glosses: Sequence[Gloss]) -> list[Gloss]:
    """Read a word as the name that it is elsewhere in the text: both 苹果 of 苹果汽车和苹果."""
    names = {text[start:end]: gloss for start, end, gloss in glosses if gloss[:1].isupper()}
    return [(start, end, names.get(text[start:end], gloss)) for start, end, gloss in glosses]


def _cut_words(text: str, start: int, end: int, glossary: Glossary) -> list[Word]:
    """The words of a part of the text, folded, with their spans in the text as it is."""
    folded, offsets = fold_with_offsets(text[start:end])
    words = []
    for word in glossary.find_words(folded):
        last = start + max(offsets[word.end], offsets[word.end - 1] + 1)
        glosses = _prefer_name(word.glosses, text[last:])
        words.append(Word(word.text, start + offsets[word.start], last, glosses))
    return words


def _prefer_name(glosses: tuple[str, ...], after: str) -> tuple[str, ...]:
    """Put a name first where a word that is one, too, stands before 公司 or a model: 苹果公司."""
    if not _NAMED_BEFORE.match(after):
        return glosses
    return tuple(sorted(glosses, key=lambda gloss: not gloss[:1].isupper()))


def _is_within(gloss: Gloss, words: Sequence[Word]) -> bool:
    """Whether it stands within a longer word, as a number does in 百度."""
    start, end, _ = gloss
    return any(
        word.start <= start and end <= word.end and word.end - word.start > end - start
        for word in words
    )


def _drop_overlaps(glosses: Iterable[Gloss]) -> list[Gloss]:
    kept: list[Gloss] = []
    for gloss in sorted(glosses, key=lambda g: (g[0], -g[1])):
        if not kept or gloss[0] >= kept[-1][1]:
            kept.append(gloss)
    return kept


def _find_gaps(taken: Sequence[Gloss], end: int) -> list[tuple[int, int]]:
    """The spans between `taken`, from 0 to `end`; some may be empty."""
    starts = [0, *(gloss[1] for gloss in taken)]
    return list(zip(starts, [*(gloss[0] for gloss in taken), end], strict=True))


def _spell_person(name: Name, glossary: Glossary) -> str:
    for word in glossary.find_words(name.text):
        if word.glosses and _FULL_NAME.match(word.glosses[0]) and _DOT.search(name.text):
            return word.glosses[0]  # of one who is known by the last name
    shown = format_name(name.text, name.kind, glossary, "en")
    return shown.removesuffix(f" ({name.text})")


def _gloss_words(words: Sequence[Word], named: set[int], glossary: Glossary) -> Iterator[Gloss]:
    """Gloss the words; characters in a row within a name, or unknown ones, become pinyin."""
    place = 0
    for first, last in glossary.find_names(words):
        run = words[first:last]
        if not all(w.start in named for w in run) and all(w.glosses for w in run):
            continue
        yield from filter(None, (_gloss_word(w, glossary) for w in words[place:first]))
        yield run[0].start, run[-1].end, _spell("".join(w.text for w in run))
        place = last
    yield from filter(None, (_gloss_word(w, glossary) for w in words[place:]))


def _gloss_word(word: Word, glossary: Glossary) -> Gloss | None:
    if word.text in PARTICLES:
        return None
    if word.text in CHINESE and word.glosses:
        return word.start, word.end, CHINESE[word.text]
    glosses = word.glosses
    if len(word.text) > 1 and glosses and spells_name(word.text, glosses[0]):
        parts = [part for character in word.text for part in glossary.find_words(character)]
        glosses = (*glosses[1:], " ".join(part.glosses[0] for part in parts if part.glosses))
    short = _shorten(glosses)
    return word.start, word.end, short or _spell(word.text)


def _shorten(glosses: Sequence[str]) -> str:
    """The first gloss that is short enough, without notes, or else the first one, cut."""
    plain = [_clean(gloss) for gloss in glosses]
    heads = [_APPOSITION.split(gloss)[0] for gloss in plain if gloss[:1].isupper()]
    short = next((g for g in (*plain, *heads) if 0 < len(g) <= MAX_GLOSS_CHARS), "")
    if short or not any(plain):
        return short
    first = next(filter(None, plain))
    return first[:MAX_GLOSS_CHARS].rpartition(" ")[0] + "…"


def _clean(gloss: str) -> str:
    plain = " ".join(_LEAD.sub("", _NOTE.sub(" ", gloss)).split())
    plain = _EITHER.sub(r"\1", plain)
    return _PLACEHOLDER.sub(lambda match: _PLACEHOLDERS[match[0]], plain)


def _spell(text: str) -> str:
    return "".join(romanize(text)).capitalize()


def _gloss_english(text: str, glossary: Glossary) -> list[Gloss]:
    back = reverse_glossary(glossary)
    names = [n for n in find_names(text, glossary) if n.certainty >= MIN_CERTAINTY]
    known = [(n.start, n.end, _find_name(n.text, back)) for n in names]
    values = [(v.start, v.end, format_value(v, "zh")) for v in find_values(text, language="en")]
    whole = _drop_overlaps([*known, *values])
    found = [gloss for gloss in whole if gloss[2]]
    for start, end in _find_gaps(whole, len(text)):
        tokens = [
            (match.start(), match.start() + len(_POSSESSIVE.sub("", match[0])))
            for match in _ENGLISH.finditer(text, start, end)
        ]
        found += _gloss_tokens(text, tokens, back)
    return sorted(found)


def _find_name(name: str, back: ReversedGlossary) -> str:
    words = name.replace("-", " ").split()
    covered, word = back.find_longest(words)
    return word if covered == len(words) else ""


def _gloss_tokens(
    text: str, tokens: Sequence[tuple[int, int]], back: ReversedGlossary
) -> Iterator[Gloss]:
    place = 0
    while place < len(tokens):
        phrase = list(_read_phrase(text, tokens[place : place + LONGEST_PHRASE]))
        covered, word = back.find_longest(phrase) if _says_something(phrase[0]) else (0, "")
        if word:
            yield tokens[place][0], tokens[place + covered - 1][1], word
        place += max(covered, 1)


def _read_phrase(text: str, tokens: Sequence[tuple[int, int]]) -> Iterator[str]:
    """The words of `tokens` as far as nothing but a space or a hyphen parts them."""
    before = tokens[0][0]
    for start, end in tokens:
        if start != before and text[before:start] not in _JOINS:
            return
        yield text[start:end]
        before = end


def _says_something(word: str) -> bool:
    return len(word) > 1 and bool(stem_words([word.casefold()]))
