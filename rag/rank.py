"""Rank the sentences of the passages that were found: which of them may answer the question."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from embeddings.gloss import Glossary
from rag.fuse import DEFAULT_FUSION, Fusion, fuse_legs
from rag.passages import StoredPassage
from rag.retrieve import Found, Query
from rag.store import View
from rag.terms import read_terms
from rag.types import LANGUAGES, Evidence, Quote

BM25_K1, BM25_B = 1.2, 0.75  # the usual values, and those of SQLite's bm25()


def rank_sentences(
    query: Query,
    found: Sequence[Found],
    view: View,
    glossary: Glossary,
    *,
    k: int | None = None,
    fusion: Fusion = DEFAULT_FUSION,
) -> list[Evidence]:
    """Return the `k` best sentences of each language, best first, ties by place in the text.

    A sentence's score is its own (the three legs, fused as for passages) plus
    `fusion.passage_weight` times that of its passage. Scores of two languages are not on one
    scale, so neither may crowd out the other; with `k` None all sentences are returned.
    """
    evidence: list[Evidence] = []
    for language in LANGUAGES:
        group = [item for item in found if item.hit.language == language and item.stored.sentences]
        if group:
            ranked = _rank_language(query, group, view, glossary, fusion)
            ranked.sort(key=lambda e: (-e.score, e.quote.document_id, e.quote.start))
            evidence += ranked[:k]
    evidence.sort(key=lambda e: (-e.score, e.quote.document_id, e.quote.start))
    return [replace(item, rank=rank) for rank, item in enumerate(evidence, start=1)]


def score_bm25(
    terms: Iterable[str],
    bags: Sequence[Mapping[str, int]],
    holders: Mapping[str, int],
    count: int,
) -> list[float]:
    """Return the BM25 score of each bag of terms (Robertson & Zaragoza 2009, eq. 3.15).

    Args:
        terms: Of the query, each once.
        bags: Term -> occurrences, one a text.
        holders: Term -> number of passages of the collection that hold it; terms that none
            holds score nothing.
        count: Passages in the collection.
    """
    lengths = [sum(bag.values()) for bag in bags]
    mean = sum(lengths) / len(lengths) if lengths else 1.0
    idf = {
        term: math.log(1 + (count - holders[term] + 0.5) / (holders[term] + 0.5))
        for term in terms
        if holders.get(term)
    }
    scores = []
    for bag, length in zip(bags, lengths, strict=True):
        norm = BM25_K1 * (1 - BM25_B + BM25_B * length / max(mean, 1.0))
        held = ((weight, bag[term]) for term, weight in idf.items() if term in bag)
        scores.append(sum(weight * n * (BM25_K1 + 1) / (n + norm) for weight, n in held))
    return scores


def _rank_language(
    query: Query, group: Sequence[Found], view: View, glossary: Glossary, fusion: Fusion
) -> list[Evidence]:
    language = group[0].hit.language
    spans = [(item, *span) for item in group for span in item.stored.sentences]
    texts = [_slice(item.stored, start, end) for item, start, end in spans]
    vectors = np.concatenate([item.stored.sentence_vectors for item in group])
    dense = np.einsum("ij,j->i", vectors, query.vector)  # "@" may tell equal rows apart
    count = view.count_passages(language)
    lexical_df = view.count_holders("lexical", language, query.lexical)
    gloss_df = view.count_holders("gloss", language, query.gloss)
    bags = [_fill_bags(text, glossary) for text in texts]
    legs = [
        dense.tolist(),
        score_bm25(query.lexical, [lexical for lexical, _ in bags], lexical_df, count),
        score_bm25(query.gloss, [gloss for _, gloss in bags], gloss_df, count),
    ]
    own = fuse_legs(legs, fusion.weights[query.language, language])
    passage = [item.hit.score for item, _, _ in spans]
    return [
        Evidence(
            Quote(item.stored.passage.document_id, start, end, text),
            item.hit,
            rank=0,
            score=float(score + fusion.passage_weight * context),
            similarity=float(cosine),
        )
        for (item, start, end), text, score, context, cosine in zip(
            spans, texts, own, passage, dense, strict=True
        )
    ]


def _slice(stored: StoredPassage, start: int, end: int) -> str:
    return stored.passage.text[start - stored.passage.start : end - stored.passage.start]


@lru_cache(maxsize=4_000)
def _fill_bags(text: str, glossary: Glossary) -> tuple[Counter[str], Counter[str]]:
    lexical, gloss = read_terms(text, glossary)
    return Counter(lexical), Counter(gloss)
