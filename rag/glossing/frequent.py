"""Frequent words that the dictionary glosses badly, with what they mostly mean in news and reports.

The first gloss of 进行 is "advance", and the cheapest Chinese word for "go" was 外卖. These words
were read over the most frequent ones of public news and encyclopedia texts and set by hand.
"""

from __future__ import annotations

_CHINESE = """
服务:service 设计:design 活动:activity 表示:say 进行:carry_out 相关:related 目前:at_present
管理:management 情况:situation 建设:construction 通过:through 方面:aspect 项目:project 市场:market
提升:raise 地区:region 问题:question 返回:return 产品:product 可能:may 交通:traffic
成交:close_a_deal 近日:in_recent_days 没有:not_have 不断:constantly 作为:as 对于:for 支持:support
此外:besides 加强:strengthen 民警:police_officer 要求:require 机构:institution 体验:experience
截至:as_of 台风:typhoon 关于:about 过程:process 经营:operate 有关:concerning 媒体:media
一起:together 经过:after 落实:carry_out 同比:year_on_year 以上:and_above 先生:Mr. 严重:serious
具体:specific 状态:state 调整:adjustment 生活:life 不是:is_not 发挥:give_play_to 消防:fire_service
联系:contact 全球:worldwide 结束:end 书记:secretary 运行:operation 实际:actual 举办:hold 模式:model
对外:external 推进:advance 作用:role 青年:youth 部署:arrange 联合:jointly 消费:consumption
增加:increase 分别:respectively 意识:awareness 全面:comprehensive 证券:securities 由于:due_to
驾驶:drive 不会:will_not 开发:develop 规定:rule 特别:especially 利用:make_use_of
依法:according_to_law 及时:timely 直接:direct 努力:effort 恢复:restore 发行:issue 转载:reprint
一定:certain 故事:story 对象:target 累计:in_total 为主:mainly 应用:application 融合:integration
通知:notice 成长:grow_up 公告:notice 深入:in_depth 告诉:tell 股份:shares 特斯拉:Tesla 观众:visitors
一次:once 专项:special 强调:stress 切实:effectively 最高:highest 只是:only 到了:arrive
就业:employment 收入:income 感受:feel 形式:form 监管:supervision 透露:disclose 治理:governance
电动:electric 整治:put_in_order 有所:somewhat 处置:handle 作业:work 数字:number 程序:program
涉嫌:suspected 明确:clear 报告:report 小区:residential_area 开放:open 正式:official 预计:expect
大桥:bridge 首款:first_model 交付:deliver 上市:go_on_the_market 营收:revenue 亏损:loss
净利润:net_profit
面试:interview 较大:fairly_large 不久:soon 官方:official 试验:test 地面:ground 提高:raise 下降:fall
推出:launch 上线:go_online 首次:first_time 发布会:press_conference 车型:model 销量:sales_volume
国:country 行:go 发:issue 生:born 动:move 方:side 成:become 会:can 理:manage 文:text 业:business
实:actual 日:day 时:time 关:close 市:city 通:open 安:peace 经:after 电:electricity 资:capital
进:enter 报:report 长:long 交:hand_over 提:raise 同:same 本:this 定:set 场:place 产:produce 表:table
台:platform 任:serve_as 当:when 目:item 解:solve 度:degree 利:profit 计:count 设:set_up 查:check
应:should 程:process 管:manage 式:style 联:joint 线:line 编:edit 统:unify 结:tie 导:lead 科:section
量:amount 预:in_advance 司:department 指:point_to 议:discuss 起:from 收:receive 然:so 院:institute
总:total 施:apply 注:note 专:special 影:film 证:certificate 规:rule 源:source 商:business 团:group
局:bureau 单:order 队:team 整:whole 领:lead 元:yuan 精:fine 亚:Asia 容:contain 带:bring 认:recognize
参:join 股:share 济:aid 构:structure 共:in_total 较:compared 居:rank 达:reach 净:net 毛:gross
首:first 馆:hall 站:station 网:network 率:rate 型:type 部:ministry 厅:department 处:office
区:district 县:county 省:province 镇:town 村:village 路:road 桥:bridge 能:energy 美:US 英:UK 法:law
德:Germany 称:say 至:to 降:fall 升:rise 约:about 超:over 近:nearly 每:each 质:quality 效:effect
面:surface 店:shop 群:group 家:family 将:will 已:already 仍:still 可:can 需:need 曾:once 均:all
拟:plan_to 获:obtain 来:come 款:model 全长:total_length 双向:two-way 车道:lane 展厅:exhibition_hall
常设:permanent 额:amount 占:account_for 科考:scientific_survey 妻子:wife 以下:and_below 就是:is
王:king 许:about 架:aircraft 艘:ship 届:session 幅:extent 层:floor 期:period 线上:online
线下:offline 做法:practice 亮相:appear 开机:start_shooting 真:really 半:half 双:double 副:deputy
中的:in 报道:report
"""
_ENGLISH = """
about:关于 accessory:配件 account:账户 across:横跨 action:行动 add:增加 address:应对 advance:进展
again:再次 against:反对 along:沿 also:也 American:美国的 announce:宣布 another:另一个 approach:方法
area:地区 argue:认为 around:周围 authority:当局 back:回 base:基地 based:基于 because:因为 body:身体
build:建造 building:建筑 call:称 card:卡片 care:护理 cause:导致 certain:某些 child:儿童
Chinese:中国的 city:城市 civil:公民 classes:类别 close:关闭 closed:关闭 collection:收藏
colonial:殖民 commercial:商业 compare:比较 consist:组成 construction:建设 control:控制 customer:客户
day:天 deal:协议 death:死亡 decade:十年 defeat:击败 deliver:交付 despite:尽管 develop:发展 die:去世
different:不同 direct:直接 district:区 domestic:国内 drug:药物 each:每 earlier:较早 earliest:最早
early:早 eastern:东部 electric:电 end:结束 entry:进入 event:活动 ever:曾经 example:例子 extend:延伸
far:远 few:少数 field:领域 fight:战斗 fire:火灾 first:首次 floor:层 following:以下 force:力量
forced:被迫 formation:形成 former:前 found:发现 founded:成立 further:进一步 general:一般 give:给
go:去 great:伟大 growth:增长 head:头 heat:热 high:高 higher:更高 hit:击中 home:家 hour:小时
human:人类 imperial:帝国 including:包括 increase:增加 indicate:表明 instance:实例 institution:机构
internal:内部 issue:问题 just:只是 known:已知 largest:最大 last:最后 later:后来 launch:推出 law:法律
leave:离开 left:离开 legal:法律 less:较少 like:像 likely:可能 line:线 little:少 live:生活
located:位于 location:地点 long:长 loss:亏损 lower:较低 main:主要 major:主要 make:制造 man:男子
many:许多 march:行进 mass:大量 mean:意思 means:手段 mid:中 middle:中间 minute:分钟 modern:现代
month:月 more:更多 most:最 most_of:大部分 mostly:大多 must:必须 nation:国家 national:国家 new:新
next:下一 northern:北部 note:注意 now:现在 number:数量 off:离 often:经常 old:老 only:仅 open:开放
operate:运营 order:订单 original:原 other:其他 outer:外 own:自己的 part_of:一部分 party:党 past:过去
perform:表演 piece:片 plan:计划 plant:植物 play:发挥 political:政治 position:位置 present:目前
price:价格 primary:主要 prime:主要 production:生产 profit:利润 protection:保护 prove:证明
provide:提供 public:公共 publish:发表 quarter:季度 quickly:快 radio:无线电 rate:率 receive:收到
record:记录 reduction:减少 remain:仍然 report:报告 required:需要 requirement:要求 response:回应
responsible:负责 rest:其余 result:结果 return:返回 revenue:收入 revolutionary:革命的 right:权利
rise:上升 round:轮 row:排 rule:规则 ruled:统治 run:运行 sale:销售 say:说 sea:海 second:第二
sector:部门 sell:销售 sense:感觉 set:设置 settler:定居者 several:几个 ship:船 since:自从 site:地点
social:社会 some:一些 soon:不久 southern:南部 speed:速度 spread:传播 square:广场 stand:站 state:国家
states:各州 steam:蒸汽 still:仍 street:街道 study:研究 subject:主题 such_as:例如 suffer:遭受
suggest:表明 take:拿 teacher:教师 term:期限 therefore:因此 think:认为 third:第三 throughout:整个
total:总 trace:追溯 train:火车 transfer:转移 urban:城市 used_to:用于 variety:多种 vehicle:车辆
very:非常 view:观点 visit:访问 visitor:游客 walker:步行者 waste:废物 way:方式 well:好 western:西部
while:而 whole:整个 work:工作 year:年
"""
_IRREGULAR = """
begin:began,begun become:became break:broke,broken bring:brought build:built buy:bought catch:caught
choose:chose,chosen come:came draw:drew,drawn drive:drove,driven eat:ate,eaten fall:fell,fallen
feel:felt fight:fought find:found fly:flew,flown get:got,gotten give:gave,given go:went,gone
grow:grew,grown hear:heard hold:held keep:kept know:knew,known lead:led lose:lost make:made meet:met
pay:paid ride:rode,ridden rise:rose,risen run:ran say:said see:saw,seen seek:sought sell:sold
send:sent show:shown sing:sang,sung sit:sat speak:spoke,spoken spend:spent stand:stood
steal:stole,stolen swim:swam,swum take:took,taken teach:taught tell:told think:thought
throw:threw,thrown understand:understood wear:wore,worn win:won write:wrote,written child:children
man:men woman:women person:people foot:feet life:lives half:halves good:better,best bad:worse,worst
"""


def _read_pairs(text: str) -> dict[str, str]:
    pairs = (item.split(":") for item in text.split())
    return {word.replace("_", " "): other.replace("_", " ") for word, other in pairs}


CHINESE = _read_pairs(_CHINESE)  # Chinese word -> English gloss
ENGLISH = _read_pairs(_ENGLISH)  # English word -> Chinese word
BASES = {  # irregular form -> the form that a dictionary has
    form: base for base, forms in _read_pairs(_IRREGULAR).items() for form in forms.split(",")
}
