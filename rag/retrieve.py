"""Find the passages that bear on a question.

Three legs search each document language on its own, so that neither language starves the
other: dense (cosine of vectors), lexical (BM25 within a language) and gloss (BM25 over stemmed
English, where Chinese words count under their glosses). `rag.fuse` makes one score of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from embeddings.encoder import Encoder, Vectors
from embeddings.gloss import Glossary
from rag.fuse import DEFAULT_FUSION, Fusion, fuse_legs
from rag.language import detect_language
from rag.passages import StoredPassage
from rag.store import View
from rag.terms import gloss_terms, lexical_terms
from rag.types import LANGUAGES, Hit, Language, LegScore
from rag.voices import find_copies

SPARE = 2  # times as many passages as wanted are read, so that copies may be left out


@dataclass(frozen=True, slots=True)
class Query:
    """A question made ready for the three legs. `vector` has shape (dim,) and norm 1."""

    text: str
    language: Language
    vector: Vectors = field(compare=False)  # arrays do not compare as one truth
    lexical: tuple[str, ...]
    gloss: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that a leg found: its row, its fused score, and its place in each leg or None."""

    score: float
    language: Language
    row: int
    legs: tuple[LegScore | None, LegScore | None, LegScore | None]


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
    candidates = list_candidates(query, view, depth=depth, fusion=fusion)
    found, _ = choose_passages(candidates, view, k=k, fold=fold, balance=balance)
    return found


def list_candidates(
    query: Query, view: View, *, depth: int, fusion: Fusion = DEFAULT_FUSION
) -> list[Candidate]:
    """Return what the legs find, of all languages, best first, ties by passage id.

    Arguments are those of `retrieve_passages`; an empty index gives none.
    """
    scored: list[Candidate] = []
    for language in LANGUAGES:
        scored += _search_language(query, view, language, depth, fusion)
    ids = view.get_passage_ids([item.row for item in scored])
    return sorted(scored, key=lambda item: (-item.score, ids[item.row]))


def choose_passages(
    candidates: Sequence[Candidate], view: View, *, k: int, fold: bool, balance: bool
) -> tuple[list[Found], dict[int, int]]:
    """Return the passages that are kept, and row -> row of those left out for a better one.

    Arguments are those of `retrieve_passages`, and `candidates` what `list_candidates` gives.
    """
    stored, copies = _read_best(candidates, view, k, fold=fold)
    sources = _name_copies(copies, stored, view)
    whole = [item for item in candidates if item.row in stored and item.row not in copies]
    found = []
    for rank, item in enumerate(_cut(whole, k, k // 4 if balance else 0), start=1):
        passage, same = stored[item.row].passage, sources.get(item.row, ())
        hit = Hit(passage, rank, item.score, item.language, *item.legs, same)
        found.append(Found(hit, stored[item.row]))
    return found, copies


def _read_best(
    candidates: Sequence[Candidate], view: View, k: int, *, fold: bool
) -> tuple[dict[int, StoredPassage], dict[int, int]]:
    """Read the best passages of each language, and if `fold` tell which are copies of better ones.

    Returns:
        Row -> passage, and row of a copy -> row of the best that says the same.
    """
    stored: dict[int, StoredPassage] = {}
    copies: dict[int, int] = {}
    for language in LANGUAGES:
        rows = [item.row for item in candidates if item.language == language][: SPARE * k]
        found = view.get_passages(rows)
        stored |= {item.row: item for item in found}
        if found and fold:
            vectors = np.array([item.vector for item in found])
            same = find_copies([item.passage for item in found], vectors)
            copies |= {found[n].row: found[first].row for n, first in same.items()}
    return stored, copies


def _name_copies(
    copies: Mapping[int, int], stored: Mapping[int, StoredPassage], view: View
) -> dict[int, tuple[str, ...]]:
    """Row -> the sources of its copies, sorted."""
    ids = {row: stored[row].passage.document_id for row in copies}
    names = view.get_sources(list(ids.values()))
    sources: dict[int, set[str]] = {}
    for row, first in copies.items():
        sources.setdefault(first, set()).update(names[ids[row]])
    return {row: tuple(sorted(held)) for row, held in sources.items()}


def _cut(candidates: Sequence[Candidate], k: int, least: int) -> list[Candidate]:
    """The first `k`, at least `least` of each language among them."""
    sure: set[int] = set()
    for language in LANGUAGES:
        sure.update([item.row for item in candidates if item.language == language][:least])
    spare = k - len(sure)
    rest = [item.row for item in candidates if item.row not in sure][:spare]
    kept = sure.union(rest)
    return [item for item in candidates if item.row in kept]


def _search_language(
    query: Query, view: View, language: Language, depth: int, fusion: Fusion
) -> list[Candidate]:
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
    fused = fuse_legs([[leg.get(row, 0.0) for row in rows] for leg in full], weights)
    ranks = [{row: rank for rank, row in enumerate(leg, start=1)} for leg in legs]
    return [
        Candidate(
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
