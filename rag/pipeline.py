"""The two straight lines, strung together: read this first.

build:  load -> clean -> chunk -> encode -> store
ask:    understand -> retrieve -> weigh -> compose -> judge -> cite
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from time import perf_counter

from embeddings.bilingual import BilingualEncoder
from embeddings.encoder import Encoder
from embeddings.gloss import Glossary, read_glossary, read_table
from embeddings.sentence import SentenceEncoder
from rag.cite import number_citations
from rag.compose import REFUSALS, draft_answer, list_options
from rag.config import Settings
from rag.encode import find_terms
from rag.errors import CorpusError, QuestionError
from rag.judge import read_threshold
from rag.load import find_files
from rag.retrieve import prepare_query, rank_sentences, retrieve_passages
from rag.store import Index
from rag.synchronize import REVISION as PASSAGES_REVISION
from rag.synchronize import BuildReport, Progress, synchronize_files
from rag.terms import REVISION as TERMS_REVISION
from rag.types import Answer
from rag.understand import read_question
from rag.weigh import read_evidence, weigh_concepts
from rag.write import IndexWriter

READ_SENTENCES = 16  # how many ranked sentences of a language are read word by word


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

    Each file is one transaction, so a run that is stopped goes on where it was. Files whose
    bytes did not change are not read again.

    Args:
        folder: Or one file.
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
    files = find_files(root)
    if not files:
        raise CorpusError(f"{str(root)!r} holds no files. Give a folder with your documents")
    glossary = load_glossary(settings.glossary)
    encoder = encoder or load_encoder(settings)
    meta = {**describe_tools(encoder, glossary), "folder": str(root.resolve())}
    with IndexWriter(
        settings.database, meta, lambda passage: find_terms(passage, glossary), anew=rebuild
    ) as writer:
        report = synchronize_files(
            files, root, writer, encoder, encoding=encoding, progress=progress
        )
    return replace(report, seconds=perf_counter() - began)


class Answerer:
    """Answers many questions from one open index; threads may share it.

    Args:
        settings: None reads them from the environment.
        encoder: Instead of the one that the settings name.

    Raises:
        IndexMissingError, IndexMismatchError, IndexDamagedError: At once, not at the first
            question.
    """

    def __init__(self, settings: Settings | None = None, *, encoder: Encoder | None = None) -> None:
        self.settings = settings or Settings()
        self.glossary = load_glossary(self.settings.glossary)
        self.encoder = encoder or load_encoder(self.settings)
        self.index = Index(self.settings.database, describe_tools(self.encoder, self.glossary))

    def warm_up(self) -> None:
        """Load now what the first question would wait for: model, tables, vectors."""
        self("when did it open? 什么时候开放？")

    def __call__(self, question: str) -> Answer:
        """Answer `question` from the index, or say that the documents do not.

        Raises:
            QuestionError: If it is empty or longer than the settings allow.
        """
        began = perf_counter()
        settings = self.settings
        asked = read_question(_check_question(question, settings.max_question_chars), self.glossary)
        query = prepare_query(asked.text, self.encoder, self.glossary)
        with self.index.read() as view:
            found = retrieve_passages(query, view, k=settings.passages, depth=settings.depth)
            evidence = rank_sentences(query, found, view, self.glossary, k=READ_SENTENCES)
            weights = weigh_concepts(asked.concepts, view)
            documents = view.get_documents(sorted({item.hit.passage.document_id for item in found}))
        readings = read_evidence(evidence, weights, self.glossary)
        options = list_options(asked, readings, documents, self.glossary)
        draft = draft_answer(options, max_quotes=settings.quotes)
        hits = tuple(item.hit for item in found)
        if draft is None or draft.probability < read_threshold():
            return Answer(
                asked.text, asked.language, (), (), hits, found=False,
                refusal=REFUSALS[asked.language], seconds=perf_counter() - began,
            )  # fmt: skip
        citations = number_citations(draft.statements, evidence, documents)
        return Answer(
            asked.text, asked.language, draft.statements, citations, hits, found=True,
            seconds=perf_counter() - began,
        )  # fmt: skip


def answer(question: str) -> Answer:
    """Answer one question from the index that the environment names, or from `.crossquote`.

    The index is opened at the first call and kept; use `Answerer` for other settings.
    """
    return _default_answerer()(question)


def load_glossary(own: Path | None) -> Glossary:
    """Return the bundled glossary, with the user's own words before it.

    Raises:
        CorpusError: If the user's file is missing or not in form.
    """
    if own is None:
        return _bundled_glossary()
    try:
        return Glossary({**read_table(), **read_glossary(own)})
    except (OSError, ValueError) as exc:
        raise CorpusError(f"the glossary cannot be read: {exc}") from exc


def load_encoder(settings: Settings) -> Encoder:
    """Return the encoder that the settings name; its weights are loaded at first use."""
    if settings.encoder == "bundled":
        return BilingualEncoder(precision=settings.precision)
    return SentenceEncoder(
        settings.encoder,
        query_prompt=settings.query_prompt,
        passage_prompt=settings.passage_prompt,
    )


def describe_tools(encoder: Encoder, glossary: Glossary) -> dict[str, str]:
    """What an index must have been built with, to be asked with these."""
    return {
        "encoder": encoder.name,
        "terms": f"{TERMS_REVISION}/{glossary.fingerprint}",
        "passages": PASSAGES_REVISION,
    }


@cache
def _bundled_glossary() -> Glossary:
    return Glossary(read_table())


@cache
def _default_answerer() -> Answerer:
    return Answerer()


def _check_question(question: str, max_chars: int) -> str:
    if len(question) > max_chars:
        raise QuestionError(
            f"the question has {len(question):,} characters, at most {max_chars:,} are allowed. "
            "Ask one question at a time"
        )
    if not any(c.isalnum() for c in question):
        raise QuestionError("the question holds no words. Ask one, such as: when did it open?")
    return question.strip()
