"""The two straight lines, strung together: read this first.

build:  load -> clean -> chunk -> encode -> store
ask:    follow -> understand -> retrieve -> weigh -> judge -> reread -> compose -> verify -> cite
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from functools import cache
from pathlib import Path
from time import perf_counter

from embeddings.cross_encoder import Sentence
from embeddings.encoder import Encoder
from rag.aid import gloss_quote
from rag.assemble import Assembler, draft_findings
from rag.compose import Draft
from rag.config import Settings
from rag.encode import make_find_terms
from rag.equip import (
    describe_terms,
    describe_tools,
    load_cross_encoder,
    load_encoder,
    load_glossary,
)
from rag.errors import CorpusError, QuestionError
from rag.files.reader import stop_reader
from rag.follow import complete_question
from rag.generate import load_model
from rag.inspect import inspect_search
from rag.legs import Search
from rag.load import name_folder
from rag.places import count_files, find_places, get_added
from rag.reread import RelatesSentences
from rag.retrieve import prepare_query
from rag.search import Findings, search_answers
from rag.spelling import correct_spelling
from rag.stages import ALL_STAGES, Stages
from rag.store import Index
from rag.synchronize import BuildReport, Progress, synchronize_files
from rag.types import LANGUAGES, Answer, Document
from rag.understand import read_question
from rag.word import write_answers
from rag.write import IndexWriter

__all__ = [
    "Answerer",
    "answer",
    "build_index",
    "describe_terms",
    "describe_tools",
    "load_cross_encoder",
    "load_encoder",
    "load_glossary",
    "open_writer",
]


def build_index(
    folder: Path | str,
    *,
    settings: Settings | None = None,
    encoder: Encoder | None = None,
    rebuild: bool = False,
    encoding: str | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Bring the index in line with a folder: add, replace and remove what changed.

    Files that were added (`rag.library`) stay, and are brought in line too. What is done is kept
    batch by batch, so a run that is stopped goes on where it was. Files whose bytes did not change
    are not read again, and texts that the index holds are not encoded again.

    Args:
        folder: Or one file; or the folder of added files, to take in these alone.
        settings: None reads them from the environment.
        encoder: Instead of the one that the settings name.
        rebuild: Start from nothing, whatever the index held.
        encoding: Of text files, all of which are then read again; None finds it out.
        progress: Told of every file.

    Raises:
        CorpusError: If the folder is missing or holds nothing that can be read, or the index
            cannot be written.
        IndexLockedError, IndexMismatchError, IndexDamagedError: See `rag.errors`.
    """
    began = perf_counter()
    settings = settings or Settings()
    root = Path(folder)
    places = find_places(root, get_added(settings.database), encoding=encoding)
    sizes = [count_files(place) for place in places]
    if not sizes[0].files:
        raise CorpusError(f"{str(root)!r} holds no files. Give a folder with your documents")
    glossary = load_glossary(settings.glossary)
    encoder = encoder or load_encoder(settings)
    meta = describe_tools(encoder, glossary)
    if not places[0].prefix:
        meta["folder"] = name_folder(root)
    try:
        find_terms = make_find_terms(glossary)
        with IndexWriter(settings.database, meta, find_terms, anew=rebuild) as writer:
            report = synchronize_files(
                find_places(root, get_added(settings.database), encoding=encoding), writer, encoder,
                total_bytes=sum(size.size_bytes for size in sizes), progress=progress,
            )  # fmt: skip
    finally:
        stop_reader()  # a server that took documents in need not keep its parsers
    return replace(report, seconds=perf_counter() - began)


def open_writer(settings: Settings) -> IndexWriter:
    """Open the index that the settings name for writing, to remove documents from it.

    Raises:
        IndexLockedError, IndexMismatchError, IndexDamagedError, CorpusError: See `rag.errors`.
    """
    glossary = load_glossary(settings.glossary)
    return IndexWriter(
        settings.database, {"terms": describe_terms(glossary)}, make_find_terms(glossary)
    )


