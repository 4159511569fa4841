"""The proof beside an answer, as HTML: a card for each quote, and the passages that were not used.

A card shows the quote in its surroundings, where it comes from, and word by word what it says
where the reader asked in another language.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from rag.types import Answer, Citation, GlossedWord, Hit, LegScore, Passage, Quote
from ui.address import locate
from ui.escape import escape_text, tag_language
from ui.words import Words


def render_proof(answer: Answer, turn: int, words: Words) -> str:
    """Render a card for each citation, and folded away what else was retrieved."""
    cards = "".join(_render_card(citation, turn, words) for citation in answer.citations)
    sources = (
        f'<section aria-labelledby="t{turn}-s t{turn}-q"><h3 class="cq-label" id="t{turn}-s">'
        f'{words.sources}</h3><ol class="cq-cards">{cards}</ol></section>'
    )
    cited = {citation.passage.id for citation in answer.citations}
    rest = [hit for hit in answer.hits if hit.passage.id not in cited]
    return (sources if cards else "") + (_render_rest(rest, answer, words) if rest else "")


def split_passage(citation: Citation) -> tuple[str, str, str]:
    """Split the passage into what stands before the quote, the quote, and what follows.

    A passage that does not hold the quote where it should is left out: the quote stands alone.
    """
    quote, passage = citation.quote, citation.passage
    start, end = quote.start - passage.start, quote.end - passage.start
    if (
        passage.document_id != quote.document_id
        or start < 0
        or passage.text[start:end] != quote.text
    ):
        return "", quote.text, ""
    return passage.text[:start], quote.text, passage.text[end:]


def find_link(source: str) -> str | None:
    """Return `source` if it is a plain http(s) address that may be made a link, else None."""
    try:
        parts = urlsplit(source)
        host, user = parts.hostname, parts.username
    except ValueError:
        return None
    plain = source.isprintable() and not any(c.isspace() or c in "\\<>\"'`" for c in source)
    return source if plain and host and user is None and parts.scheme in ("http", "https") else None


def render_source(source: str) -> str:
    """Render where a document is from; a link only where `find_link` allows one."""
    text = f"<bdi>{escape_text(source)}</bdi>"
    link = find_link(source)
    if link is None:
        return text
    return (
        f'<a href="{escape_text(link)}" target="_blank" rel="noopener noreferrer nofollow">'
        f"{text}</a>"
    )


def format_published(citation: Citation, words: Words) -> str:
    """Write out the date of a citation's document, or that it gives none."""
    return words.format_date(citation.published) if citation.published else words.undated


def _render_card(citation: Citation, turn: int, words: Words) -> str:
    n, lang = citation.number, tag_language(citation.language)
    before, _, after = (escape_text(part) for part in split_passage(citation))
    published = format_published(citation, words)
    if citation.published:
        published = f'<time datetime="{citation.published.isoformat()}">{published}</time>'
    return (
        f'<li class="cq-card" id="t{turn}-c{n}" tabindex="-1"><div class="cq-card-head">'
        f'<a class="cq-number" href="#t{turn}-r{n}" aria-label="{words.back.format(n=n)}">{n}</a>'
        f'<h4 class="cq-title" lang="{lang}" dir="auto">{escape_text(citation.title)}</h4></div>'
        f'<p class="cq-meta"><span class="cq-source">{render_source(citation.source)}</span>'
        f"<span>{published}</span><span>{words.name_language(citation.language)}</span></p>"
        f"{_render_copies(citation, words)}"
        f'<blockquote class="cq-passage" lang="{lang}" dir="auto">{before}'
        f'<mark dir="auto">{_render_quote(citation)}</mark>{after}</blockquote>'
        f"{_render_gloss(citation, words)}{_render_open(citation.quote, words)}</li>"
    )


def _render_copies(citation: Citation, words: Words) -> str:
    if not citation.copies:
        return ""
    sources = ", ".join(render_source(source) for source in citation.copies)
    return f'<p class="cq-meta cq-also"><span>{words.also}{sources}</span></p>'


