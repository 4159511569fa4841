"""Tell Chinese from English by script: for documents, and for questions of a few words.

Chinese text about products is full of Latin names ("长江 T9 Pro"), and English questions carry
Chinese names ("when did 王老师 say that?"), so names must not decide. The rule, in this order:

1. No Han character: English. Han and no English word: Chinese. An *English word* is a Latin word
   in lower case, or a word of grammar in any case ("When", "THE"); "T9", "Boston" and "Pro" are
   names and count for neither side.
2. In a short text, the side that brings the grammar decides when only one does: "T9 opening date
   是什么时候" is Chinese, "What is 中国桥梁建设协会?" is English.
3. Otherwise Chinese if there are more than two Han characters an English word, because a Chinese
   word is about two characters long. So "长江 T9 opening date" (2 Han, 2 words) is English.

Japanese kana count as Han. Text in any other script, or in none, counts as English.
"""

from __future__ import annotations

import re

from rag.types import Language

SHORT_CHARS = 200  # a question; in a longer text a stray grammar word says nothing
SAMPLE_CHARS = 100_000  # the start of a long document; all of 50 MB would take a gigabyte
HAN_PER_WORD = 2  # a Chinese word is one to three characters, most often two

_HAN = re.compile(
    r"[\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_LATIN_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2,}(?![A-Za-z0-9])")
_ENGLISH_GRAMMAR = frozenset(
    "what when where who whom whose why which how is are was were be been do does did has have "
    "had can could will would should may the an of in on at to for from by with and or not it "
    "that this these those there about than as if".split()
)
_CHINESE_GRAMMAR = re.compile(r"[的了吗呢是谁哪几怎么]|什么|多少|何时|如何")


def detect_language(text: str) -> Language:
    """Return the language that `text` is written in; the module docstring states the rule.

    Args:
        text: A document or a question, of any length; an empty one counts as English.
    """
    text = text[:SAMPLE_CHARS]
    han = len(_HAN.findall(text))
    if not han:
        return "en"
    words = _LATIN_WORD.findall(text)
    grammar = any(word.lower() in _ENGLISH_GRAMMAR for word in words)
    english = sum(word.islower() or word.lower() in _ENGLISH_GRAMMAR for word in words)
    chinese_grammar = _CHINESE_GRAMMAR.search(text) is not None
    if len(text) <= SHORT_CHARS and grammar != chinese_grammar:
        return "en" if grammar else "zh"
    return "zh" if han > HAN_PER_WORD * english else "en"