class Answerer:
    """Answers many questions from one open index; threads may share it.

    Processes may share it by a fork before its first question and before `warm_up` (gunicorn
    with `--preload`), or each open their own. After that FAISS and PyTorch have started threads
    that a fork lacks and waits for without end: then start processes by "spawn".

    Args:
        settings: None reads them from the environment.
        encoder: Instead of the one that the settings name.
        stages: Which take part; all but where what one is worth is measured.

    Raises:
        IndexMissingError, IndexMismatchError, IndexDamagedError: At once, not at the first
            question.
        ModelMissingError, ModelFailedError: If the language model of the settings cannot be one.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        encoder: Encoder | None = None,
        stages: Stages = ALL_STAGES,
    ) -> None:
        self.settings = settings or Settings()
        self.stages = stages
        self.glossary = load_glossary(self.settings.glossary)
        self.encoder = encoder or load_encoder(self.settings)
        self.cross_encoder: RelatesSentences | None = load_cross_encoder(self.settings)
        self.index = Index(
            self.settings.database,
            describe_tools(self.encoder, self.glossary),
            make_find_terms(self.glossary),
        )
        self.model = load_model(
            self.settings.model,
            server=self.settings.server,
            api_key=self.settings.api_key,
            timeout_seconds=self.settings.model_timeout_seconds,
        )

    def warm_up(self) -> None:
        """Load now what the first question would wait for; a language model is not asked."""
        if self.cross_encoder is not None:  # an index that holds nothing has nothing to read again
            self.cross_encoder.relate("open?", [Sentence("open")])
        text = "when did the brigde open? 什么时候开放？"
        assembler, draft = self._draft(text, self.find(text))
        if draft is not None:
            assembler.quote(draft)
        for language in LANGUAGES:
            gloss_quote("open 开放", self.glossary, language)

    def __call__(self, question: str, previous: Answer | None = None) -> Answer:
        """Answer `question` from the index, or say that the documents do not: see `stream`."""
        *_, last = self.stream(question, previous)
        return last

    def stream(self, question: str, previous: Answer | None = None) -> Iterator[Answer]:
        """Yield the answer as it grows; the last one is whole, and there is always one.

        Without a language model there is only the last. Every statement that is shown is
        verified; if a model fails or none of its sentences holds, the last answer is in quotes.

        Args:
            question: In English or Chinese; words of the index may be misspelt.
            previous: The turn before, which lends a follow-up ("and the price?", "who said
                that?") words of its question, answer and first quote; never evidence.

        Raises:
            QuestionError: If it is empty or longer than the settings allow.
        """
        began = perf_counter()
        text = _check_question(question, self.settings.max_question_chars)
        findings = self.find(text, previous)
        for answer in self._word(text, findings):
            yield replace(answer, generation=findings.generation, seconds=perf_counter() - began)

    def without_model(self) -> Answerer:
        """The same, of the same open index, that answers in quotes alone."""
        other = copy(self)
        other.model = None
        return other

    def get_document(self, id_: str) -> Document | None:
        """The document of an id, as the index holds it now; None if it does not."""
        with self.index.read() as view:
            return view.get_documents([id_]).get(id_)

    def search(self, query: str) -> Search:
        """Search as for an answer, and tell how: each leg's best beside the passages kept.

        Raises:
            QuestionError: If it is empty or longer than the settings allow.
        """
        return inspect_search(
            _check_question(query, self.settings.max_question_chars),
            self.index,
            self.encoder,
            self.glossary,
            passages=self.settings.passages,
            depth=self.settings.depth,
            stages=self.stages,
        )

    def find(self, text: str, previous: Answer | None = None) -> Findings:
        """Search and judge, and say nothing yet; `text` is not empty."""
        lent = previous if self.stages.follow_ups else None
        completed = complete_question(text, lent, self.glossary)
        if len(completed) > self.settings.max_question_chars:  # what was asked always fits
            completed = text
        if self.stages.spelling:
            with self.index.read() as view:
                completed = correct_spelling(completed, view, self.glossary)
        return search_answers(
            read_question(completed, self.glossary),
            prepare_query(completed, self.encoder, self.glossary),
            self.index.read(),
            self.glossary,
            passages=self.settings.passages,
            depth=self.settings.depth,
            cross_encoder=self.cross_encoder,
            stages=self.stages,
        )

    def _word(self, text: str, findings: Findings) -> Iterator[Answer]:
        assembler, draft = self._draft(text, findings)
        if draft is None or (self.stages.refusal and not draft.sure):
            yield assembler.refuse()
        elif self.model is None:
            yield assembler.quote(draft)
        else:
            yield from write_answers(
                findings.question.text, assembler, draft, self.model,
                max_tokens=self.settings.max_tokens,
            )  # fmt: skip

    def _draft(self, text: str, findings: Findings) -> tuple[Assembler, Draft | None]:
        return draft_findings(
            text, findings, self.glossary, max_quotes=self.settings.quotes, stages=self.stages
        )


def answer(question: str) -> Answer:
    """Answer one question from the index that the environment names, or from `.crossquote`.

    The index is opened at the first call and kept; use `Answerer` for other settings.
    """
    return _default_answerer()(question)


@cache
def _default_answerer() -> Answerer:
    return Answerer()


def _check_question(question: str, max_chars: int) -> str:
    if len(question) > max_chars:
        raise QuestionError(
            f"the question has {len(question):,} characters, at most {max_chars:,} are allowed. "
            "Ask one question at a time",
            code="question_long",
            chars=len(question),
            most=max_chars,
        )
    if not any(c.isalnum() for c in question):
        raise QuestionError(
            "the question holds no words. Ask one, such as: when did it open?",
            code="question_empty",
        )
    return question.strip()
