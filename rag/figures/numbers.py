"""Read numerals of Chinese and English text into exact decimals, and print them for a reader.

`13.5万`, `135,000` and `135 thousand` are one number. What stands around a numeral (units,
currencies, "over") belongs to `rag.figures.quantities`. All functions expect text that went through
`fold_characters`, which keeps every character's place.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, NamedTuple

from rag.types import Language

_MAX_NUMERAL = 40  # code points; a longer run of digits is an identifier, not a quantity

_FULL_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94) if chr(0x21 + n) not in ",!?:;()"}
_TRADITIONAL = dict(
    zip(
        "萬億兩圓點時個輛臺週號約過餘後間鐘歲種項幣歐鎊張條場雙級紀貳叁參陸園員與裏內從東",
        "万亿两元点时个辆台周号约过余后间钟岁种项币欧镑张条场双级纪贰叁叁陆园员与里内从东",
        strict=True,
    )
)
_FOLD = {
    **_FULL_WIDTH,
    **{ord(old): new for old, new in _TRADITIONAL.items()},
    **dict.fromkeys((0xA0, 0x2007, 0x2009, 0x202F, 0x3000), " "),
    ord("○"): "〇",
    ord("−"): "-",
    ord("‑"): "-",
    ord("’"): "'",
}


def fold_characters(text: str) -> str:
    """Fold full-width signs, odd spaces and a few traditional characters, one for one.

    The result has the length of `text`, so spans found in the one hold in the other.
    """
    return text.translate(_FOLD)


class Numeral(NamedTuple):
    """A numeral and its reading.

    Attributes:
        low: The number, or the low end of a pair such as `三四百`.
        high: The high end of such a pair, else None.
        scale: What the digits were multiplied by (`万`, `million`), 1 when nothing.
        over: Whether an infix says that it is more (`300多万`).
        style: Written in digits, in Chinese characters, or in English words.
    """

    start: int
    end: int
    low: Decimal
    high: Decimal | None
    scale: Decimal
    over: bool
    style: Literal["digits", "han", "words"]


_HAN_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")}
_HAN_DIGITS |= {"〇": 0, "两": 2}
_HAN_DIGITS |= {c: n for n, c in enumerate("壹贰叁肆伍陆柒捌玖", start=1)}
_HAN_SMALL = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_HAN_LARGE = {"万": 10**4, "亿": 10**8}
HAN_DIGIT = "".join(_HAN_DIGITS)
_HAN = HAN_DIGIT + "".join(_HAN_SMALL) + "".join(_HAN_LARGE)

_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: n for n, word in enumerate(_ONES + _TEENS, start=1)}
_WORDS |= {word: 10 * n for n, word in enumerate(_TENS, start=2)}
_POWERS = {
    "dozen": 12,
    "hundred": 100,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_LETTERS = {"k": 10**3, "mn": 10**6, "bn": 10**9, "tn": 10**12, "m": 10**6, "b": 10**9}

_BELOW_100 = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES)}))?|{'|'.join(_TEENS + _ONES)})"
_BELOW_1000 = rf"{_BELOW_100}(?: (?:hundred|dozen)\b(?: (?:and )?{_BELOW_100}\b)?)?"
_POWER = r"(?:hundred|dozen|thousand|million|billion|trillion)\b"
_SPELLED = (
    rf"(?:(?:half )?an? (?={_POWER})(?:{_POWER} ?)+"
    rf"|half an?(?= )"
    rf"|{_BELOW_1000}\b(?:(?: and a half)?(?: {_POWER})+(?: (?:and )?{_BELOW_1000}\b)?"
    rf"| and a half\b)*)"
)
# The look ahead only spares the engine the rest at most characters: a tenth of the time in Chinese
NUMERAL = re.compile(
    rf"(?=[0-9aefhnost半{_HAN}])(?:(?P<digits>[0-9]+(?:[.,][0-9]+)*)|(?P<han>[{_HAN}]+(?:点[{HAN_DIGIT}]+[万亿]?)?|半)"
    rf"|(?<![A-Za-z0-9_'])(?P<words>{_SPELLED}))",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?")
# 千米 is a unit and 百分点 a word, not a scale and something else
_HAN_SCALE = re.compile(
    r" ?(?P<infix>[多余几])?"
    r" ?(?P<scale>[十百千]?万亿|[十百千]?[万亿]|百(?![分帕])|千(?![米克瓦赫帕卡伏焦]))"
)
_HAN_REST = re.compile(
    r" ?(?P<digits>[0-9]+(?:\.[0-9]+)?) ?(?P<scale>[百千]?万|[百千])(?![米克分])"
)
_WORD_SCALE = re.compile(rf"[ -]?(?P<scale>{_POWER})(?:[ -]?(?P<more>{_POWER}))?", re.IGNORECASE)
_LETTER_SCALE = re.compile(
    r" ?(?P<scale>[mbt]n)(?![A-Za-z0-9])|(?P<letter>[kKMmBb])(?![A-Za-z0-9])"
)
_PAIR = re.compile(r"([一二两三四五六七八九])([一二三四五六七八九])(?=[十百千万亿]|$)")
_SCREENS = ("1", "2", "4", "5", "8", "16")  # 2K, 4K: widths of screens, not thousands


def read_numeral(text: str, match: re.Match[str], *, money: bool = False) -> Numeral | None:
    """Read what `NUMERAL` matched, with the scale behind it; None where it is no number.

    Args:
        text: The folded text that was matched.
        match: A match of `NUMERAL` in `text`.
        money: Whether a currency stands in front, which makes `5m` five million.
    """
    if match.end() - match.start() > _MAX_NUMERAL:
        return None
    if match["digits"] is not None:
        return _read_digits(text, match, money=money)
    if match["han"] is not None:
        return _read_han_at(match)
    low = _read_words(match["words"].lower())
    scale = Decimal(1) if low < 1000 else Decimal(10) ** (3 * ((low.adjusted()) // 3))
    end = match.start() + len(match["words"].rstrip())
    return Numeral(match.start(), end, low, None, scale, over=False, style="words")


def _read_digits(text: str, match: re.Match[str], *, money: bool) -> Numeral | None:
    digits = match["digits"]
    if not _DIGITS.fullmatch(digits):
        return None
    number, end, scale, over = Decimal(digits.replace(",", "")), match.end(), Decimal(1), False
    if han := _HAN_SCALE.match(text, end):
        scale, end, over = _han_scale(han["scale"]), han.end(), bool(han["infix"])
        number *= scale
        while (rest := _HAN_REST.match(text, end)) and _han_scale(rest["scale"]) < scale:
            number += Decimal(rest["digits"]) * _han_scale(rest["scale"])
            end = rest.end()
    elif word := _WORD_SCALE.match(text, end):
        scale, end = Decimal(_POWERS[word["scale"].lower()]), word.end()
        scale *= _POWERS[word["more"].lower()] if word["more"] else 1
        number *= scale
    elif (letter := _LETTER_SCALE.match(text, end)) and _letter_is_scale(letter, digits, money):
        scale, end = Decimal(_LETTERS[letter[0].strip().lower()]), letter.end()
        number *= scale
    return Numeral(match.start(), end, number, None, scale, over, "digits")


def _letter_is_scale(letter: re.Match[str], digits: str, money: bool) -> bool:
    if money or letter["scale"]:
        return True
    if letter["letter"] == "K":
        return digits not in _SCREENS
    return letter["letter"] in "kMB"  # a bare m is metres


def _han_scale(scale: str) -> Decimal:
    product = Decimal(1)
    for character in scale:
        product *= _HAN_SMALL.get(character) or _HAN_LARGE[character]
    return product


def _read_han_at(match: re.Match[str]) -> Numeral | None:
    han, high = match["han"], None
    if han == "半":
        low: Decimal | None = Decimal("0.5")
    elif "点" in han:
        low = _read_point(han)
    elif pair := _PAIR.search(han):
        low = read_han(han[: pair.start()] + pair[1] + han[pair.end() :])
        high = read_han(han[: pair.start()] + pair[2] + han[pair.end() :])
        if low is None or high is None or _HAN_DIGITS[pair[2]] != _HAN_DIGITS[pair[1]] + 1:
            return None
    else:
        low = read_han(han)
    if low is None:
        return None
    scale = Decimal(10**8 if han[-1] == "亿" else 10**4 if han[-1] == "万" else 1)
    return Numeral(match.start(), match.end(), low, high, scale, over=False, style="han")


def _read_point(han: str) -> Decimal | None:
    whole, _, places = han.partition("点")
    scale = _HAN_LARGE.get(places[-1], 1)
    units = read_han(whole)
    if units is None:
        return None
    digits = "".join(str(_HAN_DIGITS[c]) for c in places if c in _HAN_DIGITS)
    return (units + Decimal(f"0.{digits}")) * scale


def read_han(han: str) -> Decimal | None:
    """Read a Chinese numeral; None for a bare run of digits (`二〇二四`) or a bare scale (`百`)."""
    total = section = unit = 0  # unit: the last one seen
    digit: int | None = None
    zero = False
    for character in han:
        if character in _HAN_DIGITS:
            if digit is not None:
                return None
            digit, zero = (None, True) if character in "零〇" else (_HAN_DIGITS[character], zero)
            continue
        if character in _HAN_SMALL:
            if digit is None and (character not in "十拾" or 0 < unit < 100):
                return None
            unit = _HAN_SMALL[character]
            section += (1 if digit is None else digit) * unit
        else:
            unit = _HAN_LARGE[character]
            section += digit or 0
            total = total + section * unit if character == "万" else (total + section) * unit
            if not total:
                return None
            section = 0
        digit, zero = None, False
    if digit is not None:  # 三百五 is 350, 三百零五 is 305
        section += digit * (unit // 10 if unit >= 100 and not zero else 1)
    return Decimal(total + section) if total + section or han in ("零", "〇") else None


def _read_words(words: str) -> Decimal:
    total = current = Decimal(0)
    for word in re.split(r"[ -]+", words.strip()):
        if word in _POWERS:
            current = (current or Decimal(1)) * _POWERS[word]
            if _POWERS[word] > 100:
                total, current = total + current, Decimal(0)
        elif word not in ("a", "an", "and"):
            current += Decimal("0.5") if word == "half" else _WORDS[word]
    return total + current


def print_number(number: Decimal, language: Language) -> str:
    """Print a number exactly, the way the language writes it: `135,000`, `13.5万`.

    A scale word is used where at most four decimals remain (two before 万), else plain digits, in
    groups of three from 10,000 on; English groups always.
    """
    return print_numbers((number,), language)[0]


def print_numbers(numbers: tuple[Decimal, ...], language: Language) -> list[str]:
    """Print the ends of a range with the same scale word, as `print_number` does."""
    steps = _ZH_STEPS if language == "zh" else _EN_STEPS
    for power, word in steps:
        parts = [number.scaleb(-power) for number in numbers]
        places = 2 if word == "万" else 4
        fits = all(_places(part) <= places for part in parts)
        if fits and max(abs(part) for part in parts) >= 1 and min(abs(part) for part in parts) > 0:
            return [f"{_plain(part, grouped=language == 'en')}{word}" for part in parts]
    grouped = language == "en" or max(abs(number) for number in numbers) >= 10**4
    return [_plain(number, grouped=grouped) for number in numbers]


_ZH_STEPS = ((12, "万亿"), (8, "亿"), (4, "万"))
_EN_STEPS = ((12, " trillion"), (9, " billion"), (6, " million"))


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _plain(number: Decimal, *, grouped: bool) -> str:
    text = f"{number:,f}" if grouped else f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
