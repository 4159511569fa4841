"""The rankings of a search as HTML: a column a leg, and beside them what was kept.

A passage has the same number everywhere: that of its place among those that are kept, and from
there on. So it can be told in each column, and a passage that is not kept says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rag.legs import SHOWN, Search
from rag.types import LANGUAGES, Hit, LegScore, Passage, Quote
from ui.address import locate
from ui.escape import escape_text, tag_language
from ui.retrieval_words import RETRIEVAL_WORDS
from ui.words import Words

LEGS: tuple[Callable[[Hit], LegScore | None], ...] = (
    lambda hit: hit.dense,
    lambda hit: hit.lexical,
    lambda hit: hit.gloss,
)
OPEN = 5  # of these, before a fold
OPEN_KEPT = 10
BEFORE, MIDDLE, AFTER = 40, 280, 120  # characters of an excerpt; Han characters say twice as much


def render_leg(search: Search, leg: int, words: Words) -> str:
    """Render the ranking of dense (0), lexical (1) or gloss (2): a list for each language."""
    said = RETRIEVAL_WORDS[words.tag]
    everything = [*search.hits, *search.dropped]
    lists = []
    for language in LANGUAGES:
        ranked = [(place, hit) for hit in everything if (place := LEGS[leg](hit))]
        own = sorted(
            (pair for pair in ranked if pair[1].language == language and pair[0].rank <= SHOWN),
            key=lambda pair: pair[0].rank,
        )
        items = [_render_place(search, hit, place, words) for place, hit in own]
        weight = search.weights[language][leg]
        told = said.weight.format(n=f"{weight:g}") if weight else said.unweighted
        lists.append(
            f"<h3>{words.name_language(language)} <small>{told}</small></h3>"
            + (_fold(items, OPEN, words) if items else f"<p>{said.nothing}</p>")
        )
    return _render_column(("dense", "lexical", "gloss")[leg], said.legs[leg],
                          said.explained[leg], "".join(lists))  # fmt: skip


def render_kept(search: Search, words: Words) -> str:
    """Render what is kept, how many of each language, and what a leg found for nothing."""
    said = RETRIEVAL_WORDS[words.tag]
    counts = {lang: sum(hit.language == lang for hit in search.hits) for lang in LANGUAGES}
    share = 100 * counts["zh"] / max(len(search.hits), 1)
    given = {lang: search.candidates.get(lang, 0) for lang in LANGUAGES}
    balance = (
        f'<p class="cq-balance">{said.balance.format(**counts)} '
        f"<small>{said.candidates.format(**given)}</small></p>"
        f'<div class="cq-shares" aria-hidden="true"><i style="width:{share:.0f}%"></i></div>'
    )
    kept = [_render_kept_hit(search, hit, words) for hit in search.hits]
    dropped = [_render_kept_hit(search, hit, words) for hit in search.dropped]
    rest = (
        f'<details class="cq-let-go"><summary>{said.let_go.format(n=len(dropped))}</summary>'
        f"<p><small>{said.let_go_note}</small></p>{_list(dropped)}</details>"
    )
    body = f"{balance}{_fold(kept, OPEN_KEPT, words)}" if kept else f"<p>{said.nothing}</p>"
    return _render_column(
        "kept", said.fused, said.fused_explained, body + (rest if dropped else "")
    )


def cut_excerpt(passage: Passage, sentence: Quote | None) -> tuple[str, str, str]:
    """Return what stands before the passage's best sentence, the sentence, and what follows.

    What is cut off is told by an ellipsis. Without a sentence the passage's beginning stands
    for it.
    """
    text, dense = passage.text, any("\u3400" <= c <= "\u9fff" for c in passage.text)
    before, middle, after = (n // 2 if dense else n for n in (BEFORE, MIDDLE, AFTER))
    start = sentence.start - passage.start if sentence else 0
    end = sentence.end - passage.start if sentence else min(middle, len(text))
    if not 0 <= start < end <= len(text):
        start, end = 0, min(middle, len(text))
    first, last = max(start - before, 0), min(end + after, len(text))
    if end - start > middle:
        end = last = start + middle
    return (
        "…" * (first > 0) + text[first:start],
        text[start:end],
        text[end:last] + "…" * (last < len(text)),
    )


def _render_column(name: str, title: str, explained: str, body: str) -> str:
    return (
        f'<section class="cq-column" id="{name}" aria-labelledby="{name}-h"><h2 id="{name}-h">'
        f'{title}</h2><p class="cq-explained">{explained}</p>{body}</section>'
    )


def _render_place(search: Search, hit: Hit, place: LegScore, words: Words) -> str:
    facts = (
        f'<b>{place.rank}</b><span class="cq-score">{place.score:.3f}</span>'
        f"{_render_fate(search, hit, words)}"
    )
    return _render_hit(search, hit, facts)


def _render_kept_hit(search: Search, hit: Hit, words: Words) -> str:
    said = RETRIEVAL_WORDS[words.tag]
    ranks = " · ".join(
        f"{name} {place.rank if (place := leg(hit)) else '–'}"
        for name, leg in zip(said.legs, LEGS, strict=True)
    )
    fate = "" if hit in search.hits else _render_fate(search, hit, words)
    facts = (
        f'<b>{hit.rank}</b><span class="cq-score">{hit.score:+.2f}</span>'
        f"<span>{words.name_language(hit.language)}</span>{fate}"
    )
    return _render_hit(search, hit, facts, f'<p class="cq-ranks">{ranks}</p>', f"p{hit.rank}")


def _render_fate(search: Search, hit: Hit, words: Words) -> str:
    """Say whether a passage is kept, as which number, or for which other it is not."""
    said = RETRIEVAL_WORDS[words.tag]
    if hit.rank <= len(search.hits):
        return (
            f'<a class="cq-kept" href="#p{hit.rank}" aria-label="{said.kept.format(n=hit.rank)}">'
            f"{said.kept_short.format(n=hit.rank)}</a>"
        )
    better = search.copies.get(hit.passage.id)
    for other in search.hits:
        if other.passage.id == better:
            told = said.copy.format(n=other.rank)
            return f'<a class="cq-dropped" href="#p{other.rank}">{told}</a>'
    return f'<span class="cq-dropped">{said.dropped}</span>'


def _render_hit(search: Search, hit: Hit, facts: str, after: str = "", name: str = "") -> str:
    passage, lang = hit.passage, tag_language(hit.language)
    sentence = search.sentences.get(passage.id)
    title = search.titles.get(passage.document_id) or passage.document_id
    before, middle, behind = map(escape_text, cut_excerpt(passage, sentence))
    lost = " cq-lost" if hit.rank > len(search.hits) else ""
    id_ = f' id="{name}" tabindex="-1"' if name else ""
    return (
        f'<li class="cq-found{lost}" data-passage="{hit.rank}"{id_}><p class="cq-place">{facts}</p>'
        f'<p class="cq-of"><a href="{escape_text(locate(sentence or passage))}" lang="{lang}" '
        f'dir="auto">{escape_text(title)}</a></p>'
        f'<p class="cq-excerpt" lang="{lang}" dir="auto">{before}'
        f'<strong dir="auto">{middle}</strong>{behind}</p>{after}</li>'
    )


def _fold(items: Sequence[str], n: int, words: Words) -> str:
    """A list whose items beyond the first `n` are folded away."""
    if len(items) <= n + 1:
        return _list(items)
    more = RETRIEVAL_WORDS[words.tag].more.format(n=len(items) - n)
    return (
        f"{_list(items[:n])}<details><summary>{more}</summary>"
        f"{_list(items[n:], start=n + 1)}</details>"
    )


def _list(items: Iterable[str], *, start: int = 1) -> str:
    return f'<ol class="cq-founds" start="{start}">{"".join(items)}</ol>'
