"""Find the passages that bear on a question, and the sentences in them that may answer it.

Three legs search each document language on its own, so that neither language starves the
other: dense (cosine of vectors), lexical (BM25 within a language) and gloss (BM25 over stemmed
English, where Chinese words count under their glosses). A leg's scores are standardised over
the candidates of one question, (score - mean) / deviation, and summed with weights that depend
on the two languages. Scores are fused and not ranks, since by its ranks a leg that found nothing
counts like one that did.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Encoder, Vectors
from embeddings.gloss import Glossary
from rag.language import detect_language
from rag.passages import StoredPassage
from rag.store import View
from rag.terms import gloss_terms, lexical_terms, read_terms
from rag.types import LANGUAGES, Evidence, Hit, Language, LegScore, Quote
from rag.voices import find_copies

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fusion:
    """How much each leg counts, and a sentence's passage beside the sentence.

    Attributes:
        weights: (question language, document language) -> weights of dense, lexical, gloss.
        passage_weight: Times the passage's score, added to the sentence's own.
        searched: Which of dense, lexical, gloss are searched; one that is not has weight 0.
    """

    weights: Mapping[tuple[Language, Language], tuple[float, float, float]]
    passage_weight: float
    searched: tuple[bool, bool, bool] = (True, True, True)


# Round numbers read off XQuAD-R; CMRC, which had no part in it, confirms them (eval/LOG.md,
# 2026-11-22). Across languages the lexical leg is noise.
DEFAULT_FUSION = Fusion(
    weights={
        ("en", "en"): (1.0, 1.0, 1.0),
        ("zh", "zh"): (1.0, 1.0, 0.5),
        ("en", "zh"): (1.5, 0.0, 1.0),
        ("zh", "en"): (1.5, 0.3, 1.0),
    },
    passage_weight=1.0,
)
# A deviation below this says that a leg cannot tell the candidates apart; it is not blown up.
SPARE = 2  # times as many passages as wanted are read, so that copies may be left out
LEAST_DEVIATION = (0.02, 0.5, 0.5)
BM25_K1, BM25_B = 1.2, 0.75  # the usual values, and those of SQLite's bm25()


@dataclass(frozen=True, slots=True)
class Query:
    """A question made ready for the three legs. `vector` has shape (dim,) and norm 1."""

    text: str
    language: Language
    vector: Vectors = field(compare=False)  # arrays do not compare as one truth
    lexical: tuple[str, ...]
    gloss: tuple[str, ...]


# Score, language, row, and the places that dense, lexical and gloss gave it.
_Places = tuple[LegScore | None, LegScore | None, LegScore | None]
_Candidate = tuple[float, Language, int, _Places]


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with the stored passage behind it."""

    hit: Hit
    stored: StoredPassage


def prepare_query(text: str, encoder: Encoder, glossary: Glossary) -> Query:
    """Encode `text` and read its terms, each term once."""
    return Query(
        text=text,
        language=detect_language(text),
        vector=encoder.encode_queries([text])[0],
        lexical=tuple(dict.fromkeys(lexical_terms(text))),
        gloss=tuple(dict.fromkeys(gloss_terms(text, glossary))),
    )


