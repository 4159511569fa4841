"""Abbreviations and what they stand for: `GDP`, "gross domestic product", 国内生产总值.

They are read off the glossary: a gloss of three words and more has its initials. One that several
glosses have is dropped. Those of two letters, of which a dictionary has a dozen each, and others
that it lacks are set by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from embeddings.gloss import Glossary, read_ranks

LONGEST = 6  # words that are abbreviated
_KNOWN = """
AC: air_conditioning, air_conditioner, 空调
AI: artificial_intelligence, 人工智能
APR: annual_percentage_rate, 年利率
AR: augmented_reality, 增强现实
ATM: automated_teller_machine, 自动取款机, 自动柜员机
CCTV: China_Central_Television, 中央电视台, 央视
CEO: chief_executive_officer, 首席执行官
CIA: Central_Intelligence_Agency, 中央情报局, 中情局
CPC: Communist_Party_of_China, 中国共产党, 中共
CPI: consumer_price_index, 消费者物价指数, 居民消费价格指数, 消费价格指数
CPU: central_processing_unit, 中央处理器
DNA: deoxyribonucleic_acid, 脱氧核糖核酸
ECB: European_Central_Bank, 欧洲央行, 欧洲中央银行
ESG: environmental_social_and_governance
ETF: exchange_traded_fund, 交易所交易基金
EU: European_Union, 欧盟, 欧洲联盟
EV: electric_vehicle, 电动汽车, 电动车
FBI: Federal_Bureau_of_Investigation, 联邦调查局
FDA: Food_and_Drug_Administration, 食品药品监督管理局, 食药监局
GDP: gross_domestic_product, 国内生产总值
GPU: graphics_processing_unit, 图形处理器
HR: human_resources, 人力资源
ICU: intensive_care_unit, 重症监护室
IMF: International_Monetary_Fund, 国际货币基金组织
IOC: International_Olympic_Committee, 国际奥委会, 国际奥林匹克委员会
IP: intellectual_property, 知识产权
IPO: initial_public_offering, 首次公开募股, 首次公开发行, 首次公开招股
ISS: International_Space_Station, 国际空间站, 国际太空站
IT: information_technology, 信息技术
LLM: large_language_model, 大语言模型, 大型语言模型
NASA: National_Aeronautics_and_Space_Administration, 美国宇航局, 美国航天局, 美国国家航空航天局
NATO: North_Atlantic_Treaty_Organization, 北约, 北大西洋公约组织
NBA: National_Basketball_Association, 美职篮
NGO: non-governmental_organization, 非政府组织
OPEC: Organization_of_the_Petroleum_Exporting_Countries, 欧佩克, 石油输出国组织
OS: operating_system, 操作系统
OTA: over-the-air_update, 空中升级
PC: personal_computer, 个人电脑, 个人计算机
PLA: People's_Liberation_Army, 解放军
PMI: purchasing_managers_index, 采购经理指数, 采购经理人指数
PPI: producer_price_index, 生产者物价指数, 工业生产者出厂价格指数
PR: public_relations, 公共关系, 公关
SUV: sport_utility_vehicle, 运动型多用途汽车, 运动型多功能车
UAV: unmanned_aerial_vehicle, 无人机
UK: United_Kingdom, 英国, 联合王国
UN: United_Nations, 联合国
US: United_States, 美国
USA: United_States_of_America, 美国, 美利坚合众国
VAT: value-added_tax, 增值税
VC: venture_capital, 风险投资, 风投
VR: virtual_reality, 虚拟现实
WHO: World_Health_Organization, 世界卫生组织, 世卫组织, 世卫
WTO: World_Trade_Organization, 世界贸易组织, 世贸组织, 世贸
"""
_SMALL = frozenset("of the and for in on to at by".split())
_GLOSS = re.compile(r"[A-Za-z]+(?:[ -][A-Za-z]+){2,7}")
_LONG_ENOUGH = 2  # characters a letter, less one: 反话 is no term of three English words


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """What abbreviations stand for, both ways.

    Attributes:
        longs: Abbreviation -> what it stands for, in English and Chinese.
        shorts: The same backwards; English in lower case, spaces for its hyphens.
    """

    longs: Mapping[str, tuple[str, ...]]
    shorts: Mapping[str, tuple[str, ...]]

    def find_shortened(self, words: Sequence[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Give spans `first:last` of English words that have abbreviations, and these.

        The last word may be a plural.
        """
        plain = [word.casefold().replace("-", " ") for word in words]
        for first in range(len(plain)):
            for last in range(first + 1, min(first + LONGEST, len(plain)) + 1):
                phrase = " ".join(plain[first:last])
                short = self.shorts.get(phrase) or self.shorts.get(phrase.removesuffix("s"))
                if short:
                    yield first, last, short


@lru_cache(maxsize=2)
def list_abbreviations(glossary: Glossary) -> Abbreviations:
    """Return the abbreviations of a glossary and the known ones; made once, in half a second."""
    longs = _read_table(glossary.table, read_ranks()) | _read_known()
    shorts: dict[str, tuple[str, ...]] = {}
    for short, forms in longs.items():
        for form in forms:
            plain = form.casefold().replace("-", " ")
            shorts[plain] = (*shorts.get(plain, ()), short)
    return Abbreviations(longs, shorts)


def find_initials(words: Sequence[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Give spans `first:last` of three words and more with capitals, and their initials.

    Words such as "of" may stand between.
    """
    first = last = 0
    for n, word in enumerate([*words, ""]):
        if word[:1].isupper() and word[1:].islower():
            first = n if last == first else first
            last = n + 1
        elif word not in _SMALL:
            if last > first and 3 <= len(short := take_initials(words[first:last])) <= 5:
                yield first, last, (short,)
            first = last = n + 1


def take_initials(words: Iterable[str]) -> str:
    """The first letters in capitals, those of words such as "of" left out."""
    return "".join(word[0] for word in words if word not in _SMALL).upper()


def _read_known() -> dict[str, tuple[str, ...]]:
    rows = (line.split(": ") for line in _KNOWN.strip().splitlines())
    return {
        short: tuple(form.strip().replace("_", " ") for form in re.split(",", forms))
        for short, forms in rows
    }


def _read_table(
    table: Mapping[str, Sequence[str]], ranks: Mapping[str, int]
) -> dict[str, tuple[str, ...]]:
    """Abbreviation -> its one gloss and the words that have it, those met in news first."""
    found: dict[str, dict[str, list[str]]] = {}
    for word, glosses in table.items():
        if len(word) > 1 and glosses and _GLOSS.fullmatch(glosses[0]):
            parts = re.split("[ -]", glosses[0])
            short = take_initials(parts)
            if 3 <= len(short) <= 5 and parts[0] not in _SMALL and _is_term(word, parts, short):
                found.setdefault(short, {}).setdefault(glosses[0], []).append(word)
    longs = {}
    for short, words in found.items():
        common = [gloss for gloss in words if any(word in ranks for word in words[gloss])]
        chosen = common or list(words)
        if len(chosen) == 1:
            longs[short] = (chosen[0], *words[chosen[0]])
    return longs


def _is_term(word: str, parts: Sequence[str], short: str) -> bool:
    """Whether a gloss names something: all in capitals, or for a Chinese word about as long."""
    if all(part[0].isupper() for part in parts if part not in _SMALL):
        return True
    return all(part.islower() for part in parts) and len(word) >= _LONG_ENOUGH * len(short) - 1
