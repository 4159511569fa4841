"""Chinese names as English writes them, in pinyin without tones: Chengdu, Lijuan, Xi'an."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cache, lru_cache

MOST_SYLLABLES = 4
_SYLLABLE = re.compile(
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ian|iao|ing|ong|uai|uan|"
    "ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|[aeiouv])"
)
_APOSTROPHES = re.compile("['’-]")
_FIRST, _LAST = 0x4E00, 0x9FFF


@lru_cache(maxsize=1_000)
def write_pinyin(name: str) -> str:
    """Return a pattern of the Han characters that a Latin name may spell; "" if it spells none.

    Names of two to `MOST_SYLLABLES` syllables: one alone could be any of a hundred characters.
    An apostrophe or hyphen parts syllables. Characters are simplified ones.
    """
    pieces = [piece for piece in _APOSTROPHES.split(name.casefold()) if piece]
    if not pieces or not all(piece.isascii() and piece.isalpha() for piece in pieces):
        return ""
    ways: list[tuple[str, ...]] = [()]
    for piece in pieces:
        ways = [(*way, *more) for way in ways for more in _split_syllables(piece)]
    characters = _list_characters()
    patterns = [
        "".join(f"[{characters[syllable]}]" for syllable in way)
        for way in ways
        if 2 <= len(way) <= MOST_SYLLABLES
    ]
    return f"(?:{'|'.join(patterns)})" if patterns else ""


def _split_syllables(piece: str) -> list[tuple[str, ...]]:
    """Every way to cut letters into syllables that are some character's."""
    if not piece:
        return [()]
    characters = _list_characters()
    return [
        (piece[:end], *rest)
        for end in range(1, min(len(piece), 6) + 1)
        if piece[:end] in characters and _SYLLABLE.fullmatch(piece, 0, end)
        for rest in _split_syllables(piece[end:])
    ]


@cache
def _list_characters() -> dict[str, str]:
    """Syllable without tone -> the characters that are ever read so."""
    from pypinyin.pinyin_dict import pinyin_dict

    found: defaultdict[str, list[str]] = defaultdict(list)
    for code, readings in pinyin_dict.items():
        if _FIRST <= code <= _LAST:
            for syllable in {_drop_tone(reading) for reading in readings.split(",")}:
                found[syllable].append(chr(code))
    return {syllable: "".join(characters) for syllable, characters in found.items()}


def _drop_tone(syllable: str) -> str:
    plain = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(c for c in plain if c.isascii() and c.isalpha())
