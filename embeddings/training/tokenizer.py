"""Give an English WordPiece tokenizer a Chinese vocabulary, with standard parts alone.

A run of Han characters is cut by longest match over the new words; everything else is cut as
the teacher cuts it. All new words are continuing pieces (`##word`), so that one row a word is
enough; a run that does not follow an ASCII letter or figure gets the piece `▁` in front, which
WordPiece wants for a beginning. Any other sign before it stays apart: one that the teacher does
not know, such as 🚗, would make the run unknown along with itself. Traditional characters fold
to simplified ones first; a character without a row of its own reads as `〓`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer, Normalizer, Replace
from tokenizers.normalizers import Sequence as Normalizers
from tokenizers.pre_tokenizers import BertPreTokenizer, Metaspace, PreTokenizer, Split
from tokenizers.pre_tokenizers import Sequence as PreTokenizers

from embeddings.training.charsmap import compile_charsmap

START = "▁"
UNKNOWN = "〓"  # what print puts for a character it has no type for
MAX_RUN = 1000  # longest match takes time quadratic in it; a longer run without a stop is no text


def build_tokenizer(teacher: Path, words: Sequence[str]) -> Tokenizer:
    """Return the tokenizer of the folder `teacher` with `words` added, in that order.

    New ids follow the teacher's: `START`, `UNKNOWN`, then the words.

    Args:
        teacher: Holds `tokenizer.json` of an uncased BERT-like model.
        words: Runs of Han characters, without repeats. A character that is none of them is
            unknown.
    """
    tokenizer = Tokenizer.from_file(str(teacher / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    vocabulary = tokenizer.get_vocab(with_added_tokens=True)
    pieces = (START, *(f"##{word}" for word in (UNKNOWN, *words)))
    for id_, piece in enumerate(pieces, start=len(vocabulary)):
        if piece in vocabulary:  # the teacher knows a few characters; its rows stay as they are
            vocabulary[f"[teacher]{piece}"] = vocabulary[piece]
        vocabulary[piece] = id_
    tokenizer.model = WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=MAX_RUN)  # noqa: S106
    tokenizer.normalizer = _normalize(word for word in words if len(word) == 1)
    tokenizer.pre_tokenizer = _cut_runs()
    return tokenizer


def _normalize(known: Iterable[str]) -> Normalizer:
    missing = rf"(?![{_write_ranges(known)}])\p{{Han}}"
    return Normalizers(
        [
            compile_charsmap(),
            Replace(Regex(missing), UNKNOWN),
            BertNormalizer(handle_chinese_chars=False, lowercase=True),
        ]
    )


def _cut_runs() -> PreTokenizer:
    run = rf"[\p{{Han}}{UNKNOWN}]"
    return PreTokenizers(
        [
            Split(Regex(f"(?<![a-z0-9])[a-z0-9]+{run}+|{run}+"), behavior="isolated"),
            BertPreTokenizer(),
            Metaspace(START, prepend_scheme="always", split=False),
            Split(Regex(f"{START}(?!{run})"), behavior="removed"),
        ]
    )


def _write_ranges(characters: Iterable[str]) -> str:
    """Write a character class as ranges: the regular expression takes 10,000 of them at most."""
    ranges: list[list[int]] = []
    for code in sorted(map(ord, characters)):
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
