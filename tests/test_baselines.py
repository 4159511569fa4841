"""Plain searches find what they should, over the same passages, and say what they took."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.bench.baselines import (
    BASELINES,
    BaselineReport,
    find_missing,
    measure_baseline,
    prepare_search,
    read_all_passages,
)
from rag.config import Settings
from rag.errors import CorpusError
from rag.pipeline import Answerer, build_index
from tests.fake_encoder import HashingEncoder
from tests.fakes import BRIDGE_EN, BRIDGE_ZH, MUSEUM_EN, MUSEUM_ZH, WHEN_EN, WHEN_ZH

ENCODER = HashingEncoder()
DOCUMENTS = (BRIDGE_ZH, BRIDGE_EN, MUSEUM_ZH, MUSEUM_EN)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    root = tmp_path_factory.mktemp("baselines")
    for n, document in enumerate(DOCUMENTS):
        (root / "documents").mkdir(exist_ok=True)
        (root / "documents" / f"{n}.txt").write_text(document.text, encoding="utf-8")
    made = Settings(index=root / "index")
    build_index(root / "documents", settings=made, encoder=ENCODER)
    return made


@pytest.mark.parametrize("name", BASELINES)
def test_a_plain_search_finds_the_passage_with_the_same_words(
    settings: Settings, name: str
) -> None:
    if name == "bm25s":
        pytest.importorskip("bm25s")
    answerer = Answerer(settings, encoder=ENCODER)

    count, build = prepare_search(name, answerer)
    texts = [stored.passage.text for stored in read_all_passages(answerer)]
    search = build()
    found = {question: [texts[place] for place in search(question)] for question in (
        "salt museum halls two and three closed", "临河大桥通车首日步行过桥",
    )}  # fmt: skip
    nothing = search("zzzz qqqq") if name == "bm25s" else []
    answerer.index.close()

    assert count == len(texts) >= 4
    english, chinese = found.values()
    assert english[0] in MUSEUM_EN.text
    assert chinese[0] in BRIDGE_ZH.text
    assert nothing == []
    assert len(set(english)) == len(english) <= 10


@pytest.mark.parametrize("name", BASELINES)
def test_a_plain_search_is_measured(settings: Settings, name: str) -> None:
    if name == "bm25s":
        pytest.importorskip("bm25s")

    report = measure_baseline(name, settings, [WHEN_EN, WHEN_ZH], encoder=ENCODER)

    assert (report.name, report.timing.n) == (name, 2)
    assert report.passages >= 4
    assert report.build_seconds > 0
    assert report.memory_bytes >= 0
    assert BaselineReport.from_dict(json.loads(json.dumps(report.to_dict()))) == report


def test_an_unknown_baseline_is_an_error(settings: Settings) -> None:
    with pytest.raises(ValueError, match="is one of bm25s, faiss, not 'grep'"):
        measure_baseline("grep", settings, [WHEN_EN], encoder=ENCODER)


def test_an_empty_index_has_nothing_to_search(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.jsonl").write_text('{"id": "a", "text": "..."}\n')
    settings = Settings(index=tmp_path / "index")
    build_index(tmp_path / "documents", settings=settings, encoder=ENCODER)

    with pytest.raises(CorpusError, match="is empty"):
        measure_baseline("faiss", settings, [WHEN_EN], encoder=ENCODER)


def test_a_package_that_is_missing_is_named_with_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("eval.bench.baselines.find_spec", lambda _: None)

    assert find_missing() == ["bm25s is not installed and is left out. Get it: pip install bm25s"]
