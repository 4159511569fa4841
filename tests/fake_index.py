"""Small indexes over invented documents: a file holds one document, which is one passage."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from embeddings.gloss import Glossary
from rag.encode import encode_passages, find_terms
from rag.language import detect_language
from rag.retrieve import Query, prepare_query
from rag.rows import Entry
from rag.store import Index
from rag.types import Document, Leg, Passage
from rag.write import IndexWriter
from tests.fake_encoder import HashingEncoder

ENCODER = HashingEncoder()
GLOSSARY = Glossary(
    {
        "桥": ("bridge",),
        "大桥": ("bridge", "Great Bridge"),
        "通车": ("open to traffic",),
        "博物馆": ("museum",),
        "盐": ("salt",),
        "茶": ("tea",),
        "价格": ("price",),
    }
)
META = {"encoder": "hashing/1", "terms": "1"}


def open_writer(path: Path, meta: Mapping[str, str] = META, *, anew: bool = False) -> IndexWriter:
    return IndexWriter(path, dict(meta), find_fake_terms, anew=anew)


def open_index(path: Path, expected: Mapping[str, str] = META) -> Index:
    return Index(path, dict(expected), find_fake_terms)


def find_fake_terms(passage: Passage) -> Mapping[Leg, Sequence[str]]:
    return find_terms(passage, GLOSSARY)


def make_document(name: str, text: str) -> tuple[Document, list[Entry]]:
    """The document of a file, with its one passage; a sentence ends at a stop."""
    document = Document(name, name.title(), text, name, detect_language(text))
    passage = Passage(f"{name}#0", name, text, 0, len(text))
    spans = [m.span() for m in re.finditer(r"[^。.\s][^。.]*[。.]?", text)]
    return document, encode_passages([passage], [spans], ENCODER)


def put_file(writer: IndexWriter, name: str, text: str) -> None:
    writer.replace_file(name, f"sha of {text}", [make_document(name, text)])


def write_index(path: Path, texts: Mapping[str, str]) -> Path:
    with open_writer(path) as writer:
        for name, text in texts.items():
            put_file(writer, name, text)
    return path


def ask(text: str) -> Query:
    return prepare_query(text, ENCODER, GLOSSARY)
