"""What is slow to load, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from embeddings.bilingual import BilingualEncoder
from embeddings.gloss import Glossary, read_table
from tests.fake_language_model import save_tiny_model


@pytest.fixture(scope="session")
def glossary() -> Glossary:
    """The bundled gloss table."""
    return Glossary(read_table())


@pytest.fixture(scope="session")
def bundled_encoder() -> BilingualEncoder:
    """The bundled model, loaded at its first use."""
    return BilingualEncoder()


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A causal model of random weights; copy it to change it."""
    return save_tiny_model(tmp_path_factory.mktemp("model") / "tiny")
