"""Options with probabilities given by hand, so that weights may be fitted anew."""

from __future__ import annotations

from collections.abc import Hashable

from rag.candidates import FEATURES, Candidate
from rag.options import Option
from rag.types import Document, Evidence
from rag.values import find_values, format_value
from rag.weigh import Reading
from tests.fake_evidence import make_evidence


def make_option(
    document: Document,
    line: int,
    probability: float,
    key: Hashable = None,
    *,
    whole: float = 1.0,
    rival: bool = False,
) -> Option:
    """An option of the line-th sentence; with a candidate, its first character, if a key is given.

    The candidate prints as "printed" and the id of its document.
    """
    evidence = make_evidence(document)[line]
    made = None
    if key is not None:
        made = Candidate(key, f"printed {document.id}", 0, 1, (0.0,) * len(FEATURES))
    return Option(_read(evidence, whole, rival), made, (), probability)


def make_value_option(
    document: Document, text: str, probability: float, *, whole: float = 1.0, rival: bool = False
) -> Option:
    """An option with the value `text`, in the first sentence that holds it, printed in English."""
    evidence = next(item for item in make_evidence(document) if text in item.quote.text)
    (value,) = (v for v in find_values(evidence.quote.text) if v.text == text)
    made = Candidate(
        value.key, format_value(value, "en"), value.start, value.end, (0.0,) * len(FEATURES)
    )
    return Option(_read(evidence, whole, rival), made, (), probability)


def _read(evidence: Evidence, whole: float, rival: bool) -> Reading:
    return Reading(evidence, (), whole, whole, 1.0, 1.0, rival)
