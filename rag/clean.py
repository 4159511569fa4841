"""Mark the noise of a document: what a reader would not call part of the article.

The text is never rewritten. Noise is a list of spans with reasons; chunking goes around them.
Where a rule is unsure, the text stays: losing the article is worse than keeping a menu. Three
kinds of rule, from the surest to the one that needs the most proof:

1. markup and front matter, wherever they stand;
2. paragraphs that have the form of furniture (`rag.furniture`), and repeated paragraphs;
3. what only its place gives away: lists of other articles (`rag.related`), blurbs about the
   author, a stray site name between two pieces of furniture.

A document in which nothing like an article is left keeps all but the first kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag.files.front_matter import split_front_matter
from rag.furniture import INLINE_MARKUP, describe_furniture, is_author_blurb, opens_author_note
from rag.related import find_related
from rag.sentences import Span, split_paragraphs
from rag.types import Document

_STRUCTURE = re.compile(r"[|#>]|```|[-*+•·]\s|\d{1,3}[.、)]\s")
_WORDS = re.compile(r"\W+")
_TRUNCATED = re.compile(r"(?:\.{3}|…)\s*$")
_CREDITS_AT_END = re.compile(
    r"(?:返回[^\s，。]{2,6}，查看更多\s*)?(?:责任编辑|责编|编辑|校对|审核)\s?[:：][^。！？!?]{0,30}$"
    r"|返回[^\s，。]{2,6}，查看更多\s*$"
)
_SENTENCE_END = re.compile(r"[.。!！?？][”’」』）)\"'*_]*$")
_MIN_REPEATED = 20  # letters; shorter lines recur in honest text: cells, refrains, answers
_MAX_AUTHOR = 1200


@dataclass(frozen=True, slots=True)
class Noise:
    """A half-open span of a document's text that is not part of its article, and what it is."""

    start: int
    end: int
    reason: str

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"noise needs a span, got {self.start}:{self.end}")


def find_noise(document: Document) -> list[Noise]:
    """Return the noise of `document`, in order and without overlaps.

    Reasons are "front matter", "markup", "rule" (a line without a letter), "link", "navigation",
    "byline" (relative times and counts), "interaction" (share, report, log in), "notice",
    "credit", "repeated", "related", "author" and "tail".

    Args:
        document: Any; an empty one has no noise.
    """
    text = document.text
    body_start = split_front_matter(text)[1]
    sure = [Noise(0, body_start, "front matter")] if body_start else []
    sure += [Noise(*m.span(), "markup") for m in INLINE_MARKUP.finditer(text, body_start)]
    paragraphs = _visible(text, body_start, sure)
    marked = _mark_paragraphs(text, paragraphs)
    if not _holds_an_article(text, [p for n, p in enumerate(paragraphs) if n not in marked]):
        return _merge(text, sure)
    found = [Noise(*paragraphs[n], reason) for n, reason in marked.items()]
    return _merge(text, [*sure, *found, *_credits_at_end(text, body_start)])


def _visible(text: str, body_start: int, sure: Sequence[Noise]) -> list[Span]:
    """The paragraphs that are not front matter and not markup from end to end."""
    covered = {noise.start: noise.end for noise in sure}
    paragraphs = [
        (body_start + start, body_start + end) for start, end in split_paragraphs(text[body_start:])
    ]
    visible: list[Span] = []
    reach = 0  # a comment may run over several paragraphs
    for start, end in paragraphs:
        reach = max(reach, covered.get(start, 0))
        if reach < end:
            visible.append((start, end))
    return visible


def _mark_paragraphs(text: str, paragraphs: Sequence[Span]) -> dict[int, str]:
    """Reason by ordinal of the paragraph."""
    bodies = [text[start:end] for start, end in paragraphs]
    marked: dict[int, str] = {}
    for n, body in enumerate(bodies):
        if reason := describe_furniture(body):
            marked[n] = reason
    for n in find_related(bodies, frozenset(marked)):
        marked.setdefault(n, "related")
    for n in _find_repeated(bodies, marked):
        marked.setdefault(n, "repeated")
    for n in _find_author_notes(bodies, marked):
        marked.setdefault(n, "author")
    for n in _find_strays(bodies, marked):
        marked.setdefault(n, "tail")
    return marked


