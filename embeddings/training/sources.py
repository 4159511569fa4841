"""Read the training data: what means the same in English and in Chinese.

Every file is gzipped and may be missing only if its source is not asked for. Chinese text comes
back folded, as the encoder will see it.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from embeddings.fold import fold_text

OPEN_SOURCES = ("tatoeba", "ntrex", "react", "rustbook", "d2l", "tldr")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that mean the same.

    `chinese` may hold English words, too: names mostly.
    """

    source: str
    english: str
    chinese: str


def read_pairs(data: Path, sources: Iterable[str] = OPEN_SOURCES) -> list[Pair]:
    """Return the sentence and block pairs of `pairs.tsv.gz` and `mined.tsv.gz`, in file order.

    Only lines of the named `sources` are kept, without repeats and without lines whose Chinese
    side has no Chinese character.
    """
    wanted = frozenset(sources)
    lines = (*_read_rows(data / "pairs.tsv.gz"), *_read_rows(data / "mined.tsv.gz"))
    pairs = (
        Pair(source, " ".join(english.split()), _fold_line(chinese))
        for source, english, chinese in lines
        if source in wanted and _HAN.search(chinese)
    )
    return list(dict.fromkeys(pairs))


def read_names(data: Path) -> list[Pair]:
    """Return the names of `names.tsv.gz`: territories, languages, currencies, units, cities."""
    rows = _read_rows(data / "names.tsv.gz")
    return [Pair(kind, english, _fold_line(chinese)) for kind, english, chinese in rows]


def _fold_line(text: str) -> str:
    return fold_text(" ".join(text.split()))


def _read_rows(path: Path) -> Iterator[tuple[str, str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            cells = line.rstrip("\n").split("\t")
            if len(cells) != 3:
                raise ValueError(
                    f"{str(path)!r}, line {number}: expected 3 cells, got {len(cells)}"
                )
            yield cells[0], cells[1], cells[2]
