"""A report as one HTML file that needs nothing else: no request, no script, light and dark.

What a reader gets in ten seconds stands on top; below it charts, tables, and every question that
went wrong. The policy of the page allows its own style sheet and nothing more.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

from eval.measures.grade import MEASURES
from eval.pages.charts import draw_figures
from eval.pages.digest import (
    KEY,
    Headline,
    count,
    count_parts,
    describe_measure,
    flatten_details,
    list_columns,
    list_headlines,
    list_parts,
    name_pair,
)
from eval.pages.markup import build_table, draw_band, escape_text, fold, show_mean, show_text
from eval.pages.page_parts import render_failures, render_groups
from eval.pages.usage import list_usage
from eval.report import ALL, Report


def render_page(report: Report) -> str:
    """Return the report as the text of an HTML file; the same for the same report."""
    css = (files("eval.pages") / "report.css").read_text(encoding="utf-8")
    title = escape_text(f"{report.name or 'Evaluation'}: {count(len(report.records), 'question')}")
    parts = (
        _render_summary(report),
        _render_figures(report),
        _render_tables(report),
        render_groups(report),
        render_failures(report),
        _render_details(report),
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_write_policy(css)}">'
        '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{title}</title><style>{css}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def _write_policy(css: str) -> str:
    """Of this page: the style sheet with this hash, and nothing else."""
    digest = b64encode(sha256(css.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _render_summary(report: Report) -> str:
    asked, wrong = len(report.records), len(report.failures)
    verdict = (
        f"{wrong:,} of {count(asked, 'question')} went wrong" if wrong else "Nothing went wrong"
    )
    sections = ["charts", "tables", *(["groups"] if report.groups else []), "failures", "run"]
    links = "".join(f'<a href="#{name}">{name.capitalize()}</a>' for name in sections)
    tiles = "".join(map(_render_tile, [*list_headlines(report), *list_usage(report)]))
    return (
        f"<header><p>{show_text(report.name or 'Evaluation')}</p><h1>{verdict}</h1>"
        f'<nav>{links}</nav></header><div class="tiles">{tiles}</div>'
        f'<p class="key">{KEY}</p>'
    )


def _render_tile(headline: Headline) -> str:
    band = draw_band(headline.mean) if headline.mean else ""
    return (
        f'<div class="tile"><p class="label">{escape_text(headline.label)}</p>'
        f'<p class="number">{escape_text(headline.value)}</p>{band}'
        f'<p class="note">{escape_text(headline.note)}</p></div>'
    )


def _render_figures(report: Report) -> str:
    figures = "".join(
        f'<figure><div role="img" aria-label="{escape_text(figure.title)}">{figure.svg}</div>'
        f"<figcaption>{escape_text(figure.caption)}</figcaption></figure>"
        for figure in draw_figures(report)
    )
    return f'<section id="charts"><h2>Charts</h2><div class="figures">{figures}</div></section>'


def _render_tables(report: Report) -> str:
    tables = [
        _render_parts(report, "By pair of languages", "", ALL),
        _render_parts(report, "By kind of question", "kind: "),
        _render_parts(report, "By tag", "tag: "),
    ]
    every = fold("Every measure, by pair of languages", _render_measures(report), "more")
    return (
        '<section id="tables"><h2>Tables</h2><p>In each cell the mean, below it its 95% bootstrap '
        "interval, of shares in percent, and how many questions it is over.</p>"
        f"{''.join(tables)}{every}</section>"
    )


def _render_parts(report: Report, caption: str, prefix: str, *first: str) -> str:
    """A row a part, a column a measure; empty if there is no such part."""
    parts = list_parts(report, prefix)
    if not parts:
        return ""
    counts = count_parts(report)
    columns = list_columns(report, parts)
    rows = []
    for part in (*first, *parts):
        means = report.parts[part]
        name = part if prefix or part in first else name_pair(part)
        cells = "".join(show_mean(column, means.get(column)) for column in columns)
        rows.append(
            f'<th scope="row">{show_text(name.removeprefix(prefix))}</th>'
            f"<td>{counts[part]:,}</td>{cells}"
        )
    return build_table(caption, ["", "asked", *columns], rows)


def _render_measures(report: Report) -> str:
    """A row a measure, a column a pair."""
    parts = [ALL, *list_parts(report, "")]
    known = [name for name in MEASURES if name in report.parts[ALL]]
    rows = [
        f'<th scope="row">{escape_text(name)}<small>{escape_text(describe_measure(name))}</small>'
        "</th>" + "".join(show_mean(name, report.parts[part].get(name)) for part in parts)
        for name in known
    ]
    heads = [part if part == ALL else name_pair(part) for part in parts]
    return build_table("Every measure", ["", *heads], rows)


def _render_details(report: Report) -> str:
    rows = [
        f'<th scope="row">{show_text(name)}</th><td>{show_text(value)}</td>'
        for name, value in flatten_details(report.details)
    ]
    table = build_table("Settings and versions", ["", ""], rows) if rows else ""
    return (
        f'<section id="run" class="run"><h2>The run</h2>{table or "<p>Nothing was noted.</p>"}'
        "</section>"
    )
