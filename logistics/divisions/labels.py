"""The labels (收件人：, 电话, 【地址】) that forms and shops put before what they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto

from logistics.divisions.cleaning import half_width


class Label(Enum):
    """What a labelled text is; NONE stands before the first label."""

    NONE = auto()
    PHONE = auto()
    POSTCODE = auto()
    ADDRESS = auto()
    REGION = auto()
    HEADER = auto()
    NAME = auto()
    NOTE = auto()


_WHO = r"(?:(?:寄件|发件|发货|寄货|收件|收货)(?:人|方|者)?|联系人|客户|买家|顾客)"
_WORDS = {
    Label.PHONE: rf"{_WHO}?的?(?:联系)?(?:手机号码?|手机|电话号码|电话|座机|固话|联系方式|联系号码)"
    r"|(?<![A-Za-z])(?:tele?phone|tel|phone|mobile)\.?",
    Label.POSTCODE: r"邮政编码|邮编|(?<![A-Za-z])(?:zip|post)\s?code",
    Label.ADDRESS: rf"{_WHO}?的?(?:详细|完整|具体|街道|所在)?(?:地址|住址)|(?<![A-Za-z])address",
    Label.REGION: rf"{_WHO}?(?:所在)?(?:地区|区域|省市区县?|省市)",
    Label.HEADER: rf"{_WHO}?(?:信息|资料)",
    Label.NAME: rf"{_WHO}(?:姓名|名称|名字)?|姓名|名字|称呼|(?<![A-Za-z])name",
}
# Everyday words: labels only before a colon.
_WORDS_BEFORE_COLON = {
    **_WORDS,
    Label.REGION: _WORDS[Label.REGION] + "|省份?|城市|市|区县|区|县|街道|乡镇",
    Label.NOTE: r"(?:[买卖]家)?(?:备注|留言)|订单编?号|快递单号|运单号|商品|物品|货品|数量|规格",
}
PHONE_MARK = "\x1f"
_BOUNDARY = rf"(?:^|(?<=[\s,;|、。【\[(:{PHONE_MARK}]))"
_LABEL = re.compile(
    "|".join(
        rf"(?P<{label.name}>[【\[(]?(?:{words})\s{{0,3}}[】\])]?\s{{0,3}}[:=])"
        for label, words in _WORDS_BEFORE_COLON.items()
    )
    + "|"
    + "|".join(
        rf"(?P<{label.name}_>{_BOUNDARY}[【\[(]?(?:{words})(?:[】\])]|(?=[\s{PHONE_MARK}]|$)))"
        for label, words in _WORDS.items()
    ),
    re.IGNORECASE,
)
_SIDE = re.compile(
    r"(?:(?P<sender>寄件|发件|发货|寄货)|收件|收货)[^\s:：,，]{0,4}(?=\s{0,3}[\s:：】\])])"
)


def labelled(text: str) -> Iterator[tuple[Label, str]]:
    """The text in its order, cut at labels; the labels themselves are left out."""
    before, start = Label.NONE, 0
    for found in _LABEL.finditer(half_width(text)):
        yield before, text[start : found.start()]
        before, start = Label[str(found.lastgroup).removesuffix("_")], found.end()
    yield before, text[start:]


def side_of(text: str, *, sender: bool) -> tuple[str, bool]:
    """The sender's or the receiver's part of a text that names both; whether it did."""
    found = list(_SIDE.finditer(text))
    sides = [match["sender"] is not None for match in found]
    if len(set(sides)) < 2:
        return text, False
    starts = [match.start() for match in found]
    ends = [*starts[1:], len(text)]
    parts = [
        text[start:end]
        for start, end, of_sender in zip(starts, ends, sides, strict=True)
        if of_sender is sender
    ]
    return "\n".join(parts), True
