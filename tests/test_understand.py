"""What a question asks for is read from its words, in English and Chinese, however it is put."""

from __future__ import annotations

import pytest

from embeddings.gloss import Glossary
from rag.understand import Question, read_question

# A line a question: what it asks for, then, where the question tells it, the unit counted and
# after "/" the base units measured in; then the question.
QUESTIONS = """
date | when did the bridge open?
date | When was the museum founded
date | bridge opening date
date | opening date of the bridge?
date | What date did the ferry sink?
date | On which day does the fair begin?
date | In what year was the canal dug?
date | Since which year has Ann Reed led the museum?
date | In which month will the Kestrel X2 be sold?
date | what year did the war end
date | How long ago did the factory close?
date | Could you please tell me when the tram will start running?
date | Do you know the date of the next eclipse?
date | What was the release date of the Kestrel X2?
date | Until when is the exhibition open?
date | 大桥什么时候通车？
date | 大桥是何时通车的
date | 博物馆哪一年成立？
date | 博物馆是哪年建成的
date | 展览从哪天开始？
date | 新车几月上市
date | 发布会是几月几号？
date | 通车时间
date | 大桥通车日期？
date | 大桥的通车时间是？
date | 博物馆成立於哪一年？
date | 大橋是什麼時候通車的？
date | 請問博物館什麼時候開放？
date | Ｋ２什么时候上市？
date | K2 launch date 是什么时候
date | 想问一下渡轮啥时候恢复
date | 展览到什么时候结束
date | 工厂是在哪个月投产的？
date | 会议在星期几举行？
date | WHEN DID THE BRIDGE OPEN
date | Ｗｈｅｎ did the bridge open？
date | bridge 什么时候 open
date | 哪一年 the museum 成立
time | What time does the museum close?
time | At what time did the train leave?
time | opening hours?
time | 博物馆几点关门？
time | 火车几点钟出发
time | 博物馆的开放时间是几点到几点
duration | How long did it take to build the bridge?
duration | How long does the trip last?
duration week | How many weeks does delivery take?
duration year | How many years did the restoration take?
duration day | for how many days was the road closed?
duration | What is the waiting time for the Kestrel X2?
duration | delivery time of the Kestrel
duration | 修桥花了多长时间？
duration | 修复用了多久
duration year | 大桥建了几年？
duration week | 交付要等多少周？
duration month | 提车要等几个月
duration day | 展览持续多少天？
duration | K2的交付周期是多少？
duration | 交付周期
duration | 工期多长？
duration | 保修期是多久
share | What percentage of the tea is exported?
share | By what percentage did sales fall?
share | What percent of people voted?
share | what proportion of the bread is salt
share | What was the gross margin in Q3?
share | market share of Lark Motors
share | How fast did sales grow?
share | 出口占百分之几？
share | 销量增长了百分之多少
share | 茶叶出口占比是多少？
share | 毛利率是多少？
share | 毛利率
share | 销量同比增长多少？
share | 股价涨了多少？
share | 市场份额有多大
money | How much does the museum ticket cost?
money | What is the price of a ticket?
money | ticket price
money | Kestrel X2 price?
money | How expensive is the bridge?
money | What did the bridge cost?
money | What was the company's revenue in 2022?
money | How much money was raised?
money | How much did Lark Motors invest in the plant?
money | What is the valuation of the start-up?
money | What's the budget for the tunnel?
money | salary of the mayor
money | 门票多少钱？
money | 门票价格是多少
money | 大桥造价多少？
money | 博物馆花了多少钱修建
money | 公司营收是多少？
money | 去年亏损多少亿元？
money | 融资了多少美元
money | K2售价
money | K2的定价是多少？
money | 估值是多少
money | 罚款多少元？
money | 年薪是多少？
money | 这辆车卖多少钱
money | 公司虚增了多少利润？
money | 评委给了他们多少奖金
money | 門票多少錢？
money | 市长有多少钱
money | 罚款是多少
money | 請問門票是多少錢呢？
money | How much is the K2 price?
amount | By how much did exports rise?
amount | How much did profits fall in 2023?
money | how much is the Kestrel X2
money | How much are the tickets?
amount | How much rain fell in May?
number /meter,month,second | How long is the warranty?
number /meter,month,second | How long is the bridge?
number /meter,month,second | How long is the tunnel in kilometers?
number /gram | How much does the statue weigh?
number person | How many people visited the museum?
number vehicle | how many vehicles were sold in 2023
number | How many bridges cross the river?
number | number of visitors in 2023
number | What is the population of Linhe?
number employee | What is the number of employees?
number | sales volume of the Kestrel
number /meter | How tall is the tower?
number /meter | how high is the dam
number /gram | How heavy is the statue?
number /meter | How far is the station from the museum?
number /kilometer per hour | How fast is the train?
number /kilometer per hour | What is the top speed of the train?
number /month | How old is the mayor?
number | How big is the park?
number | How large is the site?
number /meter | What is the height of the tower?
number /meter | What is the length of the bridge?
number /gram | What is the weight of the bell?
number /meter | How deep is the lake?
number | How often does the ferry run?
number person | 有多少人参观了博物馆？
number vehicle | 去年卖了多少辆车？
number | 公司有几个工厂
number organization | 茶园有几家？
number | 大桥有几座桥墩
number | 博物馆有多少件藏品？
number | 销量是多少？
number | K2的销量
number vehicle | 目标是多少辆
number | 今年的目标是什么
number | 人口有多少？
number /meter | 塔有多高？
number kilometer /meter | 大桥全长多少公里？
number /meter,month,second | 隧道有多长
number /meter | 大桥长度是多少
number /gram | 钟有多重？
number /kilometer per hour | 火车最高时速是多少
number /month | 市长多大年纪？
number year old /month | 市长今年几岁
number /square meter | 公园面积是多少？
number mu /square meter | 公园占地多少亩
number /meter | 车站离博物馆多远？
number time | 参观了多少次
number patent | 获得了几项专利
number | 裁员多少？
number /meter | 麻烦告诉我塔有多高，谢谢
number | 电池容量有多大？
number /meter | 您好，请问大桥全长是多少？
person | Who built the bridge?
person | Who is the mayor of Linhe?
person | Who was the first director of the museum?
person | Whose idea was the festival?
person | Which person opened the fair?
person | Who does Ann Reed report to?
person | by whom was the statue made
person | Who are the founders of the company?
person | What is the name of the mayor?
person | What is the mayor's name?
person | 谁修建了大桥？
person | 馆长是谁？
person | 博物馆的馆长是谁？
person | 市长叫什么名字？
person | 哪位画家画了这幅画
person | 是谁发明了茶
person | 這座橋是誰設計的？
person | 由谁负责修复
person | 有哪些人参加了会议？
person | Which developer did the mayor hire?
organization | Which company built the bridge?
organization | What company owns the ferry?
organization | Which carmaker runs the plant?
organization | Which newspaper reported the fire?
organization | Which university did she attend?
organization | with which supplier did Lark Motors sign
organization | 哪家公司修建了大桥？
organization | 哪个品牌的茶最贵
organization | 由哪家媒体报道
organization | 大桥是什么公司建的
organization | 和哪些企业合作
organization | What is the company that runs the ferry?
organization | What is the name of the company?
organization | Which team won the cup?
place | Where is the museum?
place | Where was Ann Reed born?
place | In which city is the plant?
place | which country exports the most tea?
place | To which town did the factory move?
place | where do the trams stop
place | 博物馆在哪里？
place | 工厂建在哪个城市
place | 总部位于何处？
place | 展览在哪儿举行
place | 他是哪里人
place | 他出生在什么地方？
place | 茶产自哪个省
place | 有品茶庄在哪里
reason | Why was the bridge closed?
reason | How come the ferry is late?
reason | What was the reason for the delay?
reason | What are the causes of the fire?
reason | What caused the fire?
reason | 大桥为什么关闭？
reason | 渡轮为何停航
reason | 停航的原因是什么？
reason | 为啥涨价
reason | 怎么会起火
yesno | Did the mayor resign?
yesno | Is the museum open on Mondays?
yesno | Has the bridge been repaired?
yesno | will the tram run at night
yesno | Was it true that the factory closed?
yesno | Can I pay by card?
yesno | 大桥通车了吗？
yesno | 是否收费
yesno | 博物馆周一是不是闭馆？
yesno | 有没有停车场
yesno | 市长会不会辞职
yesno | 市长辞职了没有？
definition | Who is Ann Reed?
definition | Who was Zhou Min (周敏)?
definition | What is a tram?
other | What does the sign say?
product | Which phone has the biggest screen?
other | How does the lock work?
other | How do I apply?
other | Linhe Bridge
other | Tell me about the museum
other | What did the mayor say about the price?
definition | 周敏是谁？
definition | 周敏是什么人
definition | 什么是电车？
other | 展览的主题是什么
list | 有哪些展品？
other | 怎么去博物馆？
other | 如何申请
other | 临河大桥
other | 介绍一下博物馆
other | 市长怎么评价大桥
other | 那本书叫什么名字？
other | 第几届展览
other | What did the company build?
other | What happened to the ticket price?
other | 博物馆的目的是什么
"""


