"""What the student is to learn: texts, each with the English text whose vector it should get.

The open data holds some 46,000 sentence pairs. The rest is made from them and from the
dictionary: sentences in which English words give way to Chinese ones, questions about things
and names, neighbouring blocks as one passage, and English itself, which must stay as it is.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from embeddings.gloss import PARTICLES
from embeddings.training.sources import Pair
from embeddings.training.vocabulary import Table

QUESTIONS = (
    ("What is {}?", "{}是什么？"), ("What is {}?", "什么是{}？"), ("Who is {}?", "{}是谁？"),
    ("Where is {}?", "{}在哪里？"), ("Where is {}?", "{}位于什么地方？"),
    ("When was {} founded?", "{}是什么时候成立的？"), ("When did {} begin?", "{}是哪一年开始的？"),
    ("How many {} are there?", "有多少{}？"), ("How much does {} cost?", "{}多少钱？"),
    ("Why is {} important?", "为什么{}很重要？"), ("How does {} work?", "{}是如何运作的？"),
    ("What happened to {}?", "{}发生了什么？"), ("Who invented {}?", "谁发明了{}？"),
    ("Which country does {} belong to?", "{}属于哪个国家？"), ("Tell me about {}", "介绍一下{}"),
    ("the history of {}", "{}的历史"), ("the price of {}", "{}的价格"),
    ("the number of {}", "{}的数量"), ("the cause of {}", "{}的原因"),
    ("the people of {}", "{}的人民"),
)  # fmt: skip
COUPLES = (
    ("{} and {}", "{}和{}"), ("What is the difference between {} and {}?", "{}和{}有什么区别？"),
    ("How is {} related to {}?", "{}与{}有什么关系？"), ("Did {} come before {}?", "{}比{}早吗？"),
    ("the {} of {}", "{1}的{0}"), ("What is the {} of {}?", "{1}的{0}是什么？"),
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z]+(?:'s)?|[^A-Za-z]+")
_LITTLE = frozenset("a an the of to is are was were be been in on at for that this it its".split())
_ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"))


@dataclass(frozen=True, slots=True)
class Lesson:
    """`text` should get the vector that the teacher gives `target`, which is English."""

    text: str
    target: str


def teach_pairs(pairs: Iterable[Pair]) -> list[Lesson]:
    """A Chinese text, and the English one that means the same."""
    return [Lesson(pair.chinese, pair.english) for pair in pairs]


def teach_words(table: Table) -> list[Lesson]:
    """A Chinese word, and its best known gloss."""
    return [Lesson(word, glosses[0]) for word, glosses in table.items() if word not in PARTICLES]


def teach_passages(pairs: Sequence[Pair], *, blocks: int = 3) -> list[Lesson]:
    """Up to `blocks` neighbours of one source as one text: documents, not sentences, are read."""
    passages: list[Lesson] = []
    for first in range(0, len(pairs), blocks):
        run = [p for p in pairs[first : first + blocks] if p.source == pairs[first].source]
        if len(run) > 1:
            chinese, english = "".join(p.chinese for p in run), " ".join(p.english for p in run)
            passages.append(Lesson(chinese, english))
    return passages


def teach_questions(things: Table, rng: random.Random, *, size: int) -> list[Lesson]:
    """`size` questions and phrases about words drawn from `things`, by the same pattern in both."""
    words = sorted(things)
    lessons: list[Lesson] = []
    for _ in range(size):
        one, other = rng.choice(words), rng.choice(words)
        english, chinese = rng.choice(QUESTIONS if rng.random() < 0.7 else COUPLES)
        glosses = (things[one][0], things[other][0])
        lessons.append(Lesson(chinese.format(one, other), english.format(*glosses)))
    return lessons


def teach_switches(
    english: Iterable[str], chinese: Mapping[str, Sequence[str]], rng: random.Random
) -> list[Lesson]:
    """English sentences in which Chinese words stand for about two of three words.

    This is how a word that no pair holds is met in a sentence. Little words that Chinese does
    without are mostly left out.

    Args:
        english: Sentences; one that comes out as it was gives no lesson.
        chinese: English word (lower case) -> Chinese words for it, as `find_chinese` gives.
        rng: Draws words and places.
    """
    lessons: list[Lesson] = []
    for sentence in english:
        pieces = [_switch(piece, chinese, rng) for piece in _WORD.findall(sentence)]
        text = re.sub(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])", "", "".join(pieces)).strip()
        if text and text != sentence:
            lessons.append(Lesson(text, sentence))
    return lessons


def find_chinese(table: Table, counts: Mapping[str, int]) -> dict[str, list[str]]:
    """Turn the table round: English word -> Chinese words of which it is the best known gloss.

    Only words met at least once (`counts`) of two or more characters count: the sense that a
    rare or a short word has is too often another one. At most five, most often met first.
    """
    found: dict[str, list[str]] = {}
    for word in sorted(table, key=lambda word: (-counts.get(word, 0), word)):
        gloss = table[word][0].lower()
        if len(word) > 1 and counts.get(word, 0) and gloss.isalpha() and gloss.isascii():
            known = found.setdefault(gloss, [])
            if len(known) < 5:
                known.append(word)
    return found


def _switch(piece: str, chinese: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    word = piece.lower()
    if word in _LITTLE:
        return "" if rng.random() < 0.6 else piece
    if not word[:1].isalpha() or rng.random() < 0.33:
        return piece
    stems = [word, *(word.removesuffix(end) + new for end, new in _ENDINGS if word.endswith(end))]
    known = next((chinese[stem] for stem in stems if stem in chinese), None)
    return rng.choice(known) if known else piece
