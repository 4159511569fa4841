"""A public set, read: its documents under the ids an index gives them, and its questions.

A collection is written as one file of JSON Lines, which `build_index` reads like any other. So that
the evidence of a question names the documents of that index, every document is built here as
`rag.load` builds it from that file: the same id, title, text, source, language and date.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date

from eval.questions import Question
from rag.errors import CorpusError
from rag.files.decode import replace_unsafe
from rag.files.front_matter import split_front_matter
from rag.files.metadata import clean_source, clean_title, find_dateline, title_line
from rag.language import detect_language
from rag.types import Document

DOCUMENTS_FILE = "documents.jsonl"
DISTRACTOR = "distractor:"  # how the keys of distractors begin, and no others
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_][\w.:/+=,@()-]{0,149}")


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents, questions about them, and what was left out in reading them.

    Attributes:
        name: What it is called in reports.
        documents: In the order of the set; their ids are those that an index of the file which
            `eval.collections.write_documents` writes gives them. No two have the same text.
        questions: In the order of the set, with unique ids.
        notes: What was left out or joined, and how often, a sort a note; empty if nothing was.
    """

    name: str
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = {document.id for document in self.documents}
        if len(known) != len(self.documents):
            raise ValueError(f"{self.name}: two documents share an id")
        if len({question.id for question in self.questions}) != len(self.questions):
            raise ValueError(f"{self.name}: two questions share an id")
        for question in self.questions:
            if not question.documents <= known:
                raise ValueError(f"{self.name}: no document holds evidence of {question.id!r}")


class DocumentPool:
    """Gathers the documents of a set; a text that is there already is not added again."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}
        self._by_text: dict[str, Document] = {}
        self.copies = 0

    def add(
        self,
        record_id: str,
        text: str,
        *,
        where: str,
        title: str = "",
        source: str = "",
        published: date | None = None,
    ) -> Document:
        """Return the document of this text: a new one, or the one that was added before.

        Args:
            record_id: Of the record in the set; one that is not plain is replaced by a hash.
            text: Not blank.
            where: The file and record, for messages.
            title: As the set gives it; without one the first line may serve, as in any file.
            source: As the set gives it; may be empty.
            published: The date of the text, where the set gives one.

        Raises:
            CorpusError: If the text is blank, or another one has the same id.
        """
        if not text.strip():
            raise CorpusError(f"{where}: the text of a document is empty")
        known = self._by_text.get(text)
        if known is not None:
            self.copies += 1
            return known
        document = make_document(
            make_key(record_id), text, title=title, source=source, published=published
        )
        if document.id in self._documents:
            raise CorpusError(f"{where}: the id {record_id!r} is that of an earlier document")
        self._documents[document.id] = self._by_text[text] = document
        return document

    def list_documents(self) -> tuple[Document, ...]:
        """All documents, in the order in which they were added."""
        return tuple(self._documents.values())


def make_document(
    key: str, text: str, *, title: str = "", source: str = "", published: date | None = None
) -> Document:
    """Build the document that `rag.load` reads from a line of `documents.jsonl` with this content.

    Args:
        key: The id of the line, plain as `make_key` has it.
        text: Not blank.
        title: May be empty.
        source: May be empty.
        published: None takes the dateline of the text, if it has one.
    """
    text = replace_unsafe(text)
    id_ = f"{DOCUMENTS_FILE}#{key}"
    return Document(
        id=id_,
        title=replace_unsafe(clean_title(title) or title_line(text) or "") or id_,
        text=text,
        source=replace_unsafe(clean_source(source) or "") or DOCUMENTS_FILE,
        language=detect_language(text),
        published=published or find_dateline(text[split_front_matter(text)[1] :]),
    )


def make_key(record_id: str) -> str:
    """Return the id of a record if it is plain and short, else a hash of it.

    Different ids stay different. Plain are letters, digits and `_ . : / + = , @ ( ) -`, up to 150
    of them, not beginning like a distractor; a loader keeps those as they are.
    """
    if _PLAIN_KEY.fullmatch(record_id) and not record_id.startswith(DISTRACTOR):
        return record_id
    digest = hashlib.sha256(record_id.encode("utf-8", errors="surrogatepass")).hexdigest()
    return f"id-{digest[:24]}"
