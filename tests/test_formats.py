"""Each parser gives the text a reader would see, or one sentence on why there is none."""

import io
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest

from rag.files.formats import (
    MAX_PDF_PAGES,
    join_wrapped_lines,
    read_markdown,
    read_pdf,
    read_text,
    read_web_page,
    read_word,
)
from rag.files.records import Record, UnreadableError
from rag.files.webpage import is_web_address
from rag.files.word import check_archive
from tests.fake_files import DOCX, FRONT, HTML, PDF, edit_docx, make_docx, make_pdf


def only(records: tuple[Record, ...]) -> Record:
    (record,) = records
    return record


def test_text_is_kept_exactly_with_its_front_matter() -> None:
    text = FRONT.replace("\n", "\r\n")

    record = only(read_text(text.encode("utf-8-sig"), None).records)

    assert record == Record(text, "小米", date(2024, 5, 1), "https://example.cn/x")


def test_markdown_takes_its_first_heading_and_text_only_one_at_the_top() -> None:
    data = b"intro words, not a title.\n\n```\n# code\n```\n\n## The *heading* #\n"

    assert only(read_markdown(data, None).records).title == "The heading"
    assert only(read_text(data, None).records).title is None


@pytest.mark.parametrize(
    ("heading", "title"),
    [("C#", "C#"), ("C# #", "C#"), ("C ##", "C"), ("C#\t###  ", "C#")],
)
def test_a_mark_that_belongs_to_the_last_word_stays_in_the_title(heading: str, title: str) -> None:
    """A page on C# was called C."""
    page = f"\n# {heading}\n\nThis is a sentence."

    assert only(read_markdown(page.encode(), None).records).title == title


def test_an_impossible_front_matter_date_is_reported_and_not_guessed() -> None:
    extraction = read_markdown(b"---\ndate: 2024-02-30\n---\nbody", None)

    assert only(extraction.records).published is None
    assert "'2024-02-30'" in extraction.notes[0].reason


def test_html_keeps_structure_and_drops_what_surrounds_it() -> None:
    record = only(read_web_page(HTML.encode(), None).records)

    assert record.text == (
        "# 小米SU7上市\n\n2024年3月28日，小米汽车首款车型上市。价格21.59万元起。\n\n## 价格\n\n"
        "标准版售价21.59万元，Max版29.99万元。\n\n- 一\n- 二\n\n型号 | 价格\nSU7 | 21.59"
    )
    assert record.title == "小米SU7上市"
    assert record.published == date(2024, 3, 28)
    assert record.source == "https://example.cn/a/1.html"


def test_html_blocks_are_never_glued_together() -> None:
    page = "<div>首段没有句号<div>次段没有句号</div>末段没有句号</div>"

    assert only(read_web_page(page.encode(), None).records).text == (
        "首段没有句号\n\n次段没有句号\n\n末段没有句号"
    )


def test_html_believes_a_declared_charset_that_fits() -> None:
    page = '<meta charset="gb2312"><p>朱镕基</p>'

    assert only(read_web_page(page.encode("gbk"), None).records).text == "朱镕基"


def test_html_reads_no_entity_from_the_disk(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("TOP-SECRET")
    page = f'<!DOCTYPE html [<!ENTITY x SYSTEM "{secret.as_uri()}">]><p>before &x; after</p>'

    assert "TOP-SECRET" not in only(read_web_page(page.encode(), None).records).text


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("<p>top</p>" + "<div>" * 50_000 + "deep" + "</div>" * 50_000, id="nested"),
        pytest.param('<p title="' + "x" * 2_000_000 + '">top</p>', id="long attribute"),
        pytest.param("<p>top " * 10_000, id="nothing closed"),
        pytest.param("<p>top</p>" + "<table><tr><td>" * 5_000, id="tables in tables"),
        pytest.param('<base href="//evil"><p>top</p><frameset><frame src=x>', id="frames"),
        pytest.param("<p>top &#1; \x02</p><svg>\x03</svg>\x04", id="control characters"),
    ],
)
def test_hostile_html_gives_its_text_quickly(page: str) -> None:
    """C11."""
    began = time.process_time()

    text = only(read_web_page(page.encode(), None).records).text

    assert text.startswith("top")
    assert time.process_time() - began < 2


@pytest.mark.parametrize("page", ["<!-- x -->", "<script>x</script>", "<p hidden>x</p>"])
def test_html_without_visible_text_is_refused(page: str) -> None:
    with pytest.raises(UnreadableError, match=r"no (visible text|HTML)"):
        read_web_page(page.encode(), None)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//x.cn", "http://[", "https://a b", ""]
)
def test_only_web_addresses_become_sources(address: str) -> None:
    assert not is_web_address(address)


