"""Bytes to text: which encoding a file is in, and what to do with bytes that do not fit it.

The order is byte order mark, UTF-16 without one, a few characters of GB2312 and nothing else,
strict UTF-8, UTF-8 with a few bad bytes, common GB2312 characters, and then charset-normalizer
limited to the encodings that Chinese and English files come in. A guess from little evidence, and
every replaced byte, carries a warning.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

LIKELY_ENCODINGS = ["gb18030", "big5", "utf_16", "shift_jis", "cp1252"]
FEW_BYTES = 64  # below this a detector is guessing: it read the 8 bytes of 北京大学 as Korean
SAMPLE_BYTES = 4096  # how much the plausibility checks look at; more changes nothing, costs time
COMMON_SHARE = 0.8  # of byte pairs; Big5, Shift-JIS and cp1252 texts stay below 0.5

_BOMS = (  # the mark of UTF-32 begins with that of UTF-16, so it comes first
    (codecs.BOM_UTF8, "utf_8"),
    (codecs.BOM_UTF32_LE, "utf_32_le"),
    (codecs.BOM_UTF32_BE, "utf_32_be"),
    (codecs.BOM_UTF16_LE, "utf_16_le"),
    (codecs.BOM_UTF16_BE, "utf_16_be"),
)
_NOT_TEXT_CODECS = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
)
_UNSAFE = re.compile("[\x00\ud800-\udfff]")
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_BYTE_PAIR = re.compile(rb"[\x80-\xff][\x30-\xff]?")
_COMMON_GB2312 = re.compile(
    rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]"
)  # punctuation and the 3,755 of level 1
_ASCII = bytes(range(0x80))
_LETTER = re.compile(rb"[A-Za-z]")
_SIGN = 0xC2  # the first byte of £, §, ° and the like in UTF-8
_LATIN = bytes(range(0xC2, 0xC6))  # the first bytes of U+0080 to U+017F in UTF-8
_HAN_SIZED = bytes(range(0xE0, 0xF0))  # and of the characters that take three
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
_NEVER_LATIN = re.compile(rb"[\x81\x8d\x8f\x90\x9d\xfe\xff]")  # undefined in cp1252, or as good as
_PLAUSIBLE_UTF16 = re.compile(
    r"[\t\n\r\x20-\x7e\u2010-\u2027\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]"
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the Python codec that gave it, and a sentence for the user where there is doubt."""

    text: str
    encoding: str
    warning: str | None = None


def decode_bytes(
    data: bytes, *, encoding: str | None = None, declared: str | None = None
) -> Decoded:
    """Decode a text file; never fails on content.

    A leading byte order mark is dropped. NUL and lone surrogates become U+FFFD one for one, so
    that every offset into the text stays true.

    Args:
        data: The whole file.
        encoding: A codec the user insists on; bytes that do not fit it are replaced.
        declared: A codec the file claims for itself; believed if all bytes fit, and UTF-8 fails.

    Raises:
        ValueError: If `encoding` is no text encoding that Python knows.
    """
    if encoding is not None:
        return _decode_as(data, check_encoding(encoding))
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _decode_as(data, name, skip=len(bom))
    short = _decode_short_gb2312(data) if declared is None else None
    found = _decode_utf16(data) or short or _decode_strictly(data, "utf_8")
    if found is None and declared is not None:
        found = _decode_strictly(data, declared)
    return found or _decode_broken_utf8(data) or _decode_legacy(data)


def check_encoding(encoding: str) -> str:
    """Return Python's name of a text encoding.

    Raises:
        ValueError: If there is none of that name.
    """
    try:
        "".encode(encoding)  # LookupError also for codecs that are not text, such as hex
        name = codecs.lookup(encoding).name
    except (LookupError, UnicodeError, ValueError) as exc:
        raise ValueError(f"unknown text encoding {encoding!r}; try 'utf-8' or 'gb18030'") from exc
    if name in _NOT_TEXT_CODECS:
        raise ValueError(f"{encoding!r} is no encoding of text files; try 'utf-8' or 'gb18030'")
    return name


def find_wide_encoding(start: bytes) -> str | None:
    """Return the codec of a file in UTF-16 or UTF-32, judged by its first bytes, or None.

    These are the encodings in which a line does not end in a byte of its own.
    """
    marked = next((name for bom, name in _BOMS if start.startswith(bom)), None)
    return marked if marked not in (None, "utf_8") else _guess_utf16(start)


def describe_bad_byte(encoding: str, offset: int) -> str:
    """Say that the byte at `offset` of a file does not fit its encoding."""
    return (
        f"byte {offset} is not {encoding.replace('_', '-').upper()}, so characters there and in "
        "like places were replaced; save the file in one encoding, UTF-8"
    )


def replace_unsafe(text: str) -> str:
    """Replace NUL and lone surrogates by U+FFFD, one for one: databases and JSON refuse them."""
    return _UNSAFE.sub("\ufffd", text)


