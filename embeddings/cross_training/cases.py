"""Cases to learn from: a question, sentences that answer it, and some that only look like it.

What looks like it most is next to it: the other sentences of the document, with their own dates,
names and figures. To these come sentences of other documents that the encoder finds near.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.cross_encoder import Sentence
from embeddings.cross_training.lessons import LANGUAGES, Article, Language, Lesson
from embeddings.encoder import Encoder, Vectors

NEAR = 12  # of other documents' sentences, the nearest are taken from so many
ABROAD = 0.3  # share of the wrong sentences that are of other documents
WITHOUT_TITLE, WITHOUT_BEFORE = 0.25, 0.2  # shares of sentences that are shown without
AWAY = 0.1  # share of answered questions that are asked with their answers out of sight


@dataclass(frozen=True, slots=True)
class Case:
    """A question with sentences.

    Attributes:
        right: How many of `sentences`, from the first, answer; 0 or 1.
        span: Where the value stands in the first; empty if none does.
    """

    question: str
    sentences: tuple[Sentence, ...]
    right: int
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pool:
    """The sentences of all articles in one language, with their vectors.

    Attributes:
        owners: Of each sentence, which article it is of, and its row.
        vectors: Unit rows.
    """

    owners: tuple[tuple[int, int], ...]
    vectors: Vectors


class Casebook:
    """Makes cases of the lessons of articles.

    Args:
        articles: Whose sentences are the wrong ones, too.
        encoder: Tells which sentences are near a question.
    """

    def __init__(self, articles: Sequence[Article], encoder: Encoder) -> None:
        self._articles = articles
        self._encoder = encoder
        self._pools = {language: self._gather(language) for language in LANGUAGES}

    def write(self, *, wrong: int, seed: int) -> list[Case]:
        """Return a case for each lesson, language asked in, and language of the documents.

        Args:
            wrong: Wrong sentences a case.
            seed: Equal seeds give equal cases in equal order.
        """
        rng = random.Random(seed)  # noqa: S311 - no secret hangs on it
        asked = [
            (n, lesson, language)
            for n, article in enumerate(self._articles)
            for lesson in article.lessons
            for language in LANGUAGES
        ]
        vectors = self._encoder.encode_queries([lesson.texts[q] for _, lesson, q in asked])
        cases = [
            self._write_case(n, lesson, question, vector, documents, wrong, rng)
            for (n, lesson, question), vector in zip(asked, vectors, strict=True)
            for documents in LANGUAGES
        ]
        rng.shuffle(cases)
        return cases

    def _gather(self, language: Language) -> Pool:
        owners = [(n, row) for n, a in enumerate(self._articles) for row in range(len(a.rows))]
        texts = [self._articles[n].rows[row][language] for n, row in owners]
        return Pool(tuple(owners), self._encoder.encode_passages(texts))

    def _write_case(
        self, n: int, lesson: Lesson, question: Language, vector: Vectors, documents: Language,
        wrong: int, rng: random.Random,
    ) -> Case:  # fmt: skip
        rows = self._articles[n].rows
        value = lesson.values[documents]
        told = {
            row for row, texts in enumerate(rows)
            if row in lesson.rows or (len(value) > 1 and value in texts[documents])
        }  # fmt: skip
        away = bool(lesson.rows) and rng.random() < AWAY
        right = [] if away or not lesson.rows else [(n, lesson.rows[0])]
        near = self._list_near(vector, documents)
        own = [row for a, row in near if a == n and row not in told]
        abroad = [place for place in near if place[0] != n][:NEAR]
        count = min(len(abroad), sum(rng.random() < ABROAD for _ in range(wrong)))
        taken = [(n, row) for row in _prefer_first(own, wrong - count, rng)]
        taken += rng.sample(abroad, min(len(abroad), wrong - len(taken)))
        sentences = [self._show(place, documents, rng) for place in (*right, *taken)]
        start = rows[lesson.rows[0]][documents].find(value) if right and value else 0
        span = (start, start + len(value)) if right and value else (0, 0)
        return Case(lesson.texts[question], tuple(sentences), len(right), span)

    def _list_near(self, vector: Vectors, language: Language) -> list[tuple[int, int]]:
        pool = self._pools[language]
        return [pool.owners[k] for k in np.argsort(-(pool.vectors @ vector))]

    def _show(self, place: tuple[int, int], language: Language, rng: random.Random) -> Sentence:
        """The sentence with what stands before it, or with a part of it."""
        n, row = place
        rows = self._articles[n].rows
        titled = row > 0 and rng.random() >= WITHOUT_TITLE
        led = row > 1 and rng.random() >= WITHOUT_BEFORE
        return Sentence(
            rows[row][language],
            rows[0][language] if titled else "",
            rows[row - 1][language] if led else "",
        )


def _prefer_first(rows: Sequence[int], count: int, rng: random.Random) -> list[int]:
    """Take `count` of `rows`, the first ones more often: each is passed over once in three."""
    left, taken = list(rows), list[int]()
    while left and len(taken) < count:
        place = 0
        while place < len(left) - 1 and rng.random() < 1 / 3:
            place += 1
        taken.append(left.pop(place))
    return taken
