"""Chinese words to English glosses, so that an English search can read Chinese.

The table is derived from CC-CEDICT (`embeddings/derive_glosses.py`, CC BY-SA 4.0). A run of
Han characters is cut into the fewest dictionary words; a run that the dictionary lacks, a name
mostly, is given as pinyin, so that a name meets its romanised form. A user glossary (a `.tsv`
file: Chinese word, tab, English) comes before the dictionary.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import NamedTuple

from embeddings.fold import fold_text

TABLE = Path(__file__).with_name("glosses.tsv.gz")
VOCABULARY = Path(__file__).parent / "model" / "tokenizer.json"
NUMERALS = frozenset("零〇一二三四五六七八九十百千万亿两第几")
_HAN_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")

# Function words: their glosses ("of ~", "finish", "morphine") say nothing about the text.
PARTICLES = {
    *"的地得了着过吗呢吧啊呀哦嘛啦们之所而且把被就也都还又才即则乃其此该个位名只件项条份次种些以于与和及并或等",
    *"是在为有从到对向由将让使给跟比因但上中下里内外前后第它他她我你您这那",
    "等等", "一个", "一种", "这个", "那个", "这些", "那些", "但是", "因为", "所以", "如果", "虽然",
    "而且", "以及", "并且", "或者", "他们", "她们", "它们", "我们", "你们", "自己", "其中", "其他",
}  # fmt: skip
_SPELL_NOTHING = PARTICLES | NUMERALS


class Word(NamedTuple):
    """A piece of a Han run: its span in the text, and its glosses, best known first.

    `glosses` is empty where the dictionary does not know the word.
    """

    text: str
    start: int
    end: int
    glosses: tuple[str, ...]


class Glossary:
    """Cuts Han runs into dictionary words and gives their glosses.

    Args:
        table: Word (simplified characters) -> glosses, best known first.
    """

    def __init__(self, table: Mapping[str, tuple[str, ...]]) -> None:
        self._table = table
        self._cut = lru_cache(maxsize=20_000)(partial(_cut_run, table, _measure_reach(table)))

    @property
    def table(self) -> Mapping[str, tuple[str, ...]]:
        """The words that it knows, each with its glosses, best known first."""
        return self._table

    @cached_property
    def fingerprint(self) -> str:
        """Twelve hex digits that change with any word or gloss of the table."""
        digest = hashlib.sha256()
        for word in sorted(self._table):
            digest.update(f"{word}\t{'|'.join(self._table[word])}\n".encode())
        return digest.hexdigest()[:12]

    def cut_runs(self, text: str) -> list[tuple[int, tuple[str, ...]]]:
        """Return where each Han run of `text` (simplified) begins, and its words, in order.

        It is what `find_words` knows, without an object a word.
        """
        return [(run.start(), self._cut(run[0])) for run in _HAN_RUN.finditer(text)]

    def find_words(self, text: str) -> list[Word]:
        """Return the words of every Han run of `text` (simplified), in order."""
        words: list[Word] = []
        for start, run in self.cut_runs(text):
            for piece in run:
                end = start + len(piece)
                words.append(Word(piece, start, end, self._table.get(piece, ())))
                start = end
        return words

    def find_names(self, words: Sequence[Word]) -> list[tuple[int, int]]:
        """Return spans `first:last` of `words` that may spell a name, in order: `find_spelled`."""
        spans: list[tuple[int, int]] = []
        first = 0
        for last in range(1, len(words) + 1):
            if last < len(words) and words[last - 1].end == words[last].start:
                continue
            run = [word.text for word in words[first:last]]
            spans += [(first + start, first + end) for start, end in find_spelled(run)]
            first = last
        return spans


def find_spelled(run: Sequence[str]) -> list[tuple[int, int]]:
    """Return spans `first:last` of the words of a run that may spell a name, in order.

    That is two or more neighbours which are single characters and neither particles nor
    numerals: what the dictionary has no word for is most often a name.
    """
    spans: list[tuple[int, int]] = []
    first = 0
    for last, word in enumerate(run):
        if len(word) > 1 or word in _SPELL_NOTHING:
            if last - first > 1:
                spans.append((first, last))
            first = last + 1
    if len(run) - first > 1:
        spans.append((first, len(run)))
    return spans


@lru_cache(maxsize=10_000)
def romanize(text: str) -> tuple[str, ...]:
    """Return the pinyin of each Han character of `text`, without tones, in order."""
    from pypinyin.seg.simpleseg import seg

    # It spells phrase by phrase, so its own cut, with the phrases kept, gives the same: 12 times
    # as fast, for the phrases of names are mostly single characters.
    return tuple(syllable for phrase in seg(text) for syllable in _romanize_phrase(phrase))


@lru_cache(maxsize=5_000)
def _romanize_phrase(phrase: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(phrase, errors="ignore"))


def spell_tones(text: str) -> tuple[str, ...]:
    """Return the pinyin of each character of `text` with its tone mark; "" where it is no Han."""
    from pypinyin import Style, lazy_pinyin

    spelt = lazy_pinyin(text, style=Style.TONE, errors=lambda run: "\0" * len(run))
    return tuple(
        syllable
        for part in spelt
        for syllable in ([""] * len(part) if part.startswith("\0") else [part])
    )


def _measure_reach(table: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Return the first two characters of words -> the length of the longest of these words."""
    reach: dict[str, int] = {}
    for word in table:
        if len(word) > reach.get(word[:2], 1):
            reach[word[:2]] = len(word)
    return reach


