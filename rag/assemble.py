"""Statements -> an answer: each verified against its quotes, cited, glossed; or a refusal.

Whoever worded a statement, the composer or a language model, it stands in the answer only if
`rag.verify` finds all that it says in its quotes. What fails is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from embeddings.gloss import Glossary
from rag.aid import gloss_quote
from rag.cite import number_citations
from rag.compose import NO_DOCUMENTS, REFUSALS, Draft, draft_answer, word_conflict
from rag.language import detect_language
from rag.options import rank_evidence
from rag.points import ASK_FOR_POINTS
from rag.search import Findings
from rag.stages import ALL_STAGES, Stages
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
from rag.verify import check_statement, find_unsupported


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
        verifies: Whether what fails verification is left out.
    """

    question: str
    language: Language
    rewritten: str
    hits: tuple[Hit, ...]
    evidence: Sequence[Evidence]
    documents: Mapping[str, Document]
    probability: float
    glossary: Glossary
    verifies: bool = True

    def refuse(self, *, dropped: int = 0, note: str = "") -> Answer:
        """Say that the documents do not answer; or, if none was found at all, that there is none.

        In an index that holds any passage, some are always nearest.
        """
        refusals = REFUSALS if self.hits else NO_DOCUMENTS
        return Answer(
            self.question, self.language, (), (), self.hits, found=False,
            refusal=refusals[self.language], rewritten=self.rewritten,
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
        return self.state(kept, draft=draft, dropped=left_out, note=note)

    def state(
        self,
        statements: Sequence[Statement],
        *,
        draft: Draft | None = None,
        model: str = "",
        dropped: int = 0,
        note: str = "",
    ) -> Answer:
        """Answer with statements that are verified already; at least one.

        If a draft is given, what it says of sources that differ comes behind them.
        """
        conflicts = tuple(self._keep_conflicts(draft.conflicts if draft else ()))
        told = [word_conflict(conflict, self.documents, self.language) for conflict in conflicts]
        beside = {
            quote for conflict in conflicts for value in conflict.values for quote in value.quotes
        }
        proofs = [
            p for p in self._verify(draft.proofs if draft else ()) if beside.issuperset(p.quotes)
        ]
        whole = (*statements, *told, *self._verify(proofs))
        citations = number_citations(whole, self.evidence, self.documents)
        return Answer(
            self.question, self.language, whole,
            tuple(self._gloss(citation) for citation in citations), self.hits, found=True,
            conflicts=conflicts, probability=self.probability, rewritten=self.rewritten,
            model=model, dropped=dropped, note=note,
        )  # fmt: skip

    def find_missing(self, text: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
        """What a statement says that its quotes do not; nothing if that is not verified."""
        if not self.verifies:
            return ()
        return find_unsupported(text, evidence, self.documents, self.glossary)

    def _verify(self, statements: Iterable[Statement]) -> list[Statement]:
        return [s for s in statements if not self.find_missing(s.text, self._find_evidence(s))]

    def _find_evidence(self, statement: Statement) -> list[Evidence]:
        by_quote: dict[Quote, Evidence] = {item.quote: item for item in self.evidence}
        return [by_quote[quote] for quote in statement.quotes]

    def _keep_conflicts(self, conflicts: Iterable[Conflict]) -> Iterator[Conflict]:
        """Conflicts whose first value, the answer's, and another one at least hold."""
        for conflict in conflicts:
            first = conflict.values[0]
            values = self._verify([v for v in conflict.values if self._is_told_of_it(v, first)])
            if values[:1] == [first] and len(values) > 1:
                yield Conflict(tuple(values))

    def _is_told_of_it(self, value: Statement, first: Statement) -> bool:
        """Whether a value in the other language than the answer's is told of what was asked.

        How probable an answer is tells little across languages, where another thing of the same
        town looks much like the one asked of. So the Chinese passages must hold the names of the
        English question, or else of the English quote: capitals tell a name in English alone.
        """
        by_language = {detect_language(v.quotes[0].text): v for v in (first, value)}
        if len(by_language) == 1:
            return True
        asked = self.rewritten or self.question
        named = asked if self.language == "en" else by_language["en"].quotes[0].text
        return self._share_names(named, by_language["zh"])

    def _share_names(self, text: str, statement: Statement) -> bool:
        """Whether the passages of a statement hold the names of a text; figures may differ."""
        passages = [_widen(item) for item in self._find_evidence(statement)]
        spans = check_statement(text, passages, self.documents, self.glossary).unheld
        return all(any(c.isdigit() for c in text[start:end]) for start, end in spans)

    def _gloss(self, citation: Citation) -> Citation:
        text = citation.quote.text
        if detect_language(text) == self.language:
            return citation
        return replace(citation, gloss=gloss_quote(text, self.glossary, self.language))


def draft_findings(
    text: str,
    findings: Findings,
    glossary: Glossary,
    *,
    max_quotes: int,
    stages: Stages = ALL_STAGES,
) -> tuple[Assembler, Draft | None]:
    """Draft the extractive answer, and make ready what puts answers together.

    Args:
        text: The question as it was asked.
        findings: For what was searched.
        glossary: As for the findings.
        max_quotes: Of each value.
        stages: Which take part.
    """
    asked = findings.question
    draft = draft_answer(
        findings.options,
        asked.language,
        points=asked.asked in ASK_FOR_POINTS,
        max_quotes=max_quotes,
        copies=stages.copies,
        conflicts=stages.conflicts,
    )
    assembler = Assembler(
        question=text,
        language=asked.language,
        rewritten=asked.text if asked.text != text else "",
        hits=findings.hits,
        evidence=rank_evidence(findings.options),
        documents=findings.documents,
        probability=draft.probability if draft else 0.0,
        glossary=glossary,
        verifies=stages.verification,
    )
    return assembler, draft


def _widen(item: Evidence) -> Evidence:
    """The evidence with its whole passage as the quote."""
    passage = item.hit.passage
    quote = Quote(passage.document_id, passage.start, passage.end, passage.text)
    return replace(item, quote=quote)
