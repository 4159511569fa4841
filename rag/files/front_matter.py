"""Front matter: the YAML block between two `---` lines at the very top of a text.

It is read here and nowhere else, so that loading and cleaning agree on where the body starts.
"""

from __future__ import annotations

import re

import yaml

MAX_CHARS = 16_384  # real blocks stay below 4,000; parsing this much takes 0.35 s
MAX_ALIASES = 10  # nobody needs more by hand; ten cannot multiply into a bomb
MAX_DEPTH = 20  # brackets inside brackets; the parser recurses once for each

_OPEN = re.compile(r"---[ \t]*\r?\n")
_CLOSE = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_PAIR = re.compile(r"^([A-Za-z_][\w-]*)[ \t]*:[ \t]+([^\s!&*\[{|>].*)", re.MULTILINE)
_KEY = re.compile(r"^[\w-]+[ \t]*:", re.MULTILINE)


class _Loader(yaml.SafeLoader):
    """The safe loader, but dates stay text: one impossible date would void the whole block."""

    yaml_implicit_resolvers = {  # noqa: RUF012  (the base class declares it this way)
        first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def split_front_matter(text: str) -> tuple[dict[str, object], int, str | None]:
    r"""Read the front matter of `text`, if it has any.

    A block that is no valid YAML still counts as front matter when it holds a `key: value` line;
    its plain pairs are used and the warning says so. A block without any such line is body: a
    text may start with a horizontal rule.

    Args:
        text: As loaded; line ends may be `\n` or `\r\n`.

    Returns:
        The fields (empty if there are none), the offset in code points where the body starts (0
        without front matter), and a sentence on what is wrong with the block, or None.
    """
    opening = _OPEN.match(text)
    if opening is None:
        return {}, 0, None
    closing = _CLOSE.search(text, opening.end(), opening.end() + MAX_CHARS)
    if closing is None:
        return {}, 0, _unterminated(text, opening.end())
    block = text[opening.end() : closing.start()]
    try:
        value = _load(block)
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        fields: dict[str, object] = {
            key: _unquote(value.rstrip(" \t\r")) for key, value in _PAIR.findall(block)
        }
        warning = f"the front matter is not valid YAML ({_explain(exc)}); its plain pairs were used"
        return (fields, closing.end(), warning) if _KEY.search(block) else ({}, 0, None)
    if value is None:
        return {}, closing.end(), None
    if not isinstance(value, dict):
        return {}, 0, None
    named = {key: item for key, item in value.items() if isinstance(key, str)}
    return named, closing.end(), None


def _load(block: str) -> object:
    aliases = depth = 0
    for event in yaml.parse(block, Loader=yaml.SafeLoader):
        aliases += isinstance(event, yaml.AliasEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if aliases > MAX_ALIASES or depth > MAX_DEPTH:
            raise ValueError("too many aliases, or too deep")
    loader = _Loader(block)
    try:
        value: object = loader.get_single_data()
    finally:
        loader.dispose()
    return value


def _unterminated(text: str, start: int) -> str | None:
    if _PAIR.match(text, start) is None:
        return None
    return (
        "the front matter has no closing line, or is too long, so it was read as text; "
        "end it with a line of three hyphens"
    )


def _unquote(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def _explain(exc: Exception) -> str:
    mark = getattr(exc, "problem_mark", None)
    what = getattr(exc, "problem", None) or str(exc).splitlines()[0]
    return f"line {mark.line + 2}: {what}" if mark is not None else str(what)
