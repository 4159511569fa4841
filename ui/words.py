"""What is said around an answer, in English and Chinese: on the page, and some on a terminal.

Answers and refusals are not here: `rag` words them. A page speaks the reader's language, which
the browser names; a terminal the question's, as answers do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rag.types import Answer, Language

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Words:
    """One language's texts. A pair is (for one, for any other count), with `{n}` in it."""

    tag: str  # BCP 47, for `lang` attributes
    tagline: str
    placeholder: str
    question: str
    ask: str
    stop: str
    clear: str
    examples: str
    searching: str
    found: tuple[str, str]
    read: tuple[str, str]
    quoted: tuple[str, str]
    nothing_read: str
    seconds: str
    sources: str
    source: str
    also: str
    back: str
    unused: tuple[str, str]
    closest: tuple[str, str]
    closest_note: str
    refused: str
    understood: str  # the question follows
    worded: str
    dropped: tuple[str, str]
    glossed: str  # the glosses follow, or what they are
    aid: str
    conflict: str
    value: str
    dated: str
    undated: str
    failed_label: str
    failed: str
    stopped: str
    copy: str
    copied: str
    dense: str
    lexical: str
    gloss: str
    missed: str
    reports: str
    report: str
    asked: str
    right: str
    finished: str
    no_reports: str
    to_chat: str
    zh: str
    en: str

    def count(self, pair: tuple[str, str], n: int) -> str:
        """Fill `n` into the form of `pair` that fits it."""
        return pair[n != 1].format(n=n)

    def name_language(self, language: Language) -> str:
        """Return what a reader calls a document's language."""
        return self.zh if language == "zh" else self.en

    def format_date(self, day: date) -> str:
        """Write a day out in full: `March 28, 2024`, `2024年3月28日`."""
        if self.tag == "en":
            return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"
        return f"{day.year}年{day.month}月{day.day}日"


EN = Words(
    tag="en",
    tagline="Every answer in the documents’ own words.",
    placeholder="Ask about the documents",
    question="Your question",
    ask="Ask",
    stop="Stop",
    clear="Clear the page",
    examples="Try one of these",
    searching="Searching the documents",
    found=("{n} passage found, reading it", "{n} passages found, reading them"),
    read=("{n} passage read", "{n} passages read"),
    quoted=("{n} quote", "{n} quotes"),
    nothing_read="No passage found",
    seconds="{n} s",
    sources="Sources",
    source="Source {n}",
    also="The same in: ",
    back="Back to where source {n} is used",
    unused=("{n} more passage read but not quoted", "{n} more passages read but not quoted"),
    closest=("The closest passage (not an answer)", "The {n} closest passages (not an answer)"),
    closest_note="They came nearest to the question. They do not answer it.",
    refused="Not in the documents",
    understood="Understood as: ",
    worded="Worded by {model}, each sentence checked against its quotes.",
    dropped=(
        "{n} statement was left out because the quotes do not support it.",
        "{n} statements were left out because the quotes do not support them.",
    ),
    glossed="Word by word: ",
    aid="an aid, not a translation",
    conflict="The sources differ",
    value="Value",
    dated="Dated",
    undated="undated",
    failed_label="No answer this time",
    failed="Something went wrong on this side. Ask again; if it stays, quote {reference} "
    "to whoever runs this page.",
    stopped="Stopped before there was an answer.",
    copy="Copy with sources",
    copied="Copied",
    dense="by meaning",
    lexical="by words",
    gloss="by glosses",
    missed="no match",
    reports="Evaluation reports",
    report="Run",
    asked="Questions",
    right="Value right",
    finished="Finished",
    no_reports="There is no report yet. One is written by",
    to_chat="Back to the chat",
    zh="Chinese",
    en="English",
)

ZH = Words(
    tag="zh-Hans",
    tagline="每个回答，都有原文为证。",
    placeholder="就这些文档提问",
    question="你的问题",
    ask="提问",
    stop="停止",
    clear="清空页面",
    examples="试试这些问题",
    searching="正在检索文档",
    found=("找到 {n} 个段落，正在阅读", "找到 {n} 个段落，正在阅读"),
    read=("读了 {n} 个段落", "读了 {n} 个段落"),
    quoted=("{n} 处引文", "{n} 处引文"),
    nothing_read="没有找到段落",
    seconds="{n} 秒",
    sources="出处",
    source="出处 {n}",
    also="相同内容另见：",
    back="回到引用出处 {n} 的地方",
    unused=("另有 {n} 个段落读过但未引用", "另有 {n} 个段落读过但未引用"),
    closest=("最接近的 {n} 个段落（并非答案）", "最接近的 {n} 个段落（并非答案）"),
    closest_note="它们与问题最接近，但没有回答它。",
    refused="文档中没有答案",
    understood="理解为：",
    worded="由 {model} 表述，每句话都与引文核对过。",
    dropped=("有 {n} 句话没有引文支持，已略去。", "有 {n} 句话没有引文支持，已略去。"),
    glossed="逐词对照：",
    aid="仅供参考，不是翻译",
    conflict="各处说法不一",
    value="说法",
    dated="日期",
    undated="未注日期",
    failed_label="这次没有得到答案",
    failed="这里出了点问题。请再问一次；若仍不行，请把编号 {reference} 告诉本页的管理者。",
    stopped="还没有得到答案就已停止。",
    copy="连同出处一起复制",
    copied="已复制",
    dense="语义",
    lexical="字词",
    gloss="释义",
    missed="未命中",
    reports="评测报告",
    report="运行",
    asked="问题数",
    right="答案值正确率",
    finished="完成时间",
    no_reports="还没有报告。运行下面的命令可生成：",
    to_chat="回到提问",
    zh="中文",
    en="英文",
)


WORDS: Mapping[Language, Words] = {"en": EN, "zh": ZH}


def list_remarks(answer: Answer, words: Words) -> list[str]:
    """Say what a reader should know of how the answer came about: sentences, or none."""
    worded = words.worded.replace("{model}", answer.model) if answer.model else ""
    dropped = words.count(words.dropped, answer.dropped) if answer.dropped else ""
    return [remark for remark in (worded, dropped, answer.note) if remark]


def choose_words(accept_language: str | None) -> Words:
    """Choose by an `Accept-Language` header: the first of Chinese and English in it; else English.

    Browsers send the header in order of preference, so its weights are not read.
    """
    for part in (accept_language or "").lower().split(","):
        tag = part.split(";")[0].strip()
        if tag.split("-")[0] in ("zh", "en"):
            return ZH if tag.startswith("zh") else EN
    return EN
