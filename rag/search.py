"""Search and judge: from a question to what could be the answer, before anything is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from embeddings.gloss import Glossary
from rag.fuse import DEFAULT_FUSION, Fusion
from rag.options import Option, list_options
from rag.points import ASK_FOR_POINTS
from rag.rank import rank_sentences
from rag.reread import RelatesSentences, reread_options
from rag.retrieve import Query, retrieve_passages
from rag.stages import ALL_STAGES, Stages
from rag.store import View
from rag.types import Document, Evidence, Hit, Language
from rag.understand import Question
from rag.weigh import find_known, read_evidence, weigh_concepts

READ_SENTENCES = 16  # how many ranked sentences of a language are read word by word
WHOLE_PASSAGES = 3  # best sentences of a language whose lists are read to the end


@dataclass(frozen=True, slots=True)
class Findings:
    """What the index holds on a question, before anything is said.

    Attributes:
        question: Read.
        hits: Passages, best first.
        evidence: Their best sentences, by score; those of two languages are not on one scale.
        documents: By id, those of the evidence.
        options: Sentences and values as answers, most probable first.
        generation: Of the index, which counts up with every change of it.
    """

    question: Question
    hits: tuple[Hit, ...]
    evidence: tuple[Evidence, ...]
    documents: Mapping[str, Document]
    options: tuple[Option, ...]
    generation: int = 0


def search_answers(
    question: Question,
    query: Query,
    reading: AbstractContextManager[View],
    glossary: Glossary,
    *,
    passages: int,
    depth: int,
    cross_encoder: RelatesSentences | None = None,
    stages: Stages = ALL_STAGES,
) -> Findings:
    """Retrieve, rank the sentences, read and judge them.

    Args:
        question: Read by `rag.understand`.
        query: The same text, made ready for the search legs.
        reading: `Index.read()`; it is left before the sentences are judged, so that other
            threads may search.
        glossary: The index was built with it.
        passages: How many are retrieved.
        depth: Candidates a search leg.
        cross_encoder: Reads the best sentences again; None if nothing does.
        stages: Which take part.
    """
    fusion = choose_fusion(stages)
    with reading as view:
        found = retrieve_passages(
            query, view, k=passages, depth=depth, fusion=fusion,
            fold=stages.copies, balance=stages.balance,
        )  # fmt: skip
        ranked = rank_sentences(query, found, view, glossary, fusion=fusion)
        evidence = _choose_evidence(ranked, whole=question.asked in ASK_FOR_POINTS)
        weights = weigh_concepts(question.concepts, view)
        known = find_known(question.concepts, view)
        generation = view.generation
        documents = view.get_documents(sorted({item.hit.passage.document_id for item in found}))
    readings = read_evidence(evidence, weights, glossary, known)
    options = list_options(question, readings, documents, glossary)
    if cross_encoder is not None and stages.reread:
        options = reread_options(question.text, options, documents, cross_encoder)
    hits = tuple(item.hit for item in found)
    return Findings(question, hits, tuple(evidence), documents, tuple(options), generation)


def choose_fusion(stages: Stages) -> Fusion:
    """How the legs that take part are weighed: as ever, one that is left out with 0."""
    if stages == ALL_STAGES:
        return DEFAULT_FUSION
    dense, lexical, gloss = searched = (stages.dense, stages.lexical, stages.gloss)
    return Fusion(
        {
            pair: (weights[0] * dense, weights[1] * lexical, weights[2] * gloss)
            for pair, weights in DEFAULT_FUSION.weights.items()
        },
        DEFAULT_FUSION.passage_weight * stages.passages,
        searched,
    )


def _choose_evidence(ranked: Sequence[Evidence], *, whole: bool) -> list[Evidence]:
    """The best sentences of each language, and if `whole` all of the passages of the first few."""
    counts: Counter[Language] = Counter()
    passages: set[str] = set()
    chosen = []
    for item in ranked:
        counts[item.hit.language] += 1
        if whole and counts[item.hit.language] <= WHOLE_PASSAGES:
            passages.add(item.hit.passage.id)
    counts.clear()
    for item in ranked:
        counts[item.hit.language] += 1
        if counts[item.hit.language] <= READ_SENTENCES or item.hit.passage.id in passages:
            chosen.append(item)
    return chosen
