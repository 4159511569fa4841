"""The clause around a value tells what happened then, and whether it was planned or done."""

from __future__ import annotations

import pytest

from rag.events import EVENTS, can_conflict, read_events


def read(text: str, value: str) -> set[str]:
    start = text.index(value)
    return set(read_events(text, start, start + len(value)))


@pytest.mark.parametrize(
    ("zh", "en", "event"),
    [
        ("市长于2021年宣布此事。", "The mayor announced it in 2021.", "announced"),
        ("新茶于2021年上市。", "The new tea went on sale in 2021.", "released"),
        ("门票于2021年开始预售，", "Visitors could pre-order in 2021.", "ordered"),
        ("渡轮于2021年交付。", "The ferry was delivered in 2021.", "delivered"),
        ("大桥于2021年开工。", "They broke ground in 2021.", "produced"),
        ("大桥于2021年建成。", "The bridge was built in 2021.", "built"),
        ("大桥于2021年通车。", "The bridge opened in 2021.", "opened"),
        ("博物馆成立于2021年。", "The museum was founded in 2021.", "founded"),
        ("博物馆于2021年闭馆。", "The museum closed in 2021.", "closed"),
        ("合同于2021年签署。", "The contract was signed in 2021.", "signed"),
        ("修复于2021年启动。", "Repairs began in 2021.", "began"),
        ("修复于2021年结束。", "Repairs ended in 2021.", "ended"),
        ("周敏生于2021年。", "Zhou Min was born in 2021.", "born"),
        ("周敏于2021年去世。", "Zhou Min died in 2021.", "died"),
    ],
)
def test_an_event_is_read_in_both_languages(zh: str, en: str, event: str) -> None:
    assert event in read(zh, "2021")
    assert event in read(en, "2021")


def test_every_event_has_a_name_of_its_own() -> None:
    assert "planned" not in EVENTS


@pytest.mark.parametrize(
    ("text", "value", "events"),
    [
        ("大桥于2019年宣布，2021年通车。", "2019年", {"announced"}),
        ("大桥于2019年宣布，2021年通车。", "2021年", {"opened"}),
        ("The bridge was announced in 2019; it opened in 2021.", "2019", {"announced"}),
        ("The bridge was announced in 2019; it opened in 2021.", "2021", {"opened"}),
        ("大桥于2019年宣布。\n它于2021年通车", "2021年", {"opened"}),
    ],
)
def test_of_two_clauses_the_one_around_the_value_counts(
    text: str, value: str, events: set[str]
) -> None:
    assert read(text, value) == events


@pytest.mark.parametrize(
    ("text", "value", "events"),
    [
        ("2021年5月18日，大桥通车。", "2021年5月18日", {"opened"}),
        ("On May 18, 2021, the bridge opened.", "May 18, 2021", {"opened"}),
        ("In 2021, the museum closed, and a school opened.", "2021", {"closed", "opened"}),
        ("大桥于2021年5月18日，长3.2公里。", "3.2公里", set()),
    ],
)
def test_a_clause_without_an_event_goes_with_its_sentence(
    text: str, value: str, events: set[str]
) -> None:
    assert read(text, value) == events


@pytest.mark.parametrize(
    ("text", "value", "planned"),
    [
        ("大桥将于2021年通车。", "2021年", True),
        ("大桥预计2021年通车。", "2021年", True),
        ("大桥于2021年通车。", "2021年", False),
        ("The bridge will open in 2021.", "2021", True),
        ("The bridge is expected to open in 2021.", "2021", True),
        ("The bridge opened in 2021.", "2021", False),
        ("大桥2019年开工，预计2021年通车。", "2019年", False),
        ("大桥2019年开工，预计2021年通车。", "2021年", True),
        ("Work began in 2019, and the bridge will open in 2021.", "2019", False),
        ("计划2021年，大桥通车。", "2021年", True),
    ],
)
def test_what_is_planned_is_told_from_what_was_done(text: str, value: str, planned: bool) -> None:
    assert ("planned" in read(text, value)) is planned


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2021年5月18日，大桥将通车。", "2021年5月18日"),
        ("On May 18, 2021, the bridge will open.", "May 18, 2021"),
    ],
)
def test_a_date_before_a_comma_is_planned_where_its_sentence_is(text: str, value: str) -> None:
    """The date was read as done, so that an opening that was put off looked like a conflict."""
    assert read(text, value) == {"opened", "planned"}


@pytest.mark.parametrize(
    ("one", "other", "can"),
    [
        ({"opened"}, {"opened"}, True),
        ({"opened", "announced"}, {"opened", "founded"}, True),
        ({"announced"}, {"released"}, False),
        ({"opened", "planned"}, {"opened"}, False),
        ({"opened", "planned"}, {"opened", "planned"}, True),
        ({"announced", "planned"}, {"released", "planned"}, False),
        ({"planned"}, {"planned"}, True),
        ({"planned"}, set(), False),
        ({"opened"}, set(), False),
        (set(), set(), True),
    ],
)
def test_only_the_same_event_can_be_told_differently(
    one: set[str], other: set[str], can: bool
) -> None:
    assert can_conflict(frozenset(one), frozenset(other)) is can
    assert can_conflict(frozenset(other), frozenset(one)) is can
