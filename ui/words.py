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
    guide: str
    guide_how: str
    held: str  # {n}, {language}
    comma: str
    colon: str
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
    retry: str
    edit: str
    editing: str
    like: str
    dislike: str
    why: str
    reasons: tuple[str, ...]  # for a dislike, the last one: another
    detail: str
    send: str
    cancel: str
    judged: str
    not_judged: str
    export: str
    exported: str
    earlier: str
    forget: str
    forgotten: str
    missing: str
    missing_why: str
    missing_way: str
    lost: str
    broken: str
    counted: str  # {n}, {most}
    near: str  # {n}
    too_long: str  # {n}, {most}
    composer: str
    dense: str
    lexical: str
    gloss: str
    missed: str
    documents: str
    reports: str
    report: str
    asked: str
    right: str
    finished: str
    no_reports: str
    to_chat: str
    search: str
    open_whole: str
    open_failed: str
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
    clear="New conversation",
    examples="Try one of these",
    guide="Ask for something that the documents say",
    guide_how="When, who, where, how many: a question at a time, in English or Chinese, whatever "
    "language the document is in. Each answer comes with its quotes; what the documents do not "
    "say is not answered.",
    held="{n} {language}",
    comma=", ",
    colon=": ",
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
    retry="Ask again",
    edit="Edit",
    editing="You are changing your last question. Esc leaves it as it was.",
    like="Good answer",
    dislike="Bad answer",
    why="What is wrong with it?",
    reasons=(
        "The answer is wrong",
        "The quote does not prove it",
        "The documents do not say this",
        "The documents do answer this",
        "Something else",
    ),
    detail="In your words, if you like",
    send="Send",
    cancel="Cancel",
    judged="Noted, on this server alone. Thank you.",
    not_judged="That could not be noted.",
    export="Export",
    exported="Questions and answers. Every quote stands word for word in the document named below "
    "it, between the two places, counted in characters.",
    earlier="Earlier conversations",
    forget="Delete this conversation",
    forgotten="This conversation was deleted in another window. Your question begins a new one.",
    missing="There is no such page",
    missing_why="The address may be mistyped, or what was there is gone.",
    missing_way="Ask about the documents",
    lost="The server cannot be reached. Your question is in the box again; send it when the server "
    "is back.",
    broken="The answer did not come through. Your question is in the box again; send it once more.",
    counted="{n} of {most} characters",
    near="{n} more characters fit into a question.",
    too_long="A question may have {most} characters; shorten this one by {n}.",
    composer="Answered by",
    dense="by meaning",
    lexical="by words",
    gloss="by glosses",
    missed="no match",
    documents="Documents",
    reports="Evaluation",
    report="Run",
    asked="Questions",
    right="Value right",
    finished="Finished",
    no_reports="There is no report yet. One is written by",
    to_chat="Ask",
    search="Search",
    open_whole="Whole document",
    open_failed="The document could not be loaded. Try again, or open it in a tab of its own.",
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
    clear="新对话",
    examples="试试这些问题",
    guide="问一件文档里写到的事",
    guide_how="何时、何人、何地、多少：一次问一个问题，用中文或英文都行，不论文档是哪种语言。"
    "每个回答都附有引文；文档没有说的，就不作回答。",
    held="{language} {n} 篇",
    comma="，",
    colon="：",
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
    retry="再问一次",
    edit="修改问题",
    editing="正在修改上一个问题，按 Esc 放弃修改。",
    like="回答得好",
    dislike="回答得不好",
    why="哪里不对？",
    reasons=("答案错了", "引文不能证明它", "文档里没有这样说", "文档里其实有答案", "其他问题"),
    detail="可以补充说明",
    send="提交",
    cancel="取消",
    judged="已记录，仅存于这台服务器。谢谢。",
    not_judged="没能记录下来。",
    export="导出",
    exported="以下是提问与回答。每条引文都逐字取自其下注明的文档，两个数字是它在文中的起止位置（按字符数）。",
    earlier="以前的对话",
    forget="删除这个对话",
    forgotten="这个对话已在另一个窗口中删除。这个问题将开始新的对话。",
    missing="没有这个页面",
    missing_why="地址可能有误，或者原来的内容已不在了。",
    missing_way="就这些文档提问",
    lost="连接不上服务器。问题已放回输入框，等服务器恢复后再发送。",
    broken="回答没有传送完。问题已放回输入框，请再发送一次。",
    counted="{n} / {most} 个字符",
    near="问题还可输入 {n} 个字符。",
    too_long="问题最多 {most} 个字符，请删去 {n} 个。",
    composer="回答方式",
    dense="语义",
    lexical="字词",
    gloss="释义",
    missed="未命中",
    documents="文档",
    reports="评测",
    report="运行",
    asked="问题数",
    right="答案值正确率",
    finished="完成时间",
    no_reports="还没有报告。运行下面的命令可生成：",
    to_chat="提问",
    search="检索",
    open_whole="查看全文",
    open_failed="没能载入文档。请再试一次，或在新标签页中打开。",
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


def read_words(headers: Mapping[str, str]) -> Words:
    """Choose by the headers of a request."""
    return choose_words(headers.get("accept-language"))
