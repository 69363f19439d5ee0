"""What follows a name shows whether the name ends there or goes on as a street or a landmark.

南京东路 is in Shanghai, 静安新城 is outside 静安区, 杭州市民中心 does not name 杭州市: a name that
goes on is not taken. The lists err towards refusing; what is refused stays in the detail.
"""

from __future__ import annotations

import re

from logistics.divisions.table import Level

_STREET = re.compile(
    r"(?:[东南西北中上下前后内外新老大小第一二三四五六七八九十\d]{0,3}|.?)"
    r"(?:路|街(?!道)|大街(?!道)|大道|巷|弄|胡同|高速)"
    r"|道(?!里|外|县|真|孚|滘)"
)
_STREET_AT_ONCE = re.compile(r"路|大道|大?街(?!道)")
_KIND = re.compile(r"[区县市旗州省盟]|地区")
_NO_PLACE = re.compile(r"[区县旗州省盟]|地区|.{0,2}?(?:大学|学院|银行)")
_LANDMARK = re.compile(
    r"[门山湖河溪岛寺庙宫塔亭楼桥站园苑府村庄镇乡里岩峰洞堤坝]"
    r"|江(?![南北东西滨汉宁陵])|城(?![厢关东西南北中])"
    r"|[^路街巷弄道\d]{0,4}?(?:广场|公园|景区|风景|医院|大学|学院|中学|小学|机场|车站|高铁|地铁|大厦|宾馆|酒店"
    r"|饭店|花园|家园|新村|新城|新区|小区|市场|商场|商城|中心|银行|体育|文化|开发区|工业|产业园|科技园|软件园"
    r"|高新|经开|法院|政府|派出所|邮局|图书馆|博物馆|大桥|立交|码头|古镇|古城|万达)"
)
_WORD_BEGINNING_WITH_CITY = re.compile(r"场|区|立|郊|中心|民(?:中心|广场|公园|之家|服务|活动)")


def is_street(following: str) -> bool:
    return _STREET.match(following) is not None


def ends_full_name(name: str, following: str) -> bool:
    if name.endswith("市") and _WORD_BEGINNING_WITH_CITY.match(following):
        return False
    if name.endswith(("镇", "乡")) or (len(name) == 2 and name.endswith("区")):
        return _STREET_AT_ONCE.match(following) is None
    return True


def ends_short_name(level: Level, following: str) -> bool:
    if is_street(following):
        return False
    if level is Level.DISTRICT:
        return not (_LANDMARK.match(following) or _KIND.match(following))
    return _NO_PLACE.match(following) is None
