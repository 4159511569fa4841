"""MultiHop-RAG (Tang and Yang, 2024): English news, and questions that need two to four articles.

`corpus.json` is a list of articles with `title`, `source`, `published_at`, `url` and `body`;
`MultiHopRAG.json` a list of questions with `query`, `answer`, `question_type` and an
`evidence_list` of facts, each a sentence of an article. A "null_query" asks what no article tells.

Many answers are "Yes" or "No", which no article says, while every other sentence holds the letters
of "no": such questions accept nothing here, and are measured by their evidence alone. The type of a
question is among its tags.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from eval.questions import Evidence, Question
from eval.sets.collection import Collection, DocumentPool
from eval.sets.fields import load_json, require, require_text, text_of
from eval.sets.gold import find_kind, find_language, find_words
from rag.errors import CorpusError
from rag.files.metadata import parse_date
from rag.types import Document, Language

ARTICLES, QUESTIONS = "corpus.json", "MultiHopRAG.json"
_CORPUS = "the corpus of MultiHop-RAG, a list of articles with 'title', 'url' and 'body'"
_QUERIES = (
    "the questions of MultiHop-RAG, a list with 'query', 'answer', 'question_type' and "
    "'evidence_list'"
)

Articles = dict[str, Document]


def read_collection(folder: Path, *, language: Language | None = None) -> Collection:
    """Read MultiHop-RAG.

    An article keeps its title, its outlet as source, and its date. Evidence is one fact each, in
    the very words of the article; without a quote if the article does not hold those words.

    Args:
        folder: Holds `corpus.json` and `MultiHopRAG.json`.
        language: Of the questions; None reads it from the first ones.

    Raises:
        CorpusError: If a file is missing or not in form.
    """
    pool = DocumentPool()
    articles = _read_articles(folder / ARTICLES, pool)
    path = folder / QUESTIONS
    records = load_json(path)
    if not isinstance(records, list) or not records:
        raise CorpusError(f"{str(path)!r} is no list with an entry; expected {_QUERIES}")
    places = [f"{str(path)!r}, question {n}" for n in range(1, len(records) + 1)]
    texts = [
        require_text(record, "query", where, _QUERIES)
        for record, where in zip(records, places, strict=True)
    ]
    language = language or find_language(texts)
    lacking: Counter[str] = Counter()
    questions = [
        _read_question(n, record, places[n], language, articles, lacking)
        for n, record in enumerate(records)
    ]
    if pool.copies:
        lacking["articles that repeat the text of an earlier one, joined with it"] = pool.copies
    return Collection(
        name="MultiHop-RAG",
        documents=pool.list_documents(),
        questions=tuple(question for question in questions if question is not None),
        notes=tuple(f"{what}: {n}" for what, n in sorted(lacking.items())),
    )


def _read_articles(path: Path, pool: DocumentPool) -> Articles:
    """Documents by address, and by title where that is not taken."""
    records = load_json(path)
    if not isinstance(records, list) or not records:
        raise CorpusError(f"{str(path)!r} is no list with an entry; expected {_CORPUS}")
    articles: Articles = {}
    for n, record in enumerate(records):
        where = f"{str(path)!r}, article {n + 1}"
        body = require_text(record, "body", where, _CORPUS)
        title, url = text_of(record, "title"), text_of(record, "url")
        stated = record.get("published_at")
        document = pool.add(
            f"multihop-{n}",
            body,
            where=where,
            title=title,
            source=text_of(record, "source") or url,
            published=parse_date(stated) if stated else None,
        )
        for name in (url, title):
            if name:
                articles.setdefault(name, document)
    return articles


def _read_question(
    n: int,
    record: Any,
    where: str,
    language: Language,
    articles: Articles,
    lacking: Counter[str],
) -> Question | None:
    sort = require_text(record, "question_type", where, _QUERIES)
    text = require_text(record, "query", where, _QUERIES)
    tags = (sort.removesuffix("_query"),)
    if sort == "null_query":
        return Question(f"multihop-{n}", text, language, "other", False, tags=tags)
    accept: tuple[tuple[str, ...], ...] = ((require_text(record, "answer", where, _QUERIES),),)
    facts = require(record, "evidence_list", list, where, _QUERIES)
    found = [_find_fact(fact, articles, where, lacking) for fact in facts]
    evidence = tuple(dict.fromkeys(fact for fact in found if fact is not None))
    if not evidence:
        lacking["questions without an article that tells, left out"] += 1
        return None
    kind = find_kind(accept, language)
    if kind == "yesno":
        accept = ()
        lacking["questions to say yes or no to, measured by their evidence alone"] += 1
    return Question(
        f"multihop-{n}", text, language, kind, True, accept=accept, evidence=evidence, tags=tags
    )


def _find_fact(fact: Any, articles: Articles, where: str, lacking: Counter[str]) -> Evidence | None:
    words = require(fact, "fact", str, where, _QUERIES)
    document = articles.get(text_of(fact, "url")) or articles.get(text_of(fact, "title"))
    if document is None:
        lacking["facts of articles that are not there, left out"] += 1
        return None
    span = find_words(document.text, words)
    if span is None:
        lacking["facts that do not stand word for word in their article, not quoted"] += 1
        return Evidence(document.id)
    return Evidence(document.id, document.text[span[0] : span[1]])
