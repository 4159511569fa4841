"""Text to lexical terms: what the two word-matching search legs compare.

The lexical leg works within a language, on pairs of neighbouring Han characters and whole
Latin and number tokens (`X7`, `21.59`). The gloss leg works across languages, on stemmed
English words: a Chinese word counts under every gloss that the dictionary gives it.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from operator import add

import Stemmer

from embeddings.fold import fold_text
from embeddings.gloss import PARTICLES, Glossary, find_spelled, romanize
from embeddings.numerals import rewrite_numerals

REVISION = "2"  # counts up when the same text may give other terms
HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{HAN}]+|\d{{1,3}}(?:,\d{{3}})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)+|[^\W_{HAN}]+")
_Y_FORMS = ("y", "ies", "ied")
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_POSSESSIVE = re.compile(r"['’]s\b")
_STOPWORDS = frozenset(
    "a an the of to in on at by for with from as is are was were be been being it its this that "
    "these those and or but not no he she they we you i his her their our your my me him them us "
    "what which who whom whose when where why how do does did done has have had having will would "
    "can could may might shall should there here than then so if into over under about after "
    "before between during out up down s t".split()
)


def lexical_terms(text: str) -> list[str]:
    """Return the terms of `text` in reading order, repeats kept.

    Han runs give overlapping pairs (a run of one gives itself); other tokens stay whole, lower
    case, without accents; `135,000` becomes `135000`, and `13.5kg` becomes `13.5` and `kg`.
    """
    return _pair_characters(_find_tokens(fold_text(text)))


def gloss_terms(text: str, glossary: Glossary) -> list[str]:
    """Return the English stems of `text`, repeats kept, stop words left out.

    Each Chinese word gives the stems of all its glosses, once each; a run that may spell a name
    gives its pinyin as well, by syllable and joined. English words give their stems.
    """
    rewritten = rewrite_numerals(fold_text(text))
    return _stem_text(rewritten, _find_tokens(rewritten), glossary)


def read_terms(text: str, glossary: Glossary) -> tuple[list[str], list[str]]:
    """Return `lexical_terms` and `gloss_terms`, which share most of their work."""
    folded = fold_text(text)
    rewritten = rewrite_numerals(folded)
    tokens = _find_tokens(folded)
    again = tokens if rewritten == folded else _find_tokens(rewritten)
    return _pair_characters(tokens), _stem_text(rewritten, again, glossary)


def _pair_characters(tokens: Sequence[str]) -> list[str]:
    terms: list[str] = []
    for token in tokens:
        if len(token) > 1 and _is_han(token):
            terms += map(add, token, token[1:])
        else:
            terms.append(token)
    return terms


def _stem_text(text: str, tokens: Sequence[str], glossary: Glossary) -> list[str]:
    runs = [run for _, run in glossary.cut_runs(text)]
    terms = [stem for run in runs for word in run for stem in _stem_glosses(word, glossary)]
    for run in runs:
        for first, last in find_spelled(run):
            syllables = romanize("".join(run[first:last]))
            terms += stem_words([*syllables, "".join(syllables)])
    terms += stem_words([token for token in tokens if not _is_han(token)])
    return terms


def _find_tokens(folded: str) -> list[str]:
    plain = _POSSESSIVE.sub("", _drop_accents(folded.casefold()))
    return [
        token.replace(",", "") if token[0].isdecimal() else token for token in _TOKEN.findall(plain)
    ]


def _drop_accents(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text)))


def _is_han(token: str) -> bool:
    return not token.isascii() and _HAN_CHARACTER.match(token) is not None


@lru_cache(maxsize=100_000)
def _stem_glosses(word: str, glossary: Glossary) -> tuple[str, ...]:
    if word in PARTICLES:
        return ()
    tokens = [token for gloss in glossary.table.get(word, ()) for token in _find_tokens(gloss)]
    return tuple(dict.fromkeys(stem_words(tokens)))


def stem_words(tokens: Sequence[str]) -> list[str]:
    """Return the stems of folded English words, stop words left out.

    They are Snowball's, without the i that it leaves of a y: deliver(y), discover(y).
    """
    words = [token for token in tokens if token not in _STOPWORDS]
    stems: list[str] = _LOCAL.stemmer.stemWords(words)
    return [
        stem[:-1] if len(stem) > 4 and stem[-1] == "i" and word.endswith(_Y_FORMS) else stem
        for stem, word in zip(stems, words, strict=True)
    ]


class _Local(threading.local):
    """One stemmer a thread: it keeps state while it works."""

    def __init__(self) -> None:
        self.stemmer = Stemmer.Stemmer("english")


_LOCAL = _Local()