def test_word_paragraphs_and_tables_come_in_reading_order() -> None:
    record = only(read_word(DOCX, None).records)

    assert record.text == "# 小米SU7\n\n2024年3月28日上市。\n\n型号 | 价格\nSU7 | 21.59\n\n完。"
    assert record.title == "小米SU7"
    assert only(read_word(make_docx(title="核心标题"), None).records).title == "核心标题"


def test_word_keeps_tracked_insertions_and_drops_deletions() -> None:
    changed = (
        "<w:p><w:r><w:t>价格</w:t></w:r><w:ins w:id='1'><w:r><w:t>21.59</w:t></w:r></w:ins>"
        "<w:del w:id='2'><w:r><w:delText>19.99</w:delText></w:r></w:del></w:p><w:sectPr"
    )
    data = edit_docx(DOCX, lambda xml: xml.replace("<w:sectPr", changed, 1))

    assert only(read_word(data, None).records).text.endswith("\n\n价格21.59")


def test_word_expands_no_entity(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("TOP-SECRET")
    bomb = f"""<!DOCTYPE x [<!ENTITY a "{"ha" * 50}"><!ENTITY b "{"&a;" * 50}">
    <!ENTITY f SYSTEM "{secret.as_uri()}">]><w:document"""

    def edit(xml: str) -> str:
        xml = xml.replace("<w:document", bomb, 1)
        return xml.replace("完。", "完&b;&f;。")

    try:
        text = only(read_word(edit_docx(DOCX, edit), None).records).text
    except UnreadableError:
        return
    assert "TOP-SECRET" not in text
    assert "haha" not in text


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        pytest.param({"word/document.xml": 60 * 2**20}, "unpacks to 60 MB", id="large xml"),
        pytest.param({"a.bin": 5 * 2**20}, "times its size", id="ratio"),
        pytest.param({f"{n}": 0 for n in range(5_001)}, "5001 parts", id="many parts"),
        pytest.param({"../../evil.xml": 1}, "outside of the file", id="path"),
    ],
)
def test_zip_bombs_are_refused_unopened(parts: dict[str, int], reason: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, size in parts.items():
            archive.writestr(name, bytes(size))

    with pytest.raises(UnreadableError, match=reason):
        check_archive(buffer.getvalue())


def test_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    data = edit_docx(DOCX, lambda xml: xml.replace("完。", "完。" + "<!-- -->" * 200_000))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        true_size = archive.getinfo("word/document.xml").file_size
    lie = data.replace(true_size.to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    assert lie != data

    with pytest.raises(UnreadableError, match="damaged"):
        read_word(lie, None)


def test_pdf_pages_are_joined_by_a_blank_line() -> None:
    record = only(read_pdf(PDF, None).records)

    assert record.text == "Xiaomi SU7\nLaunched on 28 March 2024.\n\nPage two."
    assert record.title == "SU7 report"


@pytest.mark.parametrize("title", ["untitled", "Microsoft Word - a.doc", "report.pdf", "----", ""])
def test_a_pdf_title_made_by_a_program_is_no_title(title: str) -> None:
    assert only(read_pdf(make_pdf([["x"]], f"/Title ({title})"), None).records).title is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(PDF[: len(PDF) // 2], "cut short", id="truncated"),
        pytest.param(b"%PDF-1.7\n" + bytes(1000), "damaged", id="garbage"),
        pytest.param(make_pdf([]), "damaged", id="no pages"),
        pytest.param(make_pdf([[], []]), "no text layer", id="only images"),
        pytest.param(
            make_pdf(
                [["x"]],
                trailer="/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 "
                f"/O <{'ab' * 32}> /U <{'cd' * 32}> >> /ID [<{'00' * 16}> <{'00' * 16}>]",
            ),
            "needs a password",
            id="encrypted",
        ),
    ],
)
def test_a_pdf_without_text_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        read_pdf(data, None)


def test_a_pdf_of_too_many_pages_is_read_in_part_and_reported() -> None:
    extraction = read_pdf(make_pdf([["x"]] * (MAX_PDF_PAGES + 1)), None)

    assert only(extraction.records).text == "\n\n".join(["x"] * MAX_PDF_PAGES)
    assert [note.skipped for note in extraction.notes] == [True]


def test_lines_that_the_page_width_broke_are_joined() -> None:
    english = "Title\r\nThe first line is a long one and\r\nthe second one ends it.\r\nNext."
    chinese = "标题\n小米汽车首款车型今天在北京正式\n上市。\n完"

    assert join_wrapped_lines(english) == (
        "Title\nThe first line is a long one and the second one ends it.\nNext."
    )
    assert join_wrapped_lines(chinese) == "标题\n小米汽车首款车型今天在北京正式上市。\n完"
    assert join_wrapped_lines("manu\ufffe\nfacturing") == "manufacturing"
