"""A run: a folder with what was asked of what, every record, and in the end the report.

    run.json       of which system, set, settings, index and code
    records.jsonl  one line a question, written when it is done
    report.json, report.html, report.md   when all are done

A run that was stopped goes on in its folder where it was, if nothing that its numbers depend on has
changed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from embeddings.gloss import Glossary
from eval.describe import digest_questions
from eval.evaluate import Ask, ask_all
from eval.measures.grade import GetDocument
from eval.questions import Question
from eval.records import Record, drop_cut_line, read_records
from eval.report import Report, make_report
from rag.errors import CorpusError

RUN, RECORDS, REPORT, PAGE, MARKDOWN = (
    "run.json", "records.jsonl", "report.json", "report.html", "report.md",
)  # fmt: skip
DEPENDS_ON = ("system", "set_sha256", "settings", "without", "generation", "version")


def run_questions(
    ask: Ask,
    questions: Sequence[Question],
    folder: Path,
    *,
    details: Mapping[str, Any],
    glossary: Glossary | None = None,
    get_document: GetDocument | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Ask every question that the folder has no record of, and leave the report in it.

    Args:
        ask: Any function from question to answer.
        questions: At least one.
        folder: Made if it is not there; one of a run that was stopped is gone on with.
        details: From `eval.describe.describe_run`; the digest of the questions is added.
        glossary: For verification; None takes the bundled one.
        get_document: Of the documents asked, to check that quotes are exact.
        progress: Told how many are done, of how many.

    Raises:
        CorpusError: If the folder holds another run, or cannot be read or written; it says what
            differs.
    """
    wanted = {
        **details, "questions": len(questions), "set_sha256": digest_questions(questions),
    }  # fmt: skip
    try:
        kept = _begin(folder, wanted)
        done = {record.question.id: record for record in read_records(folder / RECORDS)}
        left = [question for question in questions if question.id not in done]
        drop_cut_line(folder / RECORDS)
        with (folder / RECORDS).open("a", encoding="utf-8", newline="\n") as file:
            for record in ask_all(ask, left, glossary=glossary, get_document=get_document):
                file.write(json.dumps(record.to_dict(), ensure_ascii=False) + "\n")
                file.flush()
                done[record.question.id] = record
                if progress:
                    progress(len(done), len(questions))
        report = _report([done[question.id] for question in questions], kept, folder)
        write_report(report, folder)
    except (OSError, UnicodeError) as exc:
        raise CorpusError(f"the run at {str(folder)!r} cannot be kept: {exc}") from exc
    return report


def read_run(folder: Path) -> Report:
    """Read what a run reached, as far as it came; `is_finished` tells whether that is all.

    Raises:
        CorpusError: If there is no run, it has no record yet, or a file of it is not in form.
    """
    details = _read_details(folder)
    if details is None:
        raise CorpusError(f"{str(folder)!r} holds no run. Make one: crossquote eval run --out …")
    records = {record.question.id: record for record in read_records(folder / RECORDS)}
    if not records:
        raise CorpusError(f"the run at {str(folder)!r} has no record yet. Go on with it first")
    return _report(list(records.values()), details, folder)


def is_finished(report: Report) -> bool:
    """Whether a run asked all of its questions."""
    return bool(len(report.records) == report.details.get("questions", len(report.records)))


def write_report(report: Report, folder: Path) -> None:
    """Write `report.json`, `report.html` and `report.md`, each whole or not at all.

    Raises:
        OSError: If one cannot be written.
    """
    from eval.pages.markdown import render_markdown
    from eval.pages.page import render_page

    replace_text(folder / REPORT, _to_json(report.to_dict()))
    replace_text(folder / PAGE, render_page(report))
    replace_text(folder / MARKDOWN, render_markdown(report))


def replace_text(path: Path, text: str) -> None:
    """Write a file, so that a reader finds the old text or the new one, whole.

    Raises:
        OSError: If it cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="\n", errors="replace") as file:
            file.write(text)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def name_run_folder(runs: Path, name: str) -> Path:
    """Name a folder in `runs` that is not there yet: `<name>-<date>-<time>`, in UTC."""
    plain = "".join(c if c.isalnum() or c in "-_." else "-" for c in name).strip(".-") or "run"
    stem = f"{plain}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    folder, number = runs / stem, 1
    while folder.exists():
        number += 1
        folder = runs / f"{stem}-{number}"
    return folder


def _begin(folder: Path, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    """The details of the run in the folder: those wanted, or those that it began with."""
    known = _read_details(folder)
    if known is None:
        if (folder / RECORDS).exists():
            raise CorpusError(
                f"{str(folder)!r} has records, but no {RUN} that says of what. Give another folder"
            )
        folder.mkdir(parents=True, exist_ok=True)
        replace_text(folder / RUN, _to_json(wanted))
        return wanted
    plain = json.loads(_to_json(wanted))
    different = [name for name in DEPENDS_ON if known.get(name) != plain.get(name)]
    if different:
        told = "; ".join(_tell_difference(name, known, plain) for name in different)
        raise CorpusError(
            f"{str(folder)!r} holds another run: {told}. Give another folder with --out, "
            "or remove this one"
        )
    if plain.get("prices", known.get("prices")) != known.get("prices"):  # nothing is asked by them
        known["prices"] = plain["prices"]
        replace_text(folder / RUN, _to_json(known))
    return known


def _tell_difference(name: str, known: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    before, now = known.get(name), wanted.get(name)
    if isinstance(before, dict) and isinstance(now, dict):
        keys = [key for key in sorted(before.keys() | now) if before.get(key) != now.get(key)]
        return "; ".join(_tell_difference(key, before, now) for key in keys)
    return f"{name} was {_shorten(before)}, now it is {_shorten(now)}"


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:20]}…{text[-20:]}"


def _read_details(folder: Path) -> dict[str, Any] | None:
    path = folder / RUN
    try:
        details = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as exc:
        raise CorpusError(f"{str(path)!r} cannot be read: {exc}") from exc
    if not isinstance(details, dict):
        raise CorpusError(f"{str(path)!r} is not the description of a run")
    return details


def _report(records: Sequence[Record], details: Mapping[str, Any], folder: Path) -> Report:
    system, left_out = details.get("system") or "a system", details.get("without") or ()
    without = f" without {', '.join(left_out)}" if left_out else ""
    name = f"{system}{without} on {details.get('set') or folder.name}"
    return make_report(records, name=name, details=details)


def _to_json(record: object) -> str:
    return json.dumps(record, ensure_ascii=False, indent=2, default=list) + "\n"