def read_table() -> list[tuple[str, str, str | None, tuple[str, ...]]]:
    rows = []
    for line in QUESTIONS.strip().splitlines():
        expected, question = line.split(" | ")
        words, _, bases = expected.partition("/")
        asked, _, unit = words.strip().partition(" ")
        rows.append((question, asked, unit or None, tuple(bases.split(",")) if bases else ()))
    return rows


@pytest.mark.parametrize(("question", "asked", "unit", "bases"), read_table())
def test_what_is_asked_for_is_read(
    question: str, asked: str, unit: str | None, bases: tuple[str, ...], glossary: Glossary
) -> None:
    read = read_question(question, glossary)

    assert (read.asked, read.unit, read.bases) == (asked, unit, bases)


def show_concepts(question: Question) -> list[str]:
    return [f"{c.text}:{c.kind}" for c in question.concepts]


@pytest.mark.parametrize(
    ("question", "concepts"),
    [
        ("When did the bridge open?", ["bridge:word", "open:word"]),
        ("What was the release date of the Kestrel X2?",
         ["release:word", "Kestrel:name", "X2:identifier"]),
        ("How many visitors came in 2023?", ["visitors:word", "came:word", "2023:identifier"]),
        ("Did NASA approve it?", ["NASA:identifier", "approve:word"]),
        ("Kestrel price", ["Kestrel:word", "price:word"]),
        ("What is the ticket price?", ["ticket:word", "price:word"]),
        ("Which company built the bridge?", ["built:word", "bridge:word"]),
        ("Since when has the museum been open?", ["museum:word", "open:word"]),
        ("Please tell me who built the bridge, thanks", ["built:word", "bridge:word"]),
        ("大桥是什么时候通车的？", ["大桥:word", "通车:word"]),
        ("大橋是什麼時候通車的？", ["大桥:word", "通车:word"]),
        ("门票价格是多少？", ["门票:word", "价格:word"]),
        ("Ｋ２什么时候上市？", ["上市:word", "K2:identifier"]),
        ("周敏是谁？", ["周敏:name"]),
        ("周敏发明了什么？", ["周敏:name", "发明:word"]),
        ("想问一下渡轮啥时候恢复，谢谢", ["渡轮:word", "恢复:word"]),
        ("去年卖了多少辆车？", ["去年:word", "卖:word", "车:word"]),
        ("修桥花了多长时间？", ["修:word", "桥:word", "花:word"]),
        ("博物馆的目的是什么？", ["博物馆:word", "目的:word"]),
    ],
)  # fmt: skip
def test_the_words_that_ask_are_cut_and_the_rest_are_concepts(
    question: str, concepts: list[str], glossary: Glossary
) -> None:
    assert show_concepts(read_question(question, glossary)) == concepts


