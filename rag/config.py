"""The settings: few numbers, read at the edge, from the environment or given in code."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting, with its default; `CROSSQUOTE_INDEX=…` in the environment overrides `index`.

    Reading them touches no file. Stages take plain arguments; only the pipeline and the command
    line know this class.
    """

    model_config = SettingsConfigDict(env_prefix="CROSSQUOTE_", frozen=True, extra="forbid")

    index: Path = Field(Path(".crossquote"), description="Folder that holds the index.")
    encoder: str = Field(
        "bundled",
        description="`bundled`, or a sentence-transformers model: hub name or folder.",
    )
    precision: Literal["auto", "float32", "bfloat16", "int8"] = Field(
        "auto", description="Of the bundled models: auto, float32, bfloat16 or int8."
    )
    reread: bool = Field(
        True, description="Whether the bundled cross-encoder reads the best sentences again."
    )
    query_prompt: str = Field("", description="Put before each question for such a model.")
    passage_prompt: str = Field("", description="Put before each passage for such a model.")
    glossary: Path | None = Field(
        None, description="Your own names: a .tsv of Chinese word, tab, English name."
    )
    passages: int = Field(20, ge=1, le=200, description="Passages retrieved for a question.")
    depth: int = Field(50, ge=1, le=1000, description="Candidates a search leg, per language.")
    quotes: int = Field(3, ge=1, le=10, description="Quotes of an answer at most.")
    max_question_chars: int = Field(1000, ge=1, description="Longer questions are refused.")
    model: str = Field(
        "",
        description="Language model that words answers: a hub name or folder, or the name it has "
        "at `server`; empty: quotes alone.",
    )
    server: str = Field(
        "", description="Address of an OpenAI-compatible server, such as http://localhost:8000/v1."
    )
    api_key: SecretStr | None = Field(None, description="Key that the server asks for.")
    model_timeout_seconds: float = Field(
        60, gt=0, description="Longest wait for a whole reply of the language model."
    )
    max_tokens: int = Field(400, ge=1, description="Longest reply, in tokens of the model.")

    concurrency: int | None = Field(
        None, ge=1, le=64,
        description="Questions that the chat answers at the same time; 2 by default, 4 where a "
        "server words the answers.",
    )  # fmt: skip
    waiting: int = Field(
        32, ge=1, description="Questions that may wait for the chat; more are turned away."
    )

    @property
    def at_once(self) -> int:
        """`concurrency`, or its default.

        Python reads one question at a time: more than two at once make each wait and answer no
        more of them (eval/LOG.md). A server's answers are waited for.
        """
        return self.concurrency or (4 if self.server else 2)

    @property
    def database(self) -> Path:
        """The SQLite file in the index folder."""
        return self.index / "index.db"
