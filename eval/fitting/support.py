"""How well `rag.verify` tells a statement that its quote supports from one that it does not.

A sentence and its translation support each other, so each is a statement over the other as its
quote; so are the first two thirds of a sentence over the whole, and one translation over another.
Each statement is then spoilt in four ways: it is taken from another sentence, a figure is
changed, a name is changed, or it is denied. The passage of a quote is the quote alone.

Sentences are numbered in the order of the file. Even ones choose the thresholds, odd ones report.
"""

from __future__ import annotations

import gzip
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from embeddings.gloss import Glossary
from eval.measures.metrics import Mean, estimate_mean
from rag.errors import CorpusError
from rag.language import detect_language
from rag.names import find_names
from rag.types import Document, Evidence, Hit, Passage, Quote
from rag.values import find_values
from rag.verify import check_statement, find_unsupported

SPOILS = ("sentence", "figure", "name", "denial")
REFUSED = 0.98  # of other sentences, at the threshold that is chosen
_GRID = [n / 20 for n in range(1, 17)]
_DENIED_EN = re.compile(
    r"\b(?:is|was|are|were|will|would|can|could|has|have|had|should|must)\b(?! not|n't)"
)
_DENIED_ZH = re.compile(r"(?<![不没])(?=(?:会|能|是|将|可以|应该|愿意))")


class Case(NamedTuple):
    """A statement that its quote supports; `group` is the number of its sentence."""

    group: int
    statement: str
    quote: str


@dataclass(frozen=True, slots=True)
class SupportRow:
    """What became of one kind of statement, on the odd sentences.

    Attributes:
        name: Languages of statement and quote, and how the statement was made.
        accepted: Share of supported statements that nothing is missing from.
        refused: Way of spoiling -> share of spoilt statements that something is missing from.
            A way that no statement of the kind allows is left out.
    """

    name: str
    accepted: Mean
    refused: dict[str, Mean]


@dataclass(frozen=True, slots=True)
class SupportReport:
    """How support is judged.

    Attributes:
        rows: In the order en over zh, zh over en, then those within a language.
        across, within: The thresholds that the even sentences choose; `rag.verify` has those that
            were measured with.
    """

    rows: tuple[SupportRow, ...]
    across: float
    within: float

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON types."""
        return asdict(self)


def read_pairs(path: Path, *, source: str = "ntrex", limit: int | None = None) -> list[list[str]]:
    """Return `[English, Chinese]` of one source of a pairs file, in order.

    Args:
        path: A gzipped file of `source<TAB>English<TAB>Chinese` lines.
        source: NTREX is news, translated by professionals, twice; the other sources hold
            sentences for learners and the output of machines.
        limit: At most so many, from the start; None for all.

    Raises:
        CorpusError: If the file cannot be read, or holds no pair of this source.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows = [line.rstrip("\n").split("\t") for line in file]
    except (OSError, ValueError) as exc:
        raise CorpusError(f"the pairs at {str(path)!r} cannot be read: {exc}") from exc
    pairs = [row[1:] for row in rows if row[0] == source and len(row) == 3]
    if not pairs:
        raise CorpusError(
            f"{str(path)!r} holds no pair of the source {source!r}. Give a gzipped file of "
            "source, English and Chinese, parted by tabs"
        )
    return pairs[:limit]


