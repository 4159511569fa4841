"""The free composer: a language model words the answer, and code decides what of it counts.

The model only sees numbered sentences and only names their numbers. Quotes are copied from the
evidence by code, each sentence is verified against the sentences it names, and none is passed on
before that. So a model, or a document that talks it into something, can lose an answer but can
add nothing to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from rag.errors import ModelFailedError
from rag.language import detect_language
from rag.language_models.prompt import NOTHING, build_prompt
from rag.language_models.reply import read_sentence, split_reply
from rag.types import Document, Evidence, Language, Quote

if TYPE_CHECKING:
    from collections.abc import Generator

    from pydantic import SecretStr

    from rag.language_models.model import LanguageModel, TellUsage

Verify = Callable[[str, Sequence[Evidence]], tuple[str, ...]]

CHARS_PER_TOKEN = 8  # more than in any language; a reply beyond that is no answer
WRONG_LANGUAGE = "the language of the question"

# A sentence of names or numbers alone is in either language, if it does not end like one of it.
_MIN_WORDS, _MIN_HAN = 3, 10
_WORD = re.compile(r"(?<![A-Za-z0-9])[a-z]{2,}(?![A-Za-z0-9])")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class WrittenSentence:
    """A sentence that a language model wrote, with the quotes it rests on.

    Attributes:
        text: In plain words, without markers. May hold markup characters; show it as text.
        quotes: Of the evidence that it names, in the order named, each once; empty if it names
            none that there is.
        missing: What it says that its quotes do not; empty if nothing, or if it has no quotes.
    """

    text: str
    quotes: tuple[Quote, ...]
    missing: tuple[str, ...]

    @property
    def supported(self) -> bool:
        """Whether it may be shown: it has quotes, and they hold all that it says."""
        return bool(self.quotes) and not self.missing


def write_sentences(
    question: str,
    language: Language,
    evidence: Sequence[Evidence],
    documents: Mapping[str, Document],
    model: LanguageModel,
    *,
    max_tokens: int,
    verify: Verify,
    tell_usage: TellUsage | None = None,
) -> Iterator[WrittenSentence]:
    """Let `model` answer from the evidence; yield each sentence once it is whole and verified.

    Sentences come in reading order, supported or not, equal ones once. There are none if the
    model says that the evidence does not answer, or if no evidence may be shown to it. Closing
    the iterator ends the model's work.

    Args:
        question: As the user asked it.
        language: Of the question; a sentence in another one is not supported.
        evidence: Best first.
        documents: By id, each that a quote is from.
        model: It is given no more than `rag.language_models.prompt` lets through.
        max_tokens: Longest reply; one that goes on for longer is cut.
        verify: Returns what of a sentence is missing in the evidence that it names; empty if it
            is all there.
        tell_usage: See `LanguageModel.stream_reply`; not called if the model is not asked.

    Raises:
        ModelMissingError, ModelFailedError: See `LanguageModel.stream_reply`; also if the reply
            holds no word. Sentences that came before stay valid.
    """
    prompt = build_prompt(question, language, evidence, documents)
    if not prompt.evidence:
        return
    seen: set[str] = set()
    # Every model is a generator; closing it is what stops the work behind it.
    reply = model.stream_reply(prompt.messages, max_tokens=max_tokens, tell_usage=tell_usage)
    with closing(cast("Generator[str]", reply)) as pieces:
        for raw in _read_sentences(pieces, max_tokens * CHARS_PER_TOKEN):
            text, numbers = read_sentence(raw)
            if text.strip(" .。!！\"'“”").upper() == NOTHING:
                return
            if text and text not in seen:
                seen.add(text)
                yield _check_sentence(text, numbers, language, prompt.evidence, verify)
    if not seen:
        raise ModelFailedError(
            f"the model {model.name!r} replied without an answer. If it reasons before it "
            "answers, raise CROSSQUOTE_MAX_TOKENS; else take another model"
        )


def load_model(
    name: str,
    *,
    server: str = "",
    api_key: SecretStr | None = None,
    timeout_seconds: float = 60.0,
) -> LanguageModel | None:
    """Return the language model that the settings name; None if they name none.

    Weights are loaded, and a server is asked, at the first reply.

    Args:
        name: A hub name or folder, or the model's name at `server`.
        server: Address of an OpenAI-compatible server; empty runs the model in this process.
        api_key: For the server.
        timeout_seconds: For a whole reply.

    Raises:
        ModelMissingError: If a folder holds no model, or one that is refused.
        ModelFailedError: If the address or the key cannot be one, or there is a server alone.
    """
    if not name and server:
        raise ModelFailedError(
            "there is a model server but no model to ask there. Set CROSSQUOTE_MODEL or --model to "
            "the name that it has at the server, or leave out CROSSQUOTE_SERVER and --server"
        )
    if not name:
        return None
    if server:
        from rag.language_models.server import ServerModel

        return ServerModel(name, server, api_key=api_key, timeout_seconds=timeout_seconds)
    from rag.language_models.local import LocalModel

    return LocalModel(name, timeout_seconds=timeout_seconds)


def _read_sentences(pieces: Iterator[str], max_chars: int) -> Iterator[str]:
    """Yield each sentence of the reply when it is whole; a reply beyond `max_chars` is cut.

    A sentence that ends while more is to come may be yielded again: the reader knows it.
    """
    reply = ""
    for piece in pieces:
        reply += piece
        if len(reply) > max_chars:
            yield from split_reply(reply[:max_chars], complete=False)
            return
        yield from split_reply(reply, complete=False)
    yield from split_reply(reply, complete=True)


def _check_sentence(
    text: str,
    numbers: Sequence[int],
    language: Language,
    evidence: Sequence[Evidence],
    verify: Verify,
) -> WrittenSentence:
    named = [evidence[n - 1] for n in numbers if 1 <= n <= len(evidence)]
    quotes = tuple(dict.fromkeys(item.quote for item in named))
    if not named:
        return WrittenSentence(text, (), ())
    if _is_foreign(text, language):
        return WrittenSentence(text, quotes, (WRONG_LANGUAGE,))
    return WrittenSentence(text, quotes, verify(text, named))


def _is_foreign(text: str, language: Language) -> bool:
    if detect_language(text) == language:
        return False
    if language == "zh":
        return len(_WORD.findall(text)) >= _MIN_WORDS
    return len(_HAN.findall(text)) >= _MIN_HAN or text.endswith(("。", "！", "？"))
