"""Does the content of a file agree with its name? If not, no parser gets to see it."""

from __future__ import annotations

from rag.files.decode import looks_binary

MAGIC_BYTES = 2048  # every signature worth knowing stands in the first bytes
MIN_MATCH_BYTES = 4  # shorter signatures, such as "BM" for a bitmap, are words as well

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Word before 2007, and any Office file with a password
_TEXT_LOOKALIKES = ((b"%PDF-", ".pdf"), (b"{\\rtf", ".rtf"), (_ZIP, ".zip"), (_OLE, ".doc"))


def find_mismatch(data: bytes, suffix: str) -> str | None:
    """Return why `data` cannot be a file of type `suffix`, as a sentence, or None if it can.

    Args:
        data: The whole file, not empty.
        suffix: Lower case, with its dot: ".pdf".
    """
    if suffix == ".pdf":
        return None if b"%PDF-" in data[:1024] else _say(data, "a PDF")
    if suffix == ".docx":
        if data.startswith(_OLE):
            return (
                "is a Word file of the old format, or needs a password; "
                "save it as .docx without a password"
            )
        return None if data.startswith(_ZIP) else _say(data, "a Word document")
    start = data[:MAGIC_BYTES].lstrip()
    if any(start.startswith(magic) for magic, _ in _TEXT_LOOKALIKES) or looks_binary(data):
        return _say(data, "text")
    return None


def _say(data: bytes, expected: str) -> str:
    kind = _identify(data)
    found = f"looks like {kind}" if kind else "the content is of no known type"
    return f"is named as {expected}, but {found}; give it its true extension or remove it"


def _identify(data: bytes) -> str | None:
    for magic, extension in _TEXT_LOOKALIKES:
        if data[:MAGIC_BYTES].lstrip().startswith(magic):
            return extension
    import puremagic

    try:
        matches = puremagic.magic_string(data[:MAGIC_BYTES])
    except (puremagic.PureError, ValueError):  # nothing matches; no data
        return None
    known = (match for match in matches if len(match.byte_match) >= MIN_MATCH_BYTES)
    return next((str(match.extension or match.name) for match in known), None)
