"""Let a language model word the answer; where it fails, the quotes stand by themselves."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace

from rag.assemble import Assembler
from rag.compose import Draft
from rag.errors import ModelFailedError, ModelMissingError
from rag.generate import write_sentences
from rag.language_models.model import LanguageModel
from rag.types import Answer, Language, Statement, Usage

FAILED: Mapping[Language, str] = {
    "en": "The language model could not answer, so these are quotes alone.",
    "zh": "语言模型未能作答，以下仅为原文引文。",
}
UNSUPPORTED: Mapping[Language, str] = {
    "en": "Nothing that the language model wrote is in the quotes, so these are quotes alone.",
    "zh": "语言模型所写的内容在引文中都找不到依据，以下仅为原文引文。",
}
SILENT: Mapping[Language, str] = {
    "en": "The language model found no answer in the documents, so these are quotes alone.",
    "zh": "语言模型没有在文档中找到答案，以下仅为原文引文。",
}
_log = logging.getLogger(__name__)


def write_answers(
    question: str, assembler: Assembler, draft: Draft, model: LanguageModel, *, max_tokens: int
) -> Iterator[Answer]:
    """Yield the answer of `model` as it grows, sentence by verified sentence; the last is whole.

    If the model fails on the way, or nothing that it writes is supported, the last one is the
    extractive answer of `draft` with a note that says so. The last one tells the tokens used.

    Args:
        question: As it was searched for, complete in itself.
        assembler: With the evidence, best first.
        draft: What would be said without the model.
        model: Sees the evidence that `rag.language_models.prompt` lets through.
        max_tokens: Longest reply.
    """
    statements: list[Statement] = []
    told: list[Usage] = []
    dropped = 0
    try:
        for sentence in write_sentences(
            question,
            assembler.language,
            assembler.evidence,
            assembler.documents,
            model,
            max_tokens=max_tokens,
            verify=assembler.find_missing,
            tell_usage=told.append,
        ):
            if sentence.supported:
                statements.append(Statement(sentence.text, sentence.quotes))
                yield assembler.state(statements, model=model.name, dropped=dropped)
            else:
                dropped += 1
    except (ModelFailedError, ModelMissingError) as exc:
        _log.warning("the language model %r failed: %s", model.name, exc)
        last = assembler.quote(draft, dropped=dropped, note=FAILED[assembler.language])
    else:
        if statements:
            last = assembler.state(statements, draft=draft, model=model.name, dropped=dropped)
        else:
            note = (UNSUPPORTED if dropped else SILENT)[assembler.language]
            last = assembler.quote(draft, dropped=dropped, note=note)
    yield replace(last, usage=told[0] if told else None)
