"""A follow-up is completed from the turn before, and a question that stands alone is left alone."""

from __future__ import annotations

import pytest

from embeddings.gloss import Glossary
from rag.follow import complete_question
from rag.language import detect_language
from rag.types import Answer, Document
from rag.understand import read_question
from tests.fakes import make_answer, make_refusal

QUOTE_EN = "Ann Reed said the north bridge will stay closed."
QUOTE_ZH = "周敏表示，大桥将继续关闭。"

# A line a dialogue: the question before; what was answered (nothing: refused); the follow-up; as it
# is searched for ("=": as it is).
DIALOGUES = """
# the same question of another thing
When did the X7 open? | May 18, 2021 | and the Pro? | When did the X7 Pro open?
When did the X7 open? | May 18, 2021 | and for the Pro? | When did the X7 Pro open?
When did the X7 Pro open? | May 18, 2021 | what about the Max | When did the X7 Max open?
When did the X7 open? | 2021 | what about the north bridge? | When did the north bridge open?
When did the X7 launch? | 2021 | and the X9? | When did the X9 launch?
When did the X7 launch? | 2021 | X9? | When did the X9 launch?
When did the X7 launch? | 2021 | and in Europe? | When did the X7 launch in Europe?
When did the X7 launch? | 2021 | how about Ｅｕｒｏｐｅ？ | When did the X7 launch in Europe?
What is the price of the X7? | $300 | and the X9? | What is the price of the X9?
How many visitors came in 2022? | 4,000 | how about 2023? | How many visitors came in 2023?
How many visitors came? | 4,000 | and in 2023? | How many visitors came in 2023?
How many visitors came in 2022? | 4,000 | in 2023? | How many visitors came in 2023?
How much did sales fall in 2023? | 5% | what about last year? | How much did sales fall last year?
How long is the north bridge? | 3 km | And the south bridge? | How long is the south bridge?
What is the top speed of the ferry? | 40 km/h | and the train? | What is the top speed of the train?
How many people live in Linhe? | 90,000 | what about Westport? | How many people live in Westport?
When did Ann Reed join Lark Motors? | 2010 | and Ben Stone? | When did Ben Stone join Lark Motors?
Who is the mayor of Linhe? | Ann Reed | and the deputy mayor? | Who is the deputy mayor of Linhe?
when did the linhe bridge open? | 2021 | what about the salt tower? | when did the salt tower open?
临河大桥是什么时候通车的？ | 2021年 | 那北桥呢？ | 北桥是什么时候通车的？
临河大桥是什么时候通车的？ | 2021年 | 北桥呢 | 北桥是什么时候通车的？
X7什么时候上市？ | 2021年 | 那 Pro 呢? | X7 Pro 什么时候上市？
X7什么时候上市？ | 2021年 | X9呢？ | X9 什么时候上市？
X7什么时候上市？ | 2021年 | X9? | X9 什么时候上市？
X7 Pro多少钱？ | 3000元 | Ｍａｘ呢？ | X7 Max 多少钱？
X7什么时候上市？ | 2021年 | 在欧洲呢？ | X7 在欧洲什么时候上市？
博物馆2022年有多少游客？ | 4000人 | 2023年呢? | 博物馆2023年有多少游客？
博物馆有多少游客？ | 4000人 | 那2023年呢? | 2023年博物馆有多少游客？
云海公司2023年营收是多少？ | 5亿元 | 那去年呢？ | 云海公司去年营收是多少？
云海公司2023年营收是多少？ | 5亿元 | 星河公司呢？ | 星河公司2023年营收是多少？
谁设计了临河大桥？ | 王化 | 那盐业博物馆呢？ | 谁设计了盐业博物馆？
北京有多少座博物馆？ | 100座 | 那上海呢？ | 上海有多少座博物馆？
周敏在哪里出生？ | 临河 | 那王化呢？ | 王化在哪里出生？
临河的市长是谁？ | 周敏 | 那副市长呢？ | 临河的副市长是谁？
# something else of the same thing
When did the X7 open? | 2021 | and the price? | what is the price of the X7?
When did the X7 open? | 2021 | What's its price? | What's the X7’s price?
When did the X7 open? | 2021 | how much? | how much is the X7?
When did the X7 open? | 2021 | where? | where did the X7 open?
When did the X7 open? | 2021 | and why? | why did the X7 open?
How long is the tunnel? | 3 km | and how wide? | how wide is the tunnel?
Did the museum close? | Yes | when? | when did the museum close?
Who designed the Linhe Bridge? | Wang Hua | when? | when was the Linhe Bridge designed?
When was the bridge built? | 2021 | who? | by whom was the bridge built?
Where is the Salt Museum? | Linhe | who is the director? | who is the director of the Salt Museum?
Where is the Salt Museum? | Linhe | opening hours? | what are the opening hours of the Salt Museum?
Who is the mayor of Linhe? | Ann Reed | what is the population? | what is the population of Linhe?
X7什么时候上市？ | 2021年 | 那价格呢? | X7 的价格是多少？
X7什么时候上市？ | 2021年 | 多少钱? | X7 多少钱？
X7什么时候上市？ | 2021年 | 價格是多少？ | X7 的价格是多少？
临河大桥是什么时候通车的？ | 2021年 | 造价呢？ | 临河大桥的造价是多少？
临河大桥是什么时候通车的？ | 2021年 | 为什么？ | 临河大桥为什么通车？
临河大桥是什么时候通车的？ | 2021年 | 在哪里？ | 临河大桥是在哪里通车的？
临河大桥是什么时候通车的？ | 2021年 | 是谁设计的？ | 临河大桥是谁设计的？
临河大桥是什么时候通车的？ | 2021年 | 誰設計的？ | 临河大桥谁设计的？
临河大桥是什么时候通车的？ | 2021年 | 花了多少钱？ | 临河大桥花了多少钱？
临河大桥是什么时候通车的？ | 2021年 | 设计师是谁？ | 临河大桥的设计师是谁？
谁设计了临河大桥？ | 王化 | 有多长？ | 临河大桥有多长？
谁设计了临河大桥？ | 王化 | 什么时候？ | 临河大桥是什么时候设计的？
云海公司什么时候成立？ | 2001年 | 有多少员工？ | 云海公司有多少员工？
云海公司什么时候成立？ | 2001年 | 总部在哪里？ | 云海公司的总部在哪里？
盐业博物馆在哪里？ | 临河 | 几点关门？ | 盐业博物馆几点关门？
盐业博物馆在哪里？ | 临河 | 有停车场吗？ | 盐业博物馆有停车场吗？
渡轮为什么停航？ | 大风 | 什么时候恢复？ | 渡轮什么时候恢复？
# pronouns
When did the X7 open? | 2021 | how much is it? | how much is the X7?
When did the X7 open? | 2021 | who sells it in Berlin? | who sells the X7 in Berlin?
When did the X7 open? | 2021 | what do critics say about it? | what do critics say about the X7?
Where is the Salt Museum? | Linhe | what is its age? | what is the Salt Museum’s age?
Where is the Salt Museum? | Linhe | is it open on Mondays? | is the Salt Museum open on Mondays?
Where is the Salt Museum? | Linhe | how many people live there? | how many people live in Linhe?
Where is the Salt Museum? | Linhe | When does the museum open? | When does the Salt Museum open?
Who designed the Linhe Bridge? | Wang Hua | where was she born? | where was Wang Hua born?
Who designed the Linhe Bridge? | Wang Hua | how long is it? | how long is the Linhe Bridge?
How tall is the tower in Linhe? | 40 m | Can I visit it? | Can I visit the tower in Linhe?
When did Ann Reed join Lark Motors? | 2010 | and why did she leave? | why did Ann Reed leave?
When did Ann Reed join Lark Motors? | 2010 | where is the company? | where is Lark Motors?
When did Ann Reed join Lark Motors? | 2010 | what did they sell? | what did Lark Motors sell?
Which company built the bridge? | Lark Motors | how old is the company? | how old is Lark Motors?
Which phone has the biggest screen? | X9 Max | how much does it cost? | how much does X9 Max cost?
When did the museum open in 2021? | May | who was the director then? | who was the director in 2021?
临河大桥是什么时候通车的？ | 2021年 | 它有多长？ | 临河大桥有多长？
临河大桥是什么时候通车的？ | 2021年 | 这座桥有多长？ | 临河大桥有多长？
博物馆的馆长是谁？ | 王化 | 他多大年纪？ | 王化多大年纪？
博物馆的馆长是谁？ | 王化 | 那里有多少展品？ | 博物馆有多少展品？
谁设计了临河大桥？ | 王化 | 她在哪里出生？ | 王化在哪里出生？
周敏在哪里出生？ | 临河 | 那里有多少人？ | 临河有多少人？
云海公司什么时候成立？ | 2001年 | 该公司有多少员工？ | 云海公司有多少员工？
云海公司什么时候成立？ | 2001年 | 其总部在哪里？ | 云海公司总部在哪里？
云海公司2001年卖了什么？ | 茶 | 当时有多少员工？ | 2001年云海公司有多少员工？
X7和X9哪个贵？ | X9 | 它什么时候上市？ | X9 什么时候上市？
盐业博物館在哪裡？ | 臨河 | 它有多大？ | 盐业博物馆有多大？
# after a refusal
When did the X7 open? | | how much is it? | how much is the X7?
Who is the mayor of Linhe? | | how old is he? | how old is the mayor of Linhe?
博物馆的馆长是谁？ | | 他多大年纪？ | 博物馆的馆长多大年纪？
X7的电池容量是多少？ | | 重量呢？ | X7 的重量是多少？
# from one language to the other
临河大桥是什么时候通车的？ | 2021年 | how long is it? | how long is 临河大桥?
谁设计了大桥？ | 王化 | where was he born? | where was 王化 born?
博物馆什么时候开放？ | 2021年 | who is the director? | who is the director of the museum?
X7什么时候上市？ | 2021年 | and the Pro? | X7 Pro launch: when?
X7什么时候上市？ | 2021年 | why? | X7 launch: why?
云海公司2023年营收是多少？ | 5亿元 | and in 2022? | 云海公司 revenue in 2022: how much money?
云海公司2023年营收是多少？ | 5亿元 | who founded it? | who founded 云海公司?
When did the X7 launch? | 2021 | 那 Pro 呢? | X7 Pro 上市是什么时候？
When did the X7 launch? | 2021 | 多少钱？ | X7 多少钱？
When did the X7 launch? | 2021 | 价格呢？ | X7 的价格是多少？
When did the X7 launch? | 2021 | 为什么？ | X7 为什么上市？
When did the museum open? | 2021 | 它在哪里？ | 博物馆在哪里？
How many visitors came to the museum in 2022? | 4 | 2023年呢？ | 2023年博物馆有多少游客？
Who designed the Linhe Bridge? | Wang Hua (王化) | 他在哪里出生？ | 王化在哪里出生？
谁设计了临河大桥？ | Wang Hua (王化) | where was she born? | where was Wang Hua born?
Who is the mayor of Linhe? | Ann Reed | 那 Westport 呢？ | Westport 的市长是谁？
# standing alone
When did the X7 open? | 2021 | Who founded Lark Motors? | =
When did the X7 open? | 2021 | is there a bridge in Westport? | =
When did the X7 open? | 2021 | how many bridges are there? | =
When did the X7 open? | 2021 | is it true that the north bridge closed? | =
When did the X7 open? | 2021 | How long does it take to build a bridge? | =
When did the X7 open? | 2021 | Why did Ann Reed sell her house? | =
When did the X7 open? | 2021 | When did the ferry lose its captain? | =
When did the X7 open? | 2021 | did he say that the bridge will open? | =
When did the X7 open? | 2021 | What is the ticket price? | =
When did the X7 open? | 2021 | Kestrel X2 price? | =
When did the X7 open? | 2021 | Which university has its origins in a school? | =
When did the X7 open? | 2021 | and then? | =
When did the X7 open? | 2021 | ok thanks | =
When did the X7 open? | 2021 | and thank you! | =
When did the X7 open? | 2021 | 你好 | =
临河大桥是什么时候通车的？ | 2021年 | 盐业博物馆什么时候开放？ | =
临河大桥是什么时候通车的？ | 2021年 | 谁发明了茶？ | =
临河大桥是什么时候通车的？ | 2021年 | 什么是电车？ | =
临河大桥是什么时候通车的？ | 2021年 | 周敏什么时候卖了他的房子？ | =
临河大桥是什么时候通车的？ | 2021年 | 门票多少钱？ | =
临河大桥是什么时候通车的？ | 2021年 | 好的，谢谢 | =
临河大桥是什么时候通车的？ | 2021年 | 那好吧 | =
"""


