"""What can be wrong with a question set, one kind of flaw a function.

A problem makes the set measure something else than it says; a warning is for its author to look
at. Findings come in the order of the questions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from eval.checks.duplicates import find_near_duplicates, find_repeats
from eval.measures.accept import is_accepted, stands_in
from eval.questions import Evidence, Question
from rag.language import detect_language
from rag.types import Document

MIN_RUN_CHARS = 4  # a shorter common run does not show where a quote was taken from
MAX_ALIGNED_CHARS = 1_000  # of a quote are looked for; the time grows with their number


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the author of a set should mend or look at.

    Attributes:
        about: The kind of flaw, in a word: document, quote, repeat, group, ...
        questions: Ids of those concerned; empty if it is the whole set.
        text: What is wrong, and what would be right.
        severity: A problem must be mended.
    """

    about: str
    questions: tuple[str, ...]
    text: str
    severity: Literal["problem", "warning"] = "problem"


def check_evidence(
    document: Document | None, named: Sequence[tuple[Question, Evidence]]
) -> Iterator[Finding]:
    """Check what is said to stand in one document; None if there is no such one."""
    for question, evidence in named:
        ids = (question.id,)
        if document is None:
            yield Finding("document", ids, f"there is no document {evidence.document!r}")
        elif evidence.quote not in document.text:
            text = (
                f"the quote {evidence.quote!r} does not stand in {document.id!r}; "
                f"{describe_nearest(evidence.quote, document.text)}"
            )
            yield Finding("quote", ids, text)


def describe_nearest(quote: str, text: str) -> str:
    """Say where in a text most of a quote stands, and what the text has there in its stead."""
    in_quote, in_text, length = find_longest_run(quote[:MAX_ALIGNED_CHARS], text)
    if length < min(MIN_RUN_CHARS, len(quote)):
        return "nor does any part of it"
    start = max(in_text - in_quote, 0)
    there = text[start : in_text + len(quote) - in_quote]
    return f"nearest, with {length} characters in a row, is {there!r} at {start}"


def find_longest_run(quote: str, text: str) -> tuple[int, int, int]:
    """The longest part of `quote` that stands in `text`: start in each, and length, maybe 0.

    Of parts of one length it is the first of the quote, at its first place in the text.
    """
    best = length = 0
    for start in range(len(quote)):
        while start + length < len(quote) and quote[start : start + length + 1] in text:
            best, length = start, length + 1
    return best, text.find(quote[best : best + length]), length


def check_form(questions: Sequence[Question], max_chars: int) -> Iterator[Finding]:
    """Ids that come twice, turns that cannot be asked, and languages that are not those named."""
    seen: set[str] = set()
    for question in questions:
        ids = (question.id,)
        if question.id in seen:
            yield Finding("id", ids, "the id is that of an earlier question too")
        seen.add(question.id)
        for turn in (*question.previous, question.question):
            length = len(turn.strip())
            if not length:
                yield Finding("length", ids, "a turn is blank, and would be refused")
            elif length > max_chars:
                text = f"a turn of {length} characters would be refused; at most {max_chars}"
                yield Finding("length", ids, text)
        found = detect_language(question.question)
        if found != question.language:
            text = f"is said to be in {question.language}, and looks like {found}"
            yield Finding("language", ids, text, "warning")


def check_grounds(questions: Sequence[Question]) -> Iterator[Finding]:
    """What is accepted, or said to conflict, and stands in none of the question's quotes."""
    for question in questions:
        quotes = [evidence.quote for evidence in question.evidence if evidence.quote]
        if not quotes:
            continue
        if question.accept and not any(_is_grounded(way, quotes) for way in question.accept):
            ways = " or ".join(" + ".join(way) for way in question.accept)
            text = f"no quote holds {ways}: a translation may be right, and cannot be proved"
            yield Finding("ground", (question.id,), text, "warning")
        missing = [w for w in question.conflict if not any(_is_grounded([x], quotes) for x in w)]
        if missing:
            values = "; ".join(" or ".join(wordings) for wordings in missing)
            text = f"no quote holds the conflicting {values}"
            yield Finding("ground", (question.id,), text, "warning")


def check_leaks(questions: Sequence[Question]) -> Iterator[Finding]:
    """Accepted parts that stand in the question; a yes-no question or a conflict may hold them."""
    for question in questions:
        if question.kind == "yesno" or question.conflict:
            continue
        parts = dict.fromkeys(part for way in question.accept for part in way)
        told = [part for part in parts if stands_in(part, question.question)]
        if told:
            text = f"the question itself holds {' and '.join(told)}: {question.question!r}"
            yield Finding("leak", (question.id,), text, "warning")


def check_repeats(questions: Sequence[Question]) -> Iterator[Finding]:
    """Questions that are asked twice, then those that are nearly the same."""
    for repeats in find_repeats(questions):
        text = f"the same is asked {len(repeats)} times: {repeats[0].question!r}"
        yield Finding("repeat", tuple(question.id for question in repeats), text)
    for one, other, share in find_near_duplicates(questions):
        text = f"nearly the same ({share:.2f}): {one.question!r} and {other.question!r}"
        yield Finding("near repeat", (one.id, other.id), text, "warning")


def check_groups(questions: Sequence[Question]) -> Iterator[Finding]:
    """Groups that compare nothing, or whose members do not want the same."""
    groups: Mapping[str, list[Question]] = defaultdict(list)
    for question in questions:
        if question.group:
            groups[question.group].append(question)
    for name, members in groups.items():
        first, *others = members
        if not others:
            text = f"it is the only one of the group {name!r}"
            yield Finding("group", (first.id,), text, "warning")
        for other in others:
            yield from _compare_members(name, first, other)


def _compare_members(name: str, first: Question, other: Question) -> Iterator[Finding]:
    ids = (first.id, other.id)
    if first.answerable != other.answerable:
        text = f"of the group {name!r} one can be answered and the other cannot"
        yield Finding("group", ids, text)
    elif first.accept and other.accept:
        apart = [
            *(way for way in first.accept if not _accepts(other, way)),
            *(way for way in other.accept if not _accepts(first, way)),
        ]
        listed = " or ".join(" + ".join(way) for way in apart)
        if len(apart) == len(first.accept) + len(other.accept):
            yield Finding(
                "group", ids, f"of the group {name!r} they accept nothing alike: {listed}"
            )
        elif apart:
            text = f"of the group {name!r} only one of them accepts {listed}"
            yield Finding("group", ids, text, "warning")


def _accepts(question: Question, way: Sequence[str]) -> bool:
    return is_accepted(question.accept, "; ".join(way))


def _is_grounded(way: Sequence[str], quotes: Sequence[str]) -> bool:
    """Whether each part stands in one of the quotes; those of a list may stand in several."""
    return all(any(stands_in(part, quote) for quote in quotes) for part in way)
