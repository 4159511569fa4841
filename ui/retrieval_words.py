"""What is said on the page of the search legs, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.types import Language


@dataclass(frozen=True, slots=True)
class RetrievalWords:
    """One language's texts. `legs` and `explained`: dense, lexical, gloss, in this order."""

    intro: str
    label: str
    button: str
    searched_as: str
    asked_in: Mapping[Language, str]
    lexical_terms: str
    gloss_terms: str
    no_terms: str
    terms_note: str
    more_terms: str
    seconds: str
    legs: tuple[str, str, str]
    explained: tuple[str, str, str]
    fused: str
    fused_explained: str
    weight: str
    unweighted: str
    kept: str
    kept_short: str
    dropped: str
    copy: str
    balance: str
    candidates: str
    more: str
    let_go: str
    let_go_note: str
    nothing: str
    jump: str
    busy: str


_EN = RetrievalWords(
    intro="Three searches look for a question in three ways. Each ranks the documents of either "
    "language on its own; what they find together is kept and read for an answer.",
    label="Words or a question, in English or Chinese",
    button="Search",
    searched_as="Searched as",
    asked_in={"zh": "Asked in Chinese", "en": "Asked in English"},
    lexical_terms="Words looked for",
    gloss_terms="Dictionary stems looked for",
    no_terms="none",
    terms_note="The number behind each is how many passages hold it.",
    more_terms="{n} more",
    seconds="{read} ms to read the question, {search} ms to search, {choose} ms to choose",
    legs=("By meaning", "By words", "By dictionary"),
    explained=(
        "Cosine of sentence vectors. Crosses languages.",
        "BM25 over words and pairs of characters. Stays within a language.",
        "BM25 over English stems; Chinese words count under their glosses.",
    ),
    fused="Kept",
    fused_explained="The scores of all three, standardised and weighed.",
    weight="weight {n}",
    unweighted="weight 0, not counted",
    kept="Kept, number {n}",
    kept_short="kept {n}",
    dropped="not kept",
    copy="same as {n}",
    balance="{zh} Chinese, {en} English",
    candidates="of {zh} and {en} candidates",
    more="{n} more",
    let_go="Found, but not kept ({n})",
    let_go_note="A search had these among its best; together they came too late, or another "
    "passage says the same.",
    nothing="Nothing found.",
    jump="Jump to",
    busy="Many searches are under way. Try again in a moment.",
)

_ZH = RetrievalWords(
    intro="三种检索以三种方式寻找问题。每种检索把中文和英文文档分开排名，"
    "合在一起之后留下的段落，才会被读来作答。",
    label="词语或问题，中文英文均可",
    button="检索",
    searched_as="实际检索",
    asked_in={"zh": "中文提问", "en": "英文提问"},
    lexical_terms="检索的字词",
    gloss_terms="检索的词典词干",
    no_terms="无",
    terms_note="后面的数字是含有它的段落数。",
    more_terms="还有 {n} 个",
    seconds="理解问题 {read} 毫秒，检索 {search} 毫秒，取舍 {choose} 毫秒",
    legs=("按语义", "按字词", "按词典"),
    explained=(
        "句向量的余弦，可以跨语言。",
        "对单词和相邻汉字计算 BM25，只在同一种语言之内。",
        "对英文词干计算 BM25，汉语词按其英文释义计入。",
    ),
    fused="留下的",
    fused_explained="三者的得分标准化之后，加权求和。",
    weight="权重 {n}",
    unweighted="权重 0，不计入",
    kept="留下，第 {n}",
    kept_short="留下 {n}",
    dropped="未留下",
    copy="与 {n} 相同",
    balance="中文 {zh} 段，英文 {en} 段",
    candidates="候选：中文 {zh} 段，英文 {en} 段",
    more="还有 {n} 段",
    let_go="找到但未留下（{n}）",
    let_go_note="某种检索把它们排在前面；合计之后排名靠后，或者另有段落说的相同。",
    nothing="没有找到。",
    jump="跳到",
    busy="检索过多，请稍后再试。",
)

RETRIEVAL_WORDS: Mapping[str, RetrievalWords] = {"en": _EN, "zh-Hans": _ZH}  # by `Words.tag`
