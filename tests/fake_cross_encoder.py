"""A cross-encoder that finds what it is told to find, and remembers what it was shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from embeddings.cross_encoder import Relevance, Sentence

_WORD = re.compile(r"\d+|[^\W\d]+|\S")


class FakeCrossEncoder:
    """Scores `high` a sentence that holds `wanted`, whose words it is sure of; others `low`."""

    def __init__(self, wanted: str, *, high: float = 6.0, low: float = -6.0) -> None:
        self.wanted = wanted
        self.high, self.low = high, low
        self.shown: list[tuple[str, tuple[Sentence, ...]]] = []

    def relate(self, question: str, sentences: Sequence[Sentence]) -> list[Relevance]:
        """See `CrossEncoder.relate`."""
        self.shown.append((question, tuple(sentences)))
        return [self._read(sentence.text) for sentence in sentences]

    def _read(self, text: str) -> Relevance:
        spans = [match.span() for match in _WORD.finditer(text)]
        place = text.find(self.wanted)
        inside = [place <= start < place + len(self.wanted) for start, _ in spans]
        count = sum(inside) if place >= 0 else len(spans)
        shares = [float(place < 0 or held) / count for held in inside]
        starts, ends = zip(*spans, strict=True)
        return Relevance(self.high if place >= 0 else self.low, starts, ends, tuple(shares))
