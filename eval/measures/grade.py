"""How one answer did, measure by measure. Which measures there are: `MEASURES`.

A measure is given only where it is defined: a refusal has no citations to judge, a question
without accepted answers no right value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from embeddings.gloss import Glossary
from eval.measures.accept import is_accepted, share_shown, word_answer
from eval.measures.metrics import graded_ndcg_at_k, recall_at_k, reciprocal_rank_at_k
from eval.measures.scores import citation_precision, citation_recall, exact_match, token_f1
from eval.questions import Evidence as Gold
from eval.questions import Question
from rag.types import Answer, Citation, Document, Evidence, Hit, LegScore, Quote
from rag.verify import find_unsupported

Aim = Literal["high", "low"]
GetDocument = Callable[[str], Document | None]
"""From the id of a document to the document; None if there is no such one."""

LEGS = ("dense", "lexical", "gloss")
K = 5  # of recall; the others look at ten
DEPTH = 10
ASKED = "questions to a model"
_RANKED = (f"recall@{K}", f"MRR@{DEPTH}", f"nDCG@{DEPTH}")


@dataclass(frozen=True, slots=True)
class Measure:
    """What a measure says, whether it should be high or low, and which questions have it.

    `is_share` is False for a measure that is no share of something, but a count of its own.
    """

    says: str
    aim: Aim = "high"
    of: str = "answerable"
    is_share: bool = True


MEASURES: dict[str, Measure] = {
    "value": Measure("the first statement holds an accepted value"),
    "document": Measure("the first statement cites a document that tells"),
    "refused": Measure("what the documents do not tell is refused", of="unanswerable"),
    "falsely refused": Measure("what they tell is refused", "low"),
    "conflict": Measure("share of the differing values that is shown", of="conflicting"),
    "exact match": Measure("the first statement is an accepted answer, normalized"),
    "F1": Measure("overlap of words, or Chinese characters, with the accepted answer"),
    "citation recall": Measure("statements whose quotes hold them, by verification", of="answered"),
    "citation precision": Measure("quotes needed for that, by verification", of="answered"),
    "gold citation recall": Measure("statements with a quote of the gold evidence", of="answered"),
    "gold citation precision": Measure("quotes that are of the gold evidence", of="answered"),
    "spans": Measure("every quote is a slice of its document", of="answered"),
    "recall@5": Measure("share of the evidence among the first five passages"),
    "MRR@10": Measure("one over the rank of the first passage that tells"),
    "nDCG@10": Measure("discounted gain of the first ten passages"),
    **{
        f"{leg} recall@5": Measure(f"recall@5 by the ranks of the {leg} leg, of the passages kept")
        for leg in LEGS
    },
    "prompt tokens": Measure("tokens that the model read", "low", ASKED, False),
    "completion tokens": Measure("tokens that the model wrote", "low", ASKED, False),
}


def grade_answer(
    question: Question,
    answer: Answer,
    glossary: Glossary,
    *,
    get_document: GetDocument | None = None,
) -> dict[str, float]:
    """Measure an answer; see `MEASURES`.

    Args:
        question: What was asked.
        answer: With its hits.
        glossary: For verification.
        get_document: Of the index that was asked; needed for "spans".
    """
    measures = _grade_words(question, answer)
    if answer.found:
        measures |= _grade_citations(question, answer, glossary)
        if get_document is not None:
            quotes = [citation.quote for citation in answer.citations]
            measures["spans"] = float(all(_is_slice(quote, get_document) for quote in quotes))
    if question.evidence and answer.hits:
        measures |= grade_hits(question.evidence, answer.hits)
    elif question.evidence:
        measures |= dict.fromkeys(_RANKED, 0.0)
    if answer.usage is not None:
        measures["prompt tokens"] = float(answer.usage.prompt_tokens)
        measures["completion tokens"] = float(answer.usage.completion_tokens)
    return measures


def grade_failure(question: Question) -> dict[str, float]:
    """Measure a question that was not answered at all: nothing is right, not even a refusal."""
    if not question.answerable:
        return {"refused": 0.0}
    names = ["document", *_RANKED] if question.evidence else []
    names += ["value", "exact match", "F1"] if question.accept else []
    names += ["conflict"] if question.conflict else []
    return dict.fromkeys(names, 0.0)


def grade_hits(evidence: Sequence[Gold], hits: Sequence[Hit]) -> dict[str, float]:
    """Measure a ranking of passages against the evidence, at least one; fused, then by leg.

    A passage counts for every piece of evidence that stands in it or that it stands in.
    """
    gains = {str(n): gold.grade for n, gold in enumerate(evidence)}
    ranking = _rank_evidence(evidence, hits)
    ranked = (
        recall_at_k(ranking, gains.keys(), k=K),
        reciprocal_rank_at_k(ranking, gains.keys(), k=DEPTH),
        graded_ndcg_at_k(ranking, gains, k=DEPTH),
    )
    measures = dict(zip(_RANKED, ranked, strict=True))
    for leg in LEGS:
        placed = [(_find_leg(hit, leg), hit) for hit in hits]
        own = sorted((score.rank, hit.rank) for score, hit in placed if score)
        if own:
            by_rank = {hit.rank: hit for hit in hits}
            ranking = _rank_evidence(evidence, [by_rank[rank] for _, rank in own])
            measures[f"{leg} recall@{K}"] = recall_at_k(ranking, gains.keys(), k=K)
    return measures


def holds_evidence(gold: Gold, document_id: str, text: str) -> bool:
    """Whether a span of a document tells what the evidence does."""
    if gold.document != document_id:
        return False
    return gold.quote in text or text in gold.quote


def _grade_words(question: Question, answer: Answer) -> dict[str, float]:
    """The measures of what is said, whatever it is quoted from."""
    if not question.answerable:
        return {"refused": float(not answer.found)}
    said = answer.statements[0].text if answer.found else ""
    measures = {"falsely refused": float(not answer.found)}
    if question.evidence:
        cited = {quote.document_id for s in answer.statements[:1] for quote in s.quotes}
        measures["document"] = float(not cited.isdisjoint(question.documents))
    if question.accept:
        measures["value"] = float(bool(said) and is_accepted(question.accept, said))
        golds = [word_answer(way, answer.language) for way in question.accept]
        measures["exact match"] = exact_match(said, golds, answer.language)
        measures["F1"] = token_f1(said, golds, answer.language)
    if question.conflict:
        shown = [value.text for conflict in answer.conflicts for value in conflict.values]
        everything = "\n".join([*(s.text for s in answer.statements), *shown])
        measures["conflict"] = share_shown(question.conflict, everything)
    return measures


def _grade_citations(question: Question, answer: Answer, glossary: Glossary) -> dict[str, float]:
    evidence = {citation.quote: _as_evidence(citation) for citation in answer.citations}
    documents = {
        citation.quote.document_id: _as_document(citation) for citation in answer.citations
    }

    def is_verified(statement: str, quotes: Sequence[Quote]) -> bool:
        items = [evidence[quote] for quote in quotes]
        return not find_unsupported(statement, items, documents, glossary)

    def is_gold(_: str, quotes: Sequence[Quote]) -> bool:
        return any(
            holds_evidence(gold, quote.document_id, quote.text)
            for gold in question.evidence
            for quote in quotes
        )

    measures = {
        "citation recall": citation_recall(answer.statements, is_verified),
        "citation precision": citation_precision(answer.statements, is_verified),
    }
    if any(gold.quote for gold in question.evidence):
        measures["gold citation recall"] = citation_recall(answer.statements, is_gold)
        measures["gold citation precision"] = citation_precision(answer.statements, is_gold)
    return measures


def _as_evidence(citation: Citation) -> Evidence:
    """A citation as verification wants it; where it was ranked does not matter there."""
    hit = Hit(citation.passage, citation.number, 0.0, citation.language)
    return Evidence(citation.quote, hit, citation.number, 0.0)


def _as_document(citation: Citation) -> Document:
    """What verification reads of a document: title and date."""
    return Document(
        citation.quote.document_id, citation.title, citation.passage.text, citation.source,
        citation.language, citation.published,
    )  # fmt: skip


def _is_slice(quote: Quote, get_document: GetDocument) -> bool:
    document = get_document(quote.document_id)
    return document is not None and document.text[quote.start : quote.end] == quote.text


def _rank_evidence(evidence: Sequence[Gold], hits: Sequence[Hit]) -> list[str]:
    """The ids of the evidence where the hits hold it for the first time, and others between."""
    ranking: dict[str, None] = {}
    for n, hit in enumerate(hits):
        passage = hit.passage
        told = [
            str(number)
            for number, gold in enumerate(evidence)
            if holds_evidence(gold, passage.document_id, passage.text)
        ]
        ranking |= dict.fromkeys(told or [f"other {n}"])
    return list(ranking)


def _find_leg(hit: Hit, leg: str) -> LegScore | None:
    score: LegScore | None = getattr(hit, leg)
    return score
