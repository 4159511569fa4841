"""The page that lists documents and takes more in, as HTML, and what its script is told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from rag.types import ADDED, Listed, Problem
from ui.address import locate_document
from ui.documents.intake import Limits, Reason
from ui.documents.job import State
from ui.documents.reasons import word_reason
from ui.documents.words import DocumentWords, find_words, list_words
from ui.escape import escape_text, tag_language
from ui.pages import Link, read_script, read_style, render_page
from ui.tell import tell_error
from ui.words import Words

ADDRESS = "/documents"
DOCUMENTS = Link(ADDRESS, "documents")
PER_PAGE = 100
MOST_TOLD = 200  # documents and problems of a job that are named; the rest is counted
_HOW = "crossquote index"


@dataclass(frozen=True, slots=True)
class Shown:
    """A part of the list.

    Attributes:
        documents: On this page of the list.
        text: That their titles or ids hold; empty for all.
        count: How many there are with it, on all pages.
        number: Of this page, from 1.
    """

    documents: Sequence[Listed]
    text: str
    count: int
    number: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.count // PER_PAGE))


def render_documents(
    shown: Shown,
    words: Words,
    *,
    links: Sequence[Link],
    kinds: Sequence[str],
    limits: Limits,
    may_add: bool,
    running: bool = False,
) -> str:
    """Render the page in the reader's language.

    Args:
        shown: What of the list is on it.
        words: Of the reader.
        links: To all pages.
        kinds: Suffixes that are taken.
        limits: Of what is taken.
        may_add: Whether there are ways to add and remove documents.
        running: Whether documents are being taken in now.
    """
    own = find_words(words)
    empty = not shown.count and not shown.text
    head = f'<h1 tabindex="-1">{own.first if empty else words.documents}</h1>'
    if empty:
        head += _render_first(own, may_add=may_add)
    intake = _render_intake(own, kinds, limits, running=running) if may_add else ""
    listed = "" if empty else _render_list(shown, words, may_remove=may_add)
    body = f'<div id="cq-told">{head}</div>{intake}<div id="cq-list">{listed}</div>'
    script = render_script(kinds, limits) if may_add else ""
    return render_page(
        words.documents, body, words, links=links, current=ADDRESS, script=script,
        style=read_style("documents"),
    )  # fmt: skip


def render_script(kinds: Sequence[str], limits: Limits) -> str:
    """Return the script that takes files dropped on any page, with what it says."""
    told = {
        "kinds": list(kinds),
        "fileBytes": limits.file_bytes,
        "words": {
            tag: {**own_words, **_word_refusals(own, kinds, limits)}
            for tag, own, own_words in list_words()
        },
    }
    line = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
    return f"window.crossquoteDocuments = {line};\n{read_script('documents')}"


def word_refusal(reason: Reason, own: DocumentWords, kinds: Sequence[str], limits: Limits) -> str:
    """Say why a file is not taken."""
    return own.refused[reason].format(kinds=_list_kinds(kinds), size=limits.file_bytes // 2**20)


def describe_state(state: State, words: Words) -> dict[str, object]:
    """Return how a job stands, as JSON types; at most `MOST_TOLD` documents and problems."""
    skipped = [problem for problem in state.problems if problem.skipped]
    warned = [problem for problem in state.problems if not problem.skipped]
    return {
        "number": state.number,
        "running": state.running,
        "done": state.done,
        "total": state.total,
        "name": state.name.removeprefix(ADDED),
        "seconds": round(state.seconds, 1),
        "left": None if state.left_seconds is None else round(state.left_seconds),
        "added": {
            "count": len(state.documents),
            "first": [
                {
                    "id": item.id,
                    "file": item.file.removeprefix(ADDED),
                    "title": item.title,
                    "language": tag_language(item.language),
                }
                for item in state.documents[:MOST_TOLD]
            ],
        },
        "skipped": _describe_problems(skipped, words),
        "warned": _describe_problems(warned, words),
        "error": tell_error(state.error, words) if state.error else "",
        "reference": state.reference,
    }


def _describe_problems(problems: Sequence[Problem], words: Words) -> Mapping[str, object]:
    first = [
        {"name": problem.path.removeprefix(ADDED), "reason": word_reason(problem.reason, words)}
        for problem in problems[:MOST_TOLD]
    ]
    return {"count": len(problems), "first": first}


def _word_refusals(own: DocumentWords, kinds: Sequence[str], limits: Limits) -> dict[str, str]:
    """What the script says of files that it does not even send."""
    return {
        "type": word_refusal("type", own, kinds, limits),
        "large": word_refusal("large", own, kinds, limits),
    }


def _list_kinds(kinds: Sequence[str]) -> str:
    return ", ".join(kind.removeprefix(".") for kind in kinds)


def _render_first(own: DocumentWords, *, may_add: bool) -> str:
    if may_add:
        return f"<p>{own.first_here}</p>"
    return f"<p>{own.first_elsewhere}</p><pre>{_HOW} FOLDER</pre>"


def _render_intake(
    own: DocumentWords, kinds: Sequence[str], limits: Limits, *, running: bool
) -> str:
    said = own.kinds.format(kinds=_list_kinds(kinds), size=limits.file_bytes // 2**20)
    return (
        f'<section class="cq-intake" aria-label="{own.add}"><p class="cq-drop">{own.drop}</p>'
        f'<label class="cq-button cq-choose">{own.choose}'
        f'<input type="file" id="cq-files" multiple accept="{",".join(kinds)}"></label>'
        f'<p class="cq-soft"><small>{said}</small></p>'
        f"<noscript><p>{own.needs_script}</p></noscript></section>"
        f'<div id="cq-taking" class="cq-taking" data-running="{int(running)}" hidden></div>'
    )


def _render_list(shown: Shown, words: Words, *, may_remove: bool) -> str:
    own = find_words(words)
    pair = own.matching if shown.text else own.count
    rows = "".join(_render_row(item, words, own, may_remove=may_remove) for item in shown.documents)
    found = f'<ul class="cq-docs">{rows}</ul>' if rows else f"<p>{own.none}</p>"
    count = _count(pair, shown.count, words)
    return (
        f'{_render_search(shown, own)}<p class="cq-soft" role="status">{count}</p>'
        f"{found}{_render_pages(shown, own)}"
    )


def _count(pair: tuple[str, str], n: int, words: Words) -> str:
    """Fill a number of any size, with its thousands apart, into the form that fits it."""
    return words.count((pair[0].replace("{n}", "{n:,}"), pair[1].replace("{n}", "{n:,}")), n)


def _render_search(shown: Shown, own: DocumentWords) -> str:
    if not shown.text and shown.count <= 10:
        return ""  # they are seen at a glance
    back = f'<a href="{ADDRESS}">{own.all}</a>' if shown.text else ""
    return (
        f'<form class="cq-find" action="{ADDRESS}" role="search"><label for="cq-find">{own.find}'
        f'</label><input type="search" id="cq-find" name="q" value="{escape_text(shown.text)}" '
        f'dir="auto"><button class="cq-quiet">{own.search}</button>{back}</form>'
    )


def _render_row(item: Listed, words: Words, own: DocumentWords, *, may_remove: bool) -> str:
    name = item.id.removeprefix(ADDED)
    facts = [f"<bdi>{escape_text(name)}</bdi>"]
    if item.source not in (name, item.file.removeprefix(ADDED)):
        facts.append(f"<bdi>{escape_text(item.source)}</bdi>")
    facts.append(words.name_language(item.language))
    if item.published:
        day = item.published
        facts.append(f'<time datetime="{day.isoformat()}">{words.format_date(day)}</time>')
    facts.append(_count(own.passages, item.passages, words))
    if item.copy_of:
        facts.append(f"{own.copy}<bdi>{escape_text(item.copy_of.removeprefix(ADDED))}</bdi>")
    if item.file.startswith(ADDED):
        facts.append(own.here)
    button = _render_remove(item, own) if may_remove else ""
    spans = "".join(f"<span>{fact}</span>" for fact in facts)
    whole = escape_text(locate_document(item.id))
    return (
        f'<li class="cq-doc"><div><p class="cq-doc-title" lang="{tag_language(item.language)}" '
        f'dir="auto"><a href="{whole}">{escape_text(item.title)}</a></p>'
        f'<p class="cq-doc-facts">{spans}</p></div>{button}</li>'
    )


def _render_remove(item: Listed, own: DocumentWords) -> str:
    is_added = item.file.startswith(ADDED)
    name = item.file.removeprefix(ADDED) if is_added else item.title
    label = own.remove_named.replace("{name}", name)
    return (
        f'<button type="button" class="cq-quiet" data-remove="{escape_text(item.id)}" '
        f'data-name="{escape_text(name)}" data-added="{int(is_added)}" '
        f'aria-label="{escape_text(label)}">{own.remove}</button>'
    )


def _render_pages(shown: Shown, own: DocumentWords) -> str:
    if shown.pages == 1:
        return ""

    def render_way(number: int, name: str, rel: str) -> str:
        if not 1 <= number <= shown.pages:
            return ""
        query = urlencode({"q": shown.text, "page": number} if shown.text else {"page": number})
        return f'<a rel="{rel}" href="{ADDRESS}?{escape_text(query)}">{name}</a>'

    here = own.page.format(n=shown.number, of=shown.pages)
    return (
        f'<nav class="cq-pages" aria-label="{own.pages}">'
        f"{render_way(shown.number - 1, own.previous, 'prev')}<span>{here}</span>"
        f"{render_way(shown.number + 1, own.next, 'next')}</nav>"
    )
