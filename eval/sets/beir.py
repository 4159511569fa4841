"""Folders in the format of BEIR (Thakur et al., NeurIPS 2021): a corpus, queries, judgements.

`corpus.jsonl` holds `_id`, `title` and `text` a line, `queries.jsonl` `_id` and `text`, and
`qrels/test.tsv` a query, a document and a grade a line below a heading. Such a set knows which
documents are relevant and how much, and no answers: it measures the search alone.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from eval.questions import Evidence, Question
from eval.sets.collection import Collection, DocumentPool
from eval.sets.fields import read_id, read_json_lines, read_lines, require, require_text, text_of
from eval.sets.gold import find_language
from rag.errors import CorpusError
from rag.types import Language

_CORPUS = "the corpus of BEIR, lines with '_id', 'title' and 'text'"
_QUERIES = "the queries of BEIR, lines with '_id' and 'text'"
_JUDGEMENTS = "query-id, corpus-id and a whole number as grade, set apart by tabs"

Grades = dict[str, dict[str, int]]


def read_collection(
    folder: Path, *, split: str | None = None, language: Language | None = None
) -> Collection:
    """Read a folder in BEIR format: the queries that its judgements name.

    A document of a grade above 0 is evidence, without a quote. Documents of equal text are one, of
    the highest grade. Left out, and told of in the notes, are documents without words, judgements
    of documents that are not there, and queries left without evidence.

    Args:
        folder: As published, unpacked.
        split: "test", "dev" or "train"; None takes the test split, or else the only one there.
        language: Of the queries; None reads it from the first ones.

    Raises:
        CorpusError: If a file is missing or not in form, or no query has evidence.
    """
    path = _find_judgements(folder / "qrels", split)
    pool, left_out = DocumentPool(), Counter[str]()
    ids = _read_corpus(folder / "corpus.jsonl", pool, left_out)
    grades = _read_judgements(path)
    texts = _read_queries(folder / "queries.jsonl")
    if lost := next((id_ for id_ in grades if id_ not in texts), None):
        raise CorpusError(f"{str(path)!r} judges the query {lost!r}, which queries.jsonl lacks")
    language = language or find_language(texts[id_] for id_ in grades)
    questions = []
    for id_, judged in grades.items():
        if evidence := _find_evidence(judged, ids, left_out):
            questions.append(Question(id_, texts[id_], language, "other", True, evidence=evidence))
        else:
            left_out["queries without a relevant document, left out"] += 1
    if not questions:
        raise CorpusError(f"no query of {str(path)!r} has a relevant document in the corpus")
    left_out["documents that repeat the text of an earlier one, joined with it"] = pool.copies
    return Collection(
        name=f"{folder.resolve().name}/{path.stem}",
        documents=pool.list_documents(),
        questions=tuple(questions),
        notes=tuple(f"{what}: {n}" for what, n in sorted(left_out.items()) if n),
    )


def _find_judgements(folder: Path, split: str | None) -> Path:
    there = sorted(path.stem for path in folder.glob("*.tsv"))
    wanted = split or ("test" if "test" in there else there[0] if len(there) == 1 else "test")
    if wanted not in there:
        found = ", ".join(there) or "none"
        raise CorpusError(f"{str(folder)!r} has no {wanted}.tsv; judgements there: {found}")
    return folder / f"{wanted}.tsv"


def _read_corpus(path: Path, pool: DocumentPool, left_out: Counter[str]) -> dict[str, str]:
    """The id of each document in the collection by its id in the set."""
    ids: dict[str, str] = {}
    for where, record in read_json_lines(path):
        id_ = read_id(record, "_id", where, _CORPUS)
        if id_ in ids:
            raise CorpusError(f"{where}: the id {id_!r} is that of an earlier document")
        title, text = text_of(record, "title"), require(record, "text", str, where, _CORPUS)
        if not (text.strip() or title.strip()):
            left_out["documents without words, left out"] += 1
            continue
        metadata = record.get("metadata")
        source = text_of(metadata, "url") if isinstance(metadata, dict) else ""
        body = text if text.strip() else title
        ids[id_] = pool.add(id_, body, where=where, title=title, source=source).id
    return ids


def _read_queries(path: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    for where, record in read_json_lines(path):
        id_ = read_id(record, "_id", where, _QUERIES)
        if id_ in texts:
            raise CorpusError(f"{where}: the id {id_!r} is that of an earlier query")
        texts[id_] = require_text(record, "text", where, _QUERIES)
    return texts


def _read_judgements(path: Path) -> Grades:
    grades: Grades = {}
    for n, (where, line) in enumerate(read_lines(path)):
        fields = [field.strip() for field in line.split("\t")]
        is_grade = len(fields) == 3 and all(fields) and fields[2].removeprefix("-").isdecimal()
        if not is_grade and n == 0:
            continue  # the heading
        if not is_grade:
            raise CorpusError(f"{where}: expected {_JUDGEMENTS}")
        grades.setdefault(fields[0], {})[fields[1]] = int(fields[2])
    return grades


def _find_evidence(
    judged: dict[str, int], ids: dict[str, str], left_out: Counter[str]
) -> tuple[Evidence, ...]:
    best: dict[str, int] = {}
    for document, grade in judged.items():
        if grade <= 0:
            continue
        if document not in ids:
            left_out["judgements of documents that are not there, left out"] += 1
            continue
        best[ids[document]] = max(grade, best.get(ids[document], 0))
    return tuple(Evidence(id_, grade=float(grade)) for id_, grade in best.items())
