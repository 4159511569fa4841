"""Why a file was left out, in Chinese: each sentence of `rag` whole, with its values taken over.

A sentence that is not here is shown as `rag` wrote it; a test holds the two together.
"""

from __future__ import annotations

import re

from ui.words import ZH, Words

KEPT_FORMER = ("; the file that it replaced is kept", "；被它替换的文件仍保留")
_TEMPLATES = {
    "is empty": "文件是空的",
    "holds only white space": "文件里只有空白",
    "holds front matter and nothing else": "文件里只有开头的元数据，没有正文",
    "holds no text; text inside pictures is not read": "文件里没有文字；图片中的文字不会读取",
    "holds no HTML that can be read": "文件里没有可读的 HTML",
    "holds no visible text; pages built by scripts must be saved as text": "网页里没有可见的文字；"
    "由脚本生成的网页请先另存为文本",
    "is a PDF with no text layer, such as a scan; run OCR on it first": "PDF 没有文字层，"
    "可能是扫描件；请先做文字识别（OCR）",
    "needs a password; save a copy of the PDF without one": "PDF 设有密码；请另存一份不带密码的",
    "is damaged or cut short and cannot be read as a PDF; fetch or export it again": "PDF "
    "已损坏或不完整；请重新下载或导出",
    "is damaged and cannot be read as a Word file ({what}); open it in Word and save it again": (
        "Word 文件已损坏（{what}）；请用 Word 打开后重新保存"
    ),
    "is {size} MB, more than the limit of {most} MB; split it": "文件有 {size} MB，"
    "超过 {most} MB 的上限；请拆分",
    "is of the unsupported type {kind}; supported: {kinds}": "不能读取 {kind} 类型的文件；"
    "可以读取 {kinds}",
    "has no file extension; supported: {kinds}": "文件没有扩展名；可以读取 {kinds}",
    "is a Word file of the old format, or needs a password; save it as .docx without a password": (
        "Word 文件是旧格式，或设有密码；请另存为不带密码的 .docx"
    ),
    "is named as {kind}, but {found}; give it its true extension or remove it": "文件的扩展名与内容"
    "不符；请改用正确的扩展名，或去掉这个文件",
    "is no ordinary file": "这不是普通文件",
    "cannot be reached; check its permissions": "无法访问文件；请检查权限",
    "lies outside of the folder, behind a link; copy it there": "文件在文件夹之外，只是一个链接；"
    "请把它复制进来",
    "changed while it was being read; run the command again": "读取时文件变动了；请再试一次",
    "took longer than {seconds} s to read and was stopped; split it or export it again": "读取超过 "
    "{seconds} 秒，已停止；请拆分或重新导出",
    "needed more than {memory} of memory to read; split it": "读取需要的内存超过 {memory}；请拆分",
    "holds more than {size} MB of text; split it": "文件中的文字超过 {size} MB；请拆分",
}


def word_reason(reason: str, words: Words) -> str:
    """Return why a file was left out, in the language of `words` if its sentence is known."""
    if words is not ZH:
        return reason
    text = reason.removesuffix(KEPT_FORMER[0])
    behind = KEPT_FORMER[1] if text != reason else ""
    for pattern, told in _PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            return told.format(**found.groupdict()) + behind
    return reason


def _compile(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)  # text, name, text, ...
    values = (f"(?P<{part}>.+)" if n % 2 else re.escape(part) for n, part in enumerate(parts))
    return re.compile("the file " + "".join(values), re.DOTALL)


_PATTERNS = [(_compile(template), told) for template, told in _TEMPLATES.items()]
