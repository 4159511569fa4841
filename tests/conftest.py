"""What is slow to load, loaded once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from embeddings.bilingual import BilingualEncoder
from embeddings.gloss import Glossary, read_table
from tests.browser import Open, open_pages
from tests.fake_language_model import save_tiny_model

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Most tests are of what the cross-encoder leaves as it is, and sooner done without it; those of
# what users get turn it on.
os.environ["CROSSQUOTE_REREAD"] = "false"

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "chromium-headless-shell")


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, where there is one; no longer than a module, as its loop bars others."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed")
    with playwright.sync_playwright() as driver:
        # a container's root has no sandbox; the only pages opened are our own
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Open]:
    """Opens pages of the site that a module serves at its fixture `address`."""
    with open_pages(browser, address) as open_page:
        yield open_page
