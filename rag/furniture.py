"""What the furniture of a page looks like: one look at one paragraph, knowing nothing around it.

`describe_furniture` names what a short paragraph is if it is not part of an article. The patterns
ask for the whole form of such a line, not for a word in it: an article may speak of cookies,
editors and copyright. `rag.clean` decides with the surroundings.
"""

from __future__ import annotations

import re

MAX_FURNITURE = 220  # characters; what is longer than this says something

_DECORATION = re.compile(r"[*_#`~\s\u200b-\u200d\ufeff|丨]+")
_BULLET = re.compile(r"[-*+•·▪◦‣●○■□◆]\s+|\d{1,3}[.、)]\s+")

_LINK = r"!?\[[^\]\[\n]{0,300}\]\([^()\s]{0,1000}(?:\s+\"[^\"\n]{0,200}\")?\)"
INLINE_MARKUP = re.compile(
    r"\[?!\[[^\]\[\n]{0,300}\]\([^()\n]{0,1000}\)(?:\]\([^()\n]{0,1000}\))?"
    r"|<!--(?:(?!-->|<!--).){0,2000}-->"
    r"|<img\b[^<>]{0,1000}>"
    r"|\[/?caption\b[^\[\]]{0,200}\]"
    r"|\{%[^%{}\n]{0,200}%\}",
    re.IGNORECASE | re.DOTALL,
)

