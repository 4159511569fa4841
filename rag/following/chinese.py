"""Complete a Chinese follow-up: `那 Pro 呢？`, `它有多长？`, `谁设计的？`, `谁说的？`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from embeddings.gloss import Glossary
from rag.following.across import ask_in_chinese
from rag.following.phrases import judge_run
from rag.following.pronouns_zh import replace_pronoun, stands_free
from rag.following.things import Thing, find_named, print_thing
from rag.following.turns import Turn
from rag.following.words_en import SUFFIXES
from rag.following.words_zh import (
    ASKING_ZH,
    ATTRIBUTES_ZH,
    BARE_ZH,
    MEASURES_ZH,
    POLITE_ZH,
    ROLES_ZH,
    SAID_ZH,
    STOP_ZH,
    VERBS_ZH,
)
from rag.terms import HAN
from rag.understand import read_question
from rag.values import find_values, format_value

LONGEST_QUOTE = 80  # characters of a quote that a question can hold; of a longer one, its words
MOST_WORDS = 8  # of a quote, where its words are asked with
LONGEST_PHRASE = 14  # characters before 呢 that name a thing


def complete_chinese(text: str, turn: Turn, glossary: Glossary) -> str | None:
    """Return the Chinese follow-up completed, or None where it stands alone.

    Args:
        text: Folded, without a mark at its end.
        turn: What it may borrow from.
        glossary: For the words of a turn in the other language.
    """
    if POLITE_ZH.fullmatch(text) or (not turn.quote and SAID_ZH.fullmatch(text)):
        return None
    lead = _LEAD.match(text)
    rest = text[lead.end() :].strip() if lead else text
    led = bool(lead and lead[0])
    for complete in _WAYS:
        completed = complete(rest, turn, glossary, led)
        if completed is not None:
            return f"{_space(completed).rstrip('?？ ')}？"
    return None


_LEAD = re.compile(
    r"(?:(?:那么|然后|还有|另外|以及|而且|请问|好的|嗯)[,，]?|"
    r"那[,，]|那(?=[\sA-Za-z])|那(?!个|些|里|儿|边|时|年|天|次|种|座|家|款|台|辆|位|本|条|是|有|么|张))*\s*"
)
_ASKS_ALONE = re.compile(r"呢$|呀$|啊$")


def _space(text: str) -> str:
    """Put a space between a Latin word and a Chinese one, and full-width commas, as it is set."""
    text = re.sub(rf"(?<=[{HAN}]),", "，", text)
    text = re.sub(rf"(?<=[A-Za-z0-9])(?=[{HAN}])", " ", text)
    text = re.sub(r"(\d) (?=[年月日号点万亿元个人岁])", r"\1", text)
    return re.sub(r" +", " ", re.sub(rf"(?<=[{HAN}])(?=[A-Za-z])", " ", text)).strip()


def _ask_about_statement(rest: str, turn: Turn, glossary: Glossary, led: bool) -> str | None:
    match = SAID_ZH.fullmatch(_ASKS_ALONE.sub("", rest))
    if match is None or not turn.quote:
        return None
    quote = read_question(turn.quote, glossary)
    words = " ".join(dict.fromkeys(concept.text for concept in quote.concepts[:MOST_WORDS]))
    shown = [words]
    if quote.language == "zh" and len(turn.quote) <= LONGEST_QUOTE:
        shown.insert(0, turn.quote.rstrip("。. "))
    questions = [f"“{said}”是{match['ask']}{match['said']}" for said in shown]
    wanted = read_question(f"{match['ask']}{match['said']}", glossary).asked
    fit = (q for q in questions if read_question(q, glossary).asked == wanted)
    return next(fit, questions[-1])


def _ask_bare(rest: str, turn: Turn, glossary: Glossary, led: bool) -> str | None:
    """`为什么？`, `多少钱？`: something else asked of what the turn before was about."""
    bare = re.sub(r"(?:呢|呀|啊)$", "", rest)
    if not turn.subjects:
        return None
    if MEASURES_ZH.fullmatch(bare):
        return f"{_show(turn.subjects[0], glossary)}{bare}"
    asked = next((asked for asked, form in BARE_ZH if form.fullmatch(bare)), None)
    if asked is None:
        return None
    old = _find_replaceable(turn) if turn.language == "zh" else None
    if old is None:
        return ask_in_chinese(turn, glossary, turn.things[:1], asked=asked)
    ask = re.sub("^(?:这|那)?是|(?:会?这样)$", "", bare)
    if ask in ("哪", "哪里", "哪儿"):
        ask = "在哪里"
    before, after = turn.text[: old.start()], turn.text[old.end() :].rstrip("?？ ")
    if asked == "reason":
        before, after = before.removesuffix("是"), after.removesuffix("的")
    elif old[0].startswith("是"):
        ask = f"是{ask}"
    return f"{before}{ask}{after}" if before else _ask_passive(ask, after, turn)


def _find_replaceable(turn: Turn) -> re.Match[str] | None:
    """The words of asking in whose place others can stand: when, where, who, why."""
    for match in ASKING_ZH.finditer(turn.text):
        if any(form.fullmatch(match[0]) for _, form in BARE_ZH):
            before, after = turn.text[: match.start()], turn.text[match.end() :].strip("?？ ")
            if after and (before or (turn.things and match.end() < turn.things[0].start)):
                return match
    return None


def _ask_passive(ask: str, after: str, turn: Turn) -> str:
    """`谁设计了大桥？`, then `什么时候？`: `大桥是什么时候设计的？`."""
    thing = turn.things[0]
    verb = after[: thing.start - turn.text.index(after)].removesuffix("了")
    if verb not in VERBS_ZH or not after.endswith(thing.text):
        return f"{ask}{after}"
    return f"{thing.text}{ask}{verb}" if "为" in ask else f"{thing.text}是{ask}{verb}的"


def _ask_same(rest: str, turn: Turn, glossary: Glossary, led: bool) -> str | None:
    """`北桥呢？`, `那 Pro 呢？`, `2023年呢？`: the same question of another thing."""
    phrase = re.sub(r"(?:的话|的)?(?:呢|怎么样|如何|又如何)?$", "", rest) if led else rest
    phrase = re.sub(r"(?:的话|的)?呢$", "", re.sub("^(?:对于?|关于|给|向|从)", "", phrase)).strip()
    led = led or rest.endswith("呢")
    if not phrase or ASKING_ZH.search(phrase) or len(phrase) > LONGEST_PHRASE:
        return None
    values = [value for value in find_values(phrase) if value.kind == "date"]
    if len(values) == 1 and values[0].text == re.sub("^在|的?时候$", "", phrase):
        return _put_date(values[0].text, turn, glossary)
    suffix = [word for word in phrase.split() if word.casefold() not in ("版", "款", "the")]
    if all(re.sub("[版款]$", "", word).casefold() in SUFFIXES for word in suffix):
        return _put_suffix([re.sub("[版款]$", "", word) for word in suffix], turn, glossary)
    named = find_named(phrase, glossary)
    if not led and not (named and named[0].kind == "identifier" and named[0].text == phrase):
        return None
    if _is_attribute(phrase, glossary) or re.match("[它他她其]", phrase):
        return None
    return _put_thing(phrase, named, turn, glossary)


def _put_date(date: str, turn: Turn, glossary: Glossary) -> str:
    if turn.language != "zh":
        return ask_in_chinese(turn, glossary, turn.things[:1], date=date)
    if not turn.dates:
        return f"{date}{turn.text}"
    old = turn.dates[-1]
    return f"{turn.text[: old.start]}{date}{turn.text[old.end :]}"


def _put_suffix(suffix: Sequence[str], turn: Turn, glossary: Glossary) -> str | None:
    models = [t for t in turn.things if t.kind == "identifier"]
    target = next(iter([*models, *(t for t in turn.things if t.kind == "name")]), None)
    if target is None:
        return None
    base = target.text.split()
    while len(base) > 1 and base[-1].casefold() in SUFFIXES:
        base.pop()
    return _replace_thing(target, " ".join([*base, *suffix]), turn, glossary)


def _put_thing(phrase: str, named: Sequence[Thing], turn: Turn, glossary: Glossary) -> str | None:
    bare = re.sub("^在|里$", "", phrase)
    kind = named[0].kind if named else judge_run(bare, glossary)
    target = next((t for t in turn.things if t.kind == kind), None)
    if phrase.startswith("在") or (kind == "place" and target is None and not bare.endswith("桥")):
        target = target if target is not None and kind == "place" else None
        if target is None and turn.language == "zh" and turn.things:
            at = turn.things[0].end
            return f"{turn.text[:at]}在{bare}{turn.text[at:]}"
    if target is None and turn.things:
        target = turn.things[0]
    if target is None:
        return None
    owner, owns, _ = target.text.rpartition("的")
    if owns and not named and kind == "person":  # 临河的市长, then 副市长
        bare = f"{owner}的{bare}"
    return _replace_thing(target, bare, turn, glossary)


def _replace_thing(target: Thing, phrase: str, turn: Turn, glossary: Glossary) -> str:
    if turn.language != "zh":
        shown = Thing(phrase, target.kind, target.start, target.end)
        return ask_in_chinese(turn, glossary, [shown])
    return f"{turn.text[: target.start]}{phrase}{turn.text[target.end :]}"


def _ask_attribute(rest: str, turn: Turn, glossary: Glossary, led: bool) -> str | None:
    """`价格呢？`, `馆长是谁？`, `谁设计的？`: of the thing that the turn before was about."""
    phrase = re.sub("呢$", "", rest)
    phrase = re.sub("^(?:它们?|他们?|她们?|其)的?(?=.)", "", phrase) if rest != phrase else phrase
    if not turn.subjects or find_named(phrase, glossary) or re.search("[它他她其这那该此]", phrase):
        return None
    thing = next((t for t in turn.subjects if t.kind != "person"), turn.subjects[0])
    shown = _show(thing, glossary)
    asking = ASKING_ZH.search(phrase)
    topic = re.sub("(?:是|有|为|叫|在)$", "", phrase[: asking.start()] if asking else phrase)
    if topic and _is_attribute(topic, glossary):
        if asking is None and not (led or rest != phrase or topic in ATTRIBUTES_ZH):
            return None
        return f"{shown}的{phrase}" if asking else _ask_value(f"{shown}的{topic}", topic, glossary)
    return f"{shown}{phrase}" if asking and _lacks_subject(phrase, asking, glossary) else None


def _ask_value(phrase: str, topic: str, glossary: Glossary) -> str:
    if ROLES_ZH.search(topic):
        return f"{phrase}是谁"
    asked = read_question(topic, glossary).asked
    if asked == "date":
        return f"{phrase}是什么时候"
    return f"{phrase}是{'什么' if asked in ('other', 'place') else '多少'}"


def _is_attribute(phrase: str, glossary: Glossary) -> bool:
    words = [w.text for w in glossary.find_words(phrase) if w.text != "的"]
    role = ROLES_ZH.fullmatch(phrase)
    known = phrase in ATTRIBUTES_ZH or all(word in ATTRIBUTES_ZH | VERBS_ZH for word in words)
    return role is not None or (bool(words) and known and words[-1] in ATTRIBUTES_ZH)


def _lacks_subject(phrase: str, asking: re.Match[str], glossary: Glossary) -> bool:
    """Whether all that stands beside the words of asking is a verb: `谁设计的`, `建于哪年`."""
    if re.search("是什么$|^什么是|^谁是|^哪|^什么[^时]", phrase):
        return False
    around = f"{phrase[: asking.start()]} {phrase[asking.end() :]}"
    around = around.replace("了", " ")
    for value in find_values(around):
        if value.kind == "date":
            around = around.replace(value.text, " ")
    words = [w.text for w in glossary.find_words(around) if w.text not in STOP_ZH]
    if re.search("[A-Za-z0-9]", around) or len(words) > 1:
        return False
    counted = phrase.startswith(("有", "一共有", "还有"))
    return all(word in VERBS_ZH or counted for word in words) and bool(words)


def _show(thing: Thing, glossary: Glossary) -> str:
    return print_thing(thing, "zh", glossary)


_THEN = re.compile("当时|那时候?|那一?年|同年")


def _replace_then(rest: str, turn: Turn, glossary: Glossary, led: bool) -> str | None:
    match = _THEN.search(rest)
    dates = turn.dates or turn.answered_dates
    if match is None or not dates or not stands_free(rest[: match.start()], glossary):
        return None
    date = dates[0].text if turn.language == "zh" else format_value(dates[0], "zh")
    plain = f"{rest[: match.start()]}{rest[match.end() :]}"
    completed = _ask_attribute(plain, turn, glossary, False)
    if completed is not None:
        return f"{date}{completed}"
    return f"{rest[: match.start()]}{date}{rest[match.end() :]}"


_Way = Callable[[str, Turn, Glossary, bool], str | None]
_WAYS: tuple[_Way, ...] = (
    _ask_about_statement,
    _ask_bare,
    _ask_attribute,
    _ask_same,
    lambda rest, turn, glossary, led: replace_pronoun(rest, turn, glossary),
    _replace_then,
)
