"""RGB (Chen et al., AAAI 2024), the benchmark of what a language model does with what it is given.

Its files are JSON Lines with `id`, `query`, `answer`, and texts that tell (`positive`) or do not
(`negative`). The authors hand a model five texts a question; here the texts of all questions are
one corpus to be searched, which is harder. Its four tests:

- "noise": the texts of both sorts; every question can be answered.
- "rejection": no text that tells; every question is to be refused. A text that tells is left out
  wherever it stands, but a negative of another question may still tell by chance, so a perfect
  system may score a little below 1.
- "integration" (`*_int.json`): `positive` is a list of lists, one for each part of the answer, and
  all parts must be said.
- "counterfactual" (`*_fact.json`): beside each text that tells stands the same with a wrong value
  in it (`positive_wrong`, `fakeanswer`). The authors ask whether a model knows better than its
  texts. One that goes by its texts alone cannot know, but it can see that they differ. So both
  texts are in the corpus, and both values are a conflict to be shown, as the authors' "error
  detection"; accepted as the first statement is the true value alone, as their "error correction".
  Of a system that shows both, about half of the first statements are right by chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path
from typing import Any, Literal, get_args

from eval.questions import Evidence, Question
from eval.sets.collection import Collection, DocumentPool
from eval.sets.fields import read_id, read_json_lines, require, require_text
from eval.sets.gold import find_kind, find_language, quote_words
from rag.errors import CorpusError
from rag.types import Document, Language

Test = Literal["noise", "rejection", "integration", "counterfactual"]
TESTS: tuple[Test, ...] = get_args(Test)
MOST_WAYS = 10_000  # of one answer, its parts in all their wordings

_FORMAT = "the format of RGB, lines with 'id', 'query', 'answer', 'positive' and 'negative'"
_WRONG_FORMAT = "a file of RGB for the counterfactual test, such as en_fact.json"

Parts = tuple[tuple[str, ...], ...]


def read_collection(path: Path, *, test: Test, language: Language | None = None) -> Collection:
    """Read a file of RGB for one of its tests.

    In `answer`, all elements of a list must be said, and of a list in it any; so the authors grade.
    Evidence are all texts that tell, each with the sentence that holds the answer, or without a
    quote where none holds it word for word.

    Args:
        path: A file such as `en.json`, `zh_int.json`.
        test: See above.
        language: Of the questions; None reads it from the first ones.

    Raises:
        CorpusError: If the file is missing, not in form, or not made for this test.
    """
    instances = [_read(record, test, where) for where, record in read_json_lines(path)]
    if not instances:
        raise CorpusError(f"{str(path)!r} holds no question; expected {_FORMAT}")
    language = language or find_language(instance.query for instance in instances)
    telling = {text for instance in instances for text in instance.tell()}
    seen: set[str] = set()
    pool, questions = DocumentPool(), []
    for n, instance in enumerate(instances):
        if instance.id in seen:
            raise CorpusError(f"{instance.where}: the id {instance.id!r} is that of an earlier one")
        seen.add(instance.id)
        texts = [*([] if test == "rejection" else instance.tell()), *instance.negative]
        texts = [text for text in texts if test != "rejection" or text not in telling]
        added = {
            text: pool.add(f"rgb-{n}-{m}", text, where=instance.where)
            for m, text in enumerate(dict.fromkeys(texts))
        }
        questions.append(_make(instance, test, language, added))
    if not pool.list_documents():
        raise CorpusError(f"{str(path)!r} leaves no text to search for the test {test!r}")
    return Collection(f"RGB {path.stem} {test}", pool.list_documents(), tuple(questions))


@dataclass(frozen=True, slots=True)
class _Instance:
    """A line: `groups` are the texts that tell, with the wordings one of which each should hold."""

    id: str
    query: str
    answer: Parts
    wrong: Parts
    groups: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    negative: tuple[str, ...]
    where: str

    def tell(self) -> list[str]:
        return [text for texts, _ in self.groups for text in texts]


def _read(record: Any, test: Test, where: str) -> _Instance:
    answer = _read_answer(record, "answer", where)
    positive = require(record, "positive", list, where, _FORMAT)
    nested = bool(positive) and all(isinstance(group, list) for group in positive)
    if test == "integration" and not nested:
        raise CorpusError(f"{where}: 'positive' is no list of lists, as in en_int.json of RGB")
    lists = positive if nested else [positive]
    by_part = answer if len(lists) == len(answer) else (tuple(_flatten(answer)),) * len(lists)
    groups = [
        (_read_texts(texts, where), wordings)
        for texts, wordings in zip(lists, by_part, strict=True)
    ]
    wrong: Parts = ()
    if test == "counterfactual":
        wrong = _read_answer(record, "fakeanswer", where)
        texts = require(record, "positive_wrong", list, where, _WRONG_FORMAT)
        groups.append((_read_texts(texts, where), tuple(_flatten(wrong))))
    return _Instance(
        id=read_id(record, "id", where, _FORMAT),
        query=require_text(record, "query", where, _FORMAT),
        answer=answer,
        wrong=wrong,
        groups=tuple(groups),
        negative=_read_texts(require(record, "negative", list, where, _FORMAT), where),
        where=where,
    )


def _read_answer(record: Any, key: str, where: str) -> Parts:
    value = record.get(key) if isinstance(record, dict) else None
    parts = tuple(
        tuple(dict.fromkeys(_read_wordings(part)))
        for part in (value if isinstance(value, list) else [value])
    )
    if not parts or not all(parts):
        raise CorpusError(f"{where}: {key!r} is no text or list of texts; expected {_FORMAT}")
    if prod(map(len, parts)) > MOST_WAYS:
        raise CorpusError(f"{where}: {key!r} can be worded in more than {MOST_WAYS} ways")
    return parts


def _read_wordings(part: object) -> Iterator[str]:
    for wording in part if isinstance(part, list) else [part]:
        is_number = isinstance(wording, int | float) and not isinstance(wording, bool)
        if (isinstance(wording, str) and wording.strip()) or is_number:
            yield str(wording).strip()


def _read_texts(texts: list[Any], where: str) -> tuple[str, ...]:
    if not all(isinstance(text, str) for text in texts):
        raise CorpusError(f"{where}: a text is none; expected {_FORMAT}")
    return tuple(text for text in texts if text.strip())


def _flatten(parts: Iterable[Iterable[str]]) -> Iterator[str]:
    for wordings in parts:
        yield from wordings


def _make(
    instance: _Instance, test: Test, language: Language, added: dict[str, Document]
) -> Question:
    if test == "rejection":
        return Question(instance.id, instance.query, language, "other", False, tags=(test,))
    evidence: dict[str, Evidence] = {}
    for texts, wordings in instance.groups:
        for text in texts:
            document = added[text]
            quote = quote_words(document.text, wordings)
            evidence.setdefault(document.id, Evidence(document.id, quote))
    accept = tuple(product(*instance.answer))
    return Question(
        id=instance.id,
        question=instance.query,
        language=language,
        kind=find_kind(accept, language),
        answerable=True,
        accept=accept,
        evidence=tuple(evidence.values()),
        conflict=(*instance.answer, *instance.wrong) if instance.wrong else (),
        tags=(test,),
    )
