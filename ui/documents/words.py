"""What is said about documents, in English and Chinese: on their page, and by its script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from ui.documents.intake import Reason
from ui.words import EN as PAGE_EN
from ui.words import ZH as PAGE_ZH
from ui.words import Words


@dataclass(frozen=True, slots=True)
class ScriptWords:
    """What the script says; `{…}` is filled in by it. Pairs are as in `Words`."""

    drop: str
    uploading: tuple[str, str]  # {n}
    reading: str  # {name}
    waiting: str
    left: str  # {time} follows
    seconds: str  # {n}
    minutes: str  # {n}
    hours: str  # {n}
    added: tuple[str, str]  # {n}
    none_added: str
    same: str
    replaced: tuple[str, str]  # {n}
    skipped: tuple[str, str]  # {n}
    warned: tuple[str, str]  # {n}
    more: str  # {n}
    failed: str
    again: str
    ask: str
    see: str
    close: str
    lost: str
    sure_file: str  # {name}
    sure_folder: str  # {name}
    removed: str  # {name}


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """What the page and the routes say. Pairs are as in `Words`."""

    count: tuple[str, str]  # {n}
    matching: tuple[str, str]  # {n}
    first: str
    first_here: str
    first_elsewhere: str
    add: str
    drop: str
    choose: str
    kinds: str  # {kinds}, {size}
    needs_script: str
    find: str
    search: str
    all: str
    none: str
    passages: tuple[str, str]  # {n}
    copy: str  # the name of the other follows
    here: str
    remove: str
    remove_named: str  # {name}
    previous: str
    next: str
    page: str  # {n}, {of}
    pages: str
    busy: str
    refused: Mapping[Reason, str]
    script: ScriptWords


EN = DocumentWords(
    count=("{n} document", "{n} documents"),
    matching=("{n} document found", "{n} documents found"),
    first="There are no documents yet",
    first_here="Add some, and ask about them as soon as they are read.",
    first_elsewhere="Whoever runs this page adds them with",
    add="Add documents",
    drop="Drop files or folders here, or anywhere on the page",
    choose="Choose files",
    kinds="{kinds}; up to {size} MB a file.",
    needs_script="Adding and removing documents needs JavaScript.",
    find="Find a document",
    search="Find",
    all="Show all",
    none="No title or file name holds that.",
    passages=("{n} passage", "{n} passages"),
    copy="same text as ",
    here="added here",
    remove="Remove",
    remove_named="Remove {name}",
    previous="Previous",
    next="Next",
    page="Page {n} of {of}",
    pages="Pages of the list",
    busy="Documents are being read now. Remove it when that is done.",
    refused={
        "name": "it has no name that a file can be kept under",
        "long": "its name is longer than 255 bytes; shorten it",
        "type": "files of this type cannot be read; {kinds} can",
        "empty": "it is empty",
        "large": "it is larger than {size} MB; split it",
        "full": "there is no room for more; remove documents first",
        "disk": "it could not be written to the disk",
        "slow": "it came in too slowly, or stopped; try again",
        "busy": "too many files are being copied now; try again in a while",
    },
    script=ScriptWords(
        drop="Drop to add to the documents",
        uploading=("Copying {n} file", "Copying {n} files"),
        reading="Reading {name}",
        waiting="Getting ready to read",
        left="about {time} left",
        seconds="{n} s",
        minutes="{n} min",
        hours="{n} h",
        added=("{n} document added", "{n} documents added"),
        none_added="No document was added",
        same="These files were there already, just as they are",
        replaced=(
            "{n} file took the place of one of its name",
            "{n} files took the place of others of their names",
        ),
        skipped=("{n} left out", "{n} left out"),
        warned=("{n} read with doubt", "{n} read with doubt"),
        more="and {n} more",
        failed="Something went wrong on this side. Try again; if it stays, quote {reference} to "
        "whoever runs this page.",
        again="Try again",
        ask="Ask about them",
        see="See the documents",
        close="Close",
        lost="This page has lost its server. The files that were copied are kept.",
        sure_file="Remove {name} and delete the file that was added here?",
        sure_folder="Remove {name} from what can be asked about? Its file is left alone, and is "
        "taken in again when its folder is next indexed.",
        removed="{name} was removed.",
    ),
)

ZH = DocumentWords(
    count=("{n} 篇文档", "{n} 篇文档"),
    matching=("找到 {n} 篇文档", "找到 {n} 篇文档"),
    first="还没有文档",
    first_here="添加一些，读完就能提问。",
    first_elsewhere="请本页的管理者用下面的命令添加：",
    add="添加文档",
    drop="把文件或文件夹拖到这里，拖到页面任何地方都行",
    choose="选择文件",
    kinds="{kinds}；每个文件不超过 {size} MB。",
    needs_script="添加和移除文档需要启用 JavaScript。",
    find="查找文档",
    search="查找",
    all="显示全部",
    none="没有标题或文件名包含这些字。",
    passages=("{n} 个段落", "{n} 个段落"),
    copy="内容同 ",
    here="在此添加",
    remove="移除",
    remove_named="移除 {name}",
    previous="上一页",
    next="下一页",
    page="第 {n} 页，共 {of} 页",
    pages="列表分页",
    busy="正在读取文档，读完后再移除。",
    refused={
        "name": "文件名不能用来保存文件",
        "long": "文件名超过 255 个字节，请改短",
        "type": "不能读取这种类型的文件；可以读取 {kinds}",
        "empty": "文件是空的",
        "large": "文件超过 {size} MB，请拆分",
        "full": "没有空间了，请先移除一些文档",
        "disk": "无法写入磁盘",
        "slow": "上传太慢或中断，请重试",
        "busy": "正在复制的文件太多，请稍后再试",
    },
    script=ScriptWords(
        drop="松开即可添加到文档",
        uploading=("正在复制 {n} 个文件", "正在复制 {n} 个文件"),
        reading="正在读取 {name}",
        waiting="准备读取",
        left="大约还需 {time}",
        seconds="{n} 秒",
        minutes="{n} 分钟",
        hours="{n} 小时",
        added=("添加了 {n} 篇文档", "添加了 {n} 篇文档"),
        none_added="没有添加任何文档",
        same="这些文件早已在此，内容相同",
        replaced=("{n} 个文件替换了同名文件", "{n} 个文件替换了同名文件"),
        skipped=("{n} 处未收入", "{n} 处未收入"),
        warned=("{n} 处读取存疑", "{n} 处读取存疑"),
        more="另有 {n} 项",
        failed="这里出了点问题。请重试；若仍不行，请把编号 {reference} 告诉本页的管理者。",
        again="重试",
        ask="就它们提问",
        see="查看文档",
        close="关闭",
        lost="页面与服务器断开了。已复制的文件都还在。",
        sure_file="移除 {name}，并删除在此添加的文件？",
        sure_folder="不再就 {name} 提问？文件本身不动，下次为它的文件夹建索引时会重新收入。",
        removed="已移除 {name}。",
    ),
)

_WORDS = {PAGE_EN.tag: EN, PAGE_ZH.tag: ZH}


def find_words(words: Words) -> DocumentWords:
    """Return what is said about documents in the language of `words`."""
    return _WORDS[words.tag]


def list_words() -> list[tuple[str, DocumentWords, dict[str, object]]]:
    """Return (language tag, what is said, what the script says as JSON types) of each language."""
    return [(tag, own, asdict(own.script)) for tag, own in _WORDS.items()]
