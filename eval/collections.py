"""Public question sets: find out the form of their files, read them, and write what is indexed.

The readers, one a format, are in `eval.sets`. What they give is one `Collection`, whatever the
format: documents to index and questions with what is right to say.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.bench.sample import read_records
from eval.questions import Question
from eval.sets import beir, multihop_rag, rgb, squad, xquad_r
from eval.sets.collection import (
    DISTRACTOR,
    DOCUMENTS_FILE,
    Collection,
    make_document,
    make_key,
)
from eval.sets.fields import read_json_lines
from rag.errors import CorpusError
from rag.files.metadata import parse_date
from rag.types import Document, Language

__all__ = ["FORMS", "Collection", "find_form", "read_collection", "write_documents"]

FORMS: Mapping[str, str] = {
    "xquad-r": "a folder with en.json and zh.json of XQuAD-R",
    "squad": "a file in SQuAD format: SQuAD 1.1 and 2.0, CMRC 2018, DRCD",
    "beir": "a folder in BEIR format: corpus.jsonl, queries.jsonl, qrels/test.tsv",
    "beir-dev": "the same, judged by qrels/dev.tsv",
    "beir-train": "the same, judged by qrels/train.tsv",
    "rgb-noise": "a file of RGB: texts that tell among texts that do not",
    "rgb-rejection": "a file of RGB: only texts that do not tell",
    "rgb-integration": "en_int.json or zh_int.json of RGB: an answer of several parts",
    "rgb-counterfactual": "en_fact.json or zh_fact.json of RGB: true and wrong values",
    "multihop-rag": "a folder with corpus.json and MultiHopRAG.json",
}
SEED = 0  # of the shuffle that `limit` takes the first of
_HEAD_CHARS = 100_000  # of a file, to see what it is; a line of RGB may take 50,000
_RGB_KEYS = ('"query"', '"answer"', '"positive"')


def read_collection(
    path: Path,
    *,
    form: str | None = None,
    questions: Language | None = None,
    documents: Language | None = None,
    limit: int | None = None,
    distractors: Path | None = None,
) -> Collection:
    """Read a public question set in its authors' format.

    Args:
        path: The file or folder, as published.
        form: One of `FORMS`; None finds it out, and takes a plain file of RGB for "rgb-noise" and
            the test split of BEIR.
        questions: Language of the questions: which ones of XQuAD-R are asked, None being "en"; for
            the other forms None finds it out.
        documents: Language of the paragraphs of XQuAD-R, None being "zh"; for no other form.
        limit: Keep so many questions, the first of a shuffle that is the same each time, in the
            order of the set; all documents are kept. At least 1; None keeps all.
        distractors: JSON Lines with an `id` and a `text` a line, perhaps `title`, `source` and
            `date`, maybe compressed (`.gz`): documents to add around those of the set. A text of
            the set is not added again. Nothing checks that they do not tell an answer.

    Raises:
        CorpusError: If the form is unknown, or a file is missing or not in form; it says where.
        ValueError: If `limit` is less than 1.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1, got {limit}")
    collection = _read(path, form or find_form(path), questions, documents)
    if distractors is not None:
        collection = _add_distractors(collection, distractors)
    if limit is not None:
        collection = replace(collection, questions=_draw(collection.questions, limit))
    return collection


def find_form(path: Path) -> str:
    """Tell the form of a set by the names and the beginnings of its files: one of `FORMS`.

    Raises:
        CorpusError: If it is none of them, or cannot be read; it lists them.
    """
    if not path.exists():
        raise CorpusError(f"there is nothing at {str(path)!r}. {_list_forms()}")
    form = _find_folder_form(path) if path.is_dir() else _find_file_form(path)
    if form is None:
        raise CorpusError(f"{str(path)!r} is in no form that is known. {_list_forms()}")
    return form


