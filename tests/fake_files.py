"""Small files of every kind, made on the spot, and ways to spoil them."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable

import docx


def make_pdf(pages: list[list[str]], info: str = "", trailer: str = "") -> bytes:
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    bodies = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, lines in enumerate(pages):
        shown = " ".join(f"({line}) Tj T*" for line in lines)
        stream = f"BT /F1 12 Tf 72 720 Td 14 TL {shown} ET"
        bodies.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * n} 0 R >>"
        )
        bodies.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    bodies.append(f"<< {info} >>")
    data = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(bodies) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}"
    end += f"trailer << /Size {size} /Root 1 0 R /Info {size - 1} 0 R {trailer} >>\n"
    return data + f"{end}startxref\n{len(data)}\n%%EOF\n".encode()


def make_docx(*, title: str = "") -> bytes:
    document = docx.Document()
    document.core_properties.title = title
    document.add_heading("小米SU7", level=1)
    document.add_paragraph("2024年3月28日上市。")
    table = document.add_table(2, 2)
    for n, text in enumerate(["型号", "价格", "SU7", "21.59"]):
        table.cell(n // 2, n % 2).text = text
    document.add_paragraph("完。")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def edit_docx(data: bytes, edit: Callable[[str], str], part: str = "word/document.xml") -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, edit(content.decode()).encode() if name == part else content)
    return buffer.getvalue()


PAGES = [["Xiaomi SU7", "Launched on 28 March 2024."], ["Page two."]]
PDF = make_pdf(PAGES, "/Title (SU7 report)")
DOCX = make_docx()
HTML = """<html><head><title>小米SU7上市 - 某网</title>
<meta property="article:published_time" content="2024-03-28T10:00:00+08:00">
<link rel="canonical" href="https://example.cn/a/1.html"></head><body><nav>首页 新闻</nav>
<article><h1>小米SU7上市</h1><p>2024年3月28日，小米汽车首款<b>车型</b>上市。
价格21.59万元起。</p><h2>价格</h2><p>标准版售价21.59万元，Max版29.99万元。</p>
<ul><li>一</li><li><p>二</p></li></ul>
<table><tr><th>型号</th><th>价格</th></tr><tr><td>SU7</td><td>21.59</td></tr></table>
<!-- secret --><p style="display: none">hidden</p><div hidden>hidden</div></article>
<footer>版权所有</footer></body></html>"""
FRONT = (
    "---\ntitle: 小米\ndate: 2024-05-01 10:00:00\nurl: https://example.cn/x\n---\n"
    "\n# 标题\n\n正文。"
)


def compress_pdf(data: bytes) -> bytes:
    """The same PDF with its page streams deflated, and its table of objects no longer true."""

    def deflate(match: re.Match[bytes]) -> bytes:
        packed = zlib.compress(match[1])
        head = b"<< /Filter /FlateDecode /Length %d >>" % len(packed)
        return head + b"\nstream\n" + packed + b"\nendstream"

    return re.sub(rb"<< /Length \d+ >>\nstream\n(.*?)\nendstream", deflate, data, flags=re.DOTALL)
