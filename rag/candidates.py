"""Values and names in a sentence that could be what a question asks for, with their features.

A candidate is described, not judged: how the description counts is fitted in `rag.judge`.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from embeddings.gloss import Glossary, romanize
from rag.closeness import score_closeness
from rag.events import read_events
from rag.figures.dates import MOST_STEPS
from rag.figures.dimensions import find_asked_dimension, read_dimension
from rag.figures.stretches import Place, place_values
from rag.figures.units import UNITS
from rag.names import Name, find_names, find_products, format_name
from rag.sentences import HAN
from rag.types import Document, Evidence, Language
from rag.understand import Question
from rag.values import Value, find_values, format_value, resolve_value
from rag.weigh import Reading

# The kinds of value that answer each kind of question; 1 fits, less fits less.
KINDS: Mapping[str, Mapping[str, float]] = {
    "date": {"date": 1.0},
    "time": {"time": 1.0, "date": 0.5},
    "duration": {"duration": 1.0},
    "share": {"share": 1.0},
    "money": {"money": 1.0},
    "amount": {"money": 1.0, "share": 1.0, "count": 0.8, "measure": 0.8, "number": 0.5},
    "number": {"count": 1.0, "measure": 1.0, "number": 0.8},
}
NAME_KINDS = frozenset(("person", "organization", "place", "product"))
FEATURES = (
    "fit", "closeness", "unit", "open_parts", "unresolved", "dateline", "named", "certainty",
    "planned", "event",
)  # fmt: skip

ANY_UNIT = frozenset(("unit", "piece", "item"))  # 台, 个 and "units" count whatever is counted
OTHER_KIND = 0.5  # an organization where a person is asked for
SAME_BASE = 0.5  # miles where kilometers are asked for
_DATELINE = re.compile(r"\s*(?:消息|讯|电(?!话|动|池|力|商)|报道|\([^()]{0,20}\) ?[-—–])")
_CITES = re.compile(r"(?:据|援引|引述|\b(?:according to|told|cited by)(?: the)?) ?$", re.IGNORECASE)
_REPORTS = re.compile(
    r"(?:[^,，。]{0,6}(?:报道|消息|获悉|讯(?!息))|"
    r"['’]?s? (?:reports?|reported|quoted|cites?|cited)\b)",
    re.IGNORECASE,
)
_COMPANY_ACTS = re.compile(  # what a company or a club does as well as a person
    r"\b(?:acquir|buy|bought|own|ma[kd]e|manufactur|produc|suppl|sponsor|fund|financ|invest|publish|"
    r"develop|operat|build|built|launch|sell|sold|beat|defeat|lose to|lost to|win|won|compet|"
    r"sue[sd]?\b|partner)|收购|买下|拥有|制造|生产|供应|供货|赞助|资助|投资|入股|出版|发行|开发|研发|运营|营运|经营|"
    r"建造|承建|主办|推出|击败|打败|战胜|输给|夺冠|赢得|赢了|竞争|起诉|合作",
    re.IGNORECASE,
)
_OPENING = re.compile(r"[\s\d.、)）]*")
_HAN_RUN = re.compile(f"(?:{HAN.pattern})+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value or name in a sentence.

    Attributes:
        key: Equal for what is the same in another source or language.
        printed: For the reader of the question's language.
        start, end: Its span in the sentence.
        features: In the order of `FEATURES`. `fit`: how well its kind answers the question, 1 is
            best. `closeness`: see `rag.closeness`. `unit`: 1 the unit asked for, -1 another.
            `open_parts`: of year, month and day, how many are not told. `unresolved`: 1 for a
            date such as "this year" of a text that does not say which. `dateline`: 1 for the
            date of a report, not of what it reports, and for who reports it. `named`: the share
            of it that the question names itself. `certainty`: of a name that it is one; 1 for a
            value.
            `planned`: of a value, 1 if it is told of a plan and the question asks for none, or the
            reverse. `event`: 1 if the clause of a value names what the question asks to have
            happened, -1 if it names only something else, as `rag.events` has it.
    """

    key: Hashable
    printed: str
    start: int
    end: int
    features: tuple[float, ...]


def find_candidates(
    question: Question,
    reading: Reading,
    documents: Mapping[str, Document],
    glossary: Glossary,
) -> list[Candidate]:
    """Return what in the sentence is of the kind asked for, in reading order."""
    text = reading.evidence.quote.text
    if question.asked in NAME_KINDS:
        names = _find_asked_names(question, text, glossary)
        return [_describe_name(name, question, reading, glossary) for name in names]
    if question.asked not in KINDS:
        return []
    values = [
        value
        for value in find_values(text, language=reading.evidence.hit.language)
        if value.kind in KINDS[question.asked] and _is_measured(value, question, text)
    ]
    places = place_values(text, [(value.start, value.end) for value in values])
    return [
        _describe_value(value, place, question, reading, documents)
        for value, place in zip(values, places, strict=True)
    ]


