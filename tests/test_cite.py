"""Citations are the quotes of the statements, each once, numbered as they are read."""

from __future__ import annotations

from datetime import date

import pytest

from rag.cite import number_citations
from rag.types import Quote, Statement
from tests.fake_evidence import make_document, make_evidence

BRIDGE = make_document("bridge", "大桥于5月18日通车。\n大桥全长3.2公里。", date(2021, 5, 19))
GUIDE = make_document("guide", "The bridge opened on May 18, 2021.")
DOCUMENTS = {BRIDGE.id: BRIDGE, GUIDE.id: GUIDE}
EVIDENCE = [*make_evidence(BRIDGE), *make_evidence(GUIDE)]
OPENED, LONG, ALSO_OPENED = (item.quote for item in EVIDENCE)


def test_quotes_are_numbered_in_reading_order_and_once() -> None:
    statements = [
        Statement("May 18, 2021", (ALSO_OPENED, OPENED)),
        Statement("“…”", (ALSO_OPENED,)),
        Statement("「…」", (LONG,)),
    ]

    citations = number_citations(statements, EVIDENCE, DOCUMENTS)

    assert [c.number for c in citations] == [1, 2, 3]
    assert [c.quote for c in citations] == [ALSO_OPENED, OPENED, LONG]


def test_a_citation_tells_where_its_quote_is_from() -> None:
    (citation,) = number_citations([Statement("「…」", (LONG,))], EVIDENCE, DOCUMENTS)

    assert (citation.title, citation.source) == ("About bridge", "bridge.txt")
    assert (citation.language, citation.published) == ("zh", date(2021, 5, 19))
    assert citation.passage is EVIDENCE[0].hit.passage


def test_no_statements_have_no_citations() -> None:
    assert number_citations([], EVIDENCE, DOCUMENTS) == ()


@pytest.mark.parametrize(
    "quote",
    [
        pytest.param(Quote("bridge", 0, 2, "隧道"), id="other words"),
        pytest.param(Quote("bridge", 1, 3, "大桥"), id="moved"),
        pytest.param(Quote("bridge", 0, 2, "大桥"), id="a slice, but no evidence"),
        pytest.param(Quote("other", 0, 2, "大桥"), id="of no document"),
    ],
)
def test_what_is_no_quote_from_the_evidence_is_not_cited(quote: Quote) -> None:
    with pytest.raises(ValueError, match="is not a quote from the evidence"):
        number_citations([Statement("…", (quote,))], EVIDENCE, DOCUMENTS)