def _cut_run(
    table: Mapping[str, tuple[str, ...]], reach: Mapping[str, int], run: str
) -> tuple[str, ...]:
    # Dynamic programme over cut positions: fewest words, single characters cost more, a
    # character that the dictionary lacks costs most; ties go to the longer last word.
    # Prices are whole numbers, so that equal ways to cut a run cost exactly the same.
    # No piece is looked up that is longer than every word with its first two characters: this
    # brought a run from 18 us to 7.
    if run in table:  # nothing is cheaper than one word
        return (run,)
    last = len(run)
    prices = [0] + [20 * last + 1] * last
    starts = [0] * (last + 1)  # of the cheapest last word that ends at each position
    for start in range(last):
        price = prices[start] + (13 if run[start] in table else 20)
        if price < prices[start + 1]:
            prices[start + 1], starts[start + 1] = price, start
        longest = reach.get(run[start : start + 2])
        if longest is None:
            continue
        price = prices[start] + 10
        for end in range(start + 2, min(start + longest, last) + 1):
            if price < prices[end] and run[start:end] in table:
                prices[end], starts[end] = price, start
    pieces: list[str] = []
    while last:
        pieces.append(run[starts[last] : last])
        last = starts[last]
    return tuple(reversed(pieces))


def read_table(path: Path = TABLE) -> dict[str, tuple[str, ...]]:
    """Read a table as `embeddings.derive_glosses` writes it."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = (line.rstrip("\n").split("\t") for line in file)
        return {word: tuple(glosses.split("|")) for word, glosses in rows}


def read_ranks(path: Path = VOCABULARY) -> dict[str, int]:
    """Return the Chinese words of an encoder's vocabulary, most frequent first, with rank from 1.

    The bundled encoder's vocabulary lists its words of two characters and more by how often they
    were met. Single characters have no rank. A vocabulary that is not installed ranks nothing.
    """
    try:
        pieces: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))["model"]["vocab"]
    except FileNotFoundError:
        return {}
    inner = sorted((id_, piece[2:]) for piece, id_ in pieces.items() if piece.startswith("##"))
    words = [word for _, word in inner if len(word) > 1 and _HAN_RUN.fullmatch(word)]
    return {word: rank for rank, word in enumerate(words, start=1)}


def read_glossary(path: Path) -> dict[str, tuple[str, ...]]:
    """Read a user's glossary: a line a word, `Chinese<TAB>English` or `Chinese<TAB>a|b`.

    Blank lines and lines that start with `#` are passed over. Words may be in traditional
    characters.

    Raises:
        ValueError: If a line has no tab, no English, or a word that is not of Han characters
            alone (it would never be met); the message names file and line.
    """
    words: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        word, _, glosses = line.partition("\t")
        word = fold_text(word).strip()
        parts = tuple(part.strip() for part in glosses.split("|") if part.strip())
        if not _HAN_RUN.fullmatch(word) or not parts:
            raise ValueError(
                f"{str(path)!r}, line {number}: expected a Chinese word, a tab and its English "
                f"name, got {line!r}"
            )
        words[word] = parts
    return words


def spells_name(text: str, gloss: str) -> bool:
    """Whether a gloss only spells a word as a person's name: `Da Qiao` for 大桥."""
    return " " in gloss and gloss.casefold().replace(" ", "") == "".join(romanize(text))
