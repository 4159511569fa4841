"""Each kind of question is told apart in English and Chinese, in whatever dress it comes."""

from __future__ import annotations

import pytest

from embeddings.gloss import Glossary
from rag.understand import read_question

# A line a kind: all questions of it, with " | " between.
QUESTIONS = """
list | Which countries export tea? | what cities are on the river
list | Name the three bridges of Linhe | Name a museum in Linhe. | List the stations of the tram
list | list all ferries | list of bridges | What are the three parts of the hall?
list | What are the main exhibits? | what two rooms are open
list | Which rooms does the hall have, and which floors? | Could you list the stations?
list | What are some of the rules? | What other towns are served? | WHICH TOWNS ARE SERVED
list | What kinds of tea are sold? | in which towns are the plants
list | Ｗｈｉｃｈ towns are served？ | Can you name the stations?
list | The hall is open on which floors? | 博物馆有哪些展品？ | 有哪些展品 | 大桥连接哪些街道？
list | 列出所有车站 | 展览包括什么？ | 套餐包含什么 | 列舉三種茶 | 博物館有哪些展品
list | 大桥的三个部分是什么？ | 三个部分分别是什么 | 哪几种茶 | 哪兩種茶最貴 | 请列出所有车站
list | K2有哪些颜色 | K2 有哪些 features? | 车站名单
definition | What is a tram? | what is an aqueduct | What is septicemia | what's a tram?
definition | WHAT IS A TRAM | What are trams? | What does NTA stand for? | what does tram mean
definition | Define tram. | definition of tram | tram definition | What is the meaning of tram?
definition | tram meaning | Who is Ann Reed? | who was ann reed | Who's Ann Reed?
definition | What is the Linhe Tea Fair? | Ｗｈａｔ is a tram？ | What does 电车 mean?
definition | What is 临河茶会? | 什么是电车？ | 什麼是電車 | 电车是什么？ | 电车是什么意思？
definition | 電車是什麼意思 | 电车的定义是什么 | 何谓电车？ | 周敏是谁？ | 周敏是谁
definition | 周敏是什么人？ | Ann Reed是谁？ | NTA是什么 | NTA 是什么？ | NTA代表什么意思
definition | NTA指的是什么？ | 什么叫电车？ | 啥是电车 | 电车是啥 | 电车的意思 | 电车 定义
definition | tram是什么意思 | ＮＴＡ是什么？
product | Which phone has the biggest screen? | which model is the cheapest
product | What app sells the tickets? | What device measures the depth?
product | Which product was recalled? | WHICH MODEL IS THE CHEAPEST
product | which camera did the mayor buy | Ｗｈｉｃｈ phone is the lightest？ | 哪款手机最轻？
product | 哪个型号最便宜 | 博物馆推出了什么产品？ | 哪款最贵 | 哪個型號最便宜 | 市长用什么手机
product | 哪一款相机最轻 | 哪种设备能测深度 | 用什么软件购票？ | 哪款phone最轻
product | Which version runs on it? | What operating system does it use? | 它用什么芯片？
product | Which level of automation does it reach? | 达到哪个级别？ | 它是哪个版本的？
date | 大桥在哪年建成？ | 馆长在哪天出生？
date | X7 什么时候发布? | X7 什麼時候發佈？ | X7何時發佈 | Ｗｈｅｎ was it built？
date | x7 launch date | X7 LAUNCH DATE | X7 上市时间 | X7上市時間 | x7发布日期
date | WHEN WAS THE X7 LAUNCHED | X7 launch 时间 | when 发布 X7 | X7 哪年 launch | 几号 launch X7
date | x7 release date? | date of the launch | ｘ７　上市时间 | X7 啥时候出
date | when does x7 come out | X7 的 launch date | 发布日期 X7 | X7 发布 date
time | what time does it close | WHAT TIME DOES IT CLOSE | 几点关门 | 博物館幾點關門
time | X7 发布会几点开始 | museum opening hours | Ｗｈａｔ time does it close？
time | 发布会几点 start
money | X7 价格 | X7 價格 | x7 price | X7 PRICE | X7多少钱 | X7 多少錢？ | X7 售价？
money | how expensive is the x7 | ｘ７价格 | X7 的 price 是多少 | X7 price 是多少 | X7 卖多少钱
money | 价格 X7 | X7 的 price | X7 价格 多少 | X7 price 多少 | X7 啥价 | cost of the x7
number | how many seats | HOW MANY SEATS | 有多少座位 | X7 有幾個座位 | 最高时速多少
number | X7 top speed | X7 续航多少 | ｈｏｗ ｍａｎｙ seats？ | number of seats
number | How long is the Linhe Bridge? | how long is 临河大桥? | How long is Linhe Bridge?
duration | HOW LONG IS IT | how long is it? | How long is Ann Reed staying?
number | X7 有多少个 seats | X7 交付量 | X7 weight
share | market share of X7 | X7 市场份额 | X7 市場份額是多少 | what percentage is exported
share | 出口占百分之几 | MARKET SHARE OF X7 | X7 的 market share 是多少
duration | how long does delivery take | HOW LONG DOES DELIVERY TAKE | 交付要多久 | 交付週期
duration | X7 交付周期多久 | X7 delivery time | X7 的 delivery 要多久 | 等多長時間
person | who built the bridge | WHO BUILT THE BRIDGE | 谁修了大桥 | 誰修了大橋 | 馆长是谁
person | 館長是誰 | X7 是谁设计的 | who designed 临河大桥 | X7 的 designer 是谁
person | Ｗｈｏ built it？ | who is Linhe's mayor | who is mayor of Linhe
person | Who was the hall named after? | Who is Reed Hall named after? | 冠军是谁
organization | which company built it | WHICH COMPANY BUILT IT | 哪家公司修了大桥
organization | 哪家公司修了大橋 | 由哪家 supplier 供应 | Ｗｈｉｃｈ company built it？
organization | 哪個品牌最貴
place | where is the museum | WHERE IS THE MUSEUM | 博物馆在哪里 | 博物館在哪裡？
place | X7 在哪里 built | 工廠位於何處 | Ｗｈｅｒｅ is it？ | X7 在哪儿生产
reason | why was it closed | WHY WAS IT CLOSED | 为什么关闭 | 為什麼關閉 | X7 为什么 delayed
reason | 為何停航 | Ｗｈｙ？
yesno | is the museum open | IS THE MUSEUM OPEN | 博物馆开门吗 | 博物館開門嗎？ | X7 发布了吗
yesno | X7 是否 launched | Ｉｓ it open？ | Can I pay by card? | can you park there
money | how much is the x7 | HOW MUCH IS THE X7 | Ｈｏｗ ｍｕｃｈ is it？
other | What is X7 known for? | What is the capital of Linhe? | What is the name of the river?
other | What is one way to cook tea? | What is the theme of the fair? | what is it made of
other | 展览的主题是什么 | 展览主题是什么 | 球水母不是什么 | 什么是展览的主题 | 手指什么颜色
other | 那本书叫什么名字 | Tell me about the museum | Could you tell me about the museum?
other | What surrounds the hall? | What process is used there? | What party rules in Linhe?
other | What do trams carry? | What are the boards on the roof called? | Which door is open?
other | 介绍一下博物馆
"""


