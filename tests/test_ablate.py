"""A stage that is left out takes no part, all others do, and what it was worth is told."""

from __future__ import annotations

from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

import pytest

from embeddings.encoder import Vectors
from eval.ablate import ablate_stages, format_ablation
from eval.report import Report
from rag.config import Settings
from rag.errors import CorpusError
from rag.fuse import DEFAULT_FUSION
from rag.pipeline import Answerer, build_index
from rag.search import Findings, choose_fusion
from rag.stages import ALL_STAGES, STAGES, Stages
from rag.store import View
from rag.types import Answer, Language, Leg
from tests.fake_encoder import HashingEncoder
from tests.fake_runs import ask_worse, run_fake
from tests.fakes import fake_ask

ENCODER = HashingEncoder()
WHEN = "When did the tea museum open?"
TEXTS = {
    "north.md": "# Linhe News\n\nPublished: 2021-05-19\n\nThe tea museum opened on May 18, 2021. "
    "Four hundred guests drank tea on the first day, and the mayor spoke of old times.\n",
    "copy.md": "# Linhe News\n\nPublished: 2021-05-19\n\nThe tea museum opened on May 18, 2021. "
    "Four hundred guests drank tea on the first day, and the mayor spoke of old times!\n",
    "south.md": "# River Post\n\nThe tea museum opened on June 1, 2021. "
    "It has three floors and a garden behind the house.\n",
    "茶.txt": "茶叶博物馆于2021年5月18日开馆。首日有四百名客人前来品茶。\n",
}


class LevelAnswerer(Answerer):
    """Takes a value for as probable as the share of the question that its sentence covers."""

    def find(self, text: str, previous: Answer | None = None) -> Findings:
        findings = super().find(text, previous)
        options = [
            replace(option, probability=option.reading.whole * (0.6 if option.candidate else 0.1))
            for option in findings.options
        ]
        ordered = sorted(options, key=lambda option: -option.probability)
        return replace(findings, options=tuple(ordered))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    root = tmp_path_factory.mktemp("tea")
    (root / "documents").mkdir()
    for name, text in TEXTS.items():
        (root / "documents" / name).write_text(text, encoding="utf-8")
    settings = Settings(index=root / "index")
    build_index(root / "documents", settings=settings, encoder=ENCODER)
    return settings


def ask(settings: Settings, question: str, left_out: str = "", *turns: str) -> Answer:
    stages = ALL_STAGES.leave_out(left_out) if left_out else ALL_STAGES
    answerer = LevelAnswerer(settings, encoder=ENCODER, stages=stages)
    with closing(answerer.index):
        previous = None
        for turn in turns:
            previous = answerer(turn, previous)
        return answerer(question, previous)


def test_every_stage_has_a_word_and_is_on() -> None:
    assert list(STAGES) == [field.name for field in fields(Stages)]
    assert all(getattr(ALL_STAGES, name) for name in STAGES)


def test_a_stage_that_is_unknown_is_told() -> None:
    with pytest.raises(ValueError, match=r"the stage is one of dense, .*, not 'magic'"):
        ALL_STAGES.leave_out("magic")


@pytest.mark.parametrize("leg", ["dense", "lexical", "gloss"])
def test_a_leg_that_is_off_finds_nothing_and_the_others_do(leg: str, settings: Settings) -> None:
    answer = ask(settings, WHEN, leg)

    assert answer.hits
    assert [getattr(hit, leg) for hit in answer.hits] == [None] * len(answer.hits)
    for other in {"dense", "lexical", "gloss"} - {leg}:
        assert any(getattr(hit, other) for hit in answer.hits)