def read_dialogues() -> list[tuple[str, str, str, str]]:
    lines = [line for line in DIALOGUES.strip().splitlines() if not line.startswith("#")]
    rows = []
    for line in lines:
        question, said, text, expected = (part.strip() for part in line.split(" |"))
        rows.append((question, said, text, text if expected == "=" else expected))
    return rows


def answer_with(question: str, said: str, quote: str = "") -> Answer:
    """An answer that says `said`, as a document does; or a refusal where it is empty."""
    if not said:
        return make_refusal(question)
    language = detect_language(question)
    text = quote or said
    document = Document("notes.txt", "Notes", text, "notes.txt", detect_language(text))
    return make_answer(question, language, (said, ((document, text),)))


@pytest.mark.parametrize(("question", "said", "text", "expected"), read_dialogues())
def test_a_follow_up_is_completed_and_other_questions_are_not(
    question: str, said: str, text: str, expected: str, glossary: Glossary
) -> None:
    assert complete_question(text, answer_with(question, said), glossary) == expected


@pytest.mark.parametrize(
    ("question", "said", "text", "asked", "concepts"),
    [
        ("When did the X7 open?", "2021", "and the Pro?", "date", {"X7", "Pro", "open"}),
        ("When did the X7 open?", "2021", "the price?", "money", {"X7", "price"}),
        ("Who designed the Linhe Bridge?", "Wang Hua", "when?", "date",
         {"Linhe", "Bridge", "designed"}),
        ("Who built the bridge?", "Ann Reed", "where was she born?", "place",
         {"Ann", "Reed", "born"}),
        ("X7什么时候上市？", "2021年", "那 Pro 呢?", "date", {"X7", "Pro", "上市"}),
        ("X7什么时候上市？", "2021年", "多少钱？", "money", {"X7"}),
        ("X7什么时候上市？", "2021年", "and the Pro?", "date", {"X7", "Pro", "launch"}),
        ("When did the X7 launch?", "2021", "那 Pro 呢?", "date", {"X7", "Pro", "上市"}),
        ("谁设计了大桥？", "王化", "什么时候？", "date", {"大桥", "设计"}),
        ("博物馆有多少游客？", "4000人", "馆长是谁？", "person", {"博物馆", "馆长"}),
    ],
)  # fmt: skip
def test_a_completed_question_asks_for_what_was_meant(
    question: str, said: str, text: str, asked: str, concepts: set[str], glossary: Glossary
) -> None:
    completed = complete_question(text, answer_with(question, said), glossary)
    read = read_question(completed, glossary)

    assert read.asked == asked
    assert {concept.text for concept in read.concepts} == concepts
    assert read.language == detect_language(text)


