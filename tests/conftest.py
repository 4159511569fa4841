"""What is slow to load, loaded once."""

from __future__ import annotations

import pytest

from embeddings.bilingual import BilingualEncoder
from embeddings.gloss import Glossary, read_table


@pytest.fixture(scope="session")
def glossary() -> Glossary:
    """The bundled gloss table."""
    return Glossary(read_table())


@pytest.fixture(scope="session")
def bundled_encoder() -> BilingualEncoder:
    """The bundled model, loaded at its first use."""
    return BilingualEncoder()