_RULES: tuple[tuple[str, str], ...] = (
    (
        "navigation",
        r"""
        (?:<{1,3}|>{2,3}|[«»←→‹›])\s*[:：]?\s*\S.*
        |(?:[上下前后]一?[篇页頁章节则条]|[上下]一[个張张]|前一篇|后一篇)(?:文章|新闻)?\s*[:：>»].*
        |(?:[上下]一[篇页頁章节]|返回(?:首页|首頁|列表|顶部|上一[页级])|回到(?:顶部|首页))
        |(?:previous|prev|next|older|newer)(?:\s(?:post|article|page|story|entry|chapter|posts|up))?\s*[:：»→]\s*.*
        |(?:previous|next|older|newer)\s(?:post|article|page|story|entry|posts)
        |(?:back|return|jump|skip)\sto\s(?:the\s)?(?:top|home\s?page|home|list|navigation|(?:main\s)?content|contents)
        |(?:您|你)?(?:的)?(?:当前|现在|所在)?(?:的)?位置\s*[:：].*
        |(?:home|home\s?page|首页|主页)\s*[>»›/]\s*.*
        """,
    ),
    (
        "byline",
        r"""
        .{0,40}?\d{1,4}\s?(?:秒|分钟|小时|天|周|个月)前(?:$|[\s·|,，].{0,20}|.{0,12}\d+)
        |.{0,40}?\b(?:\d{1,3}|an?)\s(?:sec(?:ond)?|min(?:ute)?|hour|day|week|month|year)s?\sago(?:$|\s*[·|,•-].{0,30})
        |(?:阅读|浏览|点击|播放|围观|点赞|评论|转发|收藏|分享|喜欢|views?|likes?|shares?|reads?|comments?)\s?(?:数|量|次数|\(|（)?\s?[:：]?\s?[\d,.]+\s?[万wk]?\s?(?:次|人|\)|）)?(?:\s+.{0,30}\d+.{0,4})?
        |[\d,.]+\s?[万k]?\s?(?:次?(?:阅读|浏览|点击|播放|点赞|评论|转发|收藏)|views?|likes?|shares?|comments?|reads?)(?:\s+.{0,30})?
        |(?:\d{1,2}|one|two|three|four|five|six|ten)[\s-]min(?:ute)?s?\sread
        """,
    ),
    (
        "interaction",
        r"""
        [（(【\[]?(?:(?:我要|违规|有害|不良)?(?:举报|投诉|反馈|分享|转发|收藏|点赞|打印|关闭窗口|发表评论|查看评论|全部评论|网友评论|登录|注册|回复|赞|踩|复制链接|复制|扫一扫|赏|打赏|打赏作者|关注|加关注|订阅|展开全文|阅读全文|查看更多|点击查看更多|加载更多|点击加载更多|加载中)[\s/|｜、·,，.…]*){1,8}(?:\s*[（(]?\d+[)）]?)?[】\])）]?
        |分享(?:到|至|给|让更多).{0,25}|(?:长按|扫描|扫码|微信扫一?扫|识别).{0,12}(?:二维码|关注|下载|分享|阅读).{0,30}
        |(?:点击|欢迎|请|快来|赶快)?(?:扫码)?关注(?:我们|本站|官方|微信|公众号|“[^”]{1,20}”|「[^」]{1,20}」).{0,40}
        |(?:share|tweet|pin|print|e-?mail|save|like|reply|report|quote|bookmark|comment|follow|copy\slink)(?:[\s/|,·•]+(?:share|tweet|pin|print|e-?mail|save|like|reply|report|quote|bookmark|comment|follow|copy\slink|facebook|twitter|x|linkedin|whatsapp|reddit|pinterest|telegram)){0,12}(?:\s?\(\d+\))?
        |(?:share|save|print|email|report|bookmark)\s(?:this|on|to|via|with)\b.{0,40}
        |(?:follow|like|find|join)\sus\s(?:on|at)\b.{0,80}|report\s(?:abuse|an?\serror|post|comment)
        |(?:leave|post|write|add)\sa\s(?:comment|reply|review)|(?:view|show|see|load|read)\s(?:all\s)?(?:\d+\s)?(?:more|comments?|replies)(?:\s.{0,20})?
        |click\s(?:here|to)\b.{0,40}|tap\s(?:here|to)\b.{0,40}
        |(?:log|sign)\s?(?:in|up)(?:\s(?:to|for|now|with|or)\b.{0,60})?
        """,
    ),
    (
        "notice",
        r"""
        (?:we|this\s(?:web)?site|our\s(?:web)?site|our\spartners)\b.{0,60}\bcookies\b.*|(?:accept|reject|manage|allow)\s(?:all\s)?cookies?.{0,30}|cookie\s(?:policy|settings|preferences|notice)
        |(?:本站|本网站|我们)(?:会)?使用\s?cookies?.*
        |by\s(?:continuing|using|clicking|subscribing|signing).{0,60}\byou\s(?:agree|accept|consent).*
        |(?:please\s)?(?:subscribe|sign\sup)\s(?:to|for|now|today|here)\b.{0,140}|(?:already|not\syet)\sa\s(?:subscriber|member)\b.{0,60}|enter\syour\se-?mail.{0,80}|unsubscribe\b.{0,80}|(?:get|have)\s.{0,40}(?:delivered|sent)\s(?:straight\s)?to\syour\s(?:inbox|e-?mail).{0,40}
        |(?:点击|立即|免费|欢迎)?订阅(?:我们|本站|本刊|邮件|电子报|频道).{0,60}|登录后(?:可|才|即可|查看|发表|阅读).{0,40}
        |(?:advertisement|advertising|sponsored(?:\scontent)?|广告|推广|赞助内容)|scroll\sto\scontinue.{0,40}|article\scontinues\s(?:below|after).{0,40}
        |(?:download|get)\s(?:our|the)\s.{0,40}\bapps?\b.{0,40}|.{0,80}(?:请|点击|扫码|立即|马上|欢迎)(?:扫码|点击)?下载.{0,30}(?:app|客户端|应用)[^。]{0,10}。?
        |(?:©|\(c\)\s|copyright\b\s?(?:©|\(c\)|\d|by\b)|版权所有|版權所有|著作权归|版权归|本文版权|版权声明|免责声明|免責聲明|特别声明|郑重声明|法律声明|原创声明).*|.{0,80}all\srights\sreserved.{0,80}
        |.{0,100}(?:未经|未經).{0,20}(?:授权|许可|允许|同意|書面|书面).{0,24}(?:不得|禁止|严禁|谢绝).*|.{0,40}(?:转载|轉載)(?:请|須|须|需|时请)(?:注明|联系|标明|保留|註明).*|(?:严禁|禁止|谢绝)(?:擅自)?转载.{0,30}
        |.{0,80}(?:仅|僅|只)?(?:供参考|供參考|为作者(?:个人)?观点|代表作者(?:个人|本人)?观点).{0,60}(?:不构成|不作为|不構成|不代表).*|.{0,60}不构成(?:任何)?(?:投资|医疗|法律|购买).{0,6}(?:建议|意见|依据).*|.{0,60}不代表(?:本(?:站|网|平台|刊|报|号)|.{0,12}(?:网|平台|立场)).*|.{0,60}(?:据此操作|据此入市|入市).{0,10}风险自(?:担|负).*|(?:投资有风险|股市有风险|理财有风险)[，,]?\s?(?:入市|投资)?(?:需|须)?谨慎.{0,20}
        |.{0,60}(?:如有|若有|如涉及|如).{0,16}(?:侵权|侵犯).{0,20}(?:联系|删除|告知).*
        |.{0,100}\b(?:is\snot|does\snot\sconstitute|should\snot\sbe\s(?:taken|construed|considered)\sas)\b.{0,30}\b(?:investment|financial|legal|medical)\s(?:advice|recommendation).*|.{0,60}for\sinformational\spurposes\sonly.*|(?:the\s)?(?:views|opinions)(?:\sand\sopinions)?\sexpressed\s(?:here|in\sthis|are).*
        |(?:this\s(?:article|story|post)\s)(?:was\s)?(?:originally|first)\s(?:published|appeared)\b.*|.{0,60}(?:without|prior)\s(?:written\s|express\s)?permission\b.{0,60}(?:prohibited|forbidden|is\snot\sallowed).{0,20}
        |(?:privacy\spolicy|terms\sof\s(?:use|service)|contact\sus|about\sus|关于我们|联系我们|隐私政策|用户协议|服务条款|网站地图)(?:[\s|/·•-]+.{0,80})?
        |.{0,20}(?:icp[备证]\s?\d+|公网安备\s?\d+).{0,60}
        """,
    ),
    (
        "credit",
        r"""
        [（(【\[]?(?:本文|本期|本报|本刊|值班|执行|责任|图文|视频|新媒体|封面|特约|实习|见习|首席|助理|视觉|流程|网络)?\s?(?:责任编辑|责任校对|责任编校|责编|编辑|編輯|校对|校對|审核|审校|初审|复审|终审|監製|监制|编审|美编|排版|撰文|主编|总编|统筹|策划|制图|剪辑|运营|来稿|供稿|通讯员)\s?(?:[:：/丨|┃=]|\s)\s?[^。，,！？!?]{0,50}
        |(?:责任编辑|责编|编辑|校对|审核|终审|监制)[\u4e00-\u9fff]{2,4}(?:[\s、]+[\u4e00-\u9fff]{2,4}){1,4}
        |.{0,16}(?:首席|特约|实习|见习|驻[\u4e00-\u9fff]{1,4})?记者\s?[:：]?\s{0,3}[\u4e00-\u9fff·]{2,4}(?:[\s、]+[\u4e00-\u9fff·]{2,4}){0,4}(?:\s.{0,10}报道)?
        |[（(【\[]?(?:封面|头图|题图|配图|首图|文中|本文|部分|新闻|视频|信息|文章|稿件|内容|资料|数据)?\s?(?:图片|图|圖片|素材|照片)?(?:来源|來源|出处|来历|源自)\s?(?:[:：丨|]|为|于)\s?[^。，,！？!?]{1,40}[)）】\]]?
        |[（(【\[]?(?:图源|图/|圖/|文/|图片提供|摄影|攝影|摄|供图|插图|绘图|文图|图文)\s?[:：/丨|]?\s?[^。，,！？!?\s][^。，,！？!?]{0,30}(?<![的了])[)）】\]]?
        |.{1,30}(?:综合自|整理自|综合整理|综合报道)[^。！？!?]{0,120}
        |[（(]?(?:photo(?:graph)?s?|images?|pictures?|illustrations?|video|cover|source|via)(?:\s(?:credits?|courtesy(?:\sof)?|source|by|via|from))*\s?[:：/]\s?[^.!?]{1,80}\.?[)）]?
        |[（(]?(?:photo(?:graph)?s?|images?|pictures?|illustrations?)\s(?:courtesy\sof|(?:credits?\s)?by)\s[^.!?,]{1,50}\.?[)）]?
        |(?:reporting|writing|editing|edited|proofread(?:ing)?|translated|additional\sreporting|copy-?edit(?:ed|ing)?|fact-?check(?:ed|ing)?|produced)\s(?:by|:)\s?.{1,120}
        |(?:editors?|proofreaders?|copy\seditor|translator|producer)\s?[:：|]\s?[^.!?]{1,80}\.?
        |.{0,20}(?:getty\simages|shutterstock|unsplash|istock|视觉中国|图虫创意|东方ic|ic\sphoto)[)）]?
        |[（(]?(?:完|全文完|本文完|end|the\send|图片|图|image|photo|picture)[)）]?
        """,
    ),
)
_FURNITURE = tuple(
    (reason, re.compile(rf"(?:{pattern})", re.IGNORECASE | re.VERBOSE))
    for reason, pattern in _RULES
)

