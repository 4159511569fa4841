"""Records of an invented run, and the report of them; every number in it can be checked by head."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from eval.questions import Evidence, Question
from eval.records import Found, Record
from eval.report import Report, make_report
from rag.types import Answer
from tests.fakes import BRIDGE_ZH, DOOR, HOSTILE, WHEN_EN, WHEN_ZH, fake_ask, make_refusal

EVIDENCE = (Evidence(BRIDGE_ZH.id, "2021年5月18日上午，临河大桥正式通车。"),)
OPENED = Question(
    "opened", WHEN_EN, "en", "date", True, (("2021-05-18",),), EVIDENCE,
    tags=("bridge",), group="opening",
)  # fmt: skip
OPENED_ZH = replace(OPENED, id="opened-zh", question=WHEN_ZH, language="zh")
UNTOLD = Question("untold", "Who painted it?", "en", "person", False)
FOUND = (
    Found("news/bridge.txt#1", "news/bridge.txt", 1, {"dense": 1}, tells=False),
    Found("news/bridge.txt#0", "news/bridge.txt", 2, {"dense": 4, "gloss": 1}, tells=True),
)
RIGHT = {"falsely refused": 0.0, "document": 1.0, "value": 1.0, "spans": 1.0, "recall@5": 1.0}
WRONG = {**RIGHT, "value": 0.0}
REFUSED = {"falsely refused": 1.0, "document": 0.0, "value": 0.0, "recall@5": 1.0}
ASKED_EVIL = '<img src=x onerror="window.pwned=1"> ${window.pwned=1} {{1}} `x` \u202e'
EVIL = (
    '</bdi></details><script>window.pwned=1</script><img src="http://203.0.113.7/x.png">'
    "![x](http://203.0.113.7/y.png) [a](javascript:window.pwned=1) | `` ` `` \u202egnp \ud800\x00\n"
    "# head\r\n<style>*{display:none}</style> www.example.org @all ${1} {{1}} &amp; \\"
)


def make_record(question: Question = OPENED, answer: Answer | None = None, **fields: Any) -> Record:
    """A right answer in English from a Chinese document, unless fields say otherwise."""
    record = Record(
        question=question,
        answer=replace(answer or fake_ask(WHEN_EN), hits=(), probability=0.75),
        found=FOUND,
        measures=RIGHT,
        pair="en-zh",
        seconds=0.25,
    )
    return replace(record, **fields)


def make_error(question: Question = OPENED, words: str = "OSError: gone") -> Record:
    measures = {"value": 0.0, "document": 0.0, "recall@5": 0.0}
    return Record(question, None, (), measures, "en-zh", 0.5, words)


def make_small_report() -> Report:
    """Of five questions three went wrong: a wrong value, a false refusal, an error."""
    return make_report(
        [
            make_record(),
            make_record(OPENED_ZH, make_refusal(WHEN_ZH), measures=REFUSED, pair="zh-zh"),
            make_record(replace(OPENED, id="later", group=""), measures=WRONG),
            make_record(UNTOLD, make_refusal("Who?"), measures={"refused": 1.0}, pair="en-none"),
            make_error(replace(OPENED, id="broken", group="", kind="time")),
        ],
        name="bridges",
        details={"commit": "abc123", "settings": {"depth": 50, "model": ""}},
    )


def make_hostile_report() -> Report:
    """Whatever can come from outside is an attack: questions, documents, answers, errors."""
    question = Question(
        id=EVIL, question=ASKED_EVIL, language="en", kind=EVIL, answerable=True,
        accept=((EVIL, "x"),), evidence=(Evidence(DOOR.id, EVIL),), conflict=((EVIL,), (EVIL,)),
        previous=(EVIL,), tags=(EVIL,), group=EVIL,
    )  # fmt: skip
    refusal = replace(make_refusal(WHEN_EN), refusal=EVIL, note=EVIL)
    found = (Found(EVIL, EVIL, 1, {}, tells=True),)
    return make_report(
        [
            make_record(question, fake_ask(HOSTILE), measures=WRONG, pair=EVIL, found=found),
            make_record(replace(question, id="2"), refusal, measures=REFUSED, found=()),
            make_error(replace(question, id="3"), EVIL),
        ],
        name=EVIL,
        details={EVIL: {EVIL: [EVIL]}},
    )
