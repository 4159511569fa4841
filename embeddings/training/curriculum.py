"""Put the lessons together: what the student reads, epoch by epoch."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from embeddings.gloss import read_table
from embeddings.numerals import rewrite_numerals
from embeddings.training.lessons import (
    Lesson,
    find_chinese,
    teach_pairs,
    teach_passages,
    teach_questions,
    teach_switches,
    teach_words,
)
from embeddings.training.sources import Pair, read_names, read_pairs
from embeddings.training.vocabulary import Table, count_words

_HAN_WORD = re.compile(r"[\u3400-\u9fff]+")
REWRITTEN = 0.75  # of the lessons have their figures as the project's encoder writes them


@dataclass(frozen=True, slots=True)
class Material:
    """All that lessons are made from.

    Attributes:
        pairs: Sentences and blocks.
        words: Chinese word -> glosses: the dictionary's words, and names that it lacks.
        counts: How often each word is met.
    """

    pairs: Sequence[Pair]
    words: Table
    counts: Mapping[str, int]


def read_material(data: Path, more_text: Iterable[str] = ()) -> Material:
    """Read the data folder; `more_text` is Chinese to count words in, and nothing else."""
    pairs = read_pairs(data)
    names = {
        name.chinese: (name.english,)
        for name in read_names(data)
        if len(name.chinese) > 1 and _HAN_WORD.fullmatch(name.chinese)
    }
    table = {word: glosses for word, glosses in read_table().items() if _HAN_WORD.fullmatch(word)}
    words = {**names, **table}
    counts: Counter[str] = count_words((pair.chinese for pair in pairs), words)
    counts += count_words(more_text, words)
    return Material(pairs, words, counts)


@dataclass(frozen=True, slots=True)
class Portions:
    """How many lessons of a kind an epoch has; None takes all there are."""

    words: int
    questions: int
    english: int
    switches: bool = True
    passages: bool = True


def write_epoch(material: Material, portions: Portions, seed: int) -> list[Lesson]:
    """Return the lessons of an epoch; another seed draws other words, questions and switches."""
    rng = random.Random(seed)  # noqa: S311 - a draw, not a secret
    met = {
        word: glosses
        for word, glosses in material.words.items()
        if len(word) > 1 and material.counts.get(word, 0) and len(glosses[0].split()) <= 3
    }
    lessons = teach_pairs(material.pairs)
    words = teach_words(material.words)
    lessons += rng.sample(words, min(portions.words, len(words)))
    lessons += teach_questions(met, rng, size=portions.questions)
    if portions.switches:
        chinese = find_chinese(material.words, material.counts)
        lessons += teach_switches([pair.english for pair in material.pairs], chinese, rng)
    if portions.passages:
        lessons += teach_passages([p for p in material.pairs if p.source != "tatoeba"])
    lessons = [_rewrite(lesson, rng) for lesson in lessons]
    sample = rng.sample(lessons, min(portions.english, len(lessons)))
    return lessons + [Lesson(lesson.target, lesson.target) for lesson in sample]


def _rewrite(lesson: Lesson, rng: random.Random) -> Lesson:
    if rng.random() > REWRITTEN:
        return lesson
    return Lesson(rewrite_numerals(lesson.text), lesson.target)
