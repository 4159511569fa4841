"""How good an answer is beside the right one, and whether one run is better than another.

Every measure of an answer lies in [0, 1], higher is better, and is one small function. What cannot
be measured, such as the citations of an answer that states nothing, is an error, not a zero.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embeddings.fold import fold_text
from eval.measures.metrics import estimate_mean
from rag.terms import HAN
from rag.types import Language, Quote, Statement

Supports = Callable[[str, Sequence[Quote]], bool]
"""Tells whether a statement follows from these quotes together, by a judge or by gold evidence."""

BLOCK = 2**13  # signs drawn at once: 64 kB as floats, which needs no new pages

_ARTICLE = re.compile(r"\b(?:a|an|the)\b")
_GROUPING = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# A Han character; or a run of other letters and digits, with the point inside a decimal number.
_CHINESE_TOKEN = re.compile(rf"[{HAN}]|[^\W_{HAN}]+(?:(?<=\d)\.\d[^\W_{HAN}]*)*")


@dataclass(frozen=True, slots=True)
class Difference:
    """How much higher the mean of one run is than that of another, on the same questions.

    Attributes:
        value: Mean of `after - before`; above 0, the later run scores higher.
        low: Where the interval begins.
        high: Where it ends.
        n: How many questions were asked in both.
        better: How many of them score higher after; `worse` how many lower, the rest the same.
        p: How often a difference at least as large, up or down, comes about where the two runs
            differ by chance alone; in (0, 1].
    """

    value: float
    low: float
    high: float
    n: int
    better: int
    worse: int
    p: float


def exact_match(said: str, golds: Sequence[str], language: Language) -> float:
    """1 if what was said is one of the right answers, token for token, else 0.

    English is compared as by SQuAD (Rajpurkar et al., EMNLP 2016): lower case, without punctuation
    and articles, words between whitespace. Chinese is compared as by CMRC 2018 (Cui et al., EMNLP
    2019): lower case, without punctuation, each Han character a token, each run of other letters
    and digits one. Spaces between them, which CMRC's script counts here, do not matter.

    In both, NFKC and simplified characters come first, and all Unicode punctuation goes. SQuAD's
    rule makes `13.5` equal `135`; in Chinese the decimal point stays and digit grouping goes.

    Args:
        said: The short answer.
        golds: Right answers, at least one; the best match counts.
        language: Of the answers.

    Raises:
        ValueError: If there are no right answers.
    """
    tokens = _split_tokens(said, language)
    return float(any(tokens == gold for gold in _split_golds(golds, language)))


def token_f1(said: str, golds: Sequence[str], language: Language) -> float:
    """Harmonic mean of the shares of tokens that answer and right answer have in common.

    `2PR / (P + R)`, `P = common / |said|`, `R = common / |gold|`, a token as often as both hold
    it, in any order (Rajpurkar et al., EMNLP 2016; for Chinese, Lewis et al., MLQA, ACL 2020).
    CMRC's own script counts only the longest run in common, so that it never gives more.
    Tokens are those of `exact_match`; where either side has none, it is 1 if both have none.

    Args:
        said: The short answer.
        golds: Right answers, at least one; the best match counts.
        language: Of the answers.

    Raises:
        ValueError: If there are no right answers.
    """
    tokens = _split_tokens(said, language)
    return max(_share_tokens(tokens, gold) for gold in _split_golds(golds, language))


def citation_recall(statements: Sequence[Statement], supports: Supports) -> float:
    """Share of the statements that all their quotes together support.

    Citation recall of ALCE (Gao et al., EMNLP 2023, section 3).

    Raises:
        ValueError: If there are no statements.
    """
    _check_any(statements)
    return float(np.mean([supports(s.text, s.quotes) for s in statements]))


def citation_precision(statements: Sequence[Statement], supports: Supports) -> float:
    """Share of the citations, over all statements, that are needed.

    A citation counts if the quotes of its statement together support it, and it does so alone or
    the others do not without it: citation precision of ALCE (Gao et al., EMNLP 2023, section 3).
    A quote is counted once for each statement that cites it.

    Raises:
        ValueError: If there are no statements.
    """
    _check_any(statements)
    return float(np.mean([needed for s in statements for needed in _find_needed(s, supports)]))


def measure_consistency(groups: Mapping[str, Sequence[Hashable | None]]) -> dict[str, float]:
    """For each group of variants of one question, the share of pairs that gave the same value.

    `Σ c(c - 1) / n(n - 1)` over the distinct values, `c` variants of `n` having given each: the
    agreement of Fleiss (Psychological Bulletin 76(5), 1971) for one item. Consistent is not right:
    variants that give the same wrong value score 1.

    Args:
        groups: The value that each variant gave, None for a refusal, which equals a refusal.

    Returns:
        One share a group, in the order given.

    Raises:
        ValueError: If a group has fewer than two variants.
    """
    for name, values in groups.items():
        if len(values) < 2:
            raise ValueError(f"group {name!r} has {len(values)} variants, but a pair takes two")
    return {name: _share_pairs(values) for name, values in groups.items()}


def estimate_difference(
    before: Sequence[float],
    after: Sequence[float],
    *,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Difference:
    """How much `after` scores above `before` on the same questions, and how sure that is.

    The interval is the percentile bootstrap of the mean difference, whole questions drawn so that
    pairs stay together (Efron, Annals of Statistics 7(1), 1979; Koehn, EMNLP 2004). `p` is of the
    two-sided sign-flip permutation test: `(1 + k) / (1 + resamples)`, `k` of the `resamples`
    random choices of signs giving a mean at least as far from 0 (Fisher, The Design of
    Experiments, 1935; Noreen, 1989). For right and wrong it is McNemar's exact test, up to that
    sampling. Equal input gives equal output.

    Args:
        before: One value a question.
        after: The same questions in the same order.
        level: Of the interval.
        resamples: How many sets are drawn for each of the interval and `p`.
        seed: Of the draws.

    Raises:
        ValueError: If the two differ in length or are empty, or `level` is not between 0 and 1.
    """
    if len(before) != len(after):
        raise ValueError(f"got {len(before)} values before but {len(after)} after")
    differences = np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64)
    mean = estimate_mean(differences.tolist(), level=level, resamples=resamples, seed=seed)
    return Difference(
        value=mean.value,
        low=mean.low,
        high=mean.high,
        n=mean.n,
        better=int((differences > 0).sum()),
        worse=int((differences < 0).sum()),
        p=_flip_signs(differences, resamples, np.random.default_rng(seed)),
    )


def _split_golds(golds: Sequence[str], language: Language) -> list[list[str]]:
    if not golds:
        raise ValueError("an answer cannot be compared with no right answers")
    return [_split_tokens(gold, language) for gold in golds]


def _split_tokens(text: str, language: Language) -> list[str]:
    plain = fold_text(text).lower()
    if language == "zh":
        return _CHINESE_TOKEN.findall(_GROUPING.sub("", plain))
    return _ARTICLE.sub(" ", "".join(c for c in plain if not _is_mark(c))).split()


def _is_mark(character: str) -> bool:
    """ASCII punctuation holds symbols, `$` and `+`, that Unicode's does not."""
    return character in string.punctuation or unicodedata.category(character)[0] == "P"


