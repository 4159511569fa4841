"""The extractive composer: from options to statements, each carried by its quotes.

The answer is the value first, in the question's language, then the sentences that prove it, word
for word; where sources differ, a sentence that lays their values side by side. Nothing is worded
freely, so nothing can be invented. Copies of one report count once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag import judge, reread
from rag.candidates import FEATURES
from rag.conflicts import find_conflicting
from rag.language import detect_language
from rag.options import Option, group_options, join_probability
from rag.points import find_points, strip_mark
from rag.types import Conflict, Document, Language, Quote, Statement
from rag.voices import group_voices, holds_words

# A further quote of the same value may be far less probable by itself, since another source that
# says the same makes it so; but it must be about what was asked, as much as this of the best is.
SECOND_QUOTE, ABOUT_IT = 0.05, 0.4
SECOND_SENTENCE = 0.45  # the same of its odds, where no value holds the quotes together
PLANNED = 0.25  # what a plan counts beside a fact, and the reverse, when one is chosen
MOST_LONGER = 1.5  # a quote that another stands for is at most so much longer
MOST_VALUES = 4  # that are laid side by side
# The odds of another value of the same sentence are so much of the best one's: the sentence is said
# and not one of its values.
UNDECIDED = 0.85

REFUSALS: Mapping[Language, str] = {"en": "The documents do not say.", "zh": "文档中没有提到。"}
NO_DOCUMENTS: Mapping[Language, str] = {
    "en": "There are no documents yet that could answer.",
    "zh": "还没有可以回答问题的文档。",
}
_MARKS: Mapping[Language, tuple[str, str]] = {"zh": ("「", "」"), "en": ("“", "”")}
_DIFFER: Mapping[Language, tuple[str, str, str, str]] = {
    "en": ("Sources differ: {}.", "; ", "{} ({}, {})", "undated"),
    "zh": ("各处说法不一：{}。", "；", "{}（{}，{}）", "未注明日期"),
}
_PLANNED = FEATURES.index("planned")
_NO_MARKERS = str.maketrans("[]", "()")  # "[2]" in a title must not look like a citation


@dataclass(frozen=True, slots=True)
class Draft:
    """What the composer would say, and the probability that it answers the question.

    Attributes:
        statements: In reading order; those of the other values, if sources differ, are not in it.
        conflicts: One, where sources differ, else none.
        proofs: The quotes of the conflict's other values, as statements.
        probability: That the documents hold this answer.
        sure: Whether that is enough to say it, for these two languages.
    """

    statements: tuple[Statement, ...]
    conflicts: tuple[Conflict, ...]
    proofs: tuple[Statement, ...]
    probability: float
    sure: bool


def draft_answer(
    options: Sequence[Option],
    language: Language,
    *,
    points: bool = False,
    max_quotes: int = 3,
    copies: bool = True,
    conflicts: bool = True,
) -> Draft | None:
    """Draft the answer that the options give best; None where there is none.

    Args:
        options: As `list_options` returns them.
        language: Of the question.
        points: Whether a list may answer, a statement a row.
        max_quotes: Of each value; a list has as many as it has rows.
        copies: Whether copies of one report count as one voice.
        conflicts: Whether values that differ are looked for.
    """
    if not options:
        return None
    groups = group_options(options)
    voices = _find_voices(options) if copies else {}
    chosen = max(groups, key=lambda group: _weigh_plan(group) * join_probability(group, voices))
    probability = join_probability([_trust(option) for option in chosen], voices)
    judging = reread if chosen[0].reread else judge
    least = judging.read_threshold(language, chosen[0].reading.evidence.hit.language)
    sure = probability >= least
    if chosen[0].candidate is None or _is_undecided(chosen[0], options):
        sentences = _put_first(chosen[0], options)
        told = _state_points(sentences) if points else ()
        told = told or _state_sentences(sentences, max_quotes)
        return Draft(told, (), (), probability, sure)
    others = [group for group in groups if group is not chosen] if conflicts else []
    rivals = find_conflicting(chosen, others, voices)[: MOST_VALUES - 1]
    stated = [_state_value(group, max_quotes) for group in (chosen, *rivals)]
    conflict = Conflict(tuple(value for value, *_ in stated)) if rivals else None
    return Draft(
        stated[0],
        (conflict,) if conflict else (),
        tuple(proof for _, *proofs in stated[1:] for proof in proofs),
        probability,
        sure,
    )


def _trust(option: Option) -> Option:
    """The option with the probability by which it is refused or not."""
    return option if option.trust is None else replace(option, probability=option.trust)


def _is_undecided(best: Option, options: Sequence[Option]) -> bool:
    """Whether another value of the same sentence is nearly as probable."""
    quote, key = best.reading.evidence.quote, best.candidate.key if best.candidate else None
    rivals = (
        option.odds
        for option in options
        if option.candidate and option.candidate.key != key
        if option.reading.evidence.quote == quote
    )
    return max(rivals, default=0.0) >= UNDECIDED * best.odds


def _put_first(best: Option, options: Sequence[Option]) -> list[Option]:
    """The sentences as options without a value, that of `best` first and as probable."""
    quote = best.reading.evidence.quote
    alone = [option for option in options if option.candidate is None]
    own = next((option for option in alone if option.reading.evidence.quote == quote), best)
    first = replace(own, candidate=None, probability=best.probability)
    return [first, *(option for option in alone if option.reading.evidence.quote != quote)]


def _weigh_plan(group: Sequence[Option]) -> float:
    """What is planned gives way to what was done, and the reverse where a plan is asked for."""
    candidate = group[0].candidate
    return PLANNED if candidate is not None and candidate.features[_PLANNED] else 1.0


def word_conflict(
    conflict: Conflict, documents: Mapping[str, Document], language: Language
) -> Statement:
    """Lay the values side by side, each with title and date of its first source."""
    sentence, comma, form, undated = _DIFFER[language]
    parts = []
    for value in conflict.values:
        document = documents[value.quotes[0].document_id]
        day = document.published.isoformat() if document.published else undated
        title = document.title.translate(_NO_MARKERS)
        parts.append(form.format(value.text, title, day))
    quotes = dict.fromkeys(quote for value in conflict.values for quote in value.quotes)
    return Statement(sentence.format(comma.join(parts)), tuple(quotes))


def _find_voices(options: Sequence[Option]) -> dict[str, str]:
    """Voices of the documents that could be quoted: those of options not far behind the best."""
    least = SECOND_QUOTE * options[0].probability
    near = (o.reading.evidence.hit.passage for o in options if o.probability >= least)
    return group_voices({passage.id: passage for passage in near}.values())


def _state_value(group: Sequence[Option], max_quotes: int) -> tuple[Statement, ...]:
    least = SECOND_QUOTE * group[0].probability
    covered = ABOUT_IT * group[0].reading.whole
    held = [o for o in group if o.probability >= least and o.reading.whole >= covered]
    candidate = group[0].candidate
    assert candidate is not None  # noqa: S101 - the caller groups by it
    proofs = _prove(held, max_quotes)
    quotes = tuple(quote for proof in proofs for quote in proof.quotes)
    return (Statement(candidate.printed, quotes), *proofs)


def _state_sentences(options: Sequence[Option], max_quotes: int) -> tuple[Statement, ...]:
    least = SECOND_SENTENCE * options[0].odds
    return _prove([o for o in options if o.odds >= least], max_quotes)


def _state_points(options: Sequence[Option]) -> tuple[Statement, ...]:
    best = options[0].reading.evidence
    own = [
        o.reading.evidence for o in options if o.reading.evidence.hit.passage == best.hit.passage
    ]
    return tuple(
        Statement(_mark(strip_mark(item.quote.text)), (item.quote,))
        for item in find_points(best, own)
    )


def _mark(text: str) -> str:
    opening, closing = _MARKS[detect_language(text)]
    return f"{opening}{text}{closing}"


def _prove(options: Sequence[Option], max_quotes: int) -> tuple[Statement, ...]:
    """Quote the sentences; those that repeat one are a statement with it, in its words.

    Of `max_quotes` sentences, those with words of their own come first.
    """
    quotes = dict.fromkeys(option.reading.evidence.quote for option in options)
    proofs: dict[Quote, list[Quote]] = {}
    for quote in quotes:
        same = next((first for first in proofs if _repeats(quote.text, first.text)), quote)
        proofs.setdefault(same, []).append(quote)
    spare = max(0, max_quotes - len(proofs))
    statements = []
    for first, (_, *copies) in list(proofs.items())[:max_quotes]:
        beside, spare = copies[:spare], max(0, spare - len(copies))
        statements.append(Statement(_mark(first.text), (first, *beside)))
    return tuple(statements)


def _repeats(text: str, first: str) -> bool:
    """Whether a text holds all words of another, and few besides: open on Monday is not Sunday."""
    return len(text) <= MOST_LONGER * len(first) and holds_words(text, first)
