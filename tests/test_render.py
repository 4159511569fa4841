"""What documents hold reaches the page as text, whole, in its place, and never as markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.types import Answer, Citation, Document, Passage, Quote, Statement
from tests.fakes import (
    BRIDGE_EN,
    BRIDGE_ZH,
    CONFLICT,
    DOOR,
    FOLLOW_UP,
    HOSTILE,
    MUSEUM_EN,
    REFUSED_ZH,
    UNDERSTOOD,
    WHEN_EN,
    WHEN_ZH,
    fake_ask,
    gloss_citation,
    make_answer,
    make_citation,
    make_passage,
    make_quote,
)
from ui.address import locate
from ui.cards import find_link, split_passage
from ui.escape import escape_text
from ui.render import format_plain, render_answer, render_notice, render_pending
from ui.words import EN, ZH, choose_words

TAGS = set(
    "a article bdi blockquote button caption details div h2 h3 h4 li mark ol p pre section span "
    "summary table tbody td th thead time tr ul".split()
)
ATTRIBUTES = set(
    "aria-label aria-labelledby aria-pressed class data-done data-failed data-hint data-live "
    "data-of data-verdict datetime dir hidden href id lang open rel scope tabindex target title "
    "type".split()
)


class Page(HTMLParser):
    """A rendered turn, read back: every start tag, and the text inside each element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._open: list[int] = []
        self._texts: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(len(self.tags))
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._texts.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.tags[self._open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for place in self._open:
            self._texts[place] += data

    def read(self, name: str) -> list[str]:
        """Texts of all elements that have this tag or this class."""
        return [
            text
            for (tag, attributes), text in zip(self.tags, self._texts, strict=True)
            if name == tag or name in attributes.get("class", "").split()
        ]

    def list_attributes(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.tags if name in attributes]


def render(question: str, *, turn: int = 1) -> Page:
    return Page(render_answer(fake_ask(question), turn=turn, words=EN))


@given(st.text())
def test_escaped_text_reads_back_as_it_was(text: str) -> None:
    kept = "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text)

    escaped = escape_text(text)

    assert unescape(escaped) == kept
    assert not set(escaped) & set("<>\"'`${}\r\0")
    escaped.encode()


@given(st.text(min_size=1), st.text(min_size=1), st.text(), st.text())
def test_no_text_adds_a_tag_or_an_attribute(
    before: str, quoted: str, title: str, source: str
) -> None:
    document = Document("d", title or "t", before + quoted, source, "zh")
    answer = make_answer(title, "zh", (before, ((document, quoted),)))
    answer = replace(
        answer,
        citations=(gloss_citation(answer.citations[0], (quoted, title)),),
        rewritten=source,
        model=title,
        note=before,
        dropped=1,
    )

    page = Page(render_answer(answer, turn=1, words=ZH))

    assert {tag for tag, _ in page.tags} <= TAGS
    assert {name for _, attributes in page.tags for name in attributes} <= ATTRIBUTES
    assert not [a for tag, a in page.tags if "href" in a and tag != "a"]


@pytest.mark.parametrize("question", [WHEN_EN, WHEN_ZH, CONFLICT, HOSTILE])
def test_the_page_says_what_the_answer_says(question: str) -> None:
    assert "\n".join(render(question).read("cq-statement")) == fake_ask(question).text


@pytest.mark.parametrize("question", [WHEN_EN, WHEN_ZH, CONFLICT, HOSTILE])
def test_each_card_marks_its_quote_within_its_whole_passage(question: str) -> None:
    answer, page = fake_ask(question), render(question)

    assert page.read("mark") == [clean(c.quote.text) for c in answer.citations]
    cards = page.read("cq-passage")[: len(answer.citations)]
    assert cards == [clean(c.passage.text) for c in answer.citations]
    assert page.read("cq-number") == [str(c.number) for c in answer.citations]


def clean(text: str) -> str:
    return text.replace("\ud800", "\ufffd")  # the hostile document holds one


def test_line_ends_and_spaces_of_a_quote_are_kept() -> None:
    document = Document("d", "t", "a\r\n\n  b\tc  \r", "s", "en")
    answer = make_answer("?", "en", ("x", ((document, "\r\n\n  b\tc  \r"),)))

    assert Page(render_answer(answer, turn=1, words=EN)).read("mark") == ["\r\n\n  b\tc  \r"]


def test_ids_are_unique_and_every_marker_leads_to_its_own_turn() -> None:
    first, second = render(WHEN_EN, turn=1), render(CONFLICT, turn=2)

    ids = first.list_attributes("id") + second.list_attributes("id")
    assert len(set(ids)) == len(ids)
    links = [href for href in second.list_attributes("href") if href.startswith("#")]
    assert links[:2] == ["#t2-c1", "#t2-c2"]
    assert {link.removeprefix("#") for link in links} <= set(second.list_attributes("id"))


def test_a_card_tells_source_date_and_language() -> None:
    assert render(WHEN_EN).read("cq-meta")[:2] == [
        "临河日报May 19, 2021Chinese",
        "https://example.org/guide/bridgesSeptember 1, 2022English",
    ]


def test_a_document_without_a_date_is_undated() -> None:
    assert render(CONFLICT).read("cq-meta")[1] == "reports/salt.pdfundatedEnglish"


def test_text_is_tagged_with_its_language() -> None:
    page = render(WHEN_ZH)

    quotes = [a["lang"] for tag, a in page.tags if tag == "blockquote"]
    assert quotes[:2] == ["zh-Hans", "en"]
    assert next(a["lang"] for _, a in page.tags if a.get("class") == "cq-text") == "zh-Hans"


def test_only_a_web_address_is_a_link_and_it_gives_nothing_away() -> None:
    page = render(WHEN_EN)

    links = [a for tag, a in page.tags if tag == "a"]
    outside = [a for a in links if not a["href"].startswith(("#", "/document?"))]
    assert outside == 2 * [
        {
            "href": "https://example.org/guide/bridges",
            "target": "_blank",
            "rel": "noopener noreferrer nofollow",
        }
    ]


def test_every_card_and_every_unused_passage_leads_to_its_whole_document() -> None:
    answer = fake_ask(WHEN_EN)
    links = [a for tag, a in render(WHEN_EN).tags if tag == "a" and a.get("class") == "cq-open"]

    cited = {citation.passage.id for citation in answer.citations}
    unused = [hit.passage for hit in answer.hits if hit.passage.id not in cited]
    spans: list[Quote | Passage] = [*(citation.quote for citation in answer.citations), *unused]
    assert [a["href"] for a in links] == [locate(span) for span in spans]


@pytest.mark.parametrize(
    ("source", "linked"),
    [
        ("http://example.org", True),
        ("https://example.org/路径?q=1&r=2#x", True),
        ("HTTPS://EXAMPLE.ORG/", True),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("vbscript:x", False),
        ("//example.org", False),
        ("https://", False),
        ("https://[bad", False),
        ("https://good.example@evil.example/", False),
        ("https://example.org/\u202egnp", False),
        ('https://example.org/" onclick="x', False),
        ("reports/salt.pdf", False),
        ("", False),
    ],
)
def test_a_source_is_linked_only_where_that_is_safe(source: str, linked: bool) -> None:
    assert find_link(source) == (source if linked else None)


def test_passages_that_were_not_quoted_are_folded_away_with_their_ranks() -> None:
    page = render(WHEN_EN)

    assert page.read("summary")[-1] == "2 more passages read but not quoted"
    assert [text for text in page.read("cq-meta") if "#0" in text] == [
        "news/museum.txt#0by meaning #2by words no matchby glosses #3",
        "reports/salt.pdf#0by meaning #1by words #4by glosses #4",
    ]
    assert all("open" not in a for _, a in page.tags if a.get("class") == "cq-rest")


def test_a_refusal_cites_nothing_and_folds_the_closest_passages() -> None:
    page = Page(render_answer(fake_ask(REFUSED_ZH), turn=1, words=ZH))

    assert page.read("cq-label") == ["文档中没有答案"]
    assert page.read("cq-statement") == ["这些文档没有回答这个问题。"]
    assert page.read("cq-card") == page.read("cq-marker") == page.read("mark") == []
    assert page.read("summary") == ["最接近的 4 个段落（并非答案）"]
    assert "cq-is-refused" in page.list_attributes("class")[0]


def test_a_conflict_lists_each_value_with_its_source_and_date() -> None:
    cells = render(CONFLICT).read("td")

    assert cells == ["1.2 million", "[1]", "December 3, 2023", "900,000", "[2]", "undated"]


def test_a_statement_that_lays_a_conflict_out_heads_its_table() -> None:
    """A reader was told three times that the sources differ."""
    answer = fake_ask(CONFLICT)
    quotes = tuple(quote for statement in answer.statements for quote in statement.quotes)
    told = Statement("The sources differ: 1.2 million (A), 900,000 (B).", quotes)
    headed = render_answer(
        replace(answer, statements=(answer.statements[0], told)), turn=1, words=EN
    )
    alone = render_answer(answer, turn=1, words=EN)

    assert Page(headed).read("td") == Page(alone).read("td") != []
    assert Page(headed).read("cq-differs") == [f"{told.text} [1][2]"]
    assert (Page(headed).read("caption"), Page(alone).read("caption")) == ([], [EN.conflict])
    assert f'aria-label="{EN.conflict}"' in headed


def test_facts_count_what_was_read_and_quoted() -> None:
    answer = fake_ask(WHEN_EN)
    one = replace(answer, hits=answer.hits[:1], seconds=1.234)
    none = Answer("?", "en", (), (), (), found=False, refusal="No.")

    assert render(WHEN_EN).read("cq-facts") == ["4 passages read · 3 quotes · 0.12 s"]
    assert read_facts(one) == ["1 passage read · 3 quotes · 1.23 s"]
    assert read_facts(none) == ["No passage found · 0.00 s"]


def read_facts(answer: Answer) -> list[str]:
    return Page(render_answer(answer, turn=1, words=EN)).read("cq-facts")


def test_the_copied_text_is_plain_and_names_every_source() -> None:
    assert format_plain(fake_ask(CONFLICT), EN) == (
        "1.2 million [1]\n900,000 [2]\n\n"
        "[1] “馆方预计，每年将接待120万名观众。” 盐业博物馆新馆开放, 临河日报, December 3, 2023\n"
        "[2] “We now expect 900,000 visitors a year.” Salt Museum: annual report, "
        "reports/salt.pdf, undated"
    )


def test_the_copied_text_tells_what_was_understood_and_how_it_was_worded() -> None:
    answer = replace(fake_ask(CONFLICT), rewritten="Whose?", model="small-7b", dropped=1)

    lines = format_plain(answer, EN).split("\n")

    assert lines[:2] == ["Understood as: Whose?", ""]
    assert lines[-3:] == [
        "",
        "Worded by small-7b, each sentence checked against its quotes.",
        "1 statement was left out because the quotes do not support it.",
    ]


def test_a_quote_in_the_other_language_is_glossed_word_by_word() -> None:
    page = render(WHEN_EN)

    words = page.read("cq-word")
    assert words[:3] == ["2021年5月18日 May 18, 2021", "上午 morning", "临河 Linhe"]
    assert page.read("cq-meaning")[-1] == "open to traffic"
    assert len(page.read("cq-gloss")) == 1  # the other quotes are in the reader's language
    assert page.read("summary")[0] == "Word by word: an aid, not a translation"
    spans = [a["lang"] for tag, a in page.tags if tag == "span" and "lang" in a]
    assert spans[:2] == ["zh-Hans", "en"]


def test_the_label_of_the_gloss_is_in_the_language_of_the_page() -> None:
    page = Page(render_answer(fake_ask(WHEN_EN), turn=1, words=ZH))

    assert page.read("summary")[0] == "逐词对照：仅供参考，不是翻译"


def test_a_follow_up_says_what_it_was_understood_as() -> None:
    answer = fake_ask(FOLLOW_UP, fake_ask(WHEN_EN))
    refused = replace(fake_ask(REFUSED_ZH), rewritten="明年盐业博物馆的票价是多少？")

    page = Page(render_answer(answer, turn=2, words=EN))

    assert page.read("cq-understood") == [f"Understood as: {UNDERSTOOD}"]
    assert Page(render_answer(refused, turn=1, words=ZH)).read("cq-understood") == [
        "理解为：明年盐业博物馆的票价是多少？"
    ]
    assert render(WHEN_EN).read("cq-understood") == []


def test_a_reader_is_told_who_worded_the_answer_and_what_was_left_out() -> None:
    answer = replace(
        fake_ask(WHEN_EN), model="small-7b", dropped=2, note="The model server did not reply."
    )

    assert Page(render_answer(answer, turn=1, words=EN)).read("cq-remark") == [
        "Worded by small-7b, each sentence checked against its quotes.",
        "2 statements were left out because the quotes do not support them.",
        "The model server did not reply.",
    ]
    assert render(WHEN_EN).read("cq-remark") == []


def test_states_on_the_way_are_worded() -> None:
    searching = Page(render_pending("q", turn=3, words=EN))
    reading = Page(render_pending("q", turn=3, words=EN, passages=1))

    assert searching.read("cq-state") == ["Searching the documents"]
    assert reading.read("cq-state") == ["1 passage found, reading it"]


def test_a_question_and_a_message_are_shown_as_text() -> None:
    page = Page(render_notice("![x](y) <b>", "<img src=x>", turn=1, words=EN, label="<i>"))

    assert page.read("h2") == ["![x](y) <b>"]
    assert page.read("cq-notice") == ["<i><img src=x>"]


def test_a_very_long_question_is_cut_on_the_page() -> None:
    page = Page(render_notice("q" * 2001, "too long", turn=1, words=EN))

    assert page.read("h2") == ["q" * 2000 + "…"]


def test_a_passage_that_does_not_hold_its_quote_is_left_out() -> None:
    """Never mark other characters than the quote's."""
    citation = make_citation(1, BRIDGE_EN, "It is 3.2 kilometers long.")
    n = len(BRIDGE_EN.text)
    shifted = Passage("x#0", BRIDGE_EN.id, BRIDGE_EN.text[1:], 0, n - 1)
    later = Passage("x#1", BRIDGE_EN.id, BRIDGE_EN.text[100:], 100, n)

    parts = split_passage(citation)

    assert "".join(parts) == BRIDGE_EN.text
    assert split_passage(replace(citation, passage=shifted)) == ("", parts[1], "")
    assert split_passage(replace(citation, passage=make_passage(BRIDGE_ZH))) == ("", parts[1], "")
    assert split_passage(replace(citation, passage=later)) == ("", parts[1], "")


def test_a_quote_is_found_in_a_passage_that_starts_later_in_its_document() -> None:
    quote = make_quote(MUSEUM_EN, "Entry is free.")
    start = MUSEUM_EN.text.index("We now")
    passage = Passage("x#1", MUSEUM_EN.id, MUSEUM_EN.text[start:], start, len(MUSEUM_EN.text))
    citation = Citation(1, quote, "t", "s", "en", None, passage)

    assert split_passage(citation) == (
        "We now expect 900,000 visitors a year. ",
        "Entry is free.",
        "",
    )


def test_hostile_text_stays_within_elements_of_its_own_direction() -> None:
    page = render(HOSTILE)

    assert page.read("mark")[0].count("\u202e") == 1
    isolated = [tag for tag, a in page.tags if a.get("dir") == "auto"]
    assert {"h2", "h4", "mark", "blockquote", "span"} <= set(isolated)
    assert page.read("bdi")[0] == DOOR.source
    evil = fake_ask(HOSTILE)
    assert page.read("cq-meaning") == [evil.citations[0].gloss[0].gloss]
    assert page.read("cq-understood") == [f"Understood as: {evil.rewritten}"]
    assert page.read("cq-remark")[-1] == evil.note
    assert evil.model in page.read("cq-remark")[0]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", ZH),
        ("zh", ZH),
        ("zh-HK", ZH),
        ("en-US,zh;q=0.5", EN),
        ("fr-FR, zh-TW;q=0.7, en;q=0.3", ZH),
        ("fr", EN),
        ("", EN),
        (None, EN),
    ],
)
def test_the_page_speaks_the_first_language_it_knows(header: str | None, words: object) -> None:
    assert choose_words(header) is words


def test_dates_are_written_in_full() -> None:
    assert EN.format_date(date(2021, 5, 8)) == "May 8, 2021"
    assert ZH.format_date(date(2021, 12, 18)) == "2021年12月18日"
