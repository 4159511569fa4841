"""How much of a question a sentence covers: which of its words stand there, how rare they are."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from embeddings.fold import fold_text
from embeddings.gloss import Glossary
from rag.match import LONGER_NAME, Match, find_matches
from rag.points import are_neighbors
from rag.store import View
from rag.terms import lexical_terms
from rag.types import LANGUAGES, Evidence, Language
from rag.understand import Concept, ConceptKind

NEARBY = 0.8  # what a word in the passage or heading counts beside one in the sentence itself
NAME_WEIGHT = 1.5  # names say more than their rarity: evidence about another thing is no evidence
_MODEL = re.compile(r"(?<![A-Za-z\d])[A-Za-z]+\d[A-Za-z\d]*")  # a name such as X7, but not 2024

Weights = Mapping[Concept, float]
Known = Mapping[Language, AbstractSet[Concept]]
Strengths = Mapping[Concept, float]


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence of evidence, read against the question.

    Attributes:
        matches: Where the question's words stand in the sentence; spans into its text.
        own: Share of the question's weight that the sentence covers, in [0, 1].
        whole: The same with its passage and heading.
        rival: Whether the question names a model (`X7`) and the sentence names another instead
            (`Y7`, `X7 Pro`): what it tells is told of that one.
        names, identifiers: The same as `whole`, of these in the question alone; 1 if it has none.
        missed: Share of the names and identifiers of the question that other passages in this
            language hold, and this one does not: it tells of something else. One that no passage
            holds may only be spelt as nothing knows, and does not count.
        words: The same as `own`, of the plain words in the question alone; 1 if it has none. Of a
            passage about the thing asked for, most sentences do not name it; what is asked about
            it tells them apart.
        apart: Of what its passage holds of the question, the share that the sentence holds, in
            [0, 1]; a word counts less, the more of the passage's other sentences hold it.
        lead: What the sentence right before it, with it, covers beyond `own`.
    """

    evidence: Evidence
    matches: tuple[Match, ...]
    own: float
    whole: float
    names: float
    identifiers: float
    rival: bool = False
    missed: float = 0.0
    words: float = 1.0
    apart: float = 0.0
    lead: float = 0.0


def weigh_concepts(concepts: Sequence[Concept], view: View) -> dict[Concept, float]:
    """Return concept -> inverse document frequency over all passages, names raised.

    The formula is BM25's, log(1 + (N - n + 0.5) / (n + 0.5)); a concept that no passage holds
    weighs most. n counts the passages
    that hold the word itself, or for an English word its stem or gloss.
    """
    total = sum(view.count_passages(language) for language in LANGUAGES)
    weights = {}
    for concept in concepts:
        n = min(total, sum(_count_holders(concept, view).values()))
        idf = math.log(1 + (total - n + 0.5) / (n + 0.5))
        weights[concept] = idf * (1.0 if concept.kind == "word" else NAME_WEIGHT)
    return weights


def find_known(concepts: Sequence[Concept], view: View) -> Known:
    """Return language -> the names and identifiers that some passage in it may hold."""
    named = [concept for concept in concepts if concept.kind != "word"]
    counts = {concept: _count_holders(concept, view) for concept in named}
    return {language: frozenset(c for c in named if counts[c][language]) for language in LANGUAGES}