def list_cases() -> list[tuple[str, str]]:
    rows = [line.split(" | ") for line in QUESTIONS.strip().splitlines()]
    return [(question, kind) for kind, *questions in rows for question in questions]


@pytest.mark.parametrize(("question", "kind"), list_cases())
def test_a_kind_is_known_in_any_dress(question: str, kind: str, glossary: Glossary) -> None:
    assert read_question(question, glossary).asked == kind


@pytest.mark.parametrize(
    ("question", "concepts"),
    [
        ("Name a museum in Linhe.", ["museum", "Linhe"]),
        ("Which towns are served?", ["towns", "served"]),
        ("What does NTA stand for?", ["NTA"]),
        ("What is DECnet?", ["DECnet"]),
        ("Which phone is the lightest?", ["phone", "lightest"]),
        ("电车是什么意思？", ["电车"]),
        ("铁路设有哪些车站？", ["铁路", "设有", "车站"]),
        ("展览包括什么？", ["展览", "包括"]),
        ("哪款手机最轻？", ["手机", "轻"]),
    ],
)
def test_the_words_that_ask_are_no_evidence(
    question: str, concepts: list[str], glossary: Glossary
) -> None:
    assert [c.text for c in read_question(question, glossary).concepts] == concepts


def test_a_question_for_a_value_outweighs_one_for_a_list(glossary: Glossary) -> None:
    read = read_question("Which bridges are open, and when were they built?", glossary)

    assert read.asked == "date"


def test_a_name_that_follows_the_words_of_asking_stays_a_name(glossary: Glossary) -> None:
    """Cutting "What is" made the name the first word, whose capital says nothing."""
    (concept,) = read_question("What is Septerra?", glossary).concepts

    assert concept.kind == "name"
