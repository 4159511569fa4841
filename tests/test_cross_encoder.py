"""Question and sentence are read together, in pairs whose words are found again in the sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from embeddings.bilingual import MODEL
from embeddings.cross_encoder import (
    BEFORE,
    HEADING,
    QUESTION,
    SENTENCE,
    CrossEncoder,
    PairReader,
    Relevance,
    Sentence,
)
from embeddings.cross_training.__main__ import write_folder
from embeddings.pair_model import build_pair_model
from rag.errors import ModelMissingError

BRIDGE = Sentence("大桥于2021年5月18日通车，全长3.2公里。", "临河大桥", "工程历时三年。")
MUSEUM = Sentence("It was designed by Chen Li.", "Linhe Museum")
LONG = Sentence("The harbour has nine cranes, " * 40 + "and one lighthouse.", "Harbour " * 40)


@pytest.fixture(scope="module")
def reader() -> PairReader:
    return PairReader(Tokenizer.from_file(str(MODEL / "tokenizer.json")))


@pytest.fixture(scope="module")
def unlearnt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of weights that have learnt nothing: the encoder's, with heads by chance."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("cross")
    write_folder(build_pair_model(MODEL), folder, card="")
    return folder


def test_a_pair_holds_question_surroundings_and_sentence(reader: PairReader) -> None:
    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    (pair,) = reader.read("When did it open?", [MUSEUM])

    told = [tokenizer.id_to_token(id_) for id_ in pair.ids]
    assert told[0] == "[CLS]"
    assert told.count("[SEP]") == 3
    assert told[pair.begin - 1] == told[pair.end] == "[SEP]"
    assert [MUSEUM.text[start:end].casefold() for start, end in pair.spans][:2] == ["it", "was"]
    assert len(pair.spans) == pair.end - pair.begin


def test_spans_are_of_the_text_as_it_was_written(reader: PairReader) -> None:
    """The tokenizer folds full-width and traditional characters; places must not shift."""
    text = "大橋於２０２１年５月１８日通車。"
    (pair,) = reader.read("什么时候通车？", [Sentence(text)])

    assert "２０２１" in {text[start:end] for start, end in pair.spans}


def test_of_long_parts_the_telling_end_is_kept(reader: PairReader) -> None:
    sentence = Sentence(LONG.text, LONG.heading, "first " + "word " * 100 + "last")
    (pair,) = reader.read("why " * 100, [sentence])
    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))

    assert len(pair.ids) == QUESTION + HEADING + BEFORE + SENTENCE + 4
    told = [tokenizer.id_to_token(id_) for id_ in pair.ids]
    assert "last" in told
    assert "first" not in told


@pytest.mark.parametrize(
    ("span", "share"),
    [((0, 2), 0.1), ((2, 6), 0.9), ((3, 4), 0.7), ((1, 3), 0.8), ((6, 9), 0.0), ((2, 2), 0.0)],
)
def test_a_span_has_the_shares_of_the_tokens_it_touches(
    span: tuple[int, int], share: float
) -> None:
    relevance = Relevance(0.0, (0, 2, 4), (2, 4, 6), (0.1, 0.7, 0.2))

    assert relevance.locate(*span) == pytest.approx(share)


def test_sentences_keep_their_order_however_long_they_are(unlearnt: Path) -> None:
    encoder = CrossEncoder(unlearnt, precision="float32")
    sentences = [LONG, BRIDGE, MUSEUM, Sentence("一"), BRIDGE, LONG]
    together = encoder.relate("Who designed it?", sentences)
    alone = [encoder.relate("Who designed it?", [sentence])[0] for sentence in sentences]

    assert [r.score for r in together] == pytest.approx([r.score for r in alone], abs=1e-4)
    for one, other in zip(together, alone, strict=True):
        assert one.shares == pytest.approx(other.shares, abs=1e-4)
        assert sum(one.shares) == pytest.approx(1.0)


def test_nothing_and_empty_texts_are_read(unlearnt: Path) -> None:
    encoder = CrossEncoder(unlearnt, precision="float32")

    assert encoder.relate("Why?", []) == []
    (empty,) = encoder.relate("", [Sentence("")])
    assert np.isfinite(empty.score)
    assert empty.locate(0, 1) == 0.0


@pytest.mark.parametrize("precision", ["bfloat16", "int8"])
def test_fewer_bits_give_nearly_the_same(unlearnt: Path, precision: str) -> None:
    exact = CrossEncoder(unlearnt, precision="float32").relate("多长？", [BRIDGE, MUSEUM])
    rough = CrossEncoder(unlearnt, precision=precision).relate("多长？", [BRIDGE, MUSEUM])  # type: ignore[arg-type]

    assert [r.score for r in rough] == pytest.approx([r.score for r in exact], abs=0.15)


def test_missing_and_damaged_weights_are_told(unlearnt: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="SHA256SUMS"):
        CrossEncoder(tmp_path).relate("Why?", [MUSEUM])
    for path in unlearnt.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelMissingError, match="damaged"):
        CrossEncoder(tmp_path).relate("Why?", [MUSEUM])


def test_weights_of_another_shape_are_told(tmp_path: Path) -> None:
    model = build_pair_model(MODEL)
    del model.body.encoder.layer[5]
    write_folder(model, tmp_path, card="")

    with pytest.raises(ModelMissingError, match="do not fit"):
        CrossEncoder(tmp_path).relate("Why?", [MUSEUM])


HALL = (
    "Building began in March 2015 and was planned to take two years.",
    "The hall opened on 9 June 2019 with a concert for 1,850 listeners.",
    "It was designed by Maya Lindqvist, a student of Otto Brandt.",
    "音乐厅总造价为4.2亿元，其中市政府出资1.5亿元。",
    "每逢周一闭馆，其他日子上午十点开放。",
)


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "row", "value"),
    [
        ("When was the hall inaugurated?", 1, "9 June 2019"),
        ("音乐厅是哪天启用的？", 1, "9 June 2019"),
        ("Who is the architect?", 2, "Maya Lindqvist"),
        ("谁设计了音乐厅？", 2, "Maya Lindqvist"),
        ("How much did the whole building cost?", 3, "4.2亿元"),
        ("政府掏了多少钱？", 3, "1.5亿元"),
        ("In which year did they start building?", 0, "March 2015"),
    ],
)
def test_the_bundled_network_finds_sentence_and_words(question: str, row: int, value: str) -> None:
    sentences = [Sentence(text, "Concert hall 音乐厅") for text in HALL]
    found = CrossEncoder().relate(question, sentences)

    assert max(range(len(HALL)), key=lambda n: found[n].score) == row
    start = HALL[row].index(value)
    assert found[row].locate(start, start + len(value)) > 0.5
