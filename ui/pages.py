"""The frame of the plain pages beside the chat: head, ways to the other pages, style.

They are HTML without a framework. Scripts and styles stand in the page, so that a page is one
request; whoever fills `body` escapes what comes from outside (`ui.escape`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ui.escape import escape_text
from ui.words import EN, ZH, Words

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Link:
    """A way to a page: its address, and the field of `Words` that names it."""

    address: str
    field: str


CHAT = Link("/", "to_chat")


def read_style(*names: str) -> str:
    """The style sheets of these names, the colours first."""
    return "".join(map(read_sheet, ("colors", *names)))


def read_sheet(name: str) -> str:
    """One style sheet alone."""
    return (_HERE / "style" / f"{name}.css").read_text(encoding="utf-8")


def read_script(name: str) -> str:
    """The script of this name."""
    return (_HERE / "scripts" / f"{name}.js").read_text(encoding="utf-8")


def render_page(
    title: str,
    body: str,
    words: Words,
    *,
    links: Sequence[Link],
    current: str,
    script: str = "",
    style: str = "",
) -> str:
    """Render a whole page.

    Args:
        title: Of the window, as text.
        body: HTML of the main part.
        words: Of the reader.
        links: To all pages.
        current: Address of this one; of none of them if it is not among `links`.
        script: Run at the end of the page.
        style: Further rules, such as `read_sheet` gives.
    """
    return (
        f'<!doctype html><html lang="{words.tag}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape_text(title)} · Crossquote</title>"
        f"<style>{read_style('pages')}{style}</style></head>"
        '<body class="cq-plain"><header class="cq-top"><p class="cq-name">'
        f'<a href="/">Crossquote</a></p>{render_links(links, words, current)}</header>'
        f"<main>{body}</main>{f'<script>{script}</script>' if script else ''}</body></html>"
    )


def render_links(links: Sequence[Link], words: Words, current: str) -> str:
    """Render the ways to other pages in the reader's language."""
    return _render_nav(links, current, lambda link: getattr(words, link.field))


def render_links_in_both(links: Sequence[Link], current: str) -> str:
    """Render them in both languages, of which the style sheet shows one."""
    return _render_nav(links, current, lambda link: say_in_both(link.field, "span"))


def say_in_both(field: str, element: str) -> str:
    """Put both languages on a page that is laid out before its reader is known."""
    return "".join(
        f'<{element} class="cq-in-{words.tag[:2]}" lang="{words.tag}">'
        f"{getattr(words, field)}</{element}>"
        for words in (EN, ZH)
    )


def _render_nav(links: Sequence[Link], current: str, name: Callable[[Link], str]) -> str:
    if len(links) < 2:  # a way from here to here is none
        return ""
    items = "".join(
        f'<a href="{link.address}"{" aria-current=page" * (link.address == current)}>'
        f"{name(link)}</a>"
        for link in links
    )
    return f'<nav class="cq-nav">{items}</nav>'
