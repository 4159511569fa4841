"""The front of the chat page: its head, its start, its scripts and styles, and what they say."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rag.errors import RagError
from rag.types import Language
from ui.documents.intake import Limits
from ui.documents.page import DOCUMENTS, render_script
from ui.documents.words import EN as DOCUMENTS_EN
from ui.documents.words import ZH as DOCUMENTS_ZH
from ui.documents.words import DocumentWords
from ui.escape import escape_text
from ui.features import Features
from ui.pages import CHAT, Link, read_script, read_style, render_links_in_both, say_in_both
from ui.words import EN, ZH, Words

EARLIER = '<div id="cq-earlier" hidden></div>'  # the script lists what the browser remembers
_LABELS = ("placeholder", "question", "ask", "stop", "clear", "composer")  # of Gradio's parts
_SCRIPTED = (
    *("editing", "why", "reasons", "detail", "send", "cancel", "judged", "not_judged"),
    *("export", "earlier", "forget", "forgotten"),
    *("failed_label", "retry", "lost", "broken", "counted", "too_long", "near"),
)
_SCRIPTS = ("chat", "conversation", "asking", "transcript", "judge")
_log = logging.getLogger(__name__)


def render_head(features: Features, links: Sequence[Link]) -> str:
    """Render the head, with what the scripts say, in both languages."""
    ways = render_links_in_both(links, CHAT.address)
    said = {words.tag[:2]: {name: getattr(words, name) for name in _SCRIPTED} for words in (EN, ZH)}
    facts = {"kept": features.kept is not None, "limit": features.max_question_chars}
    told = escape_text(json.dumps({**facts, **said}))
    return (
        f"<h1>Crossquote</h1>{say_in_both('tagline', 'p')}{ways}"
        f'<span id="cq-words-of-scripts" hidden data-told="{told}"></span>'
    )


def render_start(features: Features) -> str:
    """Render what stands on a page without turns, in both languages; empty where examples do.

    Without documents that is how to add some; with documents and no examples, what may be asked.
    """
    counts = _count_languages(features)
    if counts is not None and not counts:
        return _render_in_both(lambda words, own: _render_first(features, own))
    if features.examples:
        return ""
    return _render_in_both(lambda words, own: _render_guide(counts or {}, words, own))


def _render_first(features: Features, own: DocumentWords) -> str:
    if features.may_add:
        way = (
            f'<p>{own.first_here}</p><a class="cq-button" href="{DOCUMENTS.address}">{own.add}</a>'
        )
    else:
        way = f"<p>{own.first_elsewhere}</p><pre>crossquote index FOLDER</pre>"
    return f"<h2>{own.first}</h2>{way}"


def _render_guide(counts: Mapping[Language, int], words: Words, own: DocumentWords) -> str:
    """Say what may be asked, and of how many documents if that is known."""
    held = words.comma.join(
        words.held.format(n=f"{n:,}", language=words.name_language(language))
        for language, n in counts.items()
    )
    total = sum(counts.values())
    link = f'<a href="{DOCUMENTS.address}">{words.count(own.count, total)}</a>'
    known = f"<p>{link}{words.colon}{held}</p>" if total else ""
    return f"<h2>{words.guide}</h2><p>{words.guide_how}</p>{known}"


def _render_in_both(render: Callable[[Words, DocumentWords], str]) -> str:
    return "".join(
        f'<div class="cq-in-{words.tag[:2]}" lang="{words.tag}">{render(words, own)}</div>'
        for words, own in ((EN, DOCUMENTS_EN), (ZH, DOCUMENTS_ZH))
    )


def _count_languages(features: Features) -> Mapping[Language, int] | None:
    """How many documents there are of each language; None where that cannot be told."""
    try:
        return None if features.library is None else features.library.count_languages()
    except RagError:
        _log.exception("the documents were not counted")
        return None


def read_scripts(features: Features) -> str:
    """The scripts of the chat page, those alone that have something to do."""
    scripts = [read_script(name) for name in _SCRIPTS]
    if features.get_document is not None:
        scripts.append(read_script("whole"))
    library = features.library
    if library is not None and features.may_add:
        limits = Limits(file_bytes=library.max_file_bytes)
        scripts.append(render_script(library.suffixes, limits))
    return "".join(scripts)


def read_styles() -> str:
    """The styles of the chat page."""
    return read_style("chat", "pages", "whole", "documents")


def list_labels() -> dict[str, Any]:
    """What Gradio's own parts say, by language of the browser."""
    labels = {words.tag: {name: getattr(words, name) for name in _LABELS} for words in (EN, ZH)}
    return {"en": labels[EN.tag], "zh-CN": labels[ZH.tag], "zh-TW": labels[ZH.tag]}
