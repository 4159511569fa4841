"""An address leads to its document and span, and is safe whatever the document is called."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from rag.types import Quote
from ui.address import locate, locate_document, sum_up


@pytest.mark.parametrize("id_", ["a/b.txt", "新闻/桥 1.txt#3", '"><script>&id=x', "a+b%20c?"])
def test_an_address_gives_back_what_it_was_made_of(id_: str) -> None:
    address = urlsplit(locate(Quote(id_, 7, 9, "大桥")))

    assert (address.path, address.fragment) == ("/document", "quote")
    assert parse_qs(address.query) == {
        "id": [id_],
        "start": ["7"],
        "end": ["9"],
        "sum": [sum_up("大桥")],
    }
    assert parse_qs(urlsplit(locate_document(id_)).query) == {"id": [id_]}


def test_a_name_that_is_no_text_still_has_an_address() -> None:
    assert locate_document("a\ud800") == "/document?id=a%3F"


def test_sums_tell_texts_apart() -> None:
    sums = {sum_up(text) for text in ("", "a", "b", "大桥", "\ud800")}

    assert len(sums) == 5
    assert {len(total) for total in sums} == {8}
