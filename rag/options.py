"""What could be the answer: every sentence of the evidence, and every value of the kind asked for.

The options are judged by `rag.judge`. Those that give the same value stand together, and are the
surer the more independent documents give it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from embeddings.gloss import Glossary
from rag.candidates import Candidate, find_candidates
from rag.judge import describe_option, estimate_probability
from rag.types import Document, Evidence, Language
from rag.understand import Question
from rag.voices import holds_words
from rag.weigh import Reading


@dataclass(frozen=True, slots=True)
class Option:
    """A sentence, or a value in it, that may be the answer, with the probability that it is.

    Attributes:
        features: As `rag.judge` has them.
        reread: As `rag.reread` has them; empty if it did not judge.
        trust: Where it did, the probability that the documents answer, if this is chosen; for
            `probability` ranks the options, and what ranks best does not refuse best.
    """

    reading: Reading
    candidate: Candidate | None
    features: tuple[float, ...]
    probability: float
    reread: tuple[float, ...] = ()
    trust: float | None = None

    @property
    def odds(self) -> float:
        """Of the probability; unlike it, they tell two options apart that are both nearly sure."""
        return self.probability / max(1e-12, 1.0 - self.probability)


def list_options(
    question: Question,
    readings: Sequence[Reading],
    documents: Mapping[str, Document],
    glossary: Glossary,
) -> list[Option]:
    """Return every sentence and every value of the kind asked for, most probable first.

    A heading, or a line without a word, is no answer by itself. Ties keep the order of the
    evidence.
    """
    ranks: Counter[Language] = Counter()  # scores of two languages are not on one scale
    options = []
    for reading in readings:
        language = reading.evidence.hit.language
        ranks[language] += 1
        found = find_candidates(question, reading, documents, glossary)
        alone = () if _says_nothing(reading.evidence) else (None,)
        for candidate in (*alone, *found):
            features = describe_option(
                question, reading, candidate, ranks[language], held=bool(found)
            )
            probability = estimate_probability(features, question.language, language)
            options.append(Option(reading, candidate, features, probability))
    return sorted(options, key=lambda option: -option.probability)


def _says_nothing(evidence: Evidence) -> bool:
    """Whether a line only names its part, or is a mere number: its values may answer, it cannot."""
    text = evidence.quote.text
    return not any(c.isalpha() for c in text) or holds_words(evidence.hit.passage.heading, text)


def group_options(options: Sequence[Option]) -> list[list[Option]]:
    """Put options of the same value together, and each sentence without one by itself.

    Groups and their options keep the order of `options`.
    """
    groups: dict[Hashable, list[Option]] = {}
    for option in options:
        key = option.candidate.key if option.candidate else option.reading.evidence.quote
        groups.setdefault((option.candidate is None, key), []).append(option)
    return list(groups.values())


def join_probability(group: Sequence[Option], voices: Mapping[str, str]) -> float:
    """One less the probability that every voice of the group is wrong, each by its best option.

    Args:
        group: Options of one value.
        voices: Document -> voice; a document that is not in it is a voice of its own.
    """
    best: dict[str, float] = {}
    for option in group:
        document = option.reading.evidence.quote.document_id
        voice = voices.get(document, document)
        best[voice] = max(best.get(voice, 0.0), option.probability)
    return 1.0 - math.prod(1.0 - probability for probability in best.values())


def rank_evidence(options: Sequence[Option]) -> list[Evidence]:
    """Return each sentence once, by the most probable option in it, most probable first."""
    return list({o.reading.evidence.quote: o.reading.evidence for o in options}.values())
