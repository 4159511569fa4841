"""The page of a report shows the right numbers, needs nothing from outside, and runs nothing."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest

from eval.pages.markup import escape_text as escape_report_text
from eval.pages.page import render_page
from eval.report import Report, make_report
from tests.fake_reports import (
    ASKED_EVIL,
    OPENED,
    RIGHT,
    UNTOLD,
    WRONG,
    make_error,
    make_hostile_report,
    make_record,
    make_small_report,
)
from tests.fakes import make_refusal
from ui.escape import escape_text

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def read_page(report: Report) -> Any:
    return lxml.html.document_fromstring(render_page(report))


def read_tiles(report: Report) -> dict[str, tuple[str, str]]:
    """What each number of the summary is of -> the number and its note."""
    tiles = read_page(report).find_class("tile")
    texts = [[p.text_content() for p in tile.iter("p")] for tile in tiles]
    return {label: (number, note) for label, number, note in texts}


def read_section(report: Report, id_: str) -> str:
    """The words of a section, between any two elements a space."""
    return " ".join(" ".join(read_page(report).get_element_by_id(id_).itertext()).split())


def test_the_summary_has_the_numbers_of_the_records() -> None:
    tiles = read_tiles(make_small_report())

    assert tiles["Right value, same language"] == ("0%", "0–0 over 1 question")
    assert tiles["Right value, across languages"][0] == "33.3%"
    assert tiles["Right value, across languages"][1].endswith("over 3 questions")
    assert tiles["Telling document cited"][0] == "50.0%"
    assert tiles["Evidence among the first five passages"][0] == "75.0%"
    assert tiles["Refused what is not told"] == ("100%", "100–100 over 1 question")
    assert tiles["Refused what is told (low is good)"][0] == "33.3%"
    assert tiles["Variants given the same value"] == ("0%", "0–0 over 1 group")
    assert tiles["Quotes that are exact"] == ("100%", "100–100 over 2 answers")
    assert tiles["Half of the answers within"] == (
        "250 ms", "95% within 500 ms, slowest 500 ms"
    )  # fmt: skip
    assert tiles["Errors"] == ("1", "of 5 questions")


def test_the_title_says_how_many_went_wrong() -> None:
    page = read_page(make_small_report())

    assert [h.text_content() for h in page.iter("h1")] == ["3 of 5 questions went wrong"]


def test_a_failure_shows_what_was_asked_expected_said_quoted_and_found() -> None:
    text = read_section(make_small_report(), "failures")

    assert "Not answered: an error 1 question" in text
    assert "Refused, though the documents tell 1 question" in text
    assert "Wrong value 1 question" in text
    for shown in (
        "broken", "OSError: gone", "临河大桥是什么时候通车的？", "2021-05-18",
        "May 18, 2021 [1][2]", "2021年5月18日上午，临河大桥正式通车。",
        "临河大桥正式通车 · 临河日报 · 2021-05-19",
        "evidence at rank 2 (dense 4, lexical –, gloss 1)", "probability 0.75 · 250 ms",
    ):  # fmt: skip
        assert shown in text
    assert "Who painted it?" not in text


def test_a_follow_up_is_shown_with_what_was_asked_before() -> None:
    question = replace(OPENED, previous=("Where is it?", "Who built it?"))

    text = read_section(make_report([make_record(question, measures=WRONG)]), "failures")

    assert "Where is it? ▸ Who built it? ▸ When did the Linhe Bridge open?" in text


def test_variants_that_differ_are_shown_with_the_answer_of_each() -> None:
    text = read_section(make_small_report(), "groups")

    assert "The variants of 0 of 1 group all got the same value" in text
    assert "0% of pairs agree" in text
    assert "right When did the Linhe Bridge open? May 18, 2021" in text
    assert "wrong 临河大桥是什么时候通车的？ 这些文档没有回答这个问题。" in text


def test_a_table_has_a_row_for_each_pair_kind_and_tag() -> None:
    text = read_section(make_small_report(), "tables")

    assert "all 5 25.0%" in text
    assert "en → zh 3 33.3%" in text
    assert "en → none 1 – – 100%" in text
    assert "zh → zh 1 0%" in text
    assert "time 1 0%" in text
    assert "bridge 4 25.0%" in text


def test_the_details_of_the_run_stand_at_the_end() -> None:
    report = make_small_report()

    assert "commit abc123 settings.depth 50 settings.model" in read_section(report, "run")
    assert "Nothing was noted." in read_section(replace(report, details={}), "run")


def test_of_very_many_failures_the_first_are_listed_and_the_others_counted() -> None:
    records = [make_record(replace(OPENED, id=f"q{n}"), measures=WRONG) for n in range(302)]
    text = render_page(make_report([make_error(), *records]))

    assert text.count('<details class="item"><summary><span class="asked">') == 300
    assert "302 questions, the first 299 of them here" in text
    assert "3 more are in records.jsonl" in text


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(make_report([make_error(), make_error()]), id="all errors"),
        pytest.param(make_report([make_record(replace(OPENED, group=""))]), id="all right"),
        pytest.param(
            make_report([make_record(UNTOLD, make_refusal("?"), measures={"refused": 1.0})]),
            id="nothing answered",
        ),
        pytest.param(make_report([make_record(seconds=0.0)]), id="no time"),
        pytest.param(
            make_report(
                [
                    make_record(
                        replace(OPENED, accept=()),
                        measures={"document": 1.0, "recall@5": 1.0, "falsely refused": 0.0},
                    )
                ]
            ),
            id="no accepted answers",
        ),
    ],
)
def test_a_report_that_lacks_much_is_shown(report: Report) -> None:
    page = read_page(report)

    assert next(h.text_content() for h in page.iter("h2")) == "Charts"
    assert page.get_element_by_id("failures") is not None


def test_a_set_without_accepted_answers_is_summed_up_by_documents() -> None:
    measures = {name: RIGHT[name] for name in ("document", "recall@5", "falsely refused")}
    record = make_record(replace(OPENED, accept=(), group=""), measures=measures)

    tiles = read_tiles(make_report([record]))

    assert list(tiles)[:2] == [
        "Telling document cited, across languages",
        "Evidence among the first five passages",
    ]


def test_hostile_text_stays_text() -> None:
    page = read_page(make_hostile_report())

    tags = {element.tag for element in page.iter() if isinstance(element.tag, str)}
    assert tags.isdisjoint({"script", "img", "form", "iframe", "object", "link", "base", "input"})
    assert [s.getparent().tag for s in page.iter("style")] == ["head"]
    links = [a.get("href") for a in page.iter("a")]
    assert all(link.startswith("#") for link in links)
    assert [n for e in page.iter() for n in e.keys() if n.startswith("on")] == []  # noqa: SIM118
    assert [e for e in page.iter() if e.get("style")] == []
    assert ASKED_EVIL in page.text_content()


def test_the_page_names_nothing_outside_but_as_text() -> None:
    page = read_page(make_small_report())

    attributes = {value for element in page.iter() for value in element.attrib.values()}
    assert {value for value in attributes if "://" in value} <= {"http://www.w3.org/2000/svg"}
    names = {name for element in page.iter() for name in element.attrib}
    assert names.isdisjoint({"src", "srcset", "action", "data", "poster", "background", "ping"})
    assert re.findall(r"url\(|@import", next(page.iter("style")).text) == []


def test_the_policy_allows_the_style_sheet_of_the_page_alone() -> None:
    page = read_page(make_small_report())

    (style,) = page.iter("style")
    digest = b64encode(sha256(style.text.encode()).digest()).decode()
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def test_the_same_report_gives_the_same_page_that_can_be_written() -> None:
    page = render_page(make_hostile_report())

    assert page == render_page(make_hostile_report())
    assert page.encode("utf-8").decode("utf-8") == page


@pytest.mark.parametrize("text", ["<b>&\"'", "${x}`{{y}}", "a\r\nb\x00\ud800", "临河 ＜"])
def test_text_is_escaped_as_it_is_in_the_chat(text: str) -> None:
    assert escape_report_text(text) == escape_text(text)


@pytest.mark.browser
@pytest.mark.parametrize("make", [make_small_report, make_hostile_report])
def test_a_browser_requests_nothing_runs_nothing_and_fits_a_phone(
    make: Any, browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(render_page(make()), encoding="utf-8")
    requests: list[str] = []
    said: list[str] = []
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: said.append(message.text))

    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    page.wait_for_timeout(100)

    assert requests == [path.as_uri()]
    assert said == []  # no violation of the page's own policy either
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 23, 26)"
    page.close()
