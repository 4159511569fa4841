"""What the rest of the project needs of a language model, whichever one stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from rag.types import Usage

Role = Literal["system", "user", "assistant"]
TellUsage = Callable[[Usage], None]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of what a language model is given."""

    role: Role
    content: str


class LanguageModel(Protocol):
    """Continues a conversation by one reply. Threads may share it."""

    @property
    def name(self) -> str:
        """What a reader would call it: hub name, folder, or its name at the server."""
        ...

    def stream_reply(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        tell_usage: TellUsage | None = None,
    ) -> Iterator[str]:
        """Yield the reply in pieces, as they come; a piece may be any length but 0.

        The most likely reply, without chance. Closing the iterator ends the work behind it.

        Args:
            messages: In order; the last one is the user's.
            max_tokens: Longest reply, in tokens of the model.
            tell_usage: Told once, before the reply ends, how many tokens it took; not told if the
                model does not count them, and of a reply that breaks off or is left before its
                end perhaps not, or later. May be called in a thread of the model's own.

        Raises:
            ModelMissingError: If its files are not there or are refused.
            ModelFailedError: If it does not reply in time, or not in a form that can be read.
                Pieces that came before are not taken back.
        """
        ...