def retrieve_passages(
    query: Query,
    view: View,
    *,
    k: int,
    depth: int,
    fusion: Fusion = DEFAULT_FUSION,
    fold: bool = True,
    balance: bool = True,
) -> list[Found]:
    """Return the `k` best passages of all languages, best first, ties by passage id.

    Args:
        query: From `prepare_query`.
        view: One generation of the index.
        k: How many; fewer come back from a smaller index, none from an empty one.
        depth: How many candidates each leg gives in each language before fusion.
        fusion: How the legs are weighed.
        fold: Whether copies are left out for the best of them.
        balance: Whether a quarter of the places, rounded down, is kept for each language that
            has so many candidates.
    """
    scored: list[_Candidate] = []
    for language in LANGUAGES:
        scored += _search_language(query, view, language, depth, fusion)
    ids = view.get_passage_ids([row for _, _, row, _ in scored])
    scored.sort(key=lambda item: (-item[0], ids[item[2]]))
    stored, copies = _fold_copies(scored, view, k, fold=fold)
    kept = _cut([item for item in scored if item[2] in stored], k, k // 4 if balance else 0)
    found = []
    for rank, (score, language, row, (dense, lexical, gloss)) in enumerate(kept, start=1):
        passage, same = stored[row].passage, copies.get(row, ())
        hit = Hit(passage, rank, score, language, dense, lexical, gloss, same)
        found.append(Found(hit, stored[row]))
    return found


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


def standardize(scores: Scores, least_deviation: float) -> Scores:
    """Return (scores - mean) / max(deviation, least_deviation); empty gives empty."""
    if not len(scores):
        return scores
    standard: Scores = (scores - scores.mean()) / max(float(scores.std()), least_deviation)
    return standard


def _fold_copies(
    scored: Sequence[_Candidate], view: View, k: int, *, fold: bool
) -> tuple[dict[int, StoredPassage], dict[int, tuple[str, ...]]]:
    """Read the best passages of each language, and if `fold` leave out copies of better ones.

    Returns:
        Row -> passage of those that stay, and row -> sources of its copies.
    """
    stored: dict[int, StoredPassage] = {}
    sources: dict[int, tuple[str, ...]] = {}
    for language in LANGUAGES:
        rows = [row for _, own, row, _ in scored if own == language][: SPARE * k]
        found = view.get_passages(rows)
        copies = (
            find_copies([item.passage for item in found], np.array([item.vector for item in found]))
            if found and fold
            else {}
        )
        names = view.get_sources([found[n].passage.document_id for n in copies])
        for n, item in enumerate(found):
            if n not in copies:
                stored[item.row] = item
        for n, first in copies.items():
            held = sources.get(found[first].row, ())
            more = (*held, *names[found[n].passage.document_id])
            sources[found[first].row] = tuple(sorted(set(more)))
    return stored, sources


def _cut(scored: Sequence[_Candidate], k: int, least: int) -> list[_Candidate]:
    """The first `k`, at least `least` of each language among them."""
    sure: set[int] = set()
    for language in LANGUAGES:
        sure.update([row for _, own, row, _ in scored if own == language][:least])
    spare = k - len(sure)
    rest = [row for _, _, row, _ in scored if row not in sure][:spare]
    kept = sure.union(rest)
    return [candidate for candidate in scored if candidate[2] in kept]


def _search_language(
    query: Query, view: View, language: Language, depth: int, fusion: Fusion
) -> list[_Candidate]:
    if not view.count_passages(language):
        return []
    dense, lexical, gloss = fusion.searched
    legs = (
        view.search_vectors(query.vector, language, depth) if dense else {},
        view.search_terms("lexical", language, query.lexical, depth) if lexical else {},
        view.search_terms("gloss", language, query.gloss, depth) if gloss else {},
    )
    rows = sorted({row for leg in legs for row in leg})
    missing = [[row for row in rows if row not in leg] for leg in legs]
    full = (
        legs[0] | view.compare_vectors(query.vector, language, missing[0]),
        legs[1] | view.score_terms("lexical", language, query.lexical, missing[1]),
        legs[2] | view.score_terms("gloss", language, query.gloss, missing[2]),
    )
    weights = fusion.weights[query.language, language]
    fused = _fuse([[leg.get(row, 0.0) for row in rows] for leg in full], weights)
    ranks = [{row: rank for rank, row in enumerate(leg, start=1)} for leg in legs]
    return [
        (
            float(score),
            language,
            row,
            (
                _leg_score(0, row, ranks, full),
                _leg_score(1, row, ranks, full),
                _leg_score(2, row, ranks, full),
            ),
        )
        for row, score in zip(rows, fused, strict=True)
    ]


def _leg_score(
    leg: int, row: int, ranks: Sequence[dict[int, int]], scores: Sequence[dict[int, float]]
) -> LegScore | None:
    return LegScore(ranks[leg][row], scores[leg][row]) if row in ranks[leg] else None


def _fuse(legs: Sequence[Sequence[float]], weights: Sequence[float]) -> Scores:
    total = np.zeros(len(legs[0]))
    for scores, weight, least in zip(legs, weights, LEAST_DEVIATION, strict=True):
        total += weight * standardize(np.asarray(scores, dtype=np.float64), least)
    norm = math.sqrt(sum(weight * weight for weight in weights))
    fused: Scores = total / (norm or 1.0)
    return fused


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
    own = _fuse(legs, fusion.weights[query.language, language])
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


@lru_cache(maxsize=4_000)
def _fill_bags(text: str, glossary: Glossary) -> tuple[Counter[str], Counter[str]]:
    lexical, gloss = read_terms(text, glossary)
    return Counter(lexical), Counter(gloss)