def _share_tokens(said: Sequence[str], gold: Sequence[str]) -> float:
    """F1 is `2 common / (|said| + |gold|)`, written shorter."""
    if not said or not gold:
        return float(not said and not gold)
    return 2 * (Counter(said) & Counter(gold)).total() / (len(said) + len(gold))


def _check_any(statements: Sequence[Statement]) -> None:
    if not statements:
        raise ValueError("an answer without statements has no citations to measure")


def _find_needed(statement: Statement, supports: Supports) -> list[bool]:
    quotes = statement.quotes
    if not supports(statement.text, quotes):
        return [False] * len(quotes)
    if len(quotes) == 1:  # it has just been found to support alone
        return [True]
    return [
        supports(statement.text, (quote,))
        or not supports(statement.text, quotes[:place] + quotes[place + 1 :])
        for place, quote in enumerate(quotes)
    ]


def _share_pairs(values: Sequence[Hashable | None]) -> float:
    same = sum(count * (count - 1) for count in Counter(values).values())
    return same / (len(values) * (len(values) - 1))


def _flip_signs(
    differences: npt.NDArray[np.float64], resamples: int, random: np.random.Generator
) -> float:
    sizes = np.abs(differences[differences != 0])
    reached = abs(differences.sum()) - 1e-9 * sizes.sum()  # sums in another order differ
    rows = max(1, BLOCK // max(1, len(sizes)))
    as_far = 0
    for done in range(0, resamples, rows):
        up = random.integers(2, size=(min(rows, resamples - done), len(sizes)), dtype=np.bool_)
        as_far += int((np.abs(2 * (up @ sizes) - sizes.sum()) >= reached).sum())
    return (1 + as_far) / (1 + resamples)
