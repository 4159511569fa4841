"""The shares are those counted by hand on a few pairs, and the thresholds those of even ones."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from embeddings.gloss import Glossary
from eval.fitting.support import (
    Case,
    choose_threshold,
    evaluate_support,
    format_support,
    read_pairs,
    spoil_statements,
)
from rag.errors import CorpusError

REAL = Path("/work/shared/training/pairs.tsv.gz")
PAIRS = [
    ("The museum opened in 2019.", "博物馆于2019年开放。"),
    ("The bridge costs 5 million yuan in all, they say.", "他们说，这座桥共耗资500万元。"),
    ("Wang Hua likes old paintings.", "王化喜欢古老的绘画。"),
    ("The tower is 181 meters high.", "这座塔高181米。"),
    ("Residents drink green tea.", "居民喝绿茶。"),
    ("The river is deep.", "苹果很甜。"),  # no translation
]


def write_pairs(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines("\t".join(row) + "\n" for row in rows)
    return path


@pytest.fixture
def pairs_file(tmp_path: Path) -> Path:
    rows = [("other", "One.", "一。"), *(("ntrex", *pair) for pair in PAIRS)]
    return write_pairs(tmp_path / "pairs.tsv.gz", rows)


def test_pairs_of_the_source_are_read_in_order(pairs_file: Path) -> None:
    assert read_pairs(pairs_file, limit=2) == [list(pair) for pair in PAIRS[:2]]
    assert read_pairs(pairs_file, source="other") == [["One.", "一。"]]


def test_a_file_without_the_source_is_an_error(pairs_file: Path, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="holds no pair of the source 'none'"):
        read_pairs(pairs_file, source="none")
    with pytest.raises(CorpusError, match="cannot be read"):
        read_pairs(tmp_path / "missing.tsv.gz")


def test_shares_are_of_the_odd_sentences(pairs_file: Path, glossary: Glossary) -> None:
    """Of sentences 1, 3 and 5, counted from 0, the last is no translation."""
    told: list[tuple[int, int]] = []
    report = evaluate_support(pairs_file, glossary, progress=lambda *done: told.append(done))

    rows = {row.name: row for row in report.rows}
    assert list(rows) == ["en -> zh", "zh -> en", "en, cut -> en", "zh, cut -> zh"]
    assert [rows[name].accepted.n for name in rows] == [3, 3, 3, 3]
    assert rows["en -> zh"].accepted.value == pytest.approx(2 / 3)
    assert rows["zh -> en"].accepted.value == pytest.approx(2 / 3)
    assert rows["en, cut -> en"].accepted.value == 1.0
    assert (rows["en -> zh"].refused["figure"].value, rows["en -> zh"].refused["figure"].n) == (
        1,
        2,
    )
    assert "name" not in rows["en -> zh"].refused
    assert rows["en -> zh"].refused["sentence"].value == 1.0
    assert told[-1] == (5, 5)


def test_statements_are_spoilt_in_four_ways(glossary: Glossary) -> None:
    cases = [
        Case(0, "Wang Hua will come on May 18.", "a"),
        Case(1, "Zhou Min said it is late.", "b"),
    ]

    spoilt = spoil_statements(cases, glossary)

    assert spoilt["sentence"] == [(cases[1].statement, "a"), (cases[0].statement, "b")]
    assert spoilt["figure"] == [("Wang Hua will come on May 11.", "a")]
    assert ("Zhou Min will come on May 18.", "a") in spoilt["name"]
    assert spoilt["denial"] == [
        ("Wang Hua will not come on May 18.", "a"),
        ("Zhou Min said it is not late.", "b"),
    ]


def test_chinese_is_denied_before_its_verb(glossary: Glossary) -> None:
    cases = [Case(0, "大桥将通车。", "a"), Case(1, "大桥通车。", "b")]

    assert spoil_statements(cases, glossary)["denial"] == [("大桥不将通车。", "a")]


def test_the_threshold_refuses_other_sentences(glossary: Glossary) -> None:
    """Of "green tea" and "green paint" half is met in the other; of tea and paint, nothing."""
    alike = [Case(0, "green tea", "green tea"), Case(1, "green paint", "green paint")]
    apart = [Case(0, "tea", "tea"), Case(1, "paint", "paint")]

    assert choose_threshold([alike], glossary) == 0.55
    assert choose_threshold([apart], glossary) == 0.05
    assert choose_threshold([[]], glossary) == 1.0


def test_the_table_gives_every_share_with_its_number(pairs_file: Path, glossary: Glossary) -> None:
    report = evaluate_support(pairs_file, glossary)

    table = format_support(report)

    assert "66.7% n=3" in table.splitlines()[1]
    assert f"{report.across:.2f} across" in table
    assert report.to_dict()["rows"][0]["name"] == "en -> zh"


def test_most_translations_are_accepted_and_most_changes_refused(glossary: Glossary) -> None:
    if not REAL.exists():
        pytest.skip(f"the sentence pairs are not at {REAL}")

    report = evaluate_support(REAL, glossary, limit=200)

    for row in report.rows:
        assert row.accepted.value > 0.55
        assert row.refused["sentence"].value > 0.95
        assert row.refused["figure"].value > 0.95
