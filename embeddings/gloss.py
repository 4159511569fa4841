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
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Word:
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
        longest = max(map(len, table), default=1)
        self._cut = lru_cache(maxsize=50_000)(partial(_cut_run, table, longest))

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

    def find_words(self, text: str) -> list[Word]:
        """Return the words of every Han run of `text` (simplified), in order."""
        words: list[Word] = []
        for match in _HAN_RUN.finditer(text):
            start = match.start()
            for piece in self._cut(match[0]):
                words.append(Word(piece, start, start + len(piece), self._table.get(piece, ())))
                start += len(piece)
        return words

    def find_names(self, words: Sequence[Word]) -> list[tuple[int, int]]:
        """Return spans `first:last` of `words` that may spell a name, in order.

        That is two or more neighbours which are single characters and neither particles nor
        numerals: what the dictionary has no word for is most often a name.
        """
        spans: list[tuple[int, int]] = []
        first = 0
        for last in range(1, len(words) + 1):
            if last < len(words) and _go_on_spelling(words[last - 1], words[last]):
                continue
            if last - first > 1:
                spans.append((first, last))
            first = last
        return spans


@lru_cache(maxsize=50_000)
def romanize(text: str) -> tuple[str, ...]:
    """Return the pinyin of each Han character of `text`, without tones, in order."""
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(text, errors="ignore"))


def _cut_run(table: Mapping[str, tuple[str, ...]], longest: int, run: str) -> tuple[str, ...]:
    # Dynamic programme over cut positions: fewest words, single characters cost more, a
    # character that the dictionary lacks costs most; ties go to the longer last word.
    # Prices are whole numbers, so that equal ways to cut a run cost exactly the same.
    best: list[tuple[int, int]] = [(0, 0)]
    for end in range(1, len(run) + 1):
        choice = (best[end - 1][0] + 20, end - 1)
        for start in range(max(0, end - longest), end):
            if run[start:end] in table:
                price = 13 if end - start == 1 else 10
                choice = min(choice, (best[start][0] + price, start))
        best.append(choice)
    pieces: list[str] = []
    end = len(run)
    while end:
        pieces.append(run[best[end][1] : end])
        end = best[end][1]
    return tuple(reversed(pieces))


def _go_on_spelling(word: Word, after: Word) -> bool:
    return word.end == after.start and _may_spell(word) and _may_spell(after)


def _may_spell(word: Word) -> bool:
    return len(word.text) == 1 and word.text not in PARTICLES and word.text not in NUMERALS


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