def _find_asked_names(question: Question, text: str, glossary: Glossary) -> list[Name]:
    """The names of the kind asked for; who bought it may be a company, where no person is named."""
    if question.asked == "product":
        return find_products(text, glossary)
    found = find_names(text, glossary)
    asked = [name for name in found if name.kind == question.asked]
    if not asked and question.asked == "person" and _COMPANY_ACTS.search(question.text):
        return [name for name in found if name.kind == "organization"]
    return asked


def resolve_in_passage(
    value: Value, evidence: Evidence, documents: Mapping[str, Document]
) -> Value:
    """Give a date of a quote its year where the article's date tells it, or else the item's text.

    Args:
        value: One of the quote's, with its span in the quote; one that is no date comes back as
            it is.
        evidence: The quote and the passage that it stands in.
        documents: By id; the quote's own is among them.
    """
    if value.date is None:
        return value
    quote, passage = evidence.quote, evidence.hit.passage
    anchor = documents[quote.document_id].published
    year = None
    if anchor is None:
        before = passage.text[: quote.start - passage.start + value.start]
        stated = [v.date.year for v in find_values(before) if v.date is not None and v.date.year]
        year = stated[-1] if stated else None
    return resolve_value(value, anchor=anchor, year=year)


def _describe_value(
    found: Value,
    place: Place,
    question: Question,
    reading: Reading,
    documents: Mapping[str, Document],
) -> Candidate:
    value = resolve_in_passage(found, reading.evidence, documents)
    day = value.date
    told = day is None or (day.shift is not None and abs(day.shift.steps) > MOST_STEPS)
    parts = (1, 1, 1) if day is None or told else (day.year, day.month, day.day)
    asked_values = {other.key for other in find_values(question.text)}
    return Candidate(
        key=value.key,
        printed=_print_value(found, value, reading.evidence.hit.language, question.language),
        start=found.start,
        end=found.end,
        features=(
            KINDS[question.asked][found.kind],
            score_closeness(found.start, found.end, reading, place),
            _compare_units(value, question),
            float(sum(part is None for part in parts)),
            float(parts[0] is None and parts[1] is None),
            float(_is_dateline(found, reading.evidence.quote.text)),
            float(found.key in asked_values),
            1.0,
            *_compare_events(found, question, reading),
        ),
    )


def _compare_units(value: Value, question: Question) -> float:
    """The feature `unit`; what is measured as the question asks has a unit that it asks for."""
    if value.unit is None:
        return 0.0
    if question.unit is None or value.unit == question.unit:
        return float(question.unit is not None or bool(question.bases))
    if question.bases:
        return SAME_BASE
    return 0.0 if value.unit in ANY_UNIT else -1.0


def _compare_events(found: Value, question: Question, reading: Reading) -> tuple[float, float]:
    """The features `planned` and `event`."""
    asked = read_events(question.text, 0, len(question.text))
    told = read_events(reading.evidence.quote.text, found.start, found.end)
    planned = float(("planned" in asked) != ("planned" in told))
    happened, wanted = told - {"planned"}, asked - {"planned"}
    if not happened or not wanted:
        return planned, 0.0
    return planned, 1.0 if happened & wanted else -1.0


def _describe_name(
    name: Name, question: Question, reading: Reading, glossary: Glossary
) -> Candidate:
    spelled = {n for match in reading.matches for n in range(match.start, match.end)}
    places = range(name.start, name.end)
    covered = sum(place in spelled for place in places) / len(places)
    return Candidate(
        key=(name.kind, _sound_out(name.text)),
        printed=format_name(name.text, name.kind, glossary, question.language),
        start=name.start,
        end=name.end,
        features=(
            1.0 if name.kind == question.asked else OTHER_KIND,
            score_closeness(name.start, name.end, reading),
            0.0,
            0.0,
            0.0,
            float(_is_reporter(name, reading.evidence.quote.text)),
            covered,
            name.certainty,
            0.0,
            0.0,
        ),
    )


def _is_reporter(name: Name, text: str) -> bool:
    """Whether an organization is named as the source of what the sentence reports."""
    if name.kind != "organization":
        return False
    cited = _CITES.search(text, 0, name.start) is not None
    return cited or _REPORTS.match(text, name.end) is not None


def _sound_out(name: str) -> str:
    """The same for a Chinese name and its pinyin: 王化 and "Wang Hua"."""
    letters = _HAN_RUN.sub(lambda run: "".join(romanize(run[0])), name)
    return "".join(c for c in letters.casefold() if c.isalnum() or c == "+")


def _is_measured(value: Value, question: Question, text: str) -> bool:
    """Whether a value has a unit of what is measured, and is not said to be another dimension."""
    if not question.bases:
        return True
    if value.unit is None or UNITS[value.unit].base not in question.bases:
        return False
    asked = find_asked_dimension(question.text)
    return not asked or read_dimension(text, value.start, value.end) in ("", asked)


def _is_dateline(value: Value, text: str) -> bool:
    opens = _OPENING.fullmatch(text, 0, value.start) is not None
    return opens and value.kind == "date" and _DATELINE.match(text, value.end) is not None


def _print_value(found: Value, value: Value, source: Language, reader: Language) -> str:
    if source == reader and found.key == value.key:
        return found.text.strip()
    printed = format_value(value, reader)
    return printed if found.date is not None else f"{printed} ({found.text.strip()})"