def write_documents(collection: Collection, folder: Path) -> Path:
    """Write the documents as one file of JSON Lines, and return its path.

    An index of the folder, with nothing else in it, gives them the ids that they have in the
    collection, so that the evidence of the questions names them.

    Args:
        collection: As read.
        folder: Made if it is not there; a file of this name in it is replaced.

    Raises:
        OSError: If it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / DOCUMENTS_FILE
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for document in collection.documents:
            record: dict[str, Any] = {
                "id": document.id.removeprefix(f"{DOCUMENTS_FILE}#"),
                "text": document.text,
            }
            if document.title != document.id:
                record["title"] = document.title
            if document.published is not None:
                record["date"] = document.published.isoformat()
            if document.source != DOCUMENTS_FILE:
                record["source"] = document.source
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def _list_forms() -> str:
    return "Forms: " + "; ".join(f"{form} ({what})" for form, what in FORMS.items())


def _find_folder_form(folder: Path) -> str | None:
    if all((folder / name).is_file() for name in ("corpus.jsonl", "queries.jsonl")):
        return "beir"
    if (folder / multihop_rag.QUESTIONS).is_file():
        return "multihop-rag"
    files = [folder / name for name in ("en.json", "zh.json")]
    if all(file.is_file() for file in files):
        forms = {_find_file_form(file) for file in files}
        if forms == {"squad"}:
            return "xquad-r"
        if forms == {"rgb-noise"}:
            raise CorpusError(f"{str(folder)!r} is the data of RGB; give one file, such as en.json")
    return None


def _find_file_form(path: Path) -> str | None:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            head = file.read(_HEAD_CHARS)
    except OSError as exc:
        raise CorpusError(f"{str(path)!r} cannot be read: {exc.strerror}") from exc
    if re.match(r'\s*\{(?s:.*?)"(?:data|paragraphs)"\s*:\s*\[', head):
        return "squad"
    if head.lstrip().startswith("{") and all(key in head for key in _RGB_KEYS):
        return _find_rgb_form(path)
    return None


def _find_rgb_form(path: Path) -> str:
    _, record = next(read_json_lines(path))
    if "positive_wrong" in record:
        return "rgb-counterfactual"
    positive = record.get("positive")
    is_nested = isinstance(positive, list) and any(isinstance(part, list) for part in positive)
    return "rgb-integration" if is_nested else "rgb-noise"


def _read(
    path: Path, form: str, questions: Language | None, documents: Language | None
) -> Collection:
    if form not in FORMS:
        raise CorpusError(f"no form is called {form!r}. {_list_forms()}")
    if documents is not None and form != "xquad-r":
        raise CorpusError(
            f"the language of the documents can be chosen for xquad-r alone, not for {form}"
        )
    if form == "xquad-r":
        return xquad_r.read_collection(
            path, questions=questions or "en", documents=documents or "zh"
        )
    if form == "squad":
        return squad.read_collection(path, language=questions)
    if form == "multihop-rag":
        return multihop_rag.read_collection(path, language=questions)
    if form.startswith("beir"):
        split = form.removeprefix("beir").removeprefix("-") or None
        return beir.read_collection(path, split=split, language=questions)
    test = next(test for test in rgb.TESTS if form == f"rgb-{test}")
    return rgb.read_collection(path, test=test, language=questions)


def _draw(questions: tuple[Question, ...], limit: int) -> tuple[Question, ...]:
    places = list(range(len(questions)))
    random.Random(SEED).shuffle(places)  # noqa: S311 - a draw, not a secret
    return tuple(questions[place] for place in sorted(places[:limit]))


def _add_distractors(collection: Collection, path: Path) -> Collection:
    texts = {document.text for document in collection.documents}
    added: dict[str, Document] = {}
    for record in read_records(path):
        document = make_document(
            DISTRACTOR + make_key(record["id"]),
            record["text"],
            title=str(record.get("title") or ""),
            source=str(record.get("source") or ""),
            published=parse_date(record["date"]) if record.get("date") else None,
        )
        if document.id in added:
            raise CorpusError(f"{str(path)!r} has two texts with the id {record['id']!r}")
        if document.text.strip() and document.text not in texts:
            texts.add(document.text)
            added[document.id] = document
    return replace(
        collection,
        name=f"{collection.name} among {len(added)} others",
        documents=(*collection.documents, *added.values()),
    )