def _find_repeated(bodies: Sequence[str], marked: dict[int, str]) -> Iterator[int]:
    """Paragraphs that say word for word what an earlier one says, and cut-off previews.

    The title line may be short; of two in a row the second stays, next to the text below. List
    and table rows may recur.
    """
    seen: set[str] = set()
    previews: dict[str, list[int]] = {}
    first: str | None = None
    title = 0
    for n, body in enumerate(bodies):
        if n in marked or _STRUCTURE.match(body):
            continue
        words = _WORDS.sub("", body).casefold()
        if words in seen and (len(words) >= _MIN_REPEATED or words == first):
            yield n if words != first or n != title + 1 else title
            title = n if words == first and n == title + 1 else title
            continue
        if first is None:
            first, title = words, n
        seen.add(words)
        if len(words) >= _MIN_REPEATED and _TRUNCATED.search(body):
            previews.setdefault(words[:_MIN_REPEATED], []).append(n)
    yield from _find_previews(bodies, previews)


def _find_previews(bodies: Sequence[str], previews: dict[str, list[int]]) -> Iterator[int]:
    """Cut-off paragraphs that another paragraph holds in full."""
    if not previews:
        return
    for n, body in enumerate(bodies):
        words = _WORDS.sub("", body[:4000]).casefold()
        for preview in previews.get(words[:_MIN_REPEATED], [])[:20]:
            start = _WORDS.sub("", bodies[preview]).casefold()
            if preview != n and len(words) > len(start) and words.startswith(start):
                yield preview


def _find_author_notes(bodies: Sequence[str], marked: dict[int, str]) -> Iterator[int]:
    """Blurbs about the author: named so, or at the very end of the article and in such words."""
    for n, body in enumerate(bodies):
        if n not in marked and len(body) <= _MAX_AUTHOR and opens_author_note(body):
            yield n
            if len(body) <= 30 and n + 1 < len(bodies) and len(bodies[n + 1]) <= _MAX_AUTHOR:
                yield n + 1
    tail = [n for n in range(len(bodies)) if n not in marked][-2:]
    for n in reversed(tail):
        if not (n and len(bodies[n]) <= _MAX_AUTHOR and is_author_blurb(bodies[n])):
            break
        yield n


def _find_strays(bodies: Sequence[str], marked: dict[int, str]) -> Iterator[int]:
    """Short lines behind the last sentence of the article, with furniture above and below."""
    for n in range(len(bodies) - 1, 0, -1):
        if n in marked:
            continue
        if len(bodies[n]) > 30 or _SENTENCE_END.search(bodies[n]):
            return
        below = n + 1 >= len(bodies) or n + 1 in marked
        if below and marked.get(n - 1) in {"credit", "notice", "interaction", "link", "navigation"}:
            yield n


def _holds_an_article(text: str, kept: Iterable[Span]) -> bool:
    """Whether what is left has a sentence, or a line long enough to be one."""
    return any(
        end - start >= 60 or (end - start >= 15 and _SENTENCE_END.search(text[end - 8 : end]))
        for start, end in kept
    )


def _credits_at_end(text: str, body_start: int) -> list[Noise]:
    """Credits that were glued to the last sentence when the page was turned into text."""
    end = len(text.rstrip())
    start = max(body_start, end - 80)
    match = _CREDITS_AT_END.search(text[start:end])
    return [Noise(start + match.start(), end, "credit")] if match else []


def _merge(text: str, found: Sequence[Noise]) -> list[Noise]:
    """In order; of overlapping spans the first keeps its place and the next its rest."""
    merged: list[Noise] = []
    for noise in sorted(found, key=lambda noise: (noise.start, -noise.end, noise.reason)):
        start = max(noise.start, merged[-1].end) if merged else noise.start
        last = merged[-1] if merged else None
        if start >= noise.end:
            continue
        if last and last.reason == noise.reason and not text[last.end : start].strip():
            merged[-1] = Noise(last.start, noise.end, noise.reason)
        else:
            merged.append(Noise(start, noise.end, noise.reason))
    return merged