def test_a_name_that_begins_like_a_word_of_asking_is_kept(glossary: Glossary) -> None:
    """有, 了 and 的 were cut out of names and words that hold them: 有品 became 品."""
    read = read_question("了解有多少人？", glossary)

    assert show_concepts(read)[0] == "了解:word"


def test_english_and_chinese_words_share_stems(glossary: Glossary) -> None:
    (bridge,) = read_question("bridge", glossary).concepts
    (also_bridge,) = read_question("桥", glossary).concepts

    assert bridge.terms == {"bridg"}
    assert "bridg" in also_bridge.terms
    assert (bridge.han, also_bridge.han) == ("", "桥")


def test_a_chinese_name_is_known_by_its_pinyin(glossary: Glossary) -> None:
    (name,) = read_question("周敏", glossary).concepts

    assert {"zhou", "min", "zhoumin"} <= name.terms


def test_a_word_asked_twice_is_one_concept(glossary: Glossary) -> None:
    read = read_question("Which bridge is the longest bridge?", glossary)

    assert show_concepts(read) == ["bridge:word", "longest:word"]


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("when did it open?", "en"),
        ("K2 什么时候上市", "zh"),
        ("when did 临河大桥 open?", "en"),
        ("請問門票多少錢？", "zh"),
        ("K2 launch date 是什么时候", "zh"),
    ],
)
def test_the_answer_is_given_in_the_language_of_the_question(
    question: str, language: str, glossary: Glossary
) -> None:
    assert read_question(question, glossary).language == language


def test_the_text_is_kept_as_asked(glossary: Glossary) -> None:
    read = read_question("  Ｗｈｅｎ did the bridge\u200b open？ \n", glossary)

    assert read.text == "Ｗｈｅｎ did the bridge\u200b open？"
    assert read.asked == "date"


@pytest.mark.parametrize(
    "text", ["", "?", "😀", "…。", "\u200b", "\ud800", "a", "多", "5", "1" * 999]
)
def test_any_text_is_a_question(text: str, glossary: Glossary) -> None:
    assert read_question(text, glossary).text == text.strip()


