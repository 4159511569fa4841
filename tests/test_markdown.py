"""The Markdown of a report says what its page says, and text from outside cannot mark it up."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from eval.pages.markdown import escape_markdown, render_markdown
from eval.report import make_report
from tests.fake_reports import (
    OPENED,
    UNTOLD,
    WRONG,
    make_error,
    make_hostile_report,
    make_record,
    make_small_report,
)
from tests.fakes import make_refusal


def test_the_summary_has_the_numbers_of_the_records() -> None:
    text = render_markdown(make_small_report())

    assert text.startswith("# bridges: 3 of 5 questions went wrong\n")
    assert "| Right value, same language | **0%** | 0–0 over 1 question |" in text
    assert "| Refused what is not told | **100%** | 100–100 over 1 question |" in text
    assert "| Half of the answers within | **250 ms** | 95% within 500 ms, slowest 500 ms |" in text
    assert "| Errors | **1** | of 5 questions |" in text


def test_a_table_has_a_row_for_each_pair() -> None:
    lines = render_markdown(make_small_report()).splitlines()

    assert "| en → none | 1 | – | – | 100% (100–100, 1) | – | – |" in lines
    assert "| commit | abc123 |" in lines
    assert "| settings.depth | 50 |" in lines


def test_a_failure_shows_what_was_asked_expected_said_quoted_and_found() -> None:
    text = render_markdown(make_small_report())

    assert (
        "## Wrong value (1)\n\n"
        "- **later** When did the Linhe Bridge open?\n"
        "  - expected: 2021-05-18\n"
        "  - said: May 18, 2021\n"
        "  - quoted from 临河大桥正式通车, 临河日报: “2021年5月18日上午，临河大桥正式通车。”\n"
    ) in text
    assert (
        "  - stands in news/bridge.txt: “2021年5月18日上午，临河大桥正式通车。”\n"
        "  - en → zh, date, evidence at rank 2 (dense 4, lexical –, gloss 1), probability 0.75, "
        "250 ms\n"
    ) in text
    assert "## Not answered: an error (1)\n\n- **broken**" in text
    assert "  - said: OSError: gone\n" in text


def test_variants_that_differ_are_shown_with_the_answer_of_each() -> None:
    text = render_markdown(make_small_report())

    assert (
        "- **opening**: 0% of pairs agree\n"
        "  - right: When did the Linhe Bridge open? → May 18, 2021\n"
        "  - wrong: 临河大桥是什么时候通车的？ → 这些文档没有回答这个问题。\n"
    ) in text


def test_of_very_many_failures_the_first_are_listed_and_the_others_counted() -> None:
    records = [make_record(replace(OPENED, id=f"q{n}"), measures=WRONG) for n in range(303)]

    text = render_markdown(make_report(records))

    assert text.count("  - expected: ") == 300
    assert "## Wrong value (303)" in text
    assert "3 more are in records.jsonl." in text


@pytest.mark.parametrize(
    "report",
    [
        make_report([make_error()]),
        make_report([make_record(replace(OPENED, group=""))]),
        make_report([make_record(UNTOLD, make_refusal("?"), measures={"refused": 1.0})]),
    ],
    ids=["all errors", "all right", "nothing answered"],
)
def test_a_report_that_lacks_much_is_written(report: object) -> None:
    assert "## By kind of question" in render_markdown(report)  # type: ignore[arg-type]


def test_hostile_text_neither_marks_up_nor_adds_a_line() -> None:
    text = render_markdown(make_hostile_report())

    bare = re.sub(r"\\.", "", text)
    assert re.findall(r"[<>`]|!\[|\]\(|://|www\.|@(?!\d)", bare) == []
    assert [c for c in text if ord(c) in {0, 0xD800, 0x202E}] == []
    begins = re.compile(r"$|# |## |\||( {2})?- |\w")
    assert [line for line in text.splitlines() if not begins.match(line)] == []
    for table in re.findall(r"(?:^\|.*\n)+", bare, re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a_b *c* [d](e)", r"a\_b \*c\* \[d\](e)"),
        ("a | b\n\n# c\u2028d", r"a \| b \# c d"),
        ("<b>&amp;", r"&#60;b\>&#38;amp;"),
        ("http://a www.b @c", "http&#58;//a www&#46;b &#64;c"),
        ("\u202eabc\u2066\x00\ud800", "\ufffdabc\ufffd\ufffd\ufffd"),
        ("2021年5月18日，3.2公里（约）", "2021年5月18日，3.2公里（约）"),
        ("x" * 2_000, "x" * 1_500 + "…"),
    ],
)
def test_text_is_one_line_that_is_shown_as_it_is(text: str, escaped: str) -> None:
    assert escape_markdown(text) == escaped