def test_a_leg_that_is_off_is_not_searched(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: set[str] = set()
    search_terms, search_vectors = View.search_terms, View.search_vectors

    def tell_terms(
        view: View, leg: Leg, language: Language, terms: tuple[str, ...], k: int
    ) -> dict[int, float]:
        searched.add(leg)
        return search_terms(view, leg, language, terms, k)

    def tell_vectors(view: View, query: Vectors, language: Language, k: int) -> dict[int, float]:
        searched.add("dense")
        return search_vectors(view, query, language, k)

    monkeypatch.setattr(View, "search_terms", tell_terms)
    monkeypatch.setattr(View, "search_vectors", tell_vectors)
    for leg in ("dense", "lexical", "gloss"):
        searched.clear()
        ask(settings, WHEN, leg)
        assert searched == {"dense", "lexical", "gloss"} - {leg}


def test_with_all_stages_the_fusion_is_the_usual_one() -> None:
    assert choose_fusion(ALL_STAGES) is DEFAULT_FUSION


def test_a_leg_that_is_off_weighs_nothing_and_the_others_as_ever() -> None:
    fusion = choose_fusion(ALL_STAGES.leave_out("dense"))

    assert fusion.searched == (False, True, True)
    assert fusion.weights["en", "zh"] == (0.0, 0.0, 1.0)
    assert fusion.weights["zh", "zh"] == (0.0, 1.0, 0.5)
    assert fusion.passage_weight == DEFAULT_FUSION.passage_weight
    assert choose_fusion(ALL_STAGES.leave_out("passages")).passage_weight == 0.0


def test_without_any_leg_nothing_is_found(settings: Settings) -> None:
    answerer = Answerer(
        settings, encoder=ENCODER, stages=Stages(dense=False, lexical=False, gloss=False)
    )
    with closing(answerer.index):
        answer = answerer(WHEN)

    assert (answer.found, answer.hits) == (False, ())


def test_without_copies_folded_each_is_a_hit_and_a_voice(settings: Settings) -> None:
    folded, all_ = ask(settings, WHEN), ask(settings, WHEN, "copies")

    ids = [hit.passage.document_id for hit in all_.hits]
    assert sorted(ids) == sorted(TEXTS)
    assert len(folded.hits) == len(all_.hits) - 1
    assert all_.probability > folded.probability


def test_without_conflicts_one_value_stands_alone(settings: Settings) -> None:
    assert len(ask(settings, WHEN).conflicts) == 1
    assert ask(settings, WHEN, "conflicts").conflicts == ()


def test_without_spelling_a_typo_stays(settings: Settings) -> None:
    asked = "When did the tea musuem open?"

    assert ask(settings, asked).rewritten == WHEN
    assert ask(settings, asked, "spelling").rewritten == ""


def test_without_follow_ups_nothing_is_lent(settings: Settings) -> None:
    asked = "and how many floors does it have?"

    assert "museum" in ask(settings, asked, "", WHEN).rewritten
    assert ask(settings, asked, "follow_ups", WHEN).rewritten == ""


def test_without_refusal_the_best_there_is_is_said(settings: Settings) -> None:
    asked = "Who is the king of Spain?"

    assert not ask(settings, asked).found
    assert ask(settings, asked, "refusal").found


def test_without_verification_nothing_is_missing(settings: Settings) -> None:
    from rag.assemble import draft_findings

    answerer = LevelAnswerer(settings, encoder=ENCODER)
    with closing(answerer.index):
        findings = answerer.find(WHEN)
        checked, _ = draft_findings(WHEN, findings, answerer.glossary, max_quotes=3)
        unchecked, _ = draft_findings(
            WHEN, findings, answerer.glossary, max_quotes=3,
            stages=ALL_STAGES.leave_out("verification"),
        )  # fmt: skip

    wrong = "The salt mine closed in 1899."
    assert checked.find_missing(wrong, checked.evidence[:1])
    assert unchecked.find_missing(wrong, checked.evidence[:1]) == ()


def test_without_balance_the_best_passages_of_any_language_come(settings: Settings) -> None:
    few = settings.model_copy(update={"passages": 4})

    languages = {
        left_out: [hit.language for hit in ask(few, "tea museum guests garden", left_out).hits]
        for left_out in ("", "balance")
    }
    assert languages[""].count("zh") == 1
    assert len(languages["balance"]) == len(languages[""])


@pytest.fixture
def asked() -> list[str | None]:
    return []


def test_each_stage_is_compared_with_the_whole_and_kept(
    tmp_path: Path, asked: list[str | None]
) -> None:
    def run(stage: str | None, folder: Path) -> Report:
        asked.append(stage)
        return run_fake(folder, ask_worse if stage == "gloss" else fake_ask)

    found = ablate_stages(run, tmp_path, stages=["gloss", "spelling"])

    assert asked == [None, "gloss", "spelling"]
    assert found.without["gloss"].parts["all"]["value"].value == -0.5
    assert found.without["spelling"].parts["all"]["value"].value == 0.0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gloss", "spelling", "whole"]
    shown = format_ablation(found).splitlines()
    assert "1.000 (n=4)" in shown[4]
    assert "without gloss" in shown[5]
    assert "-0.500" in shown[5]
    assert shown[6].split("|")[2].strip() == "="
    assert found.to_dict()["without"]["gloss"]["worse"][0]["id"] == "q1"


def test_an_unknown_stage_is_told_before_anything_is_asked(
    tmp_path: Path, asked: list[str | None]
) -> None:
    def run(stage: str | None, folder: Path) -> Report:
        asked.append(stage)
        return run_fake(folder)

    with pytest.raises(CorpusError, match=r"no stage is called 'magic'. There are: dense"):
        ablate_stages(run, tmp_path, stages=["gloss", "magic"])
    assert asked == []
