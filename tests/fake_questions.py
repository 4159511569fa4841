"""A small question set over the invented documents of `tests.fakes`, and its check."""

from __future__ import annotations

from eval.checks.check_set import SetCheck, check_questions
from eval.questions import Evidence, Question
from tests.fakes import BRIDGE_EN, BRIDGE_ZH

DOCUMENTS = {document.id: document for document in (BRIDGE_ZH, BRIDGE_EN)}
OPENED = Evidence(BRIDGE_ZH.id, "2021年5月18日上午，临河大桥正式通车")
LONG = Evidence(BRIDGE_ZH.id, "大桥全长3.2公里")
WHEN = Question(
    "when", "When did the bridge open?", "en", "date", True, (("2021-05-18",),), (OPENED,)
)  # fmt: skip
HOW_LONG = Question(
    "long", "临河大桥有多长？", "zh", "number", True, (("3.2公里",), ("3.2 km",)), (LONG,)
)  # fmt: skip
WHO = Question("who", "Who will repair it?", "en", "person", False)


def check(*questions: Question, max_chars: int = 1_000) -> SetCheck:
    return check_questions(questions, DOCUMENTS.get, max_chars=max_chars)


def list_warnings(found: SetCheck) -> list[tuple[str, tuple[str, ...]]]:
    """What the warnings are about, without those on the balance of so few questions."""
    return [(w.about, w.questions) for w in found.warnings if w.about != "balance"]
