"""Make folders of a wanted size, and questions about them, out of a file of many texts.

The file is JSON Lines with an `id` and a `text` a line, perhaps `title`, `date` and `source`, and
may be compressed (`.gz`). No model makes the questions: each is a clause of a text, as it stands
or its words in the other language, with words that ask. They are a load like that of readers; what
is right to answer is not known.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

from embeddings.gloss import Glossary
from rag.aid import gloss_quote
from rag.errors import CorpusError
from rag.language import detect_language
from rag.sentences import split_sentences
from rag.synchronize import cut_document
from rag.types import LANGUAGES, Document, Language

MEASURED = 200  # documents that are cut, to learn how many characters make a passage
DOCUMENTS_PER_FILE = 1_000
MOST_WORDS, MOST_HAN = 7, 14  # of a question, without the words that ask
_ASKING: dict[Language, tuple[str, ...]] = {
    "en": ("When was {}?", "How many {}?", "Who {}?", "What is {}?", "{}"),
    "zh": ("{}是什么时候？", "{}有多少？", "{}是谁？", "{}是什么？", "{}"),
}
_CLAUSE_END = re.compile(r"[,，、;；:：。.!！?？“”\"()（）《》\n]+")

Record = dict[str, Any]


def read_records(data: Path) -> Iterator[Record]:
    """Yield the records of a file of JSON Lines, one at a time; `.gz` is unpacked on the way.

    Raises:
        CorpusError: If it cannot be read, or a line is no object with an id and a text.
    """
    opened = gzip.open if data.suffix == ".gz" else open
    try:
        with opened(data, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _check_record(json.loads(line), f"{str(data)!r}, line {number}")
    except (OSError, EOFError, ValueError) as exc:
        raise CorpusError(f"cannot read the texts at {str(data)!r}: {exc}") from exc


def repeat_records(data: Path) -> Iterator[Record]:
    """Yield the records, and when they run out, new ones, made of the halves of two.

    A new one is the second half of a text and the first half of another, which is the next one in
    round 1, the next but one in round 2 and so on: its sentences are not new, but its passages
    are, and no text comes twice.
    """
    yield from read_records(data)
    for distance in count(1):
        waiting: list[Record] = []
        fresh = False
        for record in read_records(data):
            waiting.append(record)
            if len(waiting) > distance:
                fresh = True
                yield _join_halves(waiting.pop(0), record, distance)
        if not fresh:
            return


def count_documents(data: Path, passages: int) -> int:
    """How many documents make about so many passages, judged by the first `MEASURED`.

    Raises:
        CorpusError: If the file holds too few, or as `read_records`.
    """
    chars = cut = 0
    for number, record in enumerate(islice(repeat_records(data), MEASURED), start=1):
        document = make_document(record)
        chars += len(document.text)
        cut += len(cut_document(document))
        if cut >= passages:
            return number
    wanted, held = passages * chars / max(cut, 1), 0
    for number, record in enumerate(repeat_records(data), start=1):
        held += len(record["text"])
        if held >= wanted:
            return number
    raise CorpusError(f"{str(data)!r} holds too few texts for {passages} passages. Give more")


def write_documents(
    data: Path, folder: Path, documents: int, *, per_file: int = DOCUMENTS_PER_FILE
) -> int:
    """Write the first `documents` as `.jsonl` files below `folder`; return their bytes.

    Args:
        data: As for `read_records`.
        folder: Made if it is not there.
        documents: At least 1; beyond the end of the data as in `repeat_records`.
        per_file: Documents in a file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    records = islice(repeat_records(data), documents)
    size = number = 0
    while part := list(islice(records, per_file)):
        path = folder / f"part-{number:05d}.jsonl"
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in part)
        size += path.stat().st_size
        number += 1
    return size


def hash_data(data: Path) -> str:
    """SHA-256 of the file as it is.

    Raises:
        CorpusError: If it cannot be read.
    """
    try:
        with data.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise CorpusError(f"cannot read the texts at {str(data)!r}: {exc}") from exc


def make_document(record: Record) -> Document:
    """A record as a document, without what a loader would find out about it."""
    text = record["text"]
    return Document(record["id"], record["id"], text, record["id"], detect_language(text))


def make_questions(
    texts: Sequence[str], glossary: Glossary, wanted: int, *, seed: int = 0
) -> list[str]:
    """Ask about random clauses of the texts; every second question in the other language.

    Args:
        texts: What is asked about, at least one with a letter.
        glossary: Gives the words of the other language.
        wanted: How many; a question may come twice if the texts are few.
        seed: The same one gives the same questions.

    Raises:
        ValueError: If no question can be made of the texts.
    """
    chance = random.Random(seed)  # noqa: S311 - a draw, not a secret
    questions: list[str] = []
    for tries in range(20 * wanted):
        if len(questions) == wanted:
            return questions
        text = chance.choice(texts)
        own = detect_language(text)
        other = LANGUAGES[1 - LANGUAGES.index(own)]
        language = own if len(questions) % 2 == 0 or tries % 10 == 9 else other
        clause = _choose_clause(text, chance)
        words = clause if language == own else _translate_words(clause, glossary, language)
        words = _shorten(words, language)
        if sum(c.isalnum() for c in words) >= 4:
            questions.append(chance.choice(_ASKING[language]).format(words))
    if len(questions) < wanted:
        raise ValueError(f"the texts give only {len(questions)} questions, {wanted} are wanted")
    return questions


def sample_texts(data: Path, documents: int, wanted: int, *, seed: int = 0) -> list[str]:
    """Return the texts of `wanted` random documents of the first `documents`, in their order."""
    chance = random.Random(seed)  # noqa: S311 - a draw, not a secret
    chosen = set(chance.sample(range(documents), min(wanted, documents)))
    records = islice(repeat_records(data), documents)
    return [record["text"] for number, record in enumerate(records) if number in chosen]


def _check_record(record: object, place: str) -> Record:
    if not isinstance(record, dict) or not all(
        isinstance(record.get(key), str) and record[key] for key in ("id", "text")
    ):
        raise ValueError(f"{place} has no id and text")
    return record


def _join_halves(one: Record, other: Record, distance: int) -> Record:
    text = _halve(one["text"])[1] + "\n" + _halve(other["text"])[0]
    return {"id": f"{one['id']}+{distance}", "date": one.get("date"), "text": text}


def _halve(text: str) -> tuple[str, str]:
    """Cut near the middle, behind a stop if there is one there."""
    middle = len(text) // 2
    stops = [text.find(stop, middle) for stop in ("。", ". ", "\n")]
    end = min((stop + 1 for stop in stops if stop >= 0), default=middle)
    return text[:end], text[end:]


def _choose_clause(text: str, chance: random.Random) -> str:
    spans = split_sentences(text)
    if not spans:
        return ""
    start, end = chance.choice(spans)
    clauses = [part.strip() for part in _CLAUSE_END.split(text[start:end])]
    return max(clauses, key=len)


def _translate_words(clause: str, glossary: Glossary, language: Language) -> str:
    words: Iterable[str] = (word.gloss for word in gloss_quote(clause, glossary, language))
    return (" " if language == "en" else "").join(words)


def _shorten(words: str, language: Language) -> str:
    if language == "en":
        return " ".join(words.split()[:MOST_WORDS])
    return words[:MOST_HAN]
