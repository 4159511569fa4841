"""What a Chinese reader is told of an error of `rag`, by its code; English is its own text."""

from __future__ import annotations

from collections.abc import Mapping

ZH: Mapping[str, str] = {
    "question_long": "问题有 {chars:,} 个字符，最多 {most:,} 个。请一次问一个问题。",
    "question_empty": "问题里没有文字。请输入一个问题，例如：它是什么时候建成的？",
    "index_missing": "还没有索引，请本页的管理者建立一个。",
    "index_mismatch": "索引与现在的模型或程序版本不符，请本页的管理者重建索引。",
    "index_damaged": "索引文件读不出来，请本页的管理者重建索引。",
    "index_locked": "另一个程序正在写入索引，请稍后再试。",
    "model_missing": "模型文件没有装好，请本页的管理者检查安装。",
    "model_failed": "语言模型没有给出可用的回复，请稍后再试。",
}
