"""Titles and dates are taken from where authors put them, and never guessed."""

from datetime import date

import pytest

from rag.files.metadata import clean_title, find_dateline, first_heading, parse_date, title_line

MAY_DAY = date(2024, 5, 1)


@pytest.mark.parametrize(
    "value",
    [
        "2024-05-01",
        "2024-5-1 下午3:30",
        "2024-05-01T10:00:00.123+08:00",
        "2024/05/01",
        "2024.5.1",
        "20240501",
        20240501,
        MAY_DAY,
        "2024年5月1日",
        "2024 年 05 月 01 日（星期三）10:30",
        "２０２４年５月１日",
        "May 1, 2024",
        "Wednesday, May 1st, 2024 at 10:30 am EST",
        "Wed, 01 May 2024 10:00:00 GMT",
        "1-May-2024",
    ],
)
def test_a_date_is_read_in_every_common_form(value: object) -> None:
    assert parse_date(value) == MAY_DAY


@pytest.mark.parametrize(
    "value",
    [
        "2024-02-30",
        "2023-13-01",
        "0000-01-01",
        "20240230",
        "05/01/2024",
        "2024-05",
        "12024-05-01",
        "2024-05-01-02",
        "2024-05-01 was fine",
        "yesterday",
        1714521600,
        None,
        "",
    ],
)
def test_an_impossible_or_ambiguous_date_is_none(value: object) -> None:
    assert parse_date(value) is None


@pytest.mark.parametrize(
    "line",
    [
        "2024-05-01 10:00",
        "发布时间：2024年5月1日",
        "时间：2024-05-01 08:00",
        "2024年05月01日 10:23 新浪科技",
        "来源：新浪财经 2024-05-01 10:00:00 作者：张三",
        "2024-05-01\u3000来源：网易",
        "Published: May 1, 2024",
        "Posted on May 1, 2024",
        "**May 1, 2024**",
        "By John | May 1, 2024 | 5 min",
    ],
)
def test_a_dateline_gives_the_date(line: str) -> None:
    assert find_dateline(f"Title\n\n{line}\n\nText.") == MAY_DAY


@pytest.mark.parametrize(
    "line",
    [
        "2024年5月1日，小米发布新车。",
        "2024-05-01 小米汽车上市",
        "2024-05-01 10:00 小米今天发布了新车，很好",
        "May 1, 2024 was a good day.",
        "BEIJING, May 1, 2024 (Reuters) - Xiaomi said",
        "更新时间：2024-05-01",
        "Updated: May 1, 2024",
        "Release date: May 1, 2024",
        "1. 2024-05-01",
        "## 2024-05-01",
        "Date: 2024-02-30",
        "liukang20241天前吃瓜入口376",
    ],
)
def test_a_date_in_other_lines_is_not_the_date_of_the_article(line: str) -> None:
    assert find_dateline(f"Title\n\n{line}\n\nText.") is None


def test_dates_that_compete_cancel_each_other_unless_one_is_labelled() -> None:
    assert find_dateline("2021-03-30\n宣布造车\n2024-05-01\n上市") is None
    assert find_dateline("2021-03-30\n发布时间：2024-05-01") == MAY_DAY


def test_a_date_below_the_top_does_not_count() -> None:
    assert find_dateline("line\n" * 9 + "2024-05-01\n") == MAY_DAY
    assert find_dateline("line\n" * 10 + "2024-05-01\n") is None


def test_headings_are_found_outside_of_code() -> None:
    assert first_heading("text\n# A *b* [c](http://x) ##\n") == "A b c"
    assert first_heading("```\n# code\n```\ntext\n") is None
    assert first_heading("Title\n=====\n") == "Title"
    assert first_heading("text\n# late\n", anywhere=False) is None
    assert first_heading("\n# early\n", anywhere=False) == "early"
    assert first_heading("#tag\n") is None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("\n小米：抱歉，要扫大家的兴了！\n正文", "小米：抱歉，要扫大家的兴了！"),
        ("2024-05-01\nXiaomi's partner confirmed?\ntext", "Xiaomi's partner confirmed?"),
        ("这是一句话。\n正文", None),
        ("He said “yes.”\ntext", None),
        ("1. 第一条消息\n正文", None),
        ("一、概况\n正文", None),
        ("- item\n", None),
        ("https://example.cn/a\n", None),
        ("汽" * 50, "汽" * 50),
        ("汽" * 51, None),
        ("", None),
    ],
)
def test_the_first_line_is_a_title_if_it_reads_like_one(text: str, title: str | None) -> None:
    assert title_line(text) == title


def test_titles_are_one_line_of_bounded_length() -> None:
    assert clean_title("  a \n b\t") == "a b"
    assert clean_title("x" * 300) == "x" * 200
    assert clean_title(["a"]) is None
    assert clean_title("\u200b") is None