@pytest.mark.parametrize(
    ("quote", "text", "expected"),
    [
        (QUOTE_EN, "who said that?", f"who said “{QUOTE_EN[:-1]}”?"),
        (QUOTE_EN, "and when was that?", f"when was this: “{QUOTE_EN[:-1]}”?"),
        (QUOTE_ZH, "谁说的？", f"“{QUOTE_ZH[:-1]}”是谁说的？"),
        (QUOTE_ZH, "这话是谁说的？", f"“{QUOTE_ZH[:-1]}”是谁说的？"),
        (QUOTE_ZH, "那是什么时候的事？", f"“{QUOTE_ZH[:-1]}”是什么时候的事？"),
    ],
)
def test_what_was_said_last_can_be_asked_about(
    quote: str, text: str, expected: str, glossary: Glossary
) -> None:
    previous = answer_with("When will the bridge open?", "2025", quote)

    assert complete_question(text, previous, glossary) == expected


@pytest.mark.parametrize(
    ("quote", "text", "asked", "language"),
    [
        (QUOTE_ZH, "who said that?", "person", "en"),
        (QUOTE_EN, "谁说的？", "person", "zh"),
        (QUOTE_ZH, "when was that?", "date", "en"),
        (QUOTE_EN * 9, "who said this?", "person", "en"),
    ],
)
def test_a_quote_in_the_other_language_lends_its_words(
    quote: str, text: str, asked: str, language: str, glossary: Glossary
) -> None:
    previous = answer_with("When will the bridge open?", "2025", quote)
    read = read_question(complete_question(text, previous, glossary), glossary)
    stems = {term for concept in read.concepts for term in concept.terms}

    assert (read.asked, read.language) == (asked, language)
    assert {"bridg", "close"} <= stems