def _render_quote(citation: Citation) -> str:
    """Render the quote; a glossed word shows its pinyin and gloss when it is pointed at.

    What is shown stands in attributes, so that the text of the mark is the quote and nothing else.
    """
    text, place, parts = citation.quote.text, 0, []
    for word in citation.gloss:
        hint = " · ".join(filter(None, (word.pinyin, word.gloss)))
        parts += [
            escape_text(text[place : word.start]),
            f'<span class="cq-hint" tabindex="-1" data-hint="{escape_text(hint)}">'
            f"{escape_text(text[word.start : word.end])}</span>",
        ]
        place = word.end
    return "".join((*parts, escape_text(text[place:])))


def _render_gloss(citation: Citation, words: Words) -> str:
    """Render each glossed word of the quote above its gloss; nothing where there are none."""
    if not citation.gloss:
        return ""
    lang = tag_language(citation.language)
    reader = tag_language("en" if citation.language == "zh" else "zh")
    pairs = " ".join(
        f'<span class="cq-word"><span lang="{lang}" dir="auto">'
        f"{escape_text(citation.quote.text[word.start : word.end])}</span> {_render_pinyin(word)}"
        f'<span class="cq-meaning" lang="{reader}" dir="auto">{escape_text(word.gloss)}</span>'
        "</span>"
        for word in citation.gloss
    )
    return (
        f'<details class="cq-gloss" open><summary>{words.glossed}{words.aid}</summary>'
        f'<p class="cq-words">{pairs}</p></details>'
    )


def _render_pinyin(word: GlossedWord) -> str:
    if not word.pinyin:
        return ""
    return f'<span class="cq-pinyin" lang="zh-Latn-pinyin">{escape_text(word.pinyin)}</span> '


def _render_rest(hits: Sequence[Hit], answer: Answer, words: Words) -> str:
    titles = {c.quote.document_id: c.title for c in answer.citations}
    name = words.count(words.unused if answer.found else words.closest, len(hits))
    note = "" if answer.found else f'<p class="cq-facts">{words.closest_note}</p>'
    level = 4 if answer.citations else 3  # without sources no heading stands between
    rows = "".join(_render_hit(hit, titles, words, level) for hit in hits)
    return (
        f'<details class="cq-rest"><summary>{name}</summary>{note}'
        f'<ul class="cq-hits">{rows}</ul></details>'
    )


def _render_hit(hit: Hit, titles: dict[str, str], words: Words, level: int) -> str:
    passage, lang = hit.passage, tag_language(hit.language)
    title = titles.get(passage.document_id) or passage.heading or passage.document_id
    legs = "".join(
        f"<span>{name} {_format_rank(score, words)}</span>"
        for name, score in (
            (words.dense, hit.dense),
            (words.lexical, hit.lexical),
            (words.gloss, hit.gloss),
        )
    )
    return (
        f'<li class="cq-hit"><h{level} class="cq-title" lang="{lang}" dir="auto">'
        f"{escape_text(title)}</h{level}>"
        f'<p class="cq-meta"><span><bdi>{escape_text(passage.id)}</bdi></span>{legs}</p>'
        f'<blockquote class="cq-passage" lang="{lang}" dir="auto">{escape_text(passage.text)}'
        f"</blockquote>{_render_open(passage, words)}</li>"
    )


def _render_open(span: Quote | Passage, words: Words) -> str:
    """Render the way to the whole document; shown only where `whole.js` is on the page."""
    return (
        f'<p class="cq-ways"><a class="cq-open" href="{escape_text(locate(span))}" target="_blank" '
        f'rel="noopener" data-failed="{words.open_failed}">{words.open_whole}</a></p>'
    )


def _format_rank(score: LegScore | None, words: Words) -> str:
    return words.missed if score is None else f"#{score.rank}"
