"""Prove that a question set is fit to measure with: its quotes, its values, its balance.

Every quote must stand in its document, character for character, and every question must be one
that can be asked, once. What cannot be proved, such as a translated name, is a warning.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.checks.flaws import (
    Finding,
    check_evidence,
    check_form,
    check_grounds,
    check_groups,
    check_leaks,
    check_repeats,
)
from eval.evaluate import make_get_document
from eval.measures.grade import GetDocument
from eval.questions import Evidence, Question, read_questions
from rag.config import Settings
from rag.encode import make_find_terms
from rag.load import Problem, stream_file, walk_files
from rag.pipeline import load_glossary
from rag.store import Index
from rag.types import LANGUAGES, Document, Language

MAX_QUESTION_CHARS = 1_000  # as `Settings` has it unless told
MIN_OF_KIND = 5  # questions; one right or wrong already moves a share of fewer by .2 and more
MIN_LANGUAGE_SHARE = 0.3
MIN_UNANSWERABLE_SHARE = 0.1
SHOWN = 20  # findings of one kind in the text


@dataclass(frozen=True, slots=True)
class Row:
    """How many questions are of a kind, or an answerability, or ...: `sort` says of what.

    Attributes:
        sort: all, kind, pair, answerable, group, follow-up, conflict. A pair is the language of
            the question and that of the documents that tell, "mixed" if of both or "none".
        name: Which one of that sort.
        counts: Of questions, by their language.
    """

    sort: str
    name: str
    counts: Mapping[Language, int]

    @property
    def total(self) -> int:
        """Of both languages."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class SetCheck:
    """What was found in a set.

    Attributes:
        problems: To be mended: with any of them the set is not fit.
        warnings: To be looked at.
        rows: What the set is made of; the first counts all its questions.
        groups: How many.
        documents: How many are named as evidence.
    """

    problems: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    rows: tuple[Row, ...]
    groups: int
    documents: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON types."""
        return asdict(self)


def check_set(path: Path, settings: Settings, *, folder: Path | None = None) -> SetCheck:
    """Check the set at `path` against the index of the settings, or else the files of a folder.

    Raises:
        CorpusError: If the set or the folder cannot be read.
        IndexMissingError, IndexMismatchError, IndexDamagedError: As `rag.store.Index` does.
    """
    questions = read_questions(path)
    max_chars = settings.max_question_chars
    if folder is not None:
        return _check_folder(questions, folder, max_chars)
    terms = make_find_terms(load_glossary(settings.glossary))
    with closing(Index(settings.database, {}, terms)) as index:
        return check_questions(questions, make_get_document(index), max_chars=max_chars)


def check_questions(
    questions: Sequence[Question],
    get_document: GetDocument,
    *,
    max_chars: int = MAX_QUESTION_CHARS,
) -> SetCheck:
    """Check questions against the documents that they name.

    Args:
        questions: At least one.
        get_document: From the id of a document to the document; asked once for each.
        max_chars: Of a question, beyond which it is refused.

    Raises:
        ValueError: If there are no questions.
    """
    if not questions:
        raise ValueError("a set has one question or more")
    misquoted, languages = _check_documents(questions, get_document)
    rows = tuple(_count_rows(questions, languages))
    findings = [
        *misquoted,
        *check_form(questions, max_chars),
        *check_repeats(questions),
        *check_groups(questions),
        *check_leaks(questions),
        *check_grounds(questions),
        *_check_balance(rows),
    ]
    return SetCheck(
        problems=tuple(f for f in findings if f.severity == "problem"),
        warnings=tuple(f for f in findings if f.severity == "warning"),
        rows=rows,
        groups=len({question.group for question in questions} - {""}),
        documents=len({e.document for q in questions for e in q.evidence}),
    )


def format_check(check: SetCheck) -> str:
    """Problems, warnings and a table of what the set is made of; many of one kind are cut."""
    total = check.rows[0].total
    lines = [
        *_list_findings("Problem", check.problems),
        *_list_findings("Warning", check.warnings),
        f"{total:,} questions on {check.documents:,} documents, {check.groups:,} groups: "
        f"{len(check.problems):,} problems, {len(check.warnings):,} warnings",
        "",
        f"{'':<12}{'':<16}{''.join(f'{language:>8}' for language in LANGUAGES)}{'all':>8}{'':>8}",
    ]
    sort = ""
    for row in check.rows:
        counts = "".join(f"{row.counts[language]:>8,}" for language in LANGUAGES)
        head = row.sort if row.sort != sort else ""
        lines.append(f"{head:<12}{row.name:<16}{counts}{row.total:>8,}{row.total / total:>8.1%}")
        sort = row.sort
    return "\n".join(lines)


def _check_documents(
    questions: Sequence[Question], get_document: GetDocument
) -> tuple[list[Finding], dict[str, Language]]:
    """What is wrong with the evidence, and the languages of the documents that there are."""
    named: dict[str, list[tuple[Question, Evidence]]] = defaultdict(list)
    for question in questions:
        for evidence in question.evidence:
            named[evidence.document].append((question, evidence))
    findings: list[Finding] = []
    languages: dict[str, Language] = {}
    for id_, places in named.items():  # one document in memory at a time
        document = get_document(id_)
        findings += check_evidence(document, places)
        if document is not None:
            languages[id_] = document.language
    order = {question.id: n for n, question in enumerate(questions)}
    return sorted(findings, key=lambda finding: order[finding.questions[0]]), languages


def _check_folder(questions: Sequence[Question], folder: Path, max_chars: int) -> SetCheck:
    named = frozenset[str]().union(*(question.documents for question in questions))
    problems: list[Problem] = []
    documents: dict[str, Document] = {}
    for path in walk_files(folder):
        for document in stream_file(path, folder, report=problems.append):
            if document.id in named:
                documents[document.id] = document
    check = check_questions(questions, documents.get, max_chars=max_chars)
    unread = tuple(
        Finding("file", (), f"{problem.path}: {problem.reason}", "warning")
        for problem in problems
        if problem.skipped
    )
    return SetCheck(
        check.problems, unread + check.warnings, check.rows, check.groups, check.documents
    )


def _count_rows(questions: Sequence[Question], languages: Mapping[str, Language]) -> Iterator[Row]:
    counters: dict[tuple[str, str], Counter[Language]] = defaultdict(Counter)
    for question in questions:
        found = {languages[id_] for id_ in question.documents if id_ in languages}
        told_in = "mixed" if len(found) > 1 else next(iter(found), "none")
        parts = [
            ("all", ""),
            ("kind", question.kind),
            ("pair", f"{question.language}-{told_in}"),
            ("answerable", "yes" if question.answerable else "no"),
            ("group", "yes" if question.group else "no"),
            ("follow-up", "yes" if question.previous else "no"),
            ("conflict", "yes" if question.conflict else "no"),
        ]
        for part in parts:
            counters[part][question.language] += 1
    sorts = list(dict.fromkeys(sort for sort, _ in counters))
    for (sort, name), counter in sorted(
        counters.items(), key=lambda item: (sorts.index(item[0][0]), -item[1].total(), item[0])
    ):
        yield Row(sort, name, {language: counter[language] for language in LANGUAGES})


def _check_balance(rows: Sequence[Row]) -> Iterator[Finding]:
    total = rows[0].total
    texts = [
        f"only {row.total} of {total} questions are of the kind {row.name}; want {MIN_OF_KIND}"
        for row in rows
        if row.sort == "kind" and row.total < MIN_OF_KIND
    ]
    for language, count in rows[0].counts.items():
        if count < MIN_LANGUAGE_SHARE * total:
            texts.append(f"only {count} of {total} questions are in {language}")
    refusable = sum(row.total for row in rows if (row.sort, row.name) == ("answerable", "no"))
    if refusable < MIN_UNANSWERABLE_SHARE * total:
        texts.append(f"only {refusable} of {total} questions cannot be answered")
    for text in texts:
        yield Finding("balance", (), text, "warning")


def _list_findings(word: str, findings: Sequence[Finding]) -> Iterator[str]:
    counts: Counter[str] = Counter()
    for finding in findings:
        counts[finding.about] += 1
        if counts[finding.about] <= SHOWN:
            ids = f" {', '.join(finding.questions)}:" if finding.questions else ""
            yield f"{word} ({finding.about}){ids} {finding.text}"
    for about, count in counts.items():
        if count > SHOWN:
            yield f"{word} ({about}) … and {count - SHOWN:,} more; the JSON lists all"
    if findings:
        yield ""
