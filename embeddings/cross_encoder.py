"""Read a question and a sentence together: does it answer, and with which words of it?

An encoder gives a text one vector, whatever is asked of it. Here question and sentence go through
one network, so that each word of the one meets each of the other (a cross-encoder: Nogueira and
Cho, 2019). That is too slow for a collection and right for the few sentences found in it. The
weights in `embeddings/cross` were learnt by `embeddings/cross_training`; the table of words is
the encoder's.
"""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from embeddings.bilingual import MODEL, check_files
from embeddings.precision import KEPT_PRIMITIVES, Precision, find_precision
from rag.errors import ModelMissingError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from embeddings.pair_model import PairModel

CROSS_MODEL = Path(__file__).with_name("cross")
# Tokens of each part at most; of what stands before a sentence the last are kept, of others the
# first.
QUESTION, HEADING, BEFORE, SENTENCE = 48, 20, 12, 160
BATCH = 4  # pairs of like length that a thread reads at a time
# Threads, each with its own pairs: unlike those of one multiplication they do not wait for each
# other, which on busy cores costs tenfold.
THREADS = min(2, os.cpu_count() or 1)
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What may answer.

    Attributes:
        text: The sentence.
        heading: Of the part it stands in.
        before: The sentence before it.
    """

    text: str
    heading: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Relevance:
    """What the network makes of a sentence.

    Attributes:
        score: Logit that it answers, against that it does not.
        starts, ends: Of each token in the sentence, ascending; offsets into its text.
        shares: Of each token, how probable it is to be the answer; they add up to 1.
    """

    score: float
    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    shares: tuple[float, ...] = ()

    def locate(self, start: int, end: int) -> float:
        """How probable the answer is to stand in a span of the text, in [0, 1]."""
        first = bisect_right(self.ends, start)
        last = bisect_left(self.starts, end)
        return min(1.0, sum(self.shares[first:last]))


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and a sentence as the network takes them.

    Attributes:
        ids: Of all tokens: first mark, question, mark, heading and sentence before, mark,
            sentence, mark.
        begin, end: Which of them are the sentence's own.
        spans: Of each of these, its offsets into the sentence.
    """

    ids: tuple[int, ...]
    begin: int
    end: int
    spans: tuple[tuple[int, int], ...]


class PairReader:
    """Cuts questions and sentences into pairs of token ids.

    Args:
        tokenizer: The encoder's; it folds full-width and traditional characters itself.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._tokenizer = tokenizer
        self._first, self._mark = tokenizer.encode("").ids

    def read(self, question: str, sentences: Sequence[Sentence]) -> list[Pair]:
        """Return a pair for each sentence, in their order."""
        parts = [question, *(part for s in sentences for part in (s.heading, s.before, s.text))]
        whole, *cut = self._tokenizer.encode_batch(parts, add_special_tokens=False)
        asked = [self._first, *whole.ids[:QUESTION], self._mark]
        pairs = []
        for heading, before, text in zip(cut[::3], cut[1::3], cut[2::3], strict=True):
            head = [*asked, *heading.ids[:HEADING], *before.ids[-BEFORE:], self._mark]
            own = text.ids[:SENTENCE]
            spans = tuple(text.offsets[: len(own)])
            pairs.append(Pair((*head, *own, self._mark), len(head), len(head) + len(own), spans))
        return pairs


class CrossEncoder:
    """The bundled network, loaded when first needed.

    Args:
        folder: Where its weights lie.
        encoder: Folder of the encoder whose table of words and tokenizer it reads with.
        precision: What the processor computes with; "auto" takes what is fastest on it.
    """

    def __init__(
        self,
        folder: Path = CROSS_MODEL,
        *,
        encoder: Path = MODEL,
        precision: Precision = "auto",
    ) -> None:
        self._folder = folder
        self._encoder = encoder
        self._precision = precision
        self._loaded: tuple[PairReader, PairModel] | None = None
        self._lock = Lock()

    def relate(self, question: str, sentences: Sequence[Sentence]) -> list[Relevance]:
        """Read each sentence against the question; their order is kept.

        Raises:
            ModelMissingError: If the weights are missing or damaged.
        """
        if not sentences:
            return []
        with self._lock:  # for loading once, and because a tokenizer is not made for threads
            if self._loaded is None:
                self._loaded = self._load()
            reader, model = self._loaded
            pairs = reader.read(question, sentences)
        order = sorted(range(len(pairs)), key=lambda n: len(pairs[n].ids))
        shares = [order[n::THREADS] for n in range(THREADS)]
        batches = [share[n : n + BATCH] for share in shares for n in range(0, len(share), BATCH)]
        found: dict[int, Relevance] = {}
        read = _start_threads().map(lambda batch: _run(model, [pairs[n] for n in batch]), batches)
        for batch, relevances in zip(batches, read, strict=True):
            found.update(zip(batch, relevances, strict=True))
        return [found[n] for n in range(len(pairs))]

    def _load(self) -> tuple[PairReader, PairModel]:
        check_files(self._folder)
        check_files(self._encoder)
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # else a later fork warns
        os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(KEPT_PRIMITIVES))
        from tokenizers import Tokenizer

        from embeddings.pair_model import load_pair_model

        precision = find_precision(few=True) if self._precision == "auto" else self._precision
        try:
            model = load_pair_model(self._folder, self._encoder, precision)
        except ValueError as exc:
            raise ModelMissingError(
                f"the cross-encoder in {str(self._folder)!r} cannot be loaded: {exc}"
            ) from exc
        return PairReader(Tokenizer.from_file(str(self._encoder / "tokenizer.json"))), model


def fill_up(pairs: Sequence[Pair]) -> tuple[Any, Any, Any]:
    """Return tensors of ids, types and mask, as `PairModel` takes them; 0 fills up."""
    import torch

    width = max(len(pair.ids) for pair in pairs)
    ids = np.zeros((len(pairs), width), dtype=np.int64)
    types, mask = np.zeros_like(ids), np.zeros_like(ids)
    for row, pair in enumerate(pairs):
        ids[row, : len(pair.ids)] = pair.ids
        types[row, pair.begin : pair.end] = 1
        mask[row, : len(pair.ids)] = 1
    return torch.from_numpy(ids), torch.from_numpy(types), torch.from_numpy(mask)


@cache
def _start_threads() -> ThreadPoolExecutor:
    import torch

    return ThreadPoolExecutor(THREADS, "cross-encoder", lambda: torch.set_num_threads(1))


def _run(model: PairModel, pairs: Sequence[Pair]) -> list[Relevance]:
    import torch

    with torch.inference_mode():
        relevance, inside = (part.numpy() for part in model(*fill_up(pairs)))
    return [
        _describe(float(score), row[pair.begin : pair.end], pair)
        for score, row, pair in zip(relevance, inside, pairs, strict=True)
    ]


def _describe(score: float, logits: npt.NDArray[np.float32], pair: Pair) -> Relevance:
    if not pair.spans:
        return Relevance(score)
    raised: Shares = np.exp(logits.astype(np.float64) - logits.max())
    starts, ends = zip(*pair.spans, strict=True)
    return Relevance(score, starts, ends, tuple((raised / raised.sum()).tolist()))
