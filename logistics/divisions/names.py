"""Every way a division's name is written, told apart by whether it names the division's kind.

A full form carries its suffix (浙江省, 恩施州, 元江县) and stands for itself; a short form (浙江)
may as well begin the name of a street or a landmark, so that its readers ask what follows it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from logistics.divisions.table import Division, Level

_PEOPLES = (
    "各族|蒙古族|回族|藏族|维吾尔族|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|"
    "白族|土家族|哈尼族|哈萨克族|傣族|黎族|傈僳族|佤族|畲族|拉祜族|水族|东乡族|"
    "纳西族|景颇族|柯尔克孜族|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|"
    "锡伯族|普米族|塔吉克族|怒族|鄂温克族|裕固族|保安族|独龙族|鄂伦春|蒙古|维吾尔|"
    "哈萨克|柯尔克孜|塔吉克|锡伯"
)
_ENDING_IN_PEOPLES = re.compile(f"(.*?)(?:{_PEOPLES})+")
_AUTONOMOUS = re.compile(r"(.+?)自治([区州县旗])")
_DISTRICT_OF_A_PEOPLE = re.compile(r"(.+?族)区")
_KIND = re.compile(r"(?:特别行政区|地区|新区|特区|[省市盟区县旗])$")
_TOWN_KIND = re.compile(r"街道$|[镇乡]$")

# Used in daily life, derivable from no rule.
_NICKNAMES = {
    "内蒙古自治区": ("内蒙",),
    "呼和浩特市": ("呼市",),
    "神农架林区": ("神农架",),
    "锡林郭勒盟": ("锡盟",),
    "阿拉善盟": ("阿盟",),
    "巴音郭楞蒙古自治州": ("巴州",),
    "博尔塔拉蒙古自治州": ("博州",),
    "克孜勒苏柯尔克孜自治州": ("克州",),
    "前郭尔罗斯蒙古族自治县": ("前郭县",),
    "喀喇沁左翼蒙古族自治县": ("喀左县",),
    "阜新蒙古族自治县": ("阜蒙县",),
    "杜尔伯特蒙古族自治县": ("杜蒙县",),
    "达尔罕茂明安联合旗": ("达茂旗",),
    "莫力达瓦达斡尔族自治旗": ("莫旗",),
    "东乌珠穆沁旗": ("东乌旗",),
    "西乌珠穆沁旗": ("西乌旗",),
    "香港特别行政区": ("香港特区",),
    "澳门特别行政区": ("澳门特区",),
}


@dataclass(frozen=True, slots=True)
class Names:
    """`full` begins with the official name; `short` is empty where one character would stay."""

    full: tuple[str, ...]
    short: tuple[str, ...]


def names_of(division: Division) -> Names:
    stem, suffix = _split(division.name)
    full = [division.name]
    if division.level is Level.PROVINCE and suffix == "自治区":
        full += [f"{stem}省", f"{stem}自治区"]
    elif suffix.startswith("自治"):
        full.append(stem + suffix.removeprefix("自治"))
    elif _DISTRICT_OF_A_PEOPLE.fullmatch(division.name):
        full.append(stem + suffix)
    short = [stem] if len(stem) >= 2 and stem != division.name else []
    for nickname in _NICKNAMES.get(division.name, ()):
        (full if nickname.endswith(("县", "旗")) else short).append(nickname)
    return Names(tuple(dict.fromkeys(full)), tuple(short))


def former_names_of(division: Division) -> tuple[str, ...]:
    """The name with the suffix it may have had before it was upgraded (海门市 is now 海门区)."""
    stem, suffix = _split(division.name)
    if len(stem) < 2 or not suffix:
        return ()
    return tuple(name for kind in "区县市" if (name := stem + kind) != division.name)


def loose_names_of_town(town: Division) -> tuple[str, ...]:
    """A town below a city without districts, under the suffixes people give it (东莞市东城区)."""
    stem = _TOWN_KIND.sub("", town.name)
    if stem.endswith("区"):
        return (stem,)
    kinds = ("街道", "镇", "区") if len(stem) >= 2 else ("街道", "镇")
    return tuple(name for kind in kinds if (name := stem + kind) != town.name)


def is_told_only_by_its_city(name: str) -> bool:
    """Names that are everyday words (城区, 东区) or that towns everywhere share (西湖乡)."""
    return (len(name) == 2 and name.endswith("区")) or name.endswith(("乡", "镇"))


def _split(name: str) -> tuple[str, str]:
    if autonomous := _AUTONOMOUS.fullmatch(name):
        return _without_peoples(autonomous[1]), f"自治{autonomous[2]}"
    if peopled := _DISTRICT_OF_A_PEOPLE.fullmatch(name):
        return _without_peoples(peopled[1]), "区"
    if name.endswith("矿区"):
        return name, ""
    # 清新区 is not a new area called 清: a longer suffix must leave two characters.
    suffix = _KIND.search(name, 2) or _KIND.search(name, 1)
    return (name[: suffix.start()], suffix[0]) if suffix else (name, "")


def _without_peoples(name: str) -> str:
    match = _ENDING_IN_PEOPLES.fullmatch(name)
    if match is None:
        return name
    # 东乡族自治县 and 鄂温克族自治旗 are named after nothing but their people, 内蒙古 contains one.
    return match[1] if len(match[1]) > 1 else name.removesuffix("族")
