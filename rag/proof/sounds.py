"""Whether a Latin name sounds like a run of Chinese characters: `Wellingborough`, 韦灵伯勒.

A name that no dictionary lists is written by its sound, consonants first: vowels shift, soft
endings fall away, b and p or d and t are one. So the consonants are compared, in classes.
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import lru_cache

from embeddings.gloss import romanize
from rag.naming.cues_zh import TRANSLITERATION
from rag.terms import HAN

# Letter groups and their classes, longer groups first. P: b p; T: d t; K: g k; F: f v w; L: l r;
# S: every hissing sound; vowels, h and y are left out.
_LATIN = re.compile(
    r"(?P<S>tsch|tch|sch|sh|ch|ts|tz|ss|zz|dge?|c(?=[eiy])|[szj])|(?P<X>x)|(?P<F>ph|[fv]|wh?(?=[aeiou]))"
    r"|gh(?=t|$)|(?P<T>th|tt|dd|[td])|(?P<K>ck|qu|kk|[cgkq])|(?P<P>pp|bb|[bp])"
    r"|(?P<L>ll|rr|[lr])|(?P<M>mm|m)|(?P<N>ng(?![aeiou])|nn|n)"
)
_PINYIN = re.compile(
    r"(?P<S>zh|ch|sh|[zcsjqx])|(?P<P>[bp])|(?P<T>[td])|(?P<K>[gk])|(?P<F>[fw])|(?P<L>[lr])"
    r"|(?P<M>m)|(?P<N>ng?)"
)
# What a sound costs that only one side has, and a sound that stands for another; else 1.
_SOFT = {"L": 0.4, "N": 0.5, "T": 0.6, "S": 0.8}
_NEAR = {frozenset("MN"): 0.3, frozenset("ST"): 0.5, frozenset("SK"): 0.4, frozenset("LN"): 0.6}
# Of the consonants of a name, this share may differ. Of 475 persons of the even rows of NTREX,
# looked for in transliterated runs, .15 found 59 % and took 9 % of other sentences' names for
# them; .25 found 70 % and took 27 %. Costs for vowels gave no better trade.
MOST_DIFFERENT = 0.15
LEAST_CONSONANTS = 3  # with two, Rosa sounds like Russia
_DOTS = re.compile("[·•・‧-]")
_SOUND = f"[{''.join(sorted(TRANSLITERATION))}]"
# One other character may stand within: the list of sounds is not complete.
_SOUNDS = re.compile(f"{_SOUND}+(?:[{HAN}]{_SOUND}+)*")


def find_sounds(text: str) -> list[str]:
    """Return the runs of two or more characters that foreign names are spelt with, in order.

    Args:
        text: Folded text; dots within a name are passed over.
    """
    plain = _DOTS.sub("", text)
    return [match[0] for match in _SOUNDS.finditer(plain) if len(match[0]) > 1]


def sounds_like(latin: str, run: str, *, whole: bool = False) -> bool:
    """Whether `run`, Han characters, may spell the Latin name.

    A name of fewer than three consonants is too short to tell: it sounds like nothing.

    Args:
        latin: One word.
        run: May hold more than the name.
        whole: Whether all of `run` has to be the name.
    """
    wanted = _read_latin(latin)
    if len(wanted) < LEAST_CONSONANTS:
        return False
    syllables = tuple(_read_pinyin(syllable) for syllable in romanize(run))
    least = _find_nearest(wanted, ("".join(syllables),) if whole else syllables, whole=whole)
    return least <= MOST_DIFFERENT * len(wanted)


@lru_cache(maxsize=5_000)
def _read_latin(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.casefold())
    classes = "".join(match.lastgroup or "" for match in _LATIN.finditer(plain))
    return classes.replace("X", "KS")


@lru_cache(maxsize=1_000)
def _read_pinyin(syllable: str) -> str:
    if syllable == "er":
        return "L"
    return "".join(match.lastgroup or "" for match in _PINYIN.finditer(syllable))


@lru_cache(maxsize=5_000)
def _find_nearest(wanted: str, syllables: tuple[str, ...], *, whole: bool) -> float:
    """The least cost of turning `wanted` into a stretch of whole syllables, or all of them.

    Approximate matching of a pattern in a text (Sellers, Journal of Algorithms 1(4), 1980), with
    starts and ends at the edges of syllables alone.
    """
    spelt = "".join(syllables)
    edges = {0}
    for syllable in syllables:
        edges.add(max(edges) + len(syllable))
    row = [0.0 if place in edges else math.inf for place in range(len(spelt) + 1)]
    if whole:
        row = [0.0]
        for letter in spelt:
            row.append(row[-1] + _SOFT.get(letter, 1.0))
    for letter in wanted:
        above, dropped = row, _SOFT.get(letter, 1.0)
        row = [above[0] + dropped]
        for n, other in enumerate(spelt, start=1):
            changed = above[n - 1] + _change(letter, other)
            row.append(min(changed, above[n] + dropped, row[n - 1] + _SOFT.get(other, 1.0)))
    return row[-1] if whole else min(row[place] for place in edges)


def _change(letter: str, other: str) -> float:
    return 0.0 if letter == other else _NEAR.get(frozenset(letter + other), 1.2)