def looks_binary(data: bytes) -> bool:
    """Whether the start of a file holds more control bytes than any text does.

    Random bytes hold 10 %. A file in UTF-8 or UTF-16 may hold stray ones and still be text.
    """
    sample = data[:SAMPLE_BYTES]
    if any(data.startswith(bom) for bom, _ in _BOMS) or _guess_utf16(sample):
        return False
    controls = len(_CONTROL_BYTES.findall(sample))
    share = controls / max(len(sample), 1)
    if controls < 2 or share <= 0.02:
        return False
    return share > 0.3 or _decode_strictly(data, "utf_8") is None


def _decode_as(data: bytes, name: str, skip: int = 0) -> Decoded:
    body = data[skip:]
    warning = None
    try:
        text = body.decode(name)
    except UnicodeDecodeError as exc:
        text = body.decode(name, errors="replace")
        warning = describe_bad_byte(name, skip + exc.start)
    return Decoded(replace_unsafe(text.removeprefix("\ufeff")), name, warning)


def _decode_strictly(data: bytes, name: str) -> Decoded | None:
    try:
        return Decoded(replace_unsafe(data.decode(name).removeprefix("\ufeff")), name)
    except UnicodeDecodeError:
        return None


def _decode_utf16(data: bytes) -> Decoded | None:
    name = None if len(data) % 2 else _guess_utf16(data)
    return _decode_strictly(data, name) if name else None


def _guess_utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: it holds NUL or control bytes, and reads as plausible text.

    Without the first condition plain ASCII is UTF-16 too: "he" is U+6568.
    """
    sample = data[: min(SAMPLE_BYTES, len(data) & ~1)]
    if not _CONTROL_BYTES.search(sample):
        return None
    texts = {name: sample.decode(name, errors="replace") for name in ("utf_16_le", "utf_16_be")}
    plausible = [
        name
        for name, text in texts.items()
        if len(_PLAUSIBLE_UTF16.findall(text)) >= 0.9 * len(text)
    ]
    # "hello" the wrong way round is five Chinese characters
    return max(plausible, key=lambda name: sum(map(str.isascii, texts[name])), default=None)


def _decode_short_gb2312(data: bytes) -> Decoded | None:
    """A few common characters in GB2312, which may be UTF-8 as well, or nearly.

    谢谢 is "лл" in UTF-8, and 世界。 holds a whole character of it. The other way round what UTF-8
    makes of Han is never common in GB2312 throughout; its accents and signs may be, and its Greek.
    """
    pairs = _BYTE_PAIR.findall(data) if len(data) <= SAMPLE_BYTES else []
    few = 0 < 2 * len(pairs) < FEW_BYTES
    if not few or not all(map(_COMMON_GB2312.fullmatch, pairs)):
        return None
    alone = not _LETTER.search(data) and {pair[0] for pair in pairs} != {_SIGN}
    return _decode_legacy(data) if alone or _decode_strictly(data, "utf_8") is None else None


def _decode_broken_utf8(data: bytes) -> Decoded | None:
    """UTF-8 with bad bytes in it, or half of it in another encoding; None if it is not UTF-8.

    The three bytes of a Han character seldom come about by chance: GB18030, Big5 and Shift-JIS
    read as UTF-8 give fewer than 0.03 of them for each byte that does not fit.
    """
    text = data.decode("utf_8", errors="replace")
    bad = text.count("\ufffd")
    again = text.encode("utf_8")  # to count characters by their first byte: ten times as fast
    han_sized = len(again) - len(again.translate(None, _HAN_SIZED)) - bad
    latin = len(again) - len(again.translate(None, _LATIN))
    if latin < bad and 4 * han_sized < bad:
        return None
    return _decode_as(data, "utf_8")


def _decode_legacy(data: bytes) -> Decoded:
    if _is_common_gb2312(data):
        name: str | None = "gb18030"
    else:
        name = "cp1252" if _is_latin(data) else _detect(data)
    found = _decode_strictly(data, name) if name else None
    if found is None:
        return _decode_as(data, "utf_8")
    evidence = len(data.translate(None, _ASCII))
    if evidence >= FEW_BYTES:
        return found
    warning = (
        f"not UTF-8; read as {found.encoding}, a guess from only {evidence} bytes. "
        "If it looks wrong, save the file as UTF-8."
    )
    return Decoded(found.text, found.encoding, warning)


def _is_common_gb2312(data: bytes) -> bool:
    first = _HIGH_BYTES.search(data)
    start = first.start() if first is not None else 0
    pairs = _BYTE_PAIR.findall(data[start : start + SAMPLE_BYTES])
    common = sum(_COMMON_GB2312.fullmatch(pair) is not None for pair in pairs)
    return common >= COMMON_SHARE * len(pairs)


def _is_latin(data: bytes) -> bool:
    """Mostly ASCII, with single bytes between: accents and curly quotes come alone."""
    high = len(data.translate(None, _ASCII))
    if len(data) < 5 * high or _NEVER_LATIN.search(data):
        return False
    runs = _HIGH_BYTES.findall(data)
    return 2 * sum(len(run) == 1 for run in runs) >= len(runs)


def _detect(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=LIKELY_ENCODINGS).best()
    if best is None or (best.encoding == "cp1252" and _NEVER_LATIN.search(data)):
        return None
    return best.encoding
