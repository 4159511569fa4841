"""What readers think of answers: a JSON object a line, in a file that stays small."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from rag.errors import RagError
from rag.types import Answer

MAX_BYTES = 5_000_000  # some 5,000 judgements; then the older half goes
MAX_REASON_CHARS = 1000
LOCK_SECONDS = 5
Verdict = Literal["like", "dislike", "none"]


class FeedbackError(RagError):
    """The file of judgements cannot be written."""


def describe_judgement(
    question: str, answer: Answer, verdict: Verdict, reason: str
) -> dict[str, Any]:
    """What is kept of a judgement: enough to ask again, and to see what was said and quoted.

    `verdict` "none" takes an earlier one back. A reason is cut at `MAX_REASON_CHARS`.
    """
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "verdict": verdict,
        "reason": reason[:MAX_REASON_CHARS],
        "question": question,
        "rewritten": answer.rewritten,
        "answer": answer.text,
        "found": answer.found,
        "quotes": [
            {"document": c.quote.document_id, "start": c.quote.start, "text": c.quote.text}
            for c in answer.citations
        ],
        "probability": answer.probability,
        "model": answer.model,
        "generation": answer.generation,
    }


def write_judgement(path: Path, record: Mapping[str, Any], *, max_bytes: int = MAX_BYTES) -> None:
    """Append a record to the file; one writer at a time, whatever process it is in.

    Args:
        path: Made if it is missing.
        record: JSON types.
        max_bytes: A file that would grow beyond loses its older half, in whole lines.

    Raises:
        FeedbackError: If the file cannot be written, or another writer does not let go of it.
    """
    line = json.dumps(record, ensure_ascii=True).encode("ascii") + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock"), timeout=LOCK_SECONDS):
            if path.exists() and path.stat().st_size + len(line) > max_bytes:
                _drop_older_half(path, max_bytes // 2)
            path.touch(mode=0o600)  # what readers wrote is for the owner of the server alone
            with path.open("ab") as file:
                file.write(line)
    except (OSError, Timeout) as exc:
        raise FeedbackError(f"the judgement could not be kept in {str(path)!r}: {exc}") from exc


def _drop_older_half(path: Path, kept_bytes: int) -> None:
    data = path.read_bytes()[-kept_bytes:]
    newer = path.with_suffix(".new")
    newer.touch(mode=0o600)
    newer.write_bytes(data[data.find(b"\n") + 1 :])
    newer.replace(path)
