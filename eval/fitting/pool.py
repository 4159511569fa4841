"""Put a retrieval task behind the pipeline's own search, so that what is measured is what answers.

The task's paragraphs become passages and its sentences their sentences; everything after that
is `rag.retrieve`, with the settings that `answer` uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from embeddings.encoder import Encoder
from embeddings.gloss import Glossary
from eval.fitting.read import RetrievalTask, Unit, read_squad, read_xquad_r
from eval.fitting.retrieval import Rank, RetrievalReport, evaluate_retrieval
from rag.config import Settings
from rag.encode import encode_passages, make_find_terms
from rag.fuse import DEFAULT_FUSION, Fusion
from rag.pipeline import load_encoder, load_glossary
from rag.rank import rank_sentences
from rag.retrieve import Query, prepare_query, retrieve_passages
from rag.store import Index, View
from rag.types import LANGUAGES, Language, Passage
from rag.write import IndexWriter

LEGS = ("dense", "lexical", "gloss")
BATCH = 64  # documents a transaction


def index_task(
    task: RetrievalTask,
    path: Path,
    encoder: Encoder,
    glossary: Glossary,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Index:
    """Write the task's documents to a new index at `path` and open it.

    A document is one passage without a heading, so that no title helps to find it.
    """
    spans: dict[str, list[tuple[int, int]]] = {}
    for candidate in task.candidates:
        spans.setdefault(candidate.document_id, []).append((candidate.start, candidate.end))
    with IndexWriter(path, {}, make_find_terms(glossary)) as writer:
        for first in range(0, len(task.documents), BATCH):
            documents = task.documents[first : first + BATCH]
            passages = [Passage(f"{d.id}#0", d.id, d.text, 0, len(d.text)) for d in documents]
            entries = encode_passages(passages, [spans[d.id] for d in documents], encoder)
            for document, entry in zip(documents, entries, strict=True):
                writer.replace_file(document.id, "", [(document, [entry])])
            if progress:
                progress(first + len(documents), len(task.documents))
    return Index(path, {}, make_find_terms(glossary))


def make_rank(
    task: RetrievalTask,
    index: Index,
    encoder: Encoder,
    glossary: Glossary,
    *,
    k: int,
    depth: int,
    legs: Sequence[str] = LEGS,
) -> Rank:
    """Return a function from a question to candidate ids: "fused", then each of `legs` alone.

    "fused" ranks the way `answer` does, with `k` passages and `depth` candidates a leg. A leg
    alone ranks the whole pool by its own scores, without the passage's.
    """
    ids = {(c.document_id, c.start, c.end): c.id for c in task.candidates}

    def rank_pool(query: Query, view: View, fusion: Fusion, k: int, depth: int) -> list[str]:
        found = retrieve_passages(query, view, k=k, depth=depth, fusion=fusion)
        if task.unit == "paragraph":
            passages = [item.hit.passage for item in found]
            return [ids[p.document_id, p.start, p.end] for p in passages]
        evidence = rank_sentences(query, found, view, glossary, fusion=fusion)
        quotes = [item.quote for item in evidence]
        return [ids[q.document_id, q.start, q.end] for q in quotes]

    def rank(question: str) -> Mapping[str, Sequence[str]]:
        query = prepare_query(question, encoder, glossary)
        everything = len(task.documents)
        with index.read() as view:
            rankings = {"fused": rank_pool(query, view, DEFAULT_FUSION, k, depth)}
            for leg in legs:
                alone = leg_alone(leg)
                rankings[leg] = rank_pool(query, view, alone, everything, everything)
        return rankings

    return rank


def leg_alone(leg: str) -> Fusion:
    """The fusion in which only one of `LEGS` counts, and the passage not at all."""
    dense, lexical, gloss = (float(name == leg) for name in LEGS)
    pairs = [(question, documents) for question in LANGUAGES for documents in LANGUAGES]
    return Fusion(dict.fromkeys(pairs, (dense, lexical, gloss)), passage_weight=0.0)


def evaluate_file(
    data: Path,
    settings: Settings,
    *,
    questions: Language,
    documents: Language,
    unit: Unit,
    with_legs: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> RetrievalReport:
    """Index the paragraphs of a public question set in a temporary folder, and ask it all.

    Args:
        data: The folder of XQuAD-R, or a file in SQuAD format; for the latter the languages and
            the unit are the file's own.
        settings: Encoder, glossary, and how many passages are retrieved.
        questions: Language asked in.
        documents: Language searched.
        unit: What is to be found.
        with_legs: Whether to rank by each leg alone, too.
        progress: Told how many questions are done, of how many.

    Raises:
        CorpusError: If the data is missing or not in form.
    """
    if data.is_dir():
        task = read_xquad_r(data, questions=questions, documents=documents, unit=unit)
    else:
        task = read_squad(data)
    encoder, glossary = load_encoder(settings), load_glossary(settings.glossary)
    with TemporaryDirectory() as folder:
        index = index_task(task, Path(folder) / "index.db", encoder, glossary)
        rank = make_rank(
            task, index, encoder, glossary,
            k=settings.passages, depth=settings.depth, legs=LEGS if with_legs else (),
        )  # fmt: skip
        report = evaluate_retrieval(task, rank, progress=progress)
        index.close()
    return report
