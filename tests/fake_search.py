"""A stand-in for the index behind the pages: the documents of `tests.fakes`, and a search."""

from __future__ import annotations

from rag.errors import IndexDamagedError, QuestionError
from rag.legs import Search, Term
from rag.types import Document, Hit, LegScore, Quote
from tests.fakes import (
    BRIDGE_EN,
    BRIDGE_ZH,
    BROKEN,
    DOOR,
    HOSTILE,
    MAX_CHARS,
    MUSEUM_EN,
    MUSEUM_ZH,
    SECRET,
    make_passage,
)

LONG = Document(
    id="long.txt",
    title="A long document",
    text="".join(f"Line {n}: the tide came in, and went out again.\n" for n in range(60_000)),
    source="long.txt",
    language="en",
)
DAMAGED = "damaged.txt"
_DOCUMENTS = {d.id: d for d in (BRIDGE_ZH, BRIDGE_EN, MUSEUM_ZH, MUSEUM_EN, DOOR, LONG)}


def fake_get_document(id_: str) -> Document | None:
    """The document, if there is one; reading `DAMAGED` fails in words, `BROKEN` without."""
    if id_ == DAMAGED:
        raise IndexDamagedError("the index at '.crossquote' is damaged. Rebuild it")
    if id_ == BROKEN:
        raise RuntimeError(f"cannot open {SECRET}")
    return _DOCUMENTS.get(id_)


def fake_search(query: str) -> Search:
    """Three kept passages and three dropped ones, one of them a copy; a hostile one if asked."""
    if not query.strip():
        raise QuestionError("the question holds no words. Ask one, such as: when did it open?")
    if len(query) > MAX_CHARS:
        raise QuestionError(f"the question has {len(query)} characters, at most {MAX_CHARS} fit")
    if query == BROKEN:
        raise RuntimeError(f"cannot open {SECRET}")
    first = DOOR if query == HOSTILE else BRIDGE_EN
    hits = (
        make_hit(first, 1, 2.4, dense=1, lexical=1, gloss=2),
        make_hit(BRIDGE_ZH, 2, 1.1, dense=1, gloss=1),
        make_hit(MUSEUM_EN, 3, -0.2, dense=3, lexical=2),
    )
    dropped = (
        make_hit(BRIDGE_EN, 4, -0.3, n=1, dense=2, lexical=3, gloss=1),
        make_hit(MUSEUM_ZH, 5, -0.4, lexical=1, gloss=2),
        make_hit(MUSEUM_EN, 6, -0.9, n=1, gloss=3),
    )
    opened = "The Linhe Bridge was opened to traffic on May 18, 2021, a year later than planned."
    notice = DOOR.text[DOOR.text.index("    The notice") : DOOR.text.index("\n<form")]
    return Search(
        asked=query,
        query=query.replace("brigde", "bridge"),
        language="en",
        terms={
            "lexical": (Term("linhe", 2), Term("bridge", 5), Term("zeppelin", 0)),
            "gloss": (Term("linh", 2), Term("bridg", 7)),
        },
        weights={"zh": (1.5, 0.0, 1.0), "en": (1.0, 1.0, 1.0)},
        hits=hits,
        dropped=dropped,
        copies={f"{BRIDGE_EN.id}#1": f"{first.id}#0"},
        sentences={
            f"{first.id}#0": make_span(first, notice if first is DOOR else opened),
            f"{BRIDGE_ZH.id}#0": make_span(BRIDGE_ZH, "2021年5月18日上午，临河大桥正式通车。"),
        },
        titles={d.id: d.title for d in _DOCUMENTS.values()},
        candidates={"zh": 12, "en": 31},
        generation=1,
        seconds={"read": 0.011, "search": 0.0024, "choose": 0.0102},
    )


def make_span(document: Document, text: str) -> Quote:
    start = document.text.index(text)
    return Quote(document.id, start, start + len(text), text)


def make_hit(
    document: Document,
    rank: int,
    score: float,
    *,
    n: int = 0,
    dense: int | None = None,
    lexical: int | None = None,
    gloss: int | None = None,
) -> Hit:
    return Hit(
        make_passage(document, n=n),
        rank,
        score,
        document.language,
        _place(dense, 0.8),
        _place(lexical, 9.0),
        _place(gloss, 7.5),
    )


def _place(rank: int | None, first: float) -> LegScore | None:
    return None if rank is None else LegScore(rank, first / rank)
