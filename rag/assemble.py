"""Statements -> an answer: each verified against its quotes, cited, glossed; or a refusal.

Whoever worded a statement, the composer or a language model, it stands in the answer only if
`rag.verify` finds all that it says in its quotes. What fails is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from embeddings.gloss import Glossary
from rag.aid import gloss_quote
from rag.cite import number_citations
from rag.compose import REFUSALS, Draft, word_conflict
from rag.language import detect_language
from rag.types import (
    Answer,
    Citation,
    Conflict,
    Document,
    Evidence,
    Hit,
    Language,
    Quote,
    Statement,
)
from rag.verify import find_unsupported


@dataclass(frozen=True, slots=True)
class Assembler:
    """Puts the answers to one question together.

    Attributes:
        question: As it was asked.
        language: Of the question.
        rewritten: What was searched for, if it is not `question`; else empty.
        hits: What was retrieved.
        evidence: Holds every quote that may be cited.
        documents: By id, those of the evidence.
        probability: That the documents answer.
    """

    question: str
    language: Language
    rewritten: str
    hits: tuple[Hit, ...]
    evidence: Sequence[Evidence]
    documents: Mapping[str, Document]
    probability: float
    glossary: Glossary

    def refuse(self, *, dropped: int = 0, note: str = "") -> Answer:
        """Say that the documents do not answer."""
        return Answer(
            self.question, self.language, (), (), self.hits, found=False,
            refusal=REFUSALS[self.language], rewritten=self.rewritten,
            probability=self.probability, dropped=dropped, note=note,
        )  # fmt: skip

    def quote(self, draft: Draft, *, dropped: int = 0, note: str = "") -> Answer:
        """Answer in the documents' own words; refuse if no statement of the draft holds.

        `dropped` counts what had been left out before.
        """
        kept = self._verify(draft.statements)
        left_out = dropped + len(draft.statements) - len(kept)
        if not kept:
            return self.refuse(dropped=left_out, note=note)
        conflicts = tuple(self._keep_conflicts(draft.conflicts))
        told = [word_conflict(conflict, self.documents, self.language) for conflict in conflicts]
        proofs = self._verify(draft.proofs) if conflicts else []
        return self.state((*kept, *told, *proofs), conflicts=conflicts, dropped=left_out, note=note)

    def state(
        self,
        statements: Sequence[Statement],
        *,
        conflicts: tuple[Conflict, ...] = (),
        model: str = "",
        dropped: int = 0,
        note: str = "",
    ) -> Answer:
        """Answer with statements that are verified already; at least one."""
        citations = number_citations(statements, self.evidence, self.documents)
        return Answer(
            self.question, self.language, tuple(statements),
            tuple(self._gloss(citation) for citation in citations), self.hits, found=True,
            conflicts=conflicts, probability=self.probability, rewritten=self.rewritten,
            model=model, dropped=dropped, note=note,
        )  # fmt: skip

    def find_missing(self, text: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
        """What a statement says that its quotes do not."""
        return find_unsupported(text, evidence, self.documents, self.glossary)

    def _verify(self, statements: Iterable[Statement]) -> list[Statement]:
        by_quote: dict[Quote, Evidence] = {item.quote: item for item in self.evidence}
        return [
            statement
            for statement in statements
            if not self.find_missing(statement.text, [by_quote[q] for q in statement.quotes])
        ]

    def _keep_conflicts(self, conflicts: Iterable[Conflict]) -> Iterable[Conflict]:
        for conflict in conflicts:
            values = tuple(self._verify(conflict.values))
            if len(values) > 1:
                yield Conflict(values)

    def _gloss(self, citation: Citation) -> Citation:
        text = citation.quote.text
        if detect_language(text) == self.language:
            return citation
        return replace(citation, gloss=gloss_quote(text, self.glossary, self.language))
