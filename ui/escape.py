"""Text from outside, made inert: the one door through which it enters the page.

Whatever documents, readers and models write goes through `escape_text`.
"""

from __future__ import annotations

from html import escape

from rag.types import Language

# `$`, `{` and the backtick are what template engines look for; CR would be read as LF; NUL and
# lone surrogates are no characters of HTML or of UTF-8
_INERT = {ord(c): f"&#{ord(c)};" for c in "${}`\r"}
_INERT |= dict.fromkeys((0, *range(0xD800, 0xE000)), "\ufffd")


def escape_text(text: str) -> str:
    """Escape `text` for element content and quoted attributes; a browser shows it unchanged.

    Only NUL and lone surrogates, which no page can hold, become U+FFFD.
    """
    return escape(text, quote=True).translate(_INERT)


def tag_language(language: Language) -> str:
    """Return the BCP 47 tag of a document's language, for `lang` attributes."""
    return "zh-Hans" if language == "zh" else "en"
