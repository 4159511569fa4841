"""What an index is built with and asked with, and by which names it remembers them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from embeddings.bilingual import BilingualEncoder
from embeddings.cross_encoder import CrossEncoder
from embeddings.encoder import Encoder
from embeddings.gloss import Glossary, read_glossary, read_table
from embeddings.precision import Precision
from embeddings.sentence import SentenceEncoder
from rag.config import Settings
from rag.errors import CorpusError
from rag.synchronize import REVISION as PASSAGES_REVISION
from rag.terms import REVISION as TERMS_REVISION


def load_glossary(own: Path | None) -> Glossary:
    """Return the bundled glossary, with the user's own words before it.

    Raises:
        CorpusError: If the user's file is missing or not in form.
    """
    if own is None:
        return _bundled_glossary()
    try:
        return Glossary({**read_table(), **read_glossary(own)})
    except (OSError, ValueError) as exc:
        raise CorpusError(f"the glossary cannot be read: {exc}") from exc


def load_encoder(settings: Settings) -> Encoder:
    """Return the encoder that the settings name; its weights are loaded at first use."""
    if settings.encoder == "bundled":
        return BilingualEncoder(precision=settings.precision)
    return SentenceEncoder(
        settings.encoder,
        query_prompt=settings.query_prompt,
        passage_prompt=settings.passage_prompt,
    )


def load_cross_encoder(settings: Settings) -> CrossEncoder | None:
    """Return what reads the best sentences again, if the settings want it; loaded at first use.

    Answerers of one process share it.
    """
    return _share_cross_encoder(settings.precision) if settings.reread else None


def describe_tools(encoder: Encoder, glossary: Glossary) -> dict[str, str]:
    """What an index must have been built with, to be asked with these."""
    return {
        "encoder": encoder.name,
        "terms": describe_terms(glossary),
        "passages": PASSAGES_REVISION,
    }


def describe_terms(glossary: Glossary) -> str:
    """Which terms an index finds its passages by."""
    return f"{TERMS_REVISION}/{glossary.fingerprint}"


@cache
def _share_cross_encoder(precision: Precision) -> CrossEncoder:
    return CrossEncoder(precision=precision)


@cache
def _bundled_glossary() -> Glossary:
    return Glossary(read_table())
