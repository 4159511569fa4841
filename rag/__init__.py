"""Answers over a folder of documents, with exact quotes. `rag.pipeline` says how."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.pipeline import Answerer, answer, build_index
    from rag.types import Answer

__all__ = ["Answer", "Answerer", "answer", "build_index"]


def __getattr__(name: str) -> object:
    # Loaded when first asked for: `import rag` alone costs nothing and has no effect.
    if name == "Answer":
        from rag.types import Answer

        return Answer
    if name in __all__:
        from rag import pipeline

        return getattr(pipeline, name)
    raise AttributeError(f"module 'rag' has no attribute {name!r}")
