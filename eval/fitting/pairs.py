"""How good answers are on XQuAD-R, for each pair of languages, with all its paragraphs around.

Reported on the half of the questions whose articles took no part in fitting `rag.judge`. What
answers is the code that answers readers: it quotes, verifies and cites.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from embeddings.gloss import Glossary
from eval.fitting.read import read_xquad_r
from eval.fitting.trials import Asked, Asker
from eval.measures.metrics import Mean, estimate_mean, measure_roc
from rag.assemble import draft_findings
from rag.candidates import KINDS
from rag.config import Settings
from rag.pipeline import load_cross_encoder, load_encoder, load_glossary
from rag.types import LANGUAGES, Answer, Document
from rag.values import Value, find_values

FALSELY_REFUSED = 0.10
QUOTES = 3  # "one of the first three quotes"
_QUOTED = ("“", "「")  # what a sentence that is said begins with


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question, as it is asked or about something that is not told.

    Attributes:
        probability: That the paragraphs tell, as the judge has it.
        answer: What was said.
        first, near: Whether the best quote holds the gold answer, and one of the best three.
        short: Whether the value put first holds it; None where no value is asked for, or the
            gold answer is none.
        exact: Whether every citation is a slice of its document.
        quoted: Whether a sentence is put first and no value.
    """

    asked: Asked
    probability: float
    answer: Answer
    first: bool
    near: bool
    short: bool | None
    exact: bool
    quoted: bool


@dataclass(frozen=True, slots=True)
class PairReport:
    """The measures of one pair of languages, by name; see `describe_outcomes`."""

    pair: str
    measures: dict[str, Mean]


def evaluate_pairs(
    data: Path, settings: Settings, *, progress: Callable[[int, int], None] | None = None
) -> list[PairReport]:
    """Ask XQuAD-R in all four pairs of languages, and report on the half not fitted.

    Args:
        data: The folder of XQuAD-R.
        settings: As for answering.
        progress: Told how many questions of a pair are done, of how many.

    Raises:
        CorpusError: If the data is missing or not in form.
    """
    encoder, glossary = load_encoder(settings), load_glossary(settings.glossary)
    cross_encoder = load_cross_encoder(settings)
    reports = []
    with TemporaryDirectory() as folder:
        for questions, documents in ((q, d) for q in LANGUAGES for d in LANGUAGES):
            task = read_xquad_r(data, questions=questions, documents=documents, unit="sentence")
            asker = Asker(task, encoder, glossary, settings, cross_encoder)
            everything = len(task.documents)
            outcomes = [
                grade_asked(asked, glossary, settings)
                for asked in asker.ask_all(
                    everything, Path(folder), reporting=True, progress=progress
                )
            ]
            reports.append(PairReport(f"{questions}-{documents}", describe_outcomes(outcomes)))
    return reports


def grade_asked(asked: Asked, glossary: Glossary, settings: Settings) -> Outcome:
    """Answer from what was found, and compare with the gold answer."""
    findings = asked.findings
    text = findings.question.text
    assembler, draft = draft_findings(text, findings, glossary, max_quotes=settings.quotes)
    said = assembler.quote(draft) if draft else assembler.refuse()
    answer = said if draft and draft.sure else assembler.refuse()
    shown = said.statements[0].quotes if said.found else ()
    ranked = [item.quote for item in assembler.evidence]
    holds = [_holds(quote.text, asked.answers) for quote in dict.fromkeys((*shown, *ranked))]
    return Outcome(
        asked=asked,
        probability=assembler.probability,
        answer=answer,
        first=any(holds[:1]),
        near=any(holds[:QUOTES]),
        short=_grade_short(asked, said.statements[0].text if said.found else ""),
        quoted=said.found and said.statements[0].text[:1] in _QUOTED,
        exact=_is_exact(answer, findings.documents),
    )