_NAV_WORD = re.compile(
    r"world|politics|sports?|opinion|business|tech(?:nology)?|culture|science|health|weather|travel"
    r"|videos?|photos?|local|国际|国内|财经|体育|娱乐|科技|社会|汽车|房产|教育|健康|旅游|军事|文化|时尚"
    r"|home|about(?: us)?|contact(?: us)?|log ?in|sign (?:in|up)|register|search|menu|news"
    r"|blog|shop|cart|faq|help|archive|categories|tags|forum|sitemap|subscribe"
    r"|首页|登录|注册|关于(?:我们)?|联系(?:我们)?|新闻|博客|论坛|搜索|导航|帮助|专题|视频|图片|更多",
    re.IGNORECASE,
)
_NAV_SPLIT = re.compile(r"\s*[|｜·•»›>/]\s*")
_URL = re.compile(r"<?(?:https?://|www\.)\S+>?", re.IGNORECASE)
_LINKS_ONLY = re.compile(rf"(?:{_LINK}|\s|[|·•,，、/\-*])+")
_LINK_LABEL = re.compile(r"!?\[([^\]\[\n]{0,300})\]")


def describe_furniture(paragraph: str) -> str | None:
    """What kind of furniture a paragraph is ("navigation", "credit", ...), or None for an article.

    Args:
        paragraph: One paragraph, trimmed; Markdown emphasis and a bullet in front are looked
            through. Longer ones than `MAX_FURNITURE` are never furniture, links apart.
    """
    if is_link_line(paragraph):
        return "link"
    if len(paragraph) > MAX_FURNITURE:
        return None
    bare = bare_line(paragraph)
    if not any(c.isalnum() for c in bare):
        return None if paragraph.startswith(("|", "```")) else "rule"
    for reason, pattern in _FURNITURE:
        if pattern.fullmatch(bare):
            return reason
    return "navigation" if _is_menu(paragraph) else None