def evaluate_support(
    pairs_file: Path,
    glossary: Glossary,
    *,
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SupportReport:
    """Measure how `rag.verify` judges the pairs of a file; see `read_pairs` for its form.

    Args:
        pairs_file: Needs pairs of four sentences or more.
        glossary: As the answers are checked with.
        limit: At most so many pairs; None for all.
        progress: Told how many kinds of statement are done, of how many.
    """
    kinds = _list_kinds(read_pairs(pairs_file, limit=limit))
    rows = []
    for done, (name, cases) in enumerate(kinds, start=1):
        odd = [case for case in cases if case.group % 2]
        if odd:
            rows.append(_measure(name, odd, glossary))
        if progress:
            progress(done, len(kinds))
    even = [[case for case in cases if case.group % 2 == 0] for _, cases in kinds]
    return SupportReport(
        rows=tuple(rows),
        across=choose_threshold(even[:2], glossary),
        within=choose_threshold(even[2:], glossary),
    )


def choose_threshold(kinds: Sequence[Sequence[Case]], glossary: Glossary) -> float:
    """Return the least threshold at which `REFUSED` of other sentences are refused.

    The grid goes from .05 to .8 in steps of .05; 1.0 where none of it does, or there are no
    cases to choose from.
    """
    checks = [
        check_statement(statement, *_cite(case.quote), glossary)
        for cases in kinds
        for n, case in enumerate(cases)
        for statement in _take_other(n, cases)
    ]
    for least in _GRID:
        refused = sum(bool(check.unheld) or check.covered < least for check in checks)
        if checks and refused >= REFUSED * len(checks):
            return least
    return 1.0


def format_support(report: SupportReport) -> str:
    """The report as a table of plain text, a kind of statement a line, with n behind each share."""
    lines = [f"{'statement -> quote':<22}{'accepted':>15}" + "".join(f"{s:>15}" for s in SPOILS)]
    for row in report.rows:
        cells = [row.accepted, *(row.refused.get(spoil) for spoil in SPOILS)]
        shown = (f"{cell.value:.1%} n={cell.n}" if cell else "-" for cell in cells)
        lines.append(f"{row.name:<22}" + "".join(f"{cell:>15}" for cell in shown))
    lines.append(
        "\naccepted: supported statements; the rest: spoilt ones that are refused. Odd sentences.\n"
        f"thresholds that the even sentences choose: {report.across:.2f} across languages, "
        f"{report.within:.2f} within"
    )
    return "\n".join(lines)


def _list_kinds(pairs: Sequence[Sequence[str]]) -> list[tuple[str, list[Case]]]:
    groups: dict[str, list[str]] = {}
    for english, chinese in pairs:
        groups.setdefault(english, []).append(chinese)
    numbers = {english: n for n, english in enumerate(groups)}
    across = [(numbers[english], english, chinese) for english, chinese in pairs]
    reworded = [
        Case(numbers[english], one, other)
        for english, chinese in groups.items()
        for one, other in pairwise(chinese)
    ]
    return [
        ("en -> zh", [Case(*row) for row in across]),
        ("zh -> en", [Case(n, chinese, english) for n, english, chinese in across]),
        ("en, cut -> en", [Case(n, _cut(english), english) for english, n in numbers.items()]),
        ("zh, cut -> zh", [Case(n, _cut(chinese), chinese) for n, _, chinese in across]),
        ("zh, reworded -> zh", reworded),
    ]


def _cut(sentence: str) -> str:
    """The first two thirds of its words, or of its Chinese characters."""
    units = re.findall(r"[A-Za-z\d.,:%·-]+\s*|.", sentence, re.DOTALL)
    return "".join(units[: math.ceil(2 * len(units) / 3)]).strip()


def _measure(name: str, cases: Sequence[Case], glossary: Glossary) -> SupportRow:
    def is_held(statement: str, quote: str) -> bool:
        return not find_unsupported(statement, *_cite(quote), glossary)

    spoilt = spoil_statements(cases, glossary)
    return SupportRow(
        name=name,
        accepted=estimate_mean([is_held(case.statement, case.quote) for case in cases]),
        refused={
            way: estimate_mean([not is_held(text, quote) for text, quote in spoilt[way]])
            for way in SPOILS
            if spoilt[way]
        },
    )


def spoil_statements(cases: Sequence[Case], glossary: Glossary) -> dict[str, list[tuple[str, str]]]:
    """Return way of spoiling -> spoilt statements, each with the quote that held it before."""
    names = [
        (name.kind, name.text) for case in cases for name in find_names(case.statement, glossary)
    ]
    ways: dict[str, Callable[[int], Iterator[str]]] = {
        "sentence": lambda n: _take_other(n, cases),
        "figure": lambda n: _change_figure(cases[n].statement),
        "name": lambda n: _change_name(cases[n].statement, names, glossary),
        "denial": lambda n: _deny(cases[n].statement),
    }
    return {
        way: [(text, case.quote) for n, case in enumerate(cases) for text in spoil(n)]
        for way, spoil in ways.items()
    }


def _take_other(n: int, cases: Sequence[Case]) -> Iterator[str]:
    """The statement of a sentence a quarter of the list behind the n-th, counted from 0."""
    start = n + len(cases) // 4
    for step in range(len(cases)):
        other = cases[(start + step) % len(cases)]
        if other.group != cases[n].group:
            yield other.statement
            return


def _change_figure(statement: str) -> Iterator[str]:
    """The first value in digits, with 3 added to its last digit: 28 becomes 21."""
    for value in find_values(statement):
        digit = next((n for n in range(value.end - 1, value.start - 1, -1)
                      if statement[n] in "0123456789"), None)  # fmt: skip
        if digit is not None:
            changed = (int(statement[digit]) + 3) % 10
            yield f"{statement[:digit]}{changed}{statement[digit + 1 :]}"
            return


def _change_name(
    statement: str, names: Sequence[tuple[str, str]], glossary: Glossary
) -> Iterator[str]:
    """The first name, changed for another of its kind: no word of it stands in the statement."""
    for name in find_names(statement, glossary)[:1]:
        start = 7 * len(statement)  # any place in the list that stays the same
        others = (names[(start + step) % len(names)] for step in range(len(names)))
        for kind, text in others:
            if kind == name.kind and not any(word in statement for word in text.split()):
                yield statement[: name.start] + text + statement[name.end :]
                return


def _deny(statement: str) -> Iterator[str]:
    """The statement with a "not" behind its first helping verb, 不 before the Chinese one."""
    zh = detect_language(statement) == "zh"
    place = (_DENIED_ZH if zh else _DENIED_EN).search(statement)
    if place is not None:
        yield f"{statement[: place.end()]}{'不' if zh else ' not'}{statement[place.end() :]}"


def _cite(quote: str) -> tuple[list[Evidence], dict[str, Document]]:
    document = Document("pair", "pair", quote, "pair", detect_language(quote))
    passage = Passage("pair#0", "pair", quote, 0, len(quote))
    cited = Quote("pair", 0, len(quote), quote)
    hit = Hit(passage, 1, 1.0, document.language)
    return [Evidence(cited, hit, 1, 1.0)], {"pair": document}
