"""HTML of a report: text from outside made inert, and the few elements that pages are built of.

Answers and quotes come from documents that nobody has checked. Whatever is not written in this
package goes through `escape_text`, and stands in an element of its own with `dir="auto"`, so that
a bidirectional control in it ends with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from eval.measures.metrics import Mean
from eval.pages.digest import cut_text
from eval.pages.usage import format_mean, format_range
from rag.language import detect_language

# `$`, `{` and the backtick are what template engines look for; CR would be read as LF; NUL and
# lone surrogates are no characters of HTML or of UTF-8
_INERT = {ord(c): f"&#{ord(c)};" for c in "${}`\r"}
_INERT |= dict.fromkeys((0, *range(0xD800, 0xE000)), "\ufffd")


def escape_text(text: str) -> str:
    """Escape text for element content and quoted attributes; a browser shows it unchanged.

    Only NUL and lone surrogates, which no page can hold, become U+FFFD.
    """
    return escape(text, quote=True).translate(_INERT)


def show_text(text: str, css: str = "") -> str:
    """Text from outside as an element within a line, cut if it is very long.

    Its language is told from its script, so that Han text gets its own font and line breaks.
    """
    language = "zh-Hans" if detect_language(text) == "zh" else "en"
    class_ = f' class="{css}"' if css else ""
    return f'<bdi lang="{language}" dir="auto"{class_}>{escape_text(cut_text(text))}</bdi>'


def show_mean(measure: str, mean: Mean | None) -> str:
    """A table cell: the mean of a measure, and below it its interval and number of questions."""
    if mean is None:
        return "<td>–</td>"
    return (
        f"<td>{escape_text(format_mean(measure, mean))}"
        f"<small>{format_range(measure, mean)} · {mean.n:,}</small></td>"
    )


def draw_band(mean: Mean) -> str:
    """A small picture of a mean and its interval on a line from 0 to 1."""
    low, high = 100 * mean.low, 100 * mean.high
    return (
        '<svg class="band" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="all" y="3" width="100" height="2"/>'
        f'<rect class="part" x="{low:.1f}" y="1" width="{max(high - low, 0.8):.1f}" height="6"/>'
        f'<rect class="at" x="{min(100 * mean.value, 98.8):.1f}" width="1.2" height="8"/></svg>'
    )


def build_table(caption: str, heads: Sequence[str], rows: Sequence[str]) -> str:
    """A table that scrolls within itself where it is wider than the page.

    Args:
        caption: Plain words of ours.
        heads: Of the columns; escaped here.
        rows: Their cells as HTML.
    """
    head = "".join(f'<th scope="col">{escape_text(text)}</th>' for text in heads)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape_text(caption)}"><table>'
        f"<caption>{escape_text(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def fold(summary: str, body: str, css: str = "") -> str:
    """A part that a reader opens; both are HTML."""
    return f'<details class="{css}"><summary>{summary}</summary>{body}</details>'
