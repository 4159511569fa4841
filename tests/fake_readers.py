"""Readers of an index that run beside its writer. Run in a process of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from rag.store import View
from rag.write import IndexWriter
from tests.fake_hazards import say
from tests.fake_index import ask, make_document, open_index

PAIR = ("left.txt", "right.txt")  # change together: whoever sees two numbers saw two generations


def write_pair(writer: IndexWriter, number: int, others: Mapping[str, str]) -> None:
    """Write both files of the pair and `others` in one batch, as one generation."""
    texts = {name: f"The counter of {name[:-4]} stands at c{number}." for name in PAIR}
    with writer.batch():
        for name, text in (texts | dict(others)).items():
            writer.put_document(name, *make_document(name, text))
            writer.finish_file(name, text)


def read_pair(view: View) -> int:
    """The number of the pair, after looking at it in every way there is.

    Raises:
        AssertionError: If what is seen is of more than one generation.
    """
    query = ask("the counter stands at")
    rows = {
        *view.search_vectors(query.vector, "en", 20),
        *view.search_terms("lexical", "en", query.lexical, 20),
        *view.search_terms("gloss", "en", query.gloss, 20),
    }
    stored = view.get_passages(sorted(rows))
    assert view.get_passage_ids(sorted(rows)) == {item.row: item.passage.id for item in stored}
    documents = view.get_documents(sorted({item.passage.document_id for item in stored}))
    for item in stored:
        passage = item.passage
        assert documents[passage.document_id].text[passage.start : passage.end] == passage.text
    numbers = {int(_read_number(documents[name].text)) for name in PAIR}
    assert len(numbers) == 1, numbers
    holders = view.count_holders("lexical", "en", [f"c{number}" for number in numbers])
    assert list(holders.values()) == [2]
    return numbers.pop()


def _read_number(text: str) -> str:
    found = re.search(r"stands at c(\d+)", text)
    assert found, text
    return found[1]


def watch_pair(path: Path, stop: Path) -> None:
    """Read the pair over and over until `stop` is there; say the generations and numbers seen."""
    seen: list[tuple[int, int]] = []
    last = False
    with closing(open_index(path)) as index:
        say("ready")
        while not last:
            last = stop.exists()  # then what follows is the last generation
            with index.read() as view:
                now = (view.generation, read_pair(view))
            if not seen or seen[-1] != now:
                seen.append(now)
    say(json.dumps(seen))
