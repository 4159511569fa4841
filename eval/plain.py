"""Plain systems over the passages of an index: what any other system is to be plugged in like.

`bm25` is `bm25s` over words and pairs of Chinese characters, as one would set it up first; `dense`
is the cosine of question and passage. Both quote the best sentence of the best passage, whatever it
says: they never refuse, give no value and check nothing.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.encoder import Vectors
from eval.bench.baselines import read_all_passages
from rag.cite import number_citations
from rag.errors import CorpusError
from rag.language import detect_language
from rag.passages import StoredPassage
from rag.pipeline import Answerer
from rag.terms import HAN
from rag.types import Answer, Evidence, Hit, LegScore, Quote, Statement

K = 10
K1, B = 1.5, 0.75  # the defaults of bm25s
_RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
Ask = Callable[[str], Answer]


@dataclass(frozen=True, slots=True)
class Ranked:
    """The best passages, best first, each with its score, and the best sentence of the first.

    `probability` is the score of the first as a share of the best possible, in [0, 1].
    """

    places: tuple[int, ...]
    scores: tuple[float, ...]
    sentence: int
    probability: float


Rank = Callable[[str], Ranked]


def make_plain(name: str, answerer: Answerer) -> Ask:
    """Return a plain system over an index: a function from question to answer.

    The passages are read now; documents that come or go later are not noticed.

    Args:
        name: One of `PLAIN`.
        answerer: Its index and encoder are used, nothing else of it.

    Raises:
        CorpusError: If there is no such system, its package is not installed, or the index is
            empty.
    """
    if name not in PLAIN:
        raise CorpusError(f"the system is one of crossquote, {', '.join(PLAIN)}, not {name!r}")
    passages = list(read_all_passages(answerer))
    if not passages:
        raise CorpusError(f"the index at {str(answerer.settings.index)!r} is empty")
    rank = PLAIN[name](answerer, passages)

    def ask(question: str) -> Answer:
        return _quote(question, rank(question), passages, answerer, dense=name == "dense")

    return ask


def split_tokens(text: str) -> list[str]:
    """Words in lower case, and of Chinese every two neighboring characters."""
    tokens = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).casefold()):
        is_han = len(run) > 1 and detect_language(run) == "zh"
        tokens += [run[n : n + 2] for n in range(len(run) - 1)] if is_han else [run]
    return tokens


def _prepare_bm25(answerer: Answerer, passages: Sequence[StoredPassage]) -> Rank:
    try:
        import bm25s
    except ImportError as exc:
        raise CorpusError("bm25s is not installed. Get it: pip install bm25s") from exc
    vocabulary: dict[str, int] = {}
    ids = [
        [vocabulary.setdefault(token, len(vocabulary)) for token in split_tokens(text)]
        for text in (item.passage.text for item in passages)
    ]
    index = bm25s.BM25(k1=K1, b=B)
    corpus = bm25s.tokenization.Tokenized(ids=ids, vocab=vocabulary)
    index.index(corpus, show_progress=False)
    holders = Counter(token for row in ids for token in set(row))
    weights = {token: _weigh(holders[id_], len(ids)) for token, id_ in vocabulary.items()}
    rarest = _weigh(0, len(ids))

    def rank(question: str) -> Ranked:
        asked = list(dict.fromkeys(split_tokens(question)))
        known = [token for token in asked if token in vocabulary]
        if not known:
            return Ranked((0,), (0.0,), 0, 0.0)
        found, scores = index.retrieve([known], k=min(K, len(ids)), show_progress=False)
        places, best = found[0].tolist(), scores[0].tolist()
        most = sum(weights.get(token, rarest) for token in asked)
        sentences = list(_cut(passages[places[0]]))
        held = [_sum_weights(known, sentence, weights) for sentence in sentences]
        return Ranked(tuple(places), tuple(best), held.index(max(held)), min(1.0, best[0] / most))

    return rank


def _prepare_dense(answerer: Answerer, passages: Sequence[StoredPassage]) -> Rank:
    vectors: Vectors = np.array([item.vector for item in passages], dtype=np.float32)

    def rank(question: str) -> Ranked:
        query = answerer.encoder.encode_queries([question])[0]
        cosines = np.einsum("ij,j->i", vectors, query)
        order = np.argsort(-cosines, kind="stable")[:K]
        best = passages[int(order[0])]
        own = np.einsum("ij,j->i", best.sentence_vectors, query)
        return Ranked(
            tuple(order.tolist()),
            tuple(cosines[order].tolist()),
            int(own.argmax()) if len(own) else 0,
            float(np.clip(cosines[order[0]], 0.0, 1.0)),
        )

    return rank


PLAIN: Mapping[str, Callable[[Answerer, Sequence[StoredPassage]], Rank]] = {
    "bm25": _prepare_bm25,
    "dense": _prepare_dense,
}


def _quote(
    question: str,
    ranked: Ranked,
    passages: Sequence[StoredPassage],
    answerer: Answerer,
    *,
    dense: bool,
) -> Answer:
    hits = []
    for n, (place, score) in enumerate(zip(ranked.places, ranked.scores, strict=True), start=1):
        item, leg = passages[place], LegScore(n, score)
        own, other = (leg, None) if dense else (None, leg)
        hits.append(Hit(item.passage, n, score, item.language, dense=own, lexical=other))
    best = passages[ranked.places[0]]
    start, end = _list_spans(best)[ranked.sentence]
    text = best.passage.text[start - best.passage.start : end - best.passage.start]
    quote = Quote(best.passage.document_id, start, end, text)
    statement = Statement(text, (quote,))
    with answerer.index.read() as view:
        documents = view.get_documents([quote.document_id])
    evidence = [Evidence(quote, hits[0], 1, ranked.scores[0])]
    return Answer(
        question, detect_language(question), (statement,),
        number_citations((statement,), evidence, documents), tuple(hits), found=True,
        probability=ranked.probability,
    )  # fmt: skip


def _list_spans(item: StoredPassage) -> Sequence[tuple[int, int]]:
    return item.sentences or ((item.passage.start, item.passage.end),)


def _cut(item: StoredPassage) -> Iterator[str]:
    for start, end in _list_spans(item):
        yield item.passage.text[start - item.passage.start : end - item.passage.start]


def _sum_weights(tokens: Sequence[str], sentence: str, weights: Mapping[str, float]) -> float:
    held = set(split_tokens(sentence))
    return sum(weights[token] for token in tokens if token in held)


def _weigh(holders: int, count: int) -> float:
    """The inverse document frequency of Lucene's BM25: the most that a token can score."""
    return math.log(1 + (count - holders + 0.5) / (holders + 0.5))
