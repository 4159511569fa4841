"""Write messages as a model was trained to read them, by the chat template of its tokenizer.

Control tokens that stand in a message are broken up: only the template can start or end a turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rag.errors import ModelFailedError
from rag.language_models.model import Message


def write_prompt(messages: Sequence[Message], tokenizer: Any) -> str:
    """Return the messages as the model was trained to read them.

    A tokenizer without a chat template gets the contents as paragraphs; one whose template knows
    no system turn gets that turn as the start of the user's.
    """
    safe = [
        Message(message.role, defuse_control_tokens(message.content, tokenizer))
        for message in messages
    ]
    if not tokenizer.chat_template:
        return "\n\n".join(message.content for message in safe) + "\n\n"
    try:
        return _apply_template(safe, tokenizer)
    except ModelFailedError:
        return _apply_template(_merge_turns(safe), tokenizer)


def defuse_control_tokens(text: str, tokenizer: Any) -> str:
    """Put a space behind the first character of every control token that stands in `text`."""
    for token in sorted(_list_control_tokens(tokenizer), key=len, reverse=True):
        text = text.replace(token, f"{token[0]} {token[1:]}")
    return text


def _list_control_tokens(tokenizer: Any) -> set[str]:
    added = {str(token) for token in tokenizer.added_tokens_decoder.values() if token.special}
    return {token for token in added | set(tokenizer.all_special_tokens) if len(token) > 1}


def _apply_template(messages: Sequence[Message], tokenizer: Any) -> str:
    from jinja2 import TemplateError

    try:
        text = tokenizer.apply_chat_template(
            [asdict(message) for message in messages],
            tokenize=False,
            add_generation_prompt=True,
            enable_thinking=False,  # what reasons aloud first is told not to; others ignore it
        )
    except TemplateError as exc:
        raise ModelFailedError(f"its chat template does not take the question: {exc}") from exc
    return str(text)


def _merge_turns(messages: Sequence[Message]) -> list[Message]:
    return [Message("user", "\n\n".join(message.content for message in messages))]