def test_a_long_question_is_read_without_a_runaway(glossary: Glossary) -> None:
    for question in ("how long is " * 90, "what did the " * 80, "多少" * 500, "哪" * 1000):
        assert read_question(question, glossary).concepts is not None


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("What happens when the bridge opens?", "other"),
        ("But what happens when the bridge closes?", "other"),
        ("Why does the bridge swing when a ship comes?", "reason"),
        ("Who was mayor when the bridge opened?", "person"),
        ("How old was Ann Reed when the bridge opened?", "number"),
        ("How many people came when the museum opened?", "number"),
        ("When and why did the museum close?", "date"),
        ("Exactly when did the bridge open?", "date"),
        ("What day was it when the bridge opened?", "date"),
        ("In what year did the tram stop, and when did it return?", "date"),
    ],
)
def test_when_asks_for_a_date_only_where_nothing_else_is_asked_before(
    question: str, asked: str, glossary: Glossary
) -> None:
    assert read_question(question, glossary).asked == asked


@pytest.mark.parametrize(
    ("question", "concept"),
    [
        ("北京有多少座桥？", "北京:name"),
        ("长城有多长？", "长城:name"),
        ("长江上有多少座桥？", "长江:name"),
        ("博物馆有多少人？", "博物馆:word"),
        ("渡轮什么时候恢复？", "渡轮:word"),
    ],
)
def test_a_chinese_word_that_english_writes_with_a_capital_is_a_name(
    question: str, concept: str, glossary: Glossary
) -> None:
    assert show_concepts(read_question(question, glossary))[0] == concept


@pytest.mark.parametrize(
    ("question", "concepts"),
    [
        ("How many lamps were sold in Q3 2019?",
         ["lamps:word", "sold:word", "Q3 2019:identifier"]),
        ("Who won the third quarter?", ["won:word", "third quarter:word"]),
        ("Who won in the year 2019?", ["won:word", "2019:identifier"]),
        ("Who sold 135,000 lamps?", ["sold:word", "lamps:word", "135,000:identifier"]),
        ("Who sold the two lamps?", ["sold:word", "two:word", "lamps:word"]),
        ("Which fifty lamps were sold?", ["lamps:word", "sold:word", "fifty:word"]),
        ("谁捐了三百万？", ["捐:word", "三百万:identifier"]),
        ("2019年上半年卖了多少辆车？", ["卖:word", "车:word", "2019年上半年:identifier"]),
        ("去年卖了多少辆车？", ["去年:word", "卖:word", "车:word"]),
    ],
)  # fmt: skip
def test_a_date_or_number_is_one_concept(
    question: str, concepts: list[str], glossary: Glossary
) -> None:
    assert show_concepts(read_question(question, glossary)) == concepts


def test_the_terms_of_a_value_tell_how_rare_it_is(glossary: Glossary) -> None:
    (day,) = read_question("2019年8月7日", glossary).concepts
    (number,) = read_question("135,000", glossary).concepts

    assert day.terms == {"2019", "august", "7"}
    assert number.terms == {"135000"}
    assert day.value is not None
    assert (day.value.start, day.value.end) == (0, len("2019年8月7日"))


@pytest.mark.parametrize(
    ("question", "concept"),
    [
        ("What is Reed's age?", "Reed:name"),
        ("What is the Reeds' age?", "Reeds:name"),
        ("How heavy is the X2's wheel?", "X2:identifier"),
        ("Who buys EVs?", "EV:identifier"),
        ("Who buys X2s?", "X2s:identifier"),
    ],
)
def test_a_name_is_read_without_its_possessive(
    question: str, concept: str, glossary: Glossary
) -> None:
    assert concept in show_concepts(read_question(question, glossary))


@pytest.mark.parametrize(
    ("question", "alike"),
    [
        ("Who leads the WHO?", {"WHO": "世卫组织"}),
        ("WHO LEADS IT TO THE FERRY?", {}),
        ("中国的GDP是多少？", {"GDP": "国内生产总值"}),
        ("电动汽车卖了多少？", {"电动": "EV", "汽车": "EV"}),
        ("What did the European Space Agency say?",
         {"European": "ESA", "Space": "ESA", "Agency": "ESA"}),
    ],
)  # fmt: skip
def test_abbreviations_know_what_they_stand_for(
    question: str, alike: dict[str, str], glossary: Glossary
) -> None:
    held = {c.text: c.alike for c in read_question(question, glossary).concepts if c.alike}

    assert held.keys() == alike.keys()
    assert all(alike[text] in forms for text, forms in held.items())
