"""A transformers model writes here what it would write by itself, in time, or says why not."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import cast

import pytest

from rag.errors import ModelFailedError
from rag.generate import write_sentences
from rag.language_models.local import LocalModel
from rag.language_models.model import Message
from rag.types import Usage
from tests.fake_evidence import make_document, make_evidence
from tests.fake_language_model import (
    ASKED,
    copy_model,
    generate_directly,
    wait_until_no_thread_is_left,
)


@pytest.fixture(scope="module")
def model(model_folder: Path) -> LocalModel:
    return LocalModel(str(model_folder))


def test_the_reply_is_that_of_transformers_in_pieces(model_folder: Path, model: LocalModel) -> None:
    pieces = list(model.stream_reply(ASKED, max_tokens=60))

    assert "".join(pieces) == generate_directly(model_folder, max_tokens=60)
    assert "" not in pieces
    assert len(pieces) > 3
    assert model.name == str(model_folder)


def test_the_tokens_are_those_of_the_prompt_and_of_the_reply(model: LocalModel) -> None:
    told: list[Usage] = []
    pieces = model.stream_reply(ASKED, max_tokens=60, tell_usage=told.append)
    "".join(pieces)

    turns = [f"{message.role}\n{message.content}" for message in ASKED]
    # The tokenizer is one of bytes, and each mark of a turn is one token.
    read = sum(len(turn.encode()) + len("<>\n") for turn in turns) + len("<assistant\n")
    assert told == [Usage(read, 60)]


def test_a_model_that_is_set_to_chance_is_asked_without(
    model_folder: Path, model: LocalModel, tmp_path: Path
) -> None:
    playful = copy_model(model_folder, tmp_path / "playful")
    settings = {"do_sample": True, "temperature": 5.0, "top_p": 0.9, "eos_token_id": [256]}
    (playful / "generation_config.json").write_text(json.dumps(settings))

    reply = "".join(LocalModel(str(playful)).stream_reply(ASKED, max_tokens=30))

    assert reply == "".join(model.stream_reply(ASKED, max_tokens=30))


def test_equal_questions_get_equal_replies_in_many_threads(model: LocalModel) -> None:
    replies: list[str] = []

    def ask() -> None:
        replies.append("".join(model.stream_reply(ASKED, max_tokens=20)))

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(replies) == 4
    assert len(set(replies)) == 1


def test_the_writer_runs_on_it(model: LocalModel) -> None:
    """Random weights cite nothing, so that nothing may be shown."""
    document = make_document("tea", "Tea was first grown in 1610.")

    with closing(
        write_sentences(  # type: ignore[type-var] # it is a generator
            "When?", "en", make_evidence(document), {"tea": document}, model,
            max_tokens=30, verify=lambda text, evidence: (),
        )
    ) as sentences:  # fmt: skip
        assert [sentence.quotes for sentence in sentences if sentence.supported] == []


def test_a_prompt_beyond_the_window_is_reported(model_folder: Path) -> None:
    long = (Message("user", "tea " * 1000),)

    with pytest.raises(ModelFailedError, match=r"more than its window of 2048\. Take a model"):
        list(LocalModel(str(model_folder)).stream_reply(long, max_tokens=10))


def test_an_error_in_the_thread_is_raised_where_the_reply_is_read(
    model_folder: Path, tmp_path: Path
) -> None:
    broken = copy_model(model_folder, tmp_path / "broken")
    (broken / "chat_template.jinja").write_text("{{ raise_exception('no turns at all') }}")

    with pytest.raises(
        ModelFailedError,
        match=r"the model '.*broken' failed: its chat template .*: no turns at all",
    ):
        list(LocalModel(str(broken)).stream_reply(ASKED, max_tokens=10))


def test_closing_the_reply_ends_the_thread_and_frees_the_model(model: LocalModel) -> None:
    pieces = model.stream_reply(ASKED, max_tokens=1500)
    next(pieces)

    pieces.close()  # type: ignore[attr-defined] # it is a generator

    assert wait_until_no_thread_is_left()
    assert list(model.stream_reply(ASKED, max_tokens=3))


def test_the_deadline_ends_the_reply_and_the_thread(model_folder: Path, model: LocalModel) -> None:
    hasty = LocalModel(str(model_folder), timeout_seconds=0.2)
    hasty._loaded = model._load()
    began = monotonic()

    with pytest.raises(ModelFailedError, match=r"not finish within 0\.2 seconds\. Raise CROSSQ"):
        list(hasty.stream_reply(ASKED, max_tokens=1900))

    assert monotonic() - began < 8
    assert wait_until_no_thread_is_left()


def test_waiting_for_a_turn_counts_to_the_deadline(model_folder: Path, model: LocalModel) -> None:
    hasty = LocalModel(str(model_folder), timeout_seconds=0.2)
    hasty._loaded = model._load()

    with hasty._generating, pytest.raises(ModelFailedError, match="did not finish"):
        list(hasty.stream_reply(ASKED, max_tokens=3))

    assert wait_until_no_thread_is_left()
    assert list(hasty.stream_reply(ASKED, max_tokens=3))


@pytest.mark.parametrize(
    "error",
    [AttributeError("no such part"), AssertionError(), RuntimeError("out of memory"), OSError("x")],
    ids=["attribute", "assertion", "torch", "files"],
)
def test_whatever_a_model_raises_is_a_failure_of_it(
    error: Exception, model: LocalModel, caplog: pytest.LogCaptureFixture
) -> None:
    """The chat said that something went wrong, instead of giving the quotes."""

    class BrokenModel:
        def __getattr__(self, name: str) -> object:
            raise error

    broken = LocalModel("some/model")
    broken._loaded = model._load()[0], BrokenModel()

    with pytest.raises(ModelFailedError, match=r"the model 'some/model' failed: \w+") as caught:
        list(broken.stream_reply(ASKED, max_tokens=3))

    assert caught.value.__cause__ is error
    assert [record.exc_info and record.exc_info[1] for record in caplog.records] == [error]


def test_a_template_that_divides_by_zero_is_a_failure_of_the_model(
    model_folder: Path, tmp_path: Path
) -> None:
    broken = copy_model(model_folder, tmp_path / "broken")
    (broken / "chat_template.jinja").write_text("{{ 1 // 0 }}")

    with pytest.raises(ModelFailedError, match="failed: integer division or modulo by zero"):
        list(LocalModel(str(broken)).stream_reply(ASKED, max_tokens=3))


def test_an_interrupt_of_the_reader_stays_one(model: LocalModel) -> None:
    pieces = cast("Generator[str]", model.stream_reply(ASKED, max_tokens=1500))
    next(pieces)

    with pytest.raises(KeyboardInterrupt):
        pieces.throw(KeyboardInterrupt())

    assert wait_until_no_thread_is_left()
