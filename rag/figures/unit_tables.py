"""How units and currencies are written and printed: the tables that `rag.figures.units` reads.

General vocabulary of both languages; nothing here is about any one corpus.
"""

from __future__ import annotations

# name | base, how many | printed zh | printed en | written zh | written en | signs and symbols
# A form may end in *N: it is worth N of the unit (a decade is ten years).
DURATIONS = """
year | month 12 | 年 | year/years | 年 周年 年时间 世纪*100 个世纪*100 | year years yr yrs decade*10 decades*10 century*100 centuries*100 |
quarter | month 3 | 个季度 | quarter/quarters | 个季度 季度 | quarters |
month | month 1 | 个月 | month/months | 个月 个多月 | month months |
week | second 604800 | 周 | week/weeks | 周 个星期 星期 个礼拜 | week weeks |
day | second 86400 | 天 | day/days | 天 日 昼夜 | day days |
hour | second 3600 | 小时 | hour/hours | 小时 个小时 钟头 个钟头 | hour hours hr hrs |
minute | second 60 | 分钟 | minute/minutes | 分钟 | minute minutes min mins |
second | second 1 | 秒 | second/seconds | 秒 秒钟 | second seconds sec secs |
millisecond | second 0.001 | 毫秒 | ms | 毫秒 | millisecond milliseconds | ms
year old | month 12 | 岁 | years old | 岁 周岁 | years_old year_old years-old year-old years_of_age |
"""  # noqa: E501
SHARES = """
% | % 1 | % | % | 成*10 | percent per_cent pct | %
‰ | % 0.1 | ‰ | ‰ | | per_mille | ‰
percentage point | percentage_point 1 | 个百分点 | percentage point/percentage points | 个百分点 百分点 | percentage_point percentage_points | pp
"""  # noqa: E501
MEASURES = """
kilometer | meter 1000 | 公里 | km | 公里 千米 | kilometer kilometers kilometre kilometres | km
meter | meter 1 | 米 | m | 米 公尺 | meter meters metre metres | m
centimeter | meter 0.01 | 厘米 | cm | 厘米 公分 | centimeter centimeters centimetre centimetres | cm
millimeter | meter 0.001 | 毫米 | mm | 毫米 | millimeter millimeters millimetre millimetres | mm
nanometer | meter 0.000000001 | 纳米 | nm | 纳米 | nanometer nanometers nanometre nanometres | nm
micrometer | meter 0.000001 | 微米 | µm | 微米 | micrometer micrometers | µm μm um
mile | meter 1609.344 | 英里 | mile/miles | 英里 | mile miles | mi
foot | meter 0.3048 | 英尺 | foot/feet | 英尺 | foot feet | ft
inch | meter 0.0254 | 英寸 | inch/inches | 英寸 吋 寸 | inch inches | ″
yard | meter 0.9144 | 码 | yard/yards | | yard yards | yd
nautical mile | meter 1852 | 海里 | nautical mile/nautical miles | 海里 | nautical_mile nautical_miles |
light year | light_year 1 | 光年 | light year/light years | 光年 | light_year light_years light-year light-years |
hectare | square_meter 10000 | 公顷 | hectare/hectares | 公顷 | hectare hectares | ha
mu | square_meter 666.7 | 亩 | mu | 亩 | mu |
acre | square_meter 4046.86 | 英亩 | acre/acres | 英亩 | acre acres |
square meter | square_meter 1 | 平方米 | square meter/square meters | 平方米 平米 | square_meter square_meters square_metre square_metres | m² m2 ㎡
square kilometer | square_meter 1000000 | 平方公里 | square kilometer/square kilometers | 平方公里 平方千米 | square_kilometer square_kilometers square_kilometre square_kilometres | km² km2
square mile | square_meter 2589988.11 | 平方英里 | square mile/square miles | 平方英里 | square_mile square_miles |
square foot | square_meter 0.09290304 | 平方英尺 | square foot/square feet | 平方英尺 | square_foot square_feet |
cubic meter | cubic_meter 1 | 立方米 | cubic meter/cubic meters | 立方米 立方 | cubic_meter cubic_meters cubic_metre cubic_metres | m³ m3
liter | cubic_meter 0.001 | 升 | liter/liters | 升 公升 | liter liters litre litres | L
milliliter | cubic_meter 0.000001 | 毫升 | ml | 毫升 | milliliter milliliters millilitre millilitres | ml mL
kilogram | gram 1000 | 公斤 | kg | 公斤 千克 斤*0.5 市斤*0.5 | kilogram kilograms kilo kilos | kg
gram | gram 1 | 克 | g | 克 | gram grams | g
milligram | gram 0.001 | 毫克 | mg | 毫克 | milligram milligrams | mg
tonne | gram 1000000 | 吨 | tonne/tonnes | 吨 公吨 | tonne tonnes ton tons metric_tons | t
pound | gram 453.59237 | 磅 | pound/pounds | 磅 | pound pounds | lb lbs
ounce | gram 28.3495 | 盎司 | ounce/ounces | 盎司 | ounce ounces | oz
watt | watt 1 | 瓦 | W | 瓦 瓦特 | watt watts | W
kilowatt | watt 1000 | 千瓦 | kW | 千瓦 | kilowatt kilowatts | kW
megawatt | watt 1000000 | 兆瓦 | MW | 兆瓦 | megawatt megawatts | MW
gigawatt | watt 1000000000 | 吉瓦 | GW | 吉瓦 | gigawatt gigawatts | GW
horsepower | horsepower 1 | 马力 | hp | 马力 匹马力 | horsepower | hp Ps PS
watt hour | watt_hour 1 | 瓦时 | Wh | 瓦时 | | Wh
kilowatt hour | watt_hour 1000 | 千瓦时 | kWh | 千瓦时 度电 | kilowatt_hours kilowatt-hours | kWh
milliampere hour | milliampere_hour 1 | 毫安时 | mAh | 毫安时 毫安 | | mAh
volt | volt 1 | 伏 | V | 伏 伏特 | volt volts | V
newton meter | newton_meter 1 | 牛·米 | Nm | 牛·米 牛米 | newton_meters | Nm N·m
hectopascal | pascal 100 | 百帕 | hPa | 百帕 | | hPa
kilopascal | pascal 1000 | 千帕 | kPa | 千帕 | | kPa
hertz | hertz 1 | 赫兹 | Hz | 赫兹 | hertz | Hz
kilohertz | hertz 1000 | 千赫 | kHz | 千赫 千赫兹 | kilohertz | kHz
megahertz | hertz 1000000 | 兆赫 | MHz | 兆赫 兆赫兹 | megahertz | MHz
gigahertz | hertz 1000000000 | 吉赫 | GHz | 吉赫 吉赫兹 | gigahertz | GHz
kilobyte | byte 1000 | KB | KB | | kilobyte kilobytes | KB kB
megabyte | byte 1000000 | MB | MB | 兆字节 | megabyte megabytes | MB
gigabyte | byte 1000000000 | GB | GB | | gigabyte gigabytes | GB
terabyte | byte 1000000000000 | TB | TB | | terabyte terabytes | TB
megabit per second | bit_per_second 1000000 | Mbps | Mbps | | | Mbps Mb/s
gigabit per second | bit_per_second 1000000000 | Gbps | Gbps | | | Gbps Gb/s
pixel | pixel 1 | 像素 | pixel/pixels | 像素 | pixel pixels megapixel*1000000 megapixels*1000000 | MP*1000000
frame per second | frame_per_second 1 | 帧 | fps | 帧 帧每秒 | frames_per_second | fps FPS
nit | nit 1 | 尼特 | nit/nits | 尼特 | nit nits |
decibel | decibel 1 | 分贝 | dB | 分贝 | decibel decibels | dB
celsius | celsius 1 | ℃ | °C | 摄氏度 度 | degrees_celsius degree_celsius | °C ℃
fahrenheit | fahrenheit 1 | ℉ | °F | 华氏度 | degrees_fahrenheit | °F ℉
degree | degree 1 | ° | ° | | degree degrees | °
kilometer per hour | kilometer_per_hour 1 | 公里/小时 | {} km/h | 公里/小时 公里每小时 千米/小时 千米每小时 | kilometers_per_hour kilometres_per_hour | km/h km/H kmh kph
mile per hour | kilometer_per_hour 1.609344 | 英里/小时 | mph | 英里/小时 英里每小时 | miles_per_hour | mph
revolution per minute | revolution_per_minute 1 | 转/分 | rpm | 转/分 转/分钟 | | rpm RPM
fold | fold 1 | 倍 | {}x | 倍 | fold times_as times_more times_the |
"""  # noqa: E501
# A count's key leaves the unit out: languages do not agree about them.
COUNTS = """
vehicle | | 辆 | vehicle/vehicles | 辆 辆车 辆汽车 | vehicle vehicles car cars |
unit | | 台 | unit/units | 台 | unit units |
person | | 人 | person/people | 人 名 位 个人 口 名员工 | person people persons |
employee | | 名员工 | employee/employees | | employee employees worker workers |
student | | 名学生 | student/students | | student students |
user | | 名用户 | user/users | | user users |
customer | | 名客户 | customer/customers | | customer customers |
person-time | | 人次 | person-times | 人次 | person-times |
share | | 股 | share/shares | 股 股股份 股股票 | share shares |
store | | 家门店 | store/stores | 家门店 家商店 家店 | store stores shop shops |
company | | 家公司 | company/companies | 家公司 家企业 | company companies firm firms |
organization | | 家 | | 家 |  |
country | | 个国家 | country/countries | 个国家 国 | country countries nation nations |
city | | 个城市 | city/cities | 座城市 个城市 城 | city cities |
time | | 次 | time/times | 次 回 | times |
point | | 分 | point/points | 分 点 | point points |
vote | | 票 | vote/votes | 票 张选票 | vote votes |
seat | | 个席位 | seat/seats | 个席位 席 个座位 | seat seats |
page | | 页 | page/pages | 页 | page pages |
word | | 字 | word/words | 字 个字 | word words |
household | | 户 | household/households | 户 | household households |
building | | 栋 | building/buildings | 栋 幢 | building buildings |
floor | | 层 | floor/floors | 层 层楼 | floors storeys stories |
room | | 个房间 | room/rooms | 个房间 间 | room rooms |
model | | 款 | model/models | 款 | model models |
product | | 件产品 | product/products | 件产品 款产品 | product products |
patent | | 项专利 | patent/patents | 项专利 | patent patents |
project | | 个项目 | project/projects | 个项目 | project projects |
order | | 个订单 | order/orders | 个订单 笔订单 单 | orders |
copy | | 册 | copy/copies | 册 | copy copies |
ship | | 艘 | ship/ships | 艘 | ship ships |
aircraft | | 架 | aircraft | 架 | aircraft airplanes planes |
episode | | 集 | episode/episodes | 集 | episode episodes |
song | | 首 | song/songs | 首 首歌 | song songs |
item | | 个 | | 个 项 件 种 条 份 部 套 座 所 本 篇 只 头 匹 枚 颗 支 枝 把 块 片 幅 场 例 笔 宗 张 节 株 棵 处 组 批 类 名次 箱 瓶 杯 袋 步 门 道 | item items |
"""  # noqa: E501
# code | printed zh | printed en | before the number | behind it, zh | behind it, en
CURRENCIES = """
CNY | 元 | {} yuan | RMB CNY CN¥ ¥ ￥ 人民币 | 元 元人民币 人民币 块钱 块多 圆 | yuan RMB CNY renminbi
USD | 美元 | ${} | US$ U.S.$ USD $ 美元 | 美元 美金 | US_dollars U.S._dollars American_dollars dollars dollar USD
HKD | 港元 | HK${} | HK$ HKD 港币 港元 | 港元 港币 | Hong_Kong_dollars HKD
TWD | 新台币 | NT${} | NT$ TWD 新台币 | 新台币 台币 元新台币 | New_Taiwan_dollars Taiwan_dollars TWD
EUR | 欧元 | €{} | € EUR 欧元 | 欧元 | euros euro EUR €
GBP | 英镑 | £{} | £ GBP 英镑 | 英镑 | pounds_sterling British_pounds GBP
JPY | 日元 | {} yen | JPY JP¥ 日元 | 日元 日圆 | yen Japanese_yen JPY
KRW | 韩元 | {} Korean won | ₩ KRW 韩元 | 韩元 韩圆 | Korean_won South_Korean_won KRW
INR | 印度卢比 | {} Indian rupees | ₹ INR | 卢比 印度卢比 | rupees Indian_rupees INR
RUB | 卢布 | {} rubles | ₽ RUB | 卢布 | rubles roubles RUB
AUD | 澳元 | A${} | A$ AU$ AUD 澳元 | 澳元 | Australian_dollars AUD
CAD | 加元 | C${} | C$ CA$ CAD 加元 | 加元 | Canadian_dollars CAD
SGD | 新加坡元 | S${} | S$ SGD | 新加坡元 新元 | Singapore_dollars SGD
CHF | 瑞士法郎 | {} Swiss francs | CHF | 瑞士法郎 | Swiss_francs CHF
THB | 泰铢 | {} baht | THB ฿ | 泰铢 | baht THB
"""  # noqa: E501