def describe_outcomes(outcomes: Sequence[Outcome]) -> dict[str, Mean]:
    """Return the measures of a pair by name.

    The quotes and short answers are judged before refusing, "right" after it. "refused" is what
    the thresholds in use do, "at .10 false" what those would that falsely refuse exactly a tenth
    of these questions. "ROC" is the area
    under the curve of the probability, questions that are told against those that are not; its
    interval is not estimated, so both ends are the value.
    """
    held = [o for o in outcomes if o.asked.held]
    measures = {
        "first quote holds it": estimate_mean([float(o.first) for o in held]),
        "one of three does": estimate_mean([float(o.near) for o in held]),
        "short answer holds it": estimate_mean(
            [float(o.short) for o in held if o.short is not None]
        ),
        "the same where one is given": estimate_mean(
            [float(o.short) for o in held if o.short is not None and not o.quoted]
        ),
        "right after refusing": estimate_mean([float(o.first and o.answer.found) for o in held]),
        "falsely refused": estimate_mean([float(not o.answer.found) for o in held]),
    }
    for variant, name in (("without", "paragraph away"), ("swapped", "name swapped")):
        others = [o for o in outcomes if o.asked.variant == variant]
        measures[f"refused, {name}"] = estimate_mean([float(not o.answer.found) for o in others])
        at = np.quantile([o.probability for o in held], FALSELY_REFUSED)
        measures[f"at .10 false, {name}"] = estimate_mean(
            [float(o.probability < at) for o in others]
        )
        area = measure_roc([o.probability for o in held], [o.probability for o in others])
        measures[f"ROC, {name}"] = Mean(area, area, area, len(held) + len(others))
    measures |= {
        "spans exact": estimate_mean([float(o.exact) for o in outcomes]),
        "conflict stated": estimate_mean([float(bool(o.answer.conflicts)) for o in held]),
        "statement dropped": estimate_mean([float(o.answer.dropped > 0) for o in held]),
    }
    return measures


def format_pairs(reports: Sequence[PairReport]) -> str:
    """A table: a line a measure, a column a pair."""
    lines = [f"{'':<30}" + "".join(f"{report.pair:>8}" for report in reports)]
    lines += [
        f"{name:<30}" + "".join(f"{report.measures[name].value:8.3f}" for report in reports)
        for name in reports[0].measures
    ]
    lines.append(
        f"{'n, short answers':<30}"
        + "".join(f"{r.measures['short answer holds it'].n:8}" for r in reports)
    )
    lines.append(
        f"{'n':<30}" + "".join(f"{r.measures['first quote holds it'].n:8}" for r in reports)
    )
    return "\n".join(lines)


def describe_pairs(reports: Sequence[PairReport]) -> dict[str, Any]:
    """Everything as JSON types: pair -> measure -> mean, interval and n."""
    return {r.pair: {name: asdict(mean) for name, mean in r.measures.items()} for r in reports}


def _grade_short(asked: Asked, said: str) -> bool | None:
    if asked.findings.question.asked not in KINDS:
        return None
    gold = [value for answer in asked.answers for value in find_values(answer)]
    if not gold:
        return None
    if said[:1] in _QUOTED:
        return False
    return _holds(said, asked.answers) or _tells(find_values(said), gold)


def _tells(said: Iterable[Value], gold: Sequence[Value]) -> bool:
    """Whether each gold value is said, a date maybe more exactly."""
    told = list(said)
    return all(any(_covers(value, wanted) for value in told) for wanted in gold)


def _covers(value: Value, wanted: Value) -> bool:
    if value.key == wanted.key:
        return True
    day, part = value.date, wanted.date
    if day is None or part is None or part.shift is not None or day.shift is not None:
        return False
    pairs = ((part.year, day.year), (part.month, day.month), (part.day, day.day))
    return part.year is not None and all(known in (None, told) for known, told in pairs)


def _holds(text: str, answers: Iterable[str]) -> bool:
    plain = _squeeze(text)
    return any(_squeeze(answer) in plain for answer in answers)


def _squeeze(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if not c.isspace())


def _is_exact(answer: Answer, documents: Mapping[str, Document]) -> bool:
    return all(
        documents[c.quote.document_id].text[c.quote.start : c.quote.end] == c.quote.text
        for c in answer.citations
    )
