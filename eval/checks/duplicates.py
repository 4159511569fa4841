"""Find the questions of a set that ask for the same in nearly the same words.

Two questions can only be the same if the same was asked before them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from embeddings.fold import fold_text
from eval.questions import Question
from rag.types import Language

NEAR = (9, 10)  # the least share of shingles that near duplicates have in common, as a fraction
SHINGLE_CHARS: dict[Language, int] = {"zh": 2, "en": 3}
_ENDS = "?!.。…"


def find_repeats(questions: Sequence[Question]) -> list[tuple[Question, ...]]:
    """Questions that are the same when case, width, script, spaces and end marks are folded.

    Variants within a group may differ in just these; there, only the same spelling is a repeat.
    Each set of repeats once, two or more of them, in the order of the questions.
    """
    same: dict[tuple[str, ...], list[Question]] = defaultdict(list)
    for question in questions:
        same[_fold_conversation(question)].append(question)
    return [tuple(found) for found in same.values() if len(found) > 1 and not _are_variants(found)]


def find_near_duplicates(questions: Sequence[Question]) -> list[tuple[Question, Question, float]]:
    """Pairs whose character shingles have a Jaccard index of at least `NEAR`, with the index.

    Only within a language and outside of groups; repeats are not among them. In the order of the
    questions. Exact: what is compared is narrowed by the rarest shingles of each question, at
    least one of which two such sets must share (Chaudhuri et al., ICDE 2006).
    """
    folded = [_fold_conversation(question) for question in questions]
    shingles = [_cut_shingles(f[-1], q.language) for q, f in zip(questions, folded, strict=True)]
    pairs = []
    for first, second in sorted(_find_candidates(shingles)):
        one, other = questions[first], questions[second]
        if (one.language, folded[first][:-1]) != (other.language, folded[second][:-1]):
            continue
        if folded[first] == folded[second] or one.group == other.group != "":
            continue
        common = len(shingles[first] & shingles[second])
        total = len(shingles[first] | shingles[second])
        if common * NEAR[1] >= total * NEAR[0]:
            pairs.append((one, other, common / total))
    return pairs


def _are_variants(questions: Sequence[Question]) -> bool:
    """Whether they are of one group and each is spelled in its own way."""
    spellings = {(*q.previous, q.question.strip()) for q in questions}
    groups = {q.group for q in questions}
    return len(groups) == 1 and groups != {""} and len(spellings) == len(questions)


def _fold_conversation(question: Question) -> tuple[str, ...]:
    return tuple(_fold(turn) for turn in (*question.previous, question.question))


def _fold(text: str) -> str:
    return "".join(c for c in fold_text(text).casefold() if not c.isspace()).rstrip(_ENDS)


def _cut_shingles(text: str, language: Language) -> frozenset[str]:
    size = SHINGLE_CHARS[language]
    return frozenset(text[i : i + size] for i in range(max(len(text) - size, 0) + 1))


def _find_candidates(shingles: Sequence[frozenset[str]]) -> Iterator[tuple[int, int]]:
    """Pairs of positions, ascending, that share a shingle among the rarest of both; each once."""
    holders = Counter(shingle for one in shingles for shingle in one)
    sharing: dict[str, list[int]] = defaultdict(list)
    for n, one in enumerate(shingles):
        rarest = sorted(one, key=lambda shingle: (holders[shingle], shingle))
        common = -(-len(one) * NEAR[0] // NEAR[1])  # that a near duplicate shares at least
        for shingle in rarest[: len(one) - common + 1]:
            sharing[shingle].append(n)
    yield from {pair for found in sharing.values() for pair in combinations(found, 2)}
