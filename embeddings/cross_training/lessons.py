"""What the cross-encoder learns from: short documents in two languages, and questions on them.

A lesson file is plain text, gzipped. `# id` begins a document; then a row a sentence, English TAB
Chinese, the title first; then its questions: `? English TAB Chinese TAB row TAB value in English
TAB value in Chinese`. Rows count from 1, several are parted by commas; 0 is one that the document
does not answer. A value is a part of the first row named, word for word; `-` is none. The rows of
`# ntrex 12-30` are lines 12 to 30 of NTREX in `pairs.tsv.gz` of the training data.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.errors import CorpusError

LESSONS = Path(__file__).with_name("data")
NTREX, NTREX_ROWS = "ntrex", 1996  # the translations that follow are the same in another script
Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
Texts = dict[Language, str]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A question on a document, in two languages.

    Attributes:
        texts: Language -> the question.
        rows: Which sentences answer, from 0; empty if none does.
        values: Language -> the words that answer, a part of the first of `rows`; empty if none.
    """

    texts: Texts
    rows: tuple[int, ...]
    values: Texts


@dataclass(frozen=True, slots=True)
class Article:
    """A document in two languages, with what is asked of it.

    Attributes:
        rows: Of each sentence, language -> its text; the title is first.
    """

    id: str
    rows: tuple[Texts, ...]
    lessons: tuple[Lesson, ...]


def read_articles(path: Path, data: Path | None = None) -> list[Article]:
    """Return the articles of a lesson file, in its order.

    Args:
        path: The file.
        data: Folder of `pairs.tsv.gz`; without it, articles of NTREX are left out.

    Raises:
        CorpusError: If a line is not in form; it names file and line.
    """
    ntrex = read_ntrex(data) if data else None
    articles = []
    for heading, lines in _cut_articles(path):
        offset = 0
        if heading.startswith(NTREX):
            if ntrex is None:
                continue
            first, last = (int(n) for n in heading.split()[1].split("-"))
            rows, offset = ntrex[first - 1 : last], first - 1
        else:
            rows = [_read_row(line, where) for where, line in lines if not line.startswith("? ")]
        lessons = tuple(
            _read_lesson(line, rows, offset, where) for where, line in lines if line[:2] == "? "
        )
        articles.append(Article(heading, tuple(rows), lessons))
    return articles


def read_ntrex(data: Path) -> list[Texts]:
    """Return NTREX's sentences, one after the other: its news articles, titles and all."""
    with gzip.open(data / "pairs.tsv.gz", "rt", encoding="utf-8") as file:
        rows = (line.rstrip("\n").split("\t") for line in file)
        found: list[Texts] = [{"en": en, "zh": zh} for source, en, zh in rows if source == NTREX]
    return found[:NTREX_ROWS]


def _cut_articles(path: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the heading of each article, and its lines with the place of each."""
    heading, lines = "", list[tuple[str, str]]()
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for n, line in enumerate(file, 1):
            text = line.rstrip("\n")
            if text.startswith("# "):
                if heading:
                    yield heading, lines
                heading, lines = text[2:].strip(), []
            elif text.strip():
                lines.append((f"{path}:{n}", text))
    if heading:
        yield heading, lines


def _read_row(line: str, where: str) -> Texts:
    parts = line.split("\t")
    if len(parts) != 2:
        raise CorpusError(f"{where}: a row is English, tab, Chinese; {len(parts)} parts found")
    return {"en": parts[0].strip(), "zh": parts[1].strip()}


def _read_lesson(line: str, rows: Sequence[Texts], offset: int, where: str) -> Lesson:
    parts = [part.strip() for part in line[2:].split("\t")]
    if len(parts) != 5:
        raise CorpusError(f"{where}: a question has 5 parts, parted by tabs; {len(parts)} found")
    *texts, named, value_en, value_zh = parts
    try:
        places = tuple(int(n) - 1 - offset for n in named.split(",")) if named != "0" else ()
        first = rows[places[0]] if places else None
    except (ValueError, IndexError):
        raise CorpusError(f"{where}: no such row: {named!r} of {len(rows)}") from None
    values: Texts = {"en": value_en.strip("-"), "zh": value_zh.strip("-")}
    for language in LANGUAGES:
        if first is None:
            values[language] = ""
        elif values[language] not in first[language]:
            raise CorpusError(f"{where}: {values[language]!r} does not stand in row {named}")
    return Lesson({"en": texts[0], "zh": texts[1]}, places, values)
