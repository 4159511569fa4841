"""A small question set on the documents of `tests.fakes`, and runs of it in two systems."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embeddings.gloss import Glossary
from eval.evaluate import Ask
from eval.questions import Evidence, Question
from eval.report import Report
from eval.runs import run_questions
from rag.types import Answer, Document
from tests.fakes import (
    BRIDGE_EN,
    BRIDGE_ZH,
    CONFLICT,
    FOLLOW_UP,
    MUSEUM_EN,
    MUSEUM_ZH,
    REFUSED_EN,
    WHEN_EN,
    WHEN_ZH,
    fake_ask,
    make_answer,
    make_refusal,
)

GLOSSARY = Glossary({"大桥": ("bridge",), "通车": ("open to traffic",)})
DETAILS = {"system": "fake", "set": "bridges", "settings": {"depth": 50}, "generation": 3}
OPENED = (Evidence(BRIDGE_ZH.id, "临河大桥正式通车。"),)
QUESTIONS = (
    Question("q1", WHEN_EN, "en", "date", True, (("2021-05-18",),), OPENED, group="opened"),
    Question("q2", WHEN_ZH, "zh", "date", True, (("2021-05-18",),), OPENED, group="opened"),
    Question(
        "q3", CONFLICT, "en", "number", True, (("1200000",),),
        (Evidence(MUSEUM_ZH.id, "每年将接待120万名观众"),), (("1200000",), ("900000",)),
    ),
    Question("q4", REFUSED_EN, "en", "person", answerable=False, tags=("hopeless",)),
    Question(
        "q5", FOLLOW_UP, "en", "measure", True, (("3.2 km",),),
        (Evidence(BRIDGE_ZH.id, "大桥全长3.2公里"),), previous=(WHEN_EN,),
    ),
)  # fmt: skip
_DOCUMENTS = {d.id: d for d in (BRIDGE_ZH, BRIDGE_EN, MUSEUM_ZH, MUSEUM_EN)}


def get_document(id_: str) -> Document | None:
    return _DOCUMENTS.get(id_)


def ask_worse(question: str, previous: Answer | None = None) -> Answer:
    """As `fake_ask`, but it gives a wrong date in English, and answers what should be refused."""
    if question == WHEN_EN:
        return make_answer(question, "en", ("May 19, 2021", ((BRIDGE_EN, BRIDGE_EN.text[:10]),)))
    if question == REFUSED_EN:
        return make_answer(question, "en", ("The mayor", ((BRIDGE_EN, BRIDGE_EN.text[:10]),)))
    if question == FOLLOW_UP:
        return make_refusal(question)
    return fake_ask(question, previous)


def run_fake(
    folder: Path, ask: Ask = fake_ask, *, details: Mapping[str, Any] = DETAILS, **options: Any
) -> Report:
    return run_questions(
        ask, options.pop("questions", QUESTIONS), folder,
        details=details, glossary=GLOSSARY, get_document=get_document, **options,
    )  # fmt: skip
