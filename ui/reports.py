"""The reports of evaluation runs, beside the chat: a list of them, and each as it was written.

A run is a folder with a `report.html`, in the folder that `crossquote eval run` keeps runs in. The
files are served as they are; their own policy lets them fetch and run nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from ui.escape import escape_text
from ui.pages import Link, render_page
from ui.words import Words, read_words

REPORT, SUMMARY = "report.html", "report.json"
MOST_LISTED = 100
ADDRESS = "/reports"
REPORTS = Link(ADDRESS, "reports")


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run that has a report.

    Attributes:
        name: Of its folder.
        system: What was asked; empty if the run does not say.
        questions: How many; None if it does not say.
        value: Share of right values, in [0, 1]; None if that was not measured.
        finished: When the report was written.
    """

    name: str
    system: str
    questions: int | None
    value: float | None
    finished: datetime


def list_reports(runs: Path) -> list[RunReport]:
    """Return the newest `MOST_LISTED` runs that have a report, newest first."""
    if not runs.is_dir():
        return []
    written = [folder for folder in runs.iterdir() if (folder / REPORT).is_file()]
    found = [_read_summary(folder) for folder in written]
    return sorted(found, key=lambda run: (run.finished, run.name), reverse=True)[:MOST_LISTED]


def render_list(runs: Sequence[RunReport], words: Words, *, links: Sequence[Link]) -> str:
    """Render the page that lists reports, in the reader's language."""
    rows = "".join(_render_row(run, words) for run in runs)
    body = (
        f'<table class="cq-reports"><thead><tr><th scope="col">{words.report}</th>'
        f'<th scope="col">{words.asked}</th><th scope="col">{words.right}</th>'
        f'<th scope="col">{words.finished}</th></tr></thead><tbody>{rows}</tbody></table>'
        if runs
        else f"<p>{words.no_reports}</p><pre>crossquote eval run eval/seeds.jsonl</pre>"
    )
    title = words.reports
    return render_page(title, f"<h1>{title}</h1>{body}", words, links=links, current=ADDRESS)


def offer_reports(server: FastAPI, runs: Path, links: Sequence[Link]) -> None:
    """Serve the list at `ADDRESS`, and each report below it."""

    @server.get(ADDRESS)
    def show_list(request: Request) -> HTMLResponse:
        words = read_words(request.headers)
        return HTMLResponse(render_list(list_reports(runs), words, links=links))

    @server.get(ADDRESS + "/{name}")
    def show_report(name: str) -> Response:
        if name not in {run.name for run in list_reports(runs)}:  # never a path of the reader's
            return PlainTextResponse("there is no such report", 404)
        return FileResponse(runs / name / REPORT, media_type="text/html; charset=utf-8")


def _read_summary(folder: Path) -> RunReport:
    """What the list says of a run; a summary that cannot be read says nothing."""
    finished = datetime.fromtimestamp((folder / REPORT).stat().st_mtime, tz=UTC)
    try:
        record: Any = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        value = record["parts"]["all"].get("value")
        return RunReport(
            folder.name,
            str(record["name"]),
            int(record["questions"]),
            float(value["value"]) if value else None,
            finished,
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return RunReport(folder.name, "", None, None, finished)


def _render_row(run: RunReport, words: Words) -> str:
    name = escape_text(run.name)
    questions = "" if run.questions is None else f"{run.questions:,}"
    value = "" if run.value is None else f"{run.value:.3f}"
    system = f"<br><small>{escape_text(run.system)}</small>" if run.system else ""
    day = f"{words.format_date(run.finished.date())}, {run.finished:%H:%M} UTC"
    return (
        f'<tr><td><a href="{ADDRESS}/{name}"><bdi>{name}</bdi></a>{system}</td>'
        f"<td>{questions}</td><td>{value}</td><td>{day}</td></tr>"
    )
