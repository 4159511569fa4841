"""Names are found with exact spans, and what only looks like one is passed over."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from embeddings.gloss import Glossary, read_table
from rag.names import NameKind, find_names, format_name
from rag.types import Language

GLOSSARY = Glossary(read_table())


def find(text: str, kind: NameKind) -> list[str]:
    return [name.text for name in find_names(text, GLOSSARY) if name.kind == kind]


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("公司总经理王化微博发文称，没有涨价。", ["王化"]),
        ("副总裁李肖爽在直播中表示，交付将加快。", ["李肖爽"]),
        ("罗福莉毕业于北京大学。", ["罗福莉"]),
        ("该公司法定代表人为罗语周。", ["罗语周"]),
        ("雷军：今年很难。雷军坦言，自己没有想到。", ["雷军", "雷军"]),
        ("责任编辑：王小明", ["王小明"]),
        ("雷军表示欢迎。雷军跨年直播时说，雷军强调。", ["雷军", "雷军", "雷军"]),
        ("本报记者张明天津报道", ["张明"]),
        ("王明说，他知道。李强表示同意。", ["王明", "李强"]),
        ("據總經理王化表示，沒有漲價。", ["王化"]),
        ("歐陽修生於四川。", ["歐陽修"]),
        ("防守截锋卡万·肖特以11分领先，马里奥·爱迪生贡献了6次。", ["卡万·肖特", "马里奥·爱迪生"]),
        ("托马斯·戴维斯和卢克·坎克利入选。", ["托马斯·戴维斯", "卢克·坎克利"]),
        ("特斯拉CEO马斯克表示，价格会降。", ["马斯克"]),
        ("诗人李白与杜甫是朋友。", ["李白", "杜甫"]),
    ],
)
def test_chinese_persons_are_found_whole_and_alone(text: str, persons: list[str]) -> None:
    assert find(text, "person") == persons


@pytest.mark.parametrize(
    "text",
    [
        "高端石油黄金方针马上成功，安全周期金额万元张贴江河。",
        "万元以上的金额需要安全检查。",
        "白色汽车和黄金周期。",
        "周一，时任市长表示，应该说明方向。",
        "由江河治理局负责，据官方消息，马上公布方案。",
        "王先生说，许多人张贴通知。",
        "关于明天的计划，没有人知道。",
        "她住在高新区，管理石油。",
        "李强调安全。",
        "共5000余万元，台风“杜苏芮”登陆。",
        "泽连斯基地在河边。",
        "The company said sales rose.",
        "Shipments started in April. Charging takes an hour.",
        "SU7 Max and Model Y are electric cars.",
        "However, Prices rose on Monday. Red Cars sold well.",
        "She won the Nobel Prize and the Super Bowl.",
        "配备 Steam Deck 和 Galaxy Watch 手表。",
    ],
)
def test_what_only_looks_like_a_person_is_none(text: str) -> None:
    assert find(text, "person") == []


@pytest.mark.parametrize(
    ("text", "organizations"),
    [
        ("投资人注册了南昌黑鲨科技有限公司。", ["南昌黑鲨科技有限公司"]),
        ("日前投资了深圳前海帕拓逊网络技术有限公司，", ["深圳前海帕拓逊网络技术有限公司"]),
        ("阿里巴巴和京东方均未回应。", ["阿里巴巴", "京东方"]),
        ("大众汽车集团与海尔签约。", ["大众汽车集团", "海尔"]),
        ("正在和长城汽车谈判使用其工厂", ["长城汽车"]),
        ("记者从上海市第一中级人民法院获悉", ["上海市第一中级人民法院"]),
        ("他毕业于北京大学。", ["北京大学"]),
        ("联合国宣布，路透社报道。", ["联合国", "路透社"]),
        ("SAIC-GM-Wuling 产量上升", ["SAIC-GM-Wuling"]),
        ("Great Wall Motor is in talks with Lenovo.", ["Great Wall Motor", "Lenovo"]),
        (
            "The University of California and the Bank of America agreed.",
            ["University of California", "Bank of America"],
        ),
        ("He cheered for the Chicago Bulls.", ["Chicago Bulls"]),
        ("NASA and BYD reported record sales.", ["NASA", "BYD"]),
        ("The Ministry of Foreign Affairs declined.", ["Ministry of Foreign Affairs"]),
        ("Zeekr announced a sedan.", ["Zeekr"]),
        ("一家科技公司和上市公司的员工，汽车公司，该公司，美国公司", []),
        ("一辆轿车，新能源汽车，消费电子，保险公司", []),
        ("The CEO said GDP and the SUV market grew.", []),
    ],
)
def test_organizations_begin_and_end_where_they_should(text: str, organizations: list[str]) -> None:
    assert find(text, "organization") == organizations


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("工厂位于安徽省合肥市长丰县下塘镇。", ["安徽省合肥市长丰县下塘镇"]),
        ("將在北京市海淀區建廠。", ["北京市海淀區"]),
        ("从上海到巴黎", ["上海", "巴黎"]),
        ("他毕业于北京大学。", []),
        ("该地区的道路很长，城市很大。", []),
        ("Tesla said it would build a plant near Berlin in March.", ["Berlin"]),
        ("She moved to New York from Liuzhou.", ["New York", "Liuzhou"]),
        ("The ship crossed Lake Geneva.", ["Lake Geneva"]),
        ("He studied at the University of Oxford.", []),
        ("In April and on Monday", []),
    ],
)
def test_places_are_joined_and_not_taken_out_of_longer_names(text: str, places: list[str]) -> None:
    assert find(text, "place") == places


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("CEO Lei Jun said so.", ["Lei Jun"]),
        ("Lei Jun founded the company.", ["Lei Jun"]),
        ("Wang Hua, general manager of public relations, wrote on Weibo.", ["Wang Hua"]),
        (
            "Dr. Ursula von der Leyen met John F. Kennedy Jr. on Monday.",
            ["Ursula von der Leyen", "John F. Kennedy Jr."],
        ),
        ("However, President Obama declined.", ["Obama"]),
        (
            "US President Barack Obama met Oracle CEO Larry Ellison.",
            ["Barack Obama", "Larry Ellison"],
        ),
        ("Economist Thomas Piketty challenges this notion.", ["Thomas Piketty"]),
        ("Theresa May lived there.", ["Theresa May"]),
        ("Lady Gaga sang.", ["Lady Gaga"]),
        ("Defensive tackle Kawann Short led the team.", ["Kawann Short"]),
        ("Tim Cook’s plan was new.", ["Tim Cook"]),
    ],
)
def test_english_persons_come_without_their_titles(text: str, persons: list[str]) -> None:
    assert find(text, "person") == persons


def test_a_cue_makes_a_name_surer() -> None:
    titled = find_names("董事长王小明表示，", GLOSSARY)
    bare = find_names("王小明和李小红来了", GLOSSARY)

    assert [name.text for name in titled] == ["王小明"]
    assert all(name.certainty < titled[0].certainty for name in bare)


@pytest.mark.parametrize(
    ("text", "kind", "language", "printed"),
    [
        ("王化", "person", "en", "Wang Hua (王化)"),
        ("罗福莉", "person", "en", "Luo Fuli (罗福莉)"),
        ("歐陽修", "person", "en", "Ouyang Xiu (歐陽修)"),
        ("马斯克", "person", "en", "Elon Musk (马斯克)"),
        ("北京", "place", "en", "Beijing (北京)"),
        ("上海", "place", "en", "Shanghai (上海)"),
        ("北京市海淀区", "place", "en", "Beijing Haidian (北京市海淀区)"),
        ("大众汽车", "organization", "en", "Volkswagen (大众汽车)"),
        ("歌尔股份", "organization", "en", "Geer Gufen (歌尔股份)"),
        ("TCL科技", "organization", "en", "TCL Keji (TCL科技)"),
        ("王化", "person", "zh", "王化"),
        ("Lei Jun", "person", "zh", "Lei Jun"),
        ("BYD", "organization", "en", "BYD"),
    ],
)
def test_a_name_is_printed_for_its_reader(
    text: str, kind: NameKind, language: Language, printed: str
) -> None:
    assert format_name(text, kind, GLOSSARY, language) == printed


PIECES = [
    *"王化 总经理 表示 在 北京市 · 肖特 卡万 有限公司 南昌 黑鲨 SAIC-GM".split(" "),
    *"Dr. of the and New York 歐陽 欧阳 说 ， 。 A. van Jr. ’s Ｃ ½ …".split(" "),
    *"𠮷 é University Lei Jun said 123 路 第 镇 CEO".split(" "),
    " ",
    "\n",
]


@pytest.mark.parametrize("seed", range(150))
def test_names_are_slices_in_order_that_do_not_overlap(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    text = "".join(draw.choice(PIECES) + draw.choice(["", " "]) for _ in range(40))

    names = find_names(text, GLOSSARY)

    assert all(name.text == text[name.start : name.end] != "" for name in names)
    assert all(0 < name.certainty <= 1 for name in names)
    assert all(a.end <= b.start for a, b in pairwise(names))


@pytest.mark.parametrize("text", ["", " ", "。", "...", "·", "Dr.", "王", "市", "the"])
def test_text_without_a_name_gives_nothing(text: str) -> None:
    assert find_names(text, GLOSSARY) == []