def read_evidence(
    evidence: Sequence[Evidence], weights: Weights, glossary: Glossary, known: Known | None = None
) -> list[Reading]:
    """Read each sentence against the question, beside the others; order is kept.

    Args:
        evidence: Sentences.
        weights: By `weigh_concepts`.
        glossary: Tells which words mean the same.
        known: By `find_known`; None if nothing is known to be elsewhere.
    """
    kinds = {kind: _choose_kind(kind, weights) for kind in ("name", "identifier", "word")}
    elsewhere = known or dict.fromkeys(LANGUAGES, frozenset())
    named = sum(concept.kind != "word" for concept in weights)
    surroundings: dict[str, Strengths] = {}
    owns: list[Strengths] = []
    readings = []
    for item in evidence:
        passage = item.hit.passage
        if passage.id not in surroundings:
            text = f"{passage.heading}\n{passage.text}"
            surroundings[passage.id] = _best(find_matches(list(weights), text, glossary))
        matches = find_matches(list(weights), item.quote.text, glossary)
        own = _best(matches)
        near = surroundings[passage.id]
        whole = {c: max(own.get(c, 0.0), NEARBY * near.get(c, 0.0)) for c in weights}
        owns.append(own)
        readings.append(
            Reading(
                evidence=item,
                matches=tuple(matches),
                own=_cover(own, weights),
                whole=_cover(whole, weights),
                names=_cover(whole, kinds["name"]) if kinds["name"] else 1.0,
                identifiers=_cover(whole, kinds["identifier"]) if kinds["identifier"] else 1.0,
                rival=_names_another(item.quote.text, own, weights),
                missed=_sum_missed(elsewhere[item.hit.language], own, near) / max(1, named),
                words=_cover(own, kinds["word"]) if kinds["word"] else 1.0,
            )
        )
    return _set_apart(readings, owns, surroundings, weights)


def _set_apart(
    readings: Sequence[Reading],
    owns: Sequence[Strengths],
    surroundings: Mapping[str, Strengths],
    weights: Weights,
) -> list[Reading]:
    """Tell each reading `apart` from the others of its passage, and what `lead` it has."""
    mates: dict[str, list[int]] = {}
    for n, reading in enumerate(readings):
        mates.setdefault(reading.evidence.hit.passage.id, []).append(n)
    told = []
    for n, reading in enumerate(readings):
        id_, own = reading.evidence.hit.passage.id, owns[n]
        others = [owns[k] for k in mates[id_] if k != n]
        alone = {
            c: weight * surroundings[id_].get(c, 0.0) * (1.0 - _average(c, others))
            for c, weight in weights.items()
        }
        before = next(
            (owns[k] for k in mates[id_] if are_neighbors(readings[k].evidence, reading.evidence)),
            {},
        )
        both = {c: max(own.get(c, 0.0), before.get(c, 0.0)) for c in weights}
        lead = _cover(both, weights) - reading.own
        told.append(replace(reading, apart=_cover(own, alone), lead=lead))
    return told


def _average(concept: Concept, strengths: Sequence[Strengths]) -> float:
    return sum(s.get(concept, 0.0) for s in strengths) / max(1, len(strengths))


def _names_another(text: str, own: Strengths, weights: Weights) -> bool:
    models = [concept for concept in weights if _MODEL.fullmatch(concept.text)]
    met = any(own.get(concept, 0.0) > LONGER_NAME for concept in models)
    return bool(models) and not met and _MODEL.search(fold_text(text)) is not None


def _sum_missed(known: AbstractSet[Concept], own: Strengths, near: Strengths) -> float:
    return sum(1.0 - max(own.get(c, 0.0), near.get(c, 0.0)) for c in known)


def _count_holders(concept: Concept, view: View) -> dict[Language, int]:
    """Return language -> how many passages may hold a concept."""
    lexical, terms = lexical_terms(concept.text), sorted(concept.terms)
    held = {language: view.count_holders("lexical", language, lexical) for language in LANGUAGES}
    same = {key: min((n.get(t, 0) for t in lexical), default=0) for key, n in held.items()}
    held = {language: view.count_holders("gloss", language, terms) for language in LANGUAGES}
    if concept.value is not None:  # all parts of a date, not any
        return {key: min((n.get(t, 0) for t in terms), default=0) for key, n in held.items()}
    if (concept.han and any(same.values())) or not terms:
        return same
    return {language: max(counts.values(), default=0) for language, counts in held.items()}


def _best(matches: Sequence[Match]) -> dict[Concept, float]:
    best: dict[Concept, float] = {}
    for match in matches:
        best[match.concept] = max(best.get(match.concept, 0.0), match.strength)
    return best


def _choose_kind(kind: ConceptKind, weights: Weights) -> Weights:
    return {concept: weight for concept, weight in weights.items() if concept.kind == kind}


def _cover(strengths: Strengths, weights: Weights) -> float:
    total = sum(weights.values())
    held = sum(weight * strengths.get(concept, 0.0) for concept, weight in weights.items())
    return held / total if total else 0.0
