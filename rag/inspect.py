"""Search as for an answer, and tell how it went: each leg's best, and what the fusion kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from time import perf_counter

from embeddings.encoder import Encoder
from embeddings.gloss import Glossary
from rag.fuse import Fusion
from rag.legs import SHOWN, Search, Term
from rag.rank import rank_sentences
from rag.retrieve import Candidate, Found, Query, choose_passages, list_candidates, prepare_query
from rag.search import choose_fusion
from rag.spelling import correct_spelling
from rag.stages import ALL_STAGES, Stages
from rag.store import Index, View
from rag.types import LANGUAGES, Hit, Leg, Quote


def inspect_search(
    text: str,
    index: Index,
    encoder: Encoder,
    glossary: Glossary,
    *,
    passages: int,
    depth: int,
    shown: int = SHOWN,
    stages: Stages = ALL_STAGES,
) -> Search:
    """Search for `text`, and keep what each leg found beside what is kept.

    The passages kept are those that an answer would be read from.

    Args:
        text: Not empty.
        index: Read twice, for the spelling and for the search.
        encoder: The index was built with it.
        glossary: The index was built with it.
        passages: How many are kept.
        depth: Candidates a search leg, per language.
        shown: How many of a leg and a language are told even if they are not kept.
        stages: Which take part.
    """
    began = perf_counter()
    mended = text.strip()
    if stages.spelling:
        with index.read() as view:
            mended = correct_spelling(mended, view, glossary)
    query, fusion = prepare_query(mended, encoder, glossary), choose_fusion(stages)
    read = perf_counter()
    with index.read() as view:
        candidates = list_candidates(query, view, depth=depth, fusion=fusion)
        searched = perf_counter()
        found, copies = choose_passages(
            candidates, view, k=passages, fold=stages.copies, balance=stages.balance
        )
        dropped = _read_dropped(candidates, found, view, shown)
        everything = [*found, *dropped]
        ids = {item.stored.row: item.hit.passage.id for item in everything}
        return Search(
            asked=text,
            query=mended,
            language=query.language,
            terms=_count_terms(query, view),
            weights={language: fusion.weights[query.language, language] for language in LANGUAGES},
            hits=tuple(item.hit for item in found),
            dropped=tuple(item.hit for item in dropped),
            copies={ids[a]: ids[b] for a, b in copies.items() if {a, b} <= ids.keys()},
            sentences=_find_best(query, everything, view, glossary, fusion),
            titles=view.get_titles(sorted({item.hit.passage.document_id for item in everything})),
            candidates=Counter(item.language for item in candidates),
            generation=view.generation,
            seconds={
                "read": read - began,
                "search": searched - read,
                "choose": perf_counter() - searched,
            },
        )


def _read_dropped(
    candidates: Sequence[Candidate], found: Sequence[Found], view: View, shown: int
) -> list[Found]:
    """What a leg has among its first `shown` and is not kept, best first."""
    kept = {item.stored.row for item in found}
    rest = [
        item
        for item in candidates
        if item.row not in kept and any(leg and leg.rank <= shown for leg in item.legs)
    ]
    stored = view.get_passages([item.row for item in rest])
    return [
        Found(Hit(own.passage, rank, item.score, item.language, *item.legs), own)
        for rank, (item, own) in enumerate(zip(rest, stored, strict=True), start=len(found) + 1)
    ]


def _find_best(
    query: Query, found: Sequence[Found], view: View, glossary: Glossary, fusion: Fusion
) -> dict[str, Quote]:
    """Passage id -> its best sentence."""
    best: dict[str, Quote] = {}
    for item in rank_sentences(query, found, view, glossary, fusion=fusion):
        best.setdefault(item.hit.passage.id, item.quote)
    return best


def _count_terms(query: Query, view: View) -> Mapping[Leg, tuple[Term, ...]]:
    asked: dict[Leg, tuple[str, ...]] = {"lexical": query.lexical, "gloss": query.gloss}
    counted: dict[Leg, tuple[Term, ...]] = {}
    for leg, terms in asked.items():
        holders: Counter[str] = Counter()
        for language in LANGUAGES:
            holders.update(view.count_holders(leg, language, terms))
        counted[leg] = tuple(Term(term, holders[term]) for term in terms)
    return counted
