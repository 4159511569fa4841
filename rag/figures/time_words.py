"""Words that tell when without a date: "after the war", 双十一前."""

from __future__ import annotations

import re

from rag.types import Language

_EN = re.compile(
    r"\b(?:before|after|during|until|till|since|when|while|once|ago|later|earlier|soon|recently|"
    r"today|yesterday|tomorrow|tonight|centur(?:y|ies)|decades?|era|period|wars?|spring|summer|"
    r"autumn|winter|upon|following|prior|by the time|season|christmas|easter|morning|night|"
    r"evening|midnight|noon)\b",
    re.IGNORECASE,
)
_ZH = re.compile(
    r"[之以]?[前后](?![面者往])|期间|时[候期]|之时|之际|以来|年代|世纪|朝|当[天日晚年时]|近日|日前|"
    r"[春夏秋冬][季天]|节|随后|[早晚]期|[末初]"
)


def tells_time(text: str, language: Language) -> bool:
    """Whether a sentence without a date may yet say when something was."""
    return (_ZH if language == "zh" else _EN).search(text) is not None
