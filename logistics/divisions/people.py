"""Which words may be somebody's name, and how surely, told from their characters alone."""

from __future__ import annotations

import re
from enum import IntEnum

from logistics.divisions.folding import fold
from logistics.divisions.index import index

_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎"
    "鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄"
    "和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭"
    "梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫经房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉龚程邢裴"
    "陆荣翁荀羊惠甄曲封储靳段焦巴牧隗山谷车侯宓蓬全班仰秋仲伊宫宁仇栾甘厉戎祖武符刘景詹束龙叶幸司韶黎"
    "薄印宿白怀蒲邰鄂索咸籍赖卓蔺屠蒙池乔阴胥苍双闻莘党翟谭贡劳姬申扶堵冉宰郦雍桑桂牛寿通边扈燕冀浦尚"
    "农温别庄晏柴瞿阎充慕连茹习艾鱼容向古易慎戈廖庾终居衡步都耿满弘匡国文寇广禄阙东欧沃利蔚越隆师巩聂晁"
    "勾敖融冷辛阚那简饶空曾沙鞠丰巢关蒯相查后荆红游竺权盖益桓公仉督岳帅缑亢况郈琴商牟佘伯赏墨哈年佟阳言"
    "闫肖代覃涂付仝亓税甫苟邸晋楚"
)
_COMPOUND = (
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文",
    "长孙", "司徒", "夏侯", "端木", "南宫", "独孤", "呼延", "轩辕", "百里", "东郭", "西门",
)  # fmt: skip
_CALLED = "先生|女士|小姐|老师|师傅|医生|经理|老板|同学|阿姨|叔叔|大哥|大姐|总|姐|哥|工|董"
_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff]"
_ASIDE = r"(?:[(（][^()（）\d]{1,8}[)）])?"
_SHORT = re.compile(rf"(?P<name>{_HAN}{{2,4}}){_ASIDE}")
_DOTTED = re.compile(rf"{_HAN}{{1,8}}(?:[·•・]{_HAN}{{1,8}}){{1,3}}")
_LATIN = re.compile(r"[A-Za-z][A-Za-z.'’-]{1,24}(?: [A-Za-z][A-Za-z.'’-]{0,24}){0,3}")
_ADDRESSED = re.compile(rf"{_HAN}{{1,3}}(?:{_CALLED})")
# What ends a place, a building or an institution far more often than a name.
_ENDS_A_PLACE = frozenset(
    "省市区县旗州盟镇乡村路街道巷弄里号楼栋幢座室层组园苑城场厦司校院店馆站所部局处中心柜点口门旁侧边面团"
    "学厂库港湾桥岛府邸庭阁轩舍寓社台业卫吧屋铺行会坊塘坝湖河岭坡坪屯寨堡营"
)
_LANDMARKS = frozenset({"万达", "万科", "高新", "金地", "华润", "龙湖", "丰巢", "菜鸟", "江南"})


class Likeness(IntEnum):
    """How surely a word is a person's name."""

    NONE = 0
    POOR = 1
    FAIR = 2
    GOOD = 3


def likeness(word: str) -> Likeness:
    """Judge one word; the name of a division or a building is a poor one however it looks."""
    if _LATIN.fullmatch(word):
        return Likeness.FAIR
    if _DOTTED.fullmatch(word):
        return Likeness.GOOD
    short = _SHORT.fullmatch(word)
    if short is None:
        return Likeness.NONE
    name = short["name"]
    surnamed = name[0] in _SURNAMES or name.startswith(_COMPOUND)
    if surnamed and _ADDRESSED.fullmatch(name):
        return Likeness.GOOD
    if name[-1] in _ENDS_A_PLACE or name in _LANDMARKS or index().named(fold(name)):
        # 王城 and 安宁 may be somebody, 余杭区 is nobody.
        return Likeness.POOR if surnamed and len(name) < 4 else Likeness.NONE
    return Likeness.GOOD if surnamed else Likeness.FAIR


def glued_name(text: str) -> str:
    """A name written right behind a house number (969号张三), else an empty text."""
    found = re.search(rf".*[号室楼层栋幢座\d]({_HAN}{{2,3}})$", text)
    return found[1] if found and likeness(found[1]) is Likeness.GOOD else ""