def bare_line(paragraph: str) -> str:
    """The words of a line: no bullet, no emphasis, single spaces."""
    bulletless = paragraph[m.end() :] if (m := _BULLET.match(paragraph)) else paragraph
    return _DECORATION.sub(" ", bulletless).strip()


def is_link_line(paragraph: str) -> bool:
    """Whether a paragraph is addresses and links only, none of them labelled with a sentence."""
    body = paragraph[m.end() :] if (m := _BULLET.match(paragraph)) else paragraph
    if "](" in body:
        if not _LINKS_ONLY.fullmatch(body):
            return False
        return all(
            label.strip()[-1:] not in "。.！!？?" or not label.strip()
            for label in _LINK_LABEL.findall(body)
        )
    return bool(_URL.fullmatch(body.strip()))


def _is_menu(paragraph: str) -> bool:
    """Whether a line is words of a site menu between bars: at least three, half of them known."""
    parts = [part for part in _NAV_SPLIT.split(paragraph) if part]
    if paragraph.startswith("|") or len(parts) < 3 or max(map(len, parts)) > 24:
        return False
    return 2 * sum(bool(_NAV_WORD.fullmatch(part)) for part in parts) >= len(parts)


_AUTHOR_HEADING = re.compile(
    r"(?:about|meet)\sthe\sauthors?.*|author\s(?:bio|profile)|(?:关于|关於)(?:本文)?作者"
    r"|(?:本文)?作者(?:简介|介绍|簡介|信息)(?:\s?[:：].*)?|[（(]?(?:本文)?作者[系为係].{4,80}",
    re.IGNORECASE | re.DOTALL,
)
_AUTHOR_TRADE = re.compile(
    r"\b(?:writer|reporter|journalist|editor|columnist|blogger|contributor|correspondent|author"
    r"|photographer|podcaster|freelancer?)\b|作者|撰稿人|专栏|博主|自媒体|编辑|记者",
    re.IGNORECASE,
)
_AUTHOR_CUE = re.compile(
    r"\b(?:follow|twitter|instagram|mastodon|linkedin|newsletter|e-?mail|reach(?:ed)?|contact)\b|@\w"
    r"|\b(?:covers|lives\sin|based\sin|writes\s(?:about|for)|has\s(?:written|appeared|contributed)"
    r"|work\shas\sappeared|spare\stime|when\s(?:not|he|she)\b)"
    r"|公众号|微信号|微博|个人网站|现居|毕业于|擅长|专注",
    re.IGNORECASE,
)
_AUTHOR_BEAT = re.compile(r"(?:[A-Z][\w.'’-]+\s){2,4}(?:covers|writes|reports|blogs)\s")
_AUTHOR_CONTACT = re.compile(r"\b(?:follow|twitter|e-?mail|reached|contact)\b|@\w", re.IGNORECASE)
_PRIZE = re.compile(
    r"\b(?:awards?|prizes?|winner|won|honou?rs?|medal|(?:author|person|creator|blogger|writer)\sof\sthe"
    r"\syear|most\s(?:popular|influential)|best|(?:first|second|third)\splace|top\s(?:\d+|ten))\b"
    r"|获奖|大奖|奖项|荣获|获得|年度|十大|最佳|最具|称号",
    re.IGNORECASE,
)
_UNNAMED = re.compile(
    r"(?:as|being)\s(?:an?|the)\s(?:\w+\s){0,3}(?:winner|recipient|holder|member|laureate|finalist)\b"
    r"|(?:winner|recipient|holder)\s(?:of|from)\b|(?:he|she)\s(?:is|was|has)\b|曾(?:荣获|获得?|任)|荣获|作为",
    re.IGNORECASE,
)


def opens_author_note(paragraph: str) -> bool:
    """Whether a paragraph says itself that it is about the author of the article."""
    return _AUTHOR_HEADING.fullmatch(bare_line(paragraph).rstrip(":：")) is not None


def is_author_blurb(paragraph: str) -> bool:
    """Whether the last paragraph of an article speaks of its author instead.

    Either it names a writing trade and how to find the person, or it lists three prizes or more
    of somebody whom it does not name. An article about a person names that person.
    """
    opening = paragraph[:160]
    if (
        len(paragraph) <= 600
        and _AUTHOR_BEAT.match(paragraph)
        and _AUTHOR_CONTACT.search(paragraph)
    ):
        return True
    if len(paragraph) <= 600 and _AUTHOR_TRADE.search(opening) and _AUTHOR_CUE.search(paragraph):
        return (
            re.match(r"(?:\S+\s){1,5}(?:is|has|was|covers|writes)\s|作者|本文作者", opening)
            is not None
        )
    return _UNNAMED.match(opening) is not None and len(_PRIZE.findall(paragraph)) >= 3
