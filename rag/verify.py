"""Does the quote support the statement?

Asked of every statement of every answer, whoever wrote it. What the quotes do not hold is
returned as written: values (`rag.proof.figures` says when one holds another), names and
identifiers (`rag.proof.names`), words of denial (`rag.proof.negation`) and of direction
(`rag.proof.direction`), and where too few of its other words are met, those that are not
(`rag.proof.words`). A quote that doubts the statement it holds (`rag.proof.clauses`) is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from embeddings.gloss import Glossary
from rag.language import detect_language
from rag.proof.clauses import is_doubted, stands_in
from rag.proof.direction import find_turn
from rag.proof.figures import find_unheld_values, read_stated
from rag.proof.ground import read_ground
from rag.proof.names import find_unheld_names
from rag.proof.negation import find_denial
from rag.proof.words import weigh_words
from rag.types import Document, Evidence

Span = tuple[int, int]

# The least share of its content words that a statement must have met, within a language and
# across. `crossquote eval support` chooses them on the even sentences of NTREX: the least at
# which 98 of 100 statements are refused whose quote is another sentence.
LEAST_WITHIN, LEAST_ACROSS = 0.3, 0.15

LEAST_ASSERTED = 2  # content words; a bare value or name asserts nothing that could be denied


@dataclass(frozen=True, slots=True)
class Check:
    """A statement, held against its quotes.

    Attributes:
        unheld: Spans of its values, names, denials and directions that no quote holds, in reading
            order.
        covered: Share of its values, names and other content words that are met, in [0, 1]; all
            count alike, and a word that is met in the passage alone counts less.
        unmet: Spans of the content words that are not met at all, in reading order.
        across: Whether every quote is in the other language.
    """

    unheld: tuple[Span, ...]
    covered: float
    unmet: tuple[Span, ...]
    across: bool


def find_unsupported(
    text: str,
    evidence: Sequence[Evidence],
    documents: Mapping[str, Document],
    glossary: Glossary,
) -> tuple[str, ...]:
    """Return what in a statement its quotes do not hold, in reading order, as written.

    A statement that is a quote, or whole clauses of one, word for word is supported at once,
    unless the rest of that quote casts doubt; where every quote holds it and doubts it, the whole
    comes back. Nothing comes back for a statement that is held. Without evidence, and for a
    statement without a letter or digit, the whole statement comes back.

    Args:
        text: The statement, in either language.
        evidence: The quotes that it cites, with the passages they stand in; in any order.
        documents: By id, with those of the quotes.
        glossary: Tells which words of the two languages mean the same.
    """
    if not evidence or not any(c.isalnum() for c in text):
        return (text.strip(),)
    if any(stands_in(text, item.quote.text) for item in evidence):
        return ()
    evidence = [item for item in evidence if not is_doubted(text, item.quote.text)]
    if not evidence:
        return (text.strip(),)
    check = check_statement(text, evidence, documents, glossary)
    least = LEAST_ACROSS if check.across else LEAST_WITHIN
    spans = check.unheld if check.covered >= least else (*check.unheld, *check.unmet)
    return tuple(text[start:end] for start, end in _merge(spans))


def check_statement(
    text: str,
    evidence: Sequence[Evidence],
    documents: Mapping[str, Document],
    glossary: Glossary,
) -> Check:
    """Hold a statement against its quotes, at least one; see `find_unsupported`."""
    ground = read_ground(evidence, documents, glossary)
    values = read_stated(text)
    unheld = [
        (value.start, value.end)
        for value in find_unheld_values(values, ground.values, ground.loose)
    ]
    taken = [(value.start, value.end) for value in values]
    names, missed = find_unheld_names(text, taken, ground, glossary)
    words = weigh_words(text, [*taken, *names], ground, glossary)
    asserts = len(words) >= LEAST_ASSERTED
    quotes = [item.quote.text for item in evidence]
    denial = find_denial(text, quotes) if asserts else None
    turned = find_turn(text, quotes)
    parts = [*taken, *names, *words]
    held = len(taken) + len(names) - len(unheld) - len(missed)
    language = detect_language(text)
    return Check(
        unheld=tuple(_merge([*unheld, *missed, *(span for span in (denial, turned) if span)])),
        covered=(sum(word.strength for word in words) + held) / len(parts) if parts else 1.0,
        unmet=tuple((word.start, word.end) for word in words if not word.strength),
        across=all(item.hit.language != language for item in evidence),
    )


def _merge(spans: Iterable[Span]) -> list[Span]:
    """In reading order, one span for those that overlap."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
