"""The closed word lists by which a Chinese follow-up is told and completed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag.asking.kinds import Asked

ATTRIBUTES_ZH = frozenset(
    "价格 售价 定价 报价 票价 造价 成本 费用 长度 全长 高度 宽度 深度 厚度 重量 面积 人口 "
    "速度 时速 年龄 身高 体重 颜色 名字 名称 原名 地址 位置 时间 日期 年份 原因 目的 历史 "
    "销量 产量 营收 收入 利润 亏损 预算 工资 年薪 人数 数量 容量 续航 功率 毛利率 市值 估值 "
    "目标 主题 结果 开放时间 营业时间 工期 保修期 总部 交付量 距离 大小 尺寸 里程 国籍 生日 "
    "籍贯 职业 租金 门槛 直径 温度 作用 意义 用途 特点".split()
)
ROLES_ZH = re.compile(
    r"(?:市长|馆长|校长|院长|局长|董事长|行长|船长|会长|总统|总理|主席|主任|总裁|总经理|经理|老板|作者|"
    r"设计师|设计者|工程师|建筑师|创始人|负责人|发明人|发明者|投资人|发言人|导演|教练|教授|画家|作家|诗人|"
    r"科学家|妻子|丈夫|父亲|母亲|儿子|女儿|国王|皇帝|店主|主人|队长|编辑|记者|CEO)"
)
VERBS_ZH = frozenset(
    "通车 上市 设计 开放 开业 开始 开工 竣工 完工 建成 修建 建造 建 建于 修 成立 创立 创办 "
    "创建 发布 公布 宣布 发明 发现 出生 生于 去世 逝世 死亡 关闭 关门 停业 停航 营业 举行 "
    "举办 结束 出售 销售 卖 买 花 花费 耗资 投资 融资 交付 生产 制造 出口 进口 参观 参加 "
    "加入 离开 担任 负责 写 画 拍摄 出版 获得 赢得 获奖 使用 拥有 支持 合作 收购 辞职 退休 "
    "结婚 毕业 移居 搬到 搬 位于 坐落 位 涨价 降价 增长 上涨 下降 下跌 说 称 表示 认为 评价 "
    "介绍 命名 改名 更名 修复 恢复 运营 运行 属于 需要 持续 接待 容纳 坐 住 工作 开 启用 "
    "推出 发售 预售 起火 爆炸 沉没 倒塌 坍塌 拆除 改建 重开 维修 造 卖出 售出 开通 投产 "
    "落成 完成 叫 去 来 到 讲 提到 重 长 高 宽 快 大 新 贵 涨 跌 亏 赚 播放 播出 收藏 展出 "
    "展示 计划 收费".split()
)
STOP_ZH = frozenset(
    "是 在 有 由 被 于 的 了 吗 呢 会 将 要 能 从 到 为 和 与 对 把 也 都 还 多 个 座 辆 台 "
    "家 人 过 着 地 得 最 很 太 就 才 又 再 该 这 那 此 其 它 他 她 您 你 我 们 吧 啊 里 上 "
    "下 内 外 中 前 后 约 大约 一共 总共 现在 目前 今年 去年 明年 请问 想 问 想问 正式 首次 "
    "第一 第一次 可以 可能 已经 曾经 曾 因 因为 向 给 让 一 二 三 几 多少 它们 他们 她们 "
    "这个 那个 这些 那些 当时 这里 那里 项 次 款 年 月 日 天 岁 元 名 位 周一 周二 周三 "
    "周四 周五 周六 周日 周末 今天 明天 晚上 早上 上午 下午 由于 还有 其他 名为 现任 于是 "
    "如何 怎么 怎样 哪里 哪 谁 什么 以 而 并 但 或 及".split()
)
ASKING_ZH = re.compile(
    r"(?:是什么时候|是在哪里|什么时[候间]|何时|啥时候?|哪一?[年天月日]|哪个[月季]度?|几[月号点]钟?|"
    r"为什么|为何|为啥|怎么会|原因是什么|"
    r"在?(?:哪里|哪儿|何处|何地|什么地方)|在哪(?!个|些|家|一)|哪个?(?:城市|国家|省|地方)|"
    r"多少钱|什么价格?|多少[万亿]*(?:美元|元|人民币|[辆台名家款项位次件种条座只艘张间层个])?|"
    r"百分之(?:几|多少)|多久|多长时间|多[高重大远快深宽厚长]|几[年个家座岁款条次名辆台张部本项位件种]?|"
    r"谁|哪位|什么人|哪家(?:公司|企业|机构|媒体)?|哪些|哪个?|是否|怎么样?|如何|什么|吗)"
)
BARE_ZH: tuple[tuple[Asked, re.Pattern[str]], ...] = (
    ("date", re.compile(r"(?:是)?(?:在)?(?:什么时[候间]|何时|啥时候|哪一?[年天])")),
    ("reason", re.compile(r"(?:这|那)?(?:是)?(?:为什么|为何|为啥|怎么会|什么原因)(?:会?这样)?")),
    ("place", re.compile(r"(?:是)?在?(?:哪里|哪儿|哪|何处|什么地方)")),
    ("person", re.compile(r"(?:是|由)?(?:谁|哪位|什么人)")),
)
# Asked for by these words, it is the thing itself that is measured.
MEASURES_ZH = re.compile(
    r"(?:卖|要|需要|花了?|有|是|大概|一共|全长)?"
    r"(?:多少钱|什么价格?|多[高重大远快深宽厚长](?:时间)?|多少[个家名位座辆人岁]?|几[岁个]|多久)"
)
POLITE_ZH = re.compile(
    r"(?>(?:那|嗯|哦|就|也|是|对|好|好的|好吧|行|可以|谢谢|多谢|感谢|你|您|了|吧|的|啊|算|没事|没关系|再见|不用|"
    r"不|明白|知道|抱歉|你好|您好)[,，!！]?\s*)++"
)
SAID_ZH = re.compile(
    r"(?:(?:这|那|此)(?:句?话|个|件事|一点)?)?(?:[他她它]们?)?(?:都)?(?:是|由)?"
    r"(?P<ask>谁|哪位|哪家媒体|哪里|在哪里?|什么时[候间]|何时|哪一?年|哪一?天)"
    r"(?P<said>(?:这么|这样)?(?:说|讲|报道|宣布|透露|指出)的?(?:这话|这句话|的话)?|的事情?|发生的事?|发生的)"
)
# Small words of the two languages for each other, where a dictionary has too many or the wrong
# ones first; English ones by stem.
PAIRS: tuple[tuple[str, str], ...] = (
    ("bridge", "大桥"), ("museum", "博物馆"), ("tower", "塔"), ("tunnel", "隧道"),
    ("ticket", "门票"), ("phone", "手机"), ("company", "公司"), ("mayor", "市长"),
    ("director", "馆长"), ("city", "城市"), ("school", "学校"), ("factory", "工厂"),
    ("price", "价格"), ("cost", "费用"), ("length", "长度"), ("height", "高度"),
    ("weight", "重量"), ("age", "年龄"), ("designer", "设计师"), ("founder", "创始人"),
    ("open", "开放"), ("opened", "通车"), ("close", "关闭"),
    ("launch", "上市"), ("release", "发布"),
    ("designed", "设计"), ("built", "建造"), ("founded", "成立"), ("born", "出生"),
    ("visitors", "游客"), ("employees", "员工"), ("people", "人"), ("sold", "售出"),
    ("started", "开始"),
    ("long", "长"), ("tall", "高"), ("north", "北"), ("south", "南"), ("east", "东"),
    ("west", "西"), ("old", "老"), ("new", "新"), ("train", "火车"), ("ferry", "渡轮"),
    ("station", "车站"), ("exhibition", "展览"), ("park", "公园"), ("library", "图书馆"),
    ("warranty", "保修期"), ("population", "人口"), ("sales", "销量"), ("revenue", "营收"),
    ("cost", "造价"), ("die", "去世"), ("died", "去世"), ("price", "售价"),
)  # fmt: skip
# The thing, what is said of it, and the words that ask.
ASK_ZH: Mapping[Asked, str] = {
    "date": "{thing}{words}是什么时候？", "time": "{thing}{words}是几点？",
    "duration": "{thing}{words}多久？", "share": "{thing}{words}是百分之多少？",
    "money": "{thing}{words}多少钱？", "amount": "{thing}{words}是多少？",
    "number": "{thing}有多少{words}？", "person": "{thing}由谁{words}？",
    "organization": "{thing}由哪家公司{words}？", "place": "{thing}在哪里{words}？",
    "reason": "{thing}为什么{words}？", "yesno": "{thing}{words}吗？",
    "list": "{thing}有哪些{words}？", "definition": "{thing}{words}是什么？",
    "product": "{thing}{words}是哪款？", "other": "{thing}{words}怎么样？",
}  # fmt: skip