def test_after_a_refusal_nobody_said_anything(glossary: Glossary) -> None:
    previous = make_refusal("When will the bridge open?")

    assert complete_question("who said that?", previous, glossary) == "who said that?"


def test_turns_make_a_chain(glossary: Glossary) -> None:
    """Each turn lends the question as it was completed, not as it was typed."""
    first = complete_question(
        "and the Pro?", answer_with("When did the X7 open?", "2021"), glossary
    )
    second = complete_question("how much is it?", answer_with(first, "2022"), glossary)
    third = complete_question("那 Max 呢？", answer_with(second, "$300"), glossary)

    assert second == "how much is the X7 Pro?"
    assert third == "X7 Max 多少钱？"


def test_the_completed_question_of_the_turn_before_is_the_one_that_lends(
    glossary: Glossary,
) -> None:
    typed = Answer("and the Pro?", "en", (), (), (), found=False, refusal="They do not say.",
                   rewritten="When did the X7 Pro open?")  # fmt: skip

    assert complete_question("where?", typed, glossary) == "where did the X7 Pro open?"


@pytest.mark.parametrize("text", ["  and the Pro? ", "它有多长？", "who said that?"])
def test_the_first_turn_is_left_as_it_is(text: str, glossary: Glossary) -> None:
    assert complete_question(text, None, glossary) == text.strip()


@pytest.mark.parametrize(
    "text", ["", " ", "?", "。", "😀", "\u200b", "\ud800", "呢", "那", "and", "it"]
)
def test_any_text_can_follow_any(text: str, glossary: Glossary) -> None:
    for question in ("", "?", "呢？", "When did the X7 open?", "谁", "the", "\ud800"):
        assert isinstance(complete_question(text, answer_with(question, "x"), glossary), str)


@pytest.mark.parametrize(
    "text", ["that the it " * 9, "他的这座" * 20, "好的" * 59, "goodbye" * 17, "the the " * 14]
)
def test_a_tangle_is_read_without_a_runaway(text: str, glossary: Glossary) -> None:
    for question in ("the of " * 150, "谁的" * 400, "When did " + "A1 " * 300):
        assert complete_question(text, answer_with(question, "x"), glossary)