# A measure word is none when it begins another word: 3年级, 五台山, 两部门.
NOT_BEFORE = {
    "年": "级代轻龄薪轮糕纪味",
    "日": "元圆均游线",
    "天": "津河猫然气使下空才真",
    "周": "期边刊转",
    "季": "节军",
    "人": "民才工物类大气形间体事造",
    "家": "庭居长电乡用族具务里园",
    "名": "单次字称牌额录为人义",
    "位": "数于置列次",
    "台": "湾积北山阶词风州币县式",
    "部": "分门署长落队委位件曲",
    "国": "家内际外人产会",
    "城": "市乡镇区墙际",
    "口": "径岸罩号",
    "分": "别为析布类成享之店公子支母行部期数歧给裂配散手流红辨区拆校局会属级列组工担离开解量居",
    "股": "东市价权民本",
    "次": "日年要级元月新高",
    "字": "节母符",
    "层": "面级次",
    "集": "团中合体成群资装聚结",
    "首": "次批个款席先都发日期家要轮创届付季位",
    "步": "骤行伐入",
    "组": "织成合建装件长",
    "类": "型似别",
    "场": "景地馆所合次面上内外均边",
    "条": "件款例约文",
    "间": "接隔谍",
    "头": "部条像号衔发脑",
    "单": "位独个价品一元日月季车机身体反打场人向程",
    "笔": "记者试画触",
    "节": "目能日约奏点省",
    "道": "路德理歉",
    "门": "店槛票户",
    "处": "理罚于置境方在所长分",
    "本": "次人报身地周月年届土田质科来轮场赛期书文站版公",
    "所": "以有谓在需属示述得长致作",
    "座": "椅谈舱右",
    "片": "面区段刻中场",
    "块": "链",
    "支": "持付出撑援架配招",
    "把": "握手关它他这",
    "批": "准评发量复次",
    "只": "有是要能需会为不用在",
    "例": "如外子",
    "度": "过假量数电",
    "升": "至级到温高值幅降入学为起空迁任",
    "米": "家兰国粉其色面饭",
    "克": "服制隆拉里罗林斯",
    "码": "头",
    "成": "员为功立了就本长交都熟果分人年绩形品型语效千百份批片套群",
    "元": "素件旦老首宵月年宇锂聚材催论",
    "册": "封",
    "点": "钟半整燃击赞缀评心滴",
    "项": "链",
    "件": "事",
    "回": "报复购到来升落暖家归应",
    "户": "外型籍口均",
}
