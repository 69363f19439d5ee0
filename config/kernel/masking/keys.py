"""A field's name alone says what kind of value it holds, however the name is styled.

`receiver_name`, `receiverName`, `RECEIVERNAME` and `receiver-name` are the same key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from typing import Final


class Kind(Enum):
    """What may be shown of a value."""

    SECRET = "secret"
    PHONE = "phone"
    NAME = "name"
    ADDRESS = "address"
    IDENTIFIER = "identifier"
    TEXT = "text"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _ends(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+")

_SECRET_WORDS = _set(
    "secret password passwd pwd passphrase credential credentials authorization cookie cookies"
    " captcha otp"
)
_SECRET_LAST = _set("token tokens sign signature signatures digest session salt cvv pin jwt iv")
_SECRET_EXACT = _set("key auth bearer sign certno paysign")
_SECRET_ENDS = _ends(
    "secret password passwd token signature digest authorization cookie openid unionid logonid"
    " apikey secretkey privatekey accesskey sessionkey sessionid signkey encryptkey aeskey v3key"
    " mchkey checkword jscode authcode verifycode verificationcode smscode gotcode pickupcode"
    " idcard idcardno identityno identitycard passportno bankcard bankcardno bankaccount"
    " bankaccountno cardno cardnumber encrypteddata ciphertext apiticket"
)
_PHONE_WORDS = _set("phone phones mobile mobiles tel telephone cellphone msisdn fax")
_PHONE_ENDS = _ends(
    "phone mobile telephone phoneno phonenumber mobileno mobilenumber telno contactno"
    " contactnumber contactway"
)
_PERSONS = _set(
    "receiver recipient sender consignee consignor shipper courier rider dasher driver deliveryman"
    " postman contact linkman customer user buyer member payer payee signer owner operator person"
    " real full first last middle given family nick true legal login account holder staff"
    " employee applicant"
)
_NAME_EXACT = _PERSONS - _set("real full first last middle given family true legal login account")
_NAME_EXACT |= _set("name contacts contactperson nick signedby receivedby")
_PERSON_KEYS = _NAME_EXACT - {"name"}
_PERSON_ENDS = ("surname", *(f"{person}name" for person in sorted(_PERSONS)))
_TEL_ENDS = tuple(f"{person}tel" for person in sorted(_PERSONS))
_ADDRESS_LAST = _set("address addresses addr town township street building house village")
_ADDRESS_ENDS = _ends(
    "address addr addressline addressdetail addressdetails addresstext houseno housenumber roomno"
    " streetname"
)
_NOT_A_PLACE = _set("ip mac remote server host url mail email")
_IDENTIFIER_LAST = _set(
    "id ids no nos code codes number numbers num sn seq sequence type status state method version"
    " ver at time date timestamp"
)
_IDENTIFIER_ENDS = ("id", "no", "code", "number", "sn")

# Chinese labels, of CSV headers and of prose ("已由快递员:张三"), end in what they name.
SECRET_LABELS = ("密码", "口令", "密钥", "令牌", "签名", "验证码", "取件码", "身份证号", "银行卡号")
PHONE_LABELS = ("电话", "电话号码", "手机", "手机号", "手机号码", "联系方式")
NAME_LABELS = (
    *("姓名", "收件人", "收货人", "寄件人", "发件人", "签收人", "联系人"),
    *("快递员", "派件员", "揽件员", "取件员", "业务员", "配送员", "骑手"),
)
ADDRESS_LABELS = ("地址",)


def folded(key: str) -> str:
    """The key without style: lower-case letters, digits dropped."""
    return "".join(_WORDS.findall(key)).lower()


@lru_cache(maxsize=4096)
def kind_of(key: str) -> Kind:
    """What a value under `key` is; what protects a person wins over what helps a search."""
    words = [word.lower() for word in _WORDS.findall(key)]
    if not words:
        return Kind.TEXT
    joined, last = "".join(words), words[-1]
    return next((kind for kind, holds in _RULES if holds(words, joined, last)), Kind.TEXT)


def is_of_person(key: str) -> bool:
    """Whether `key` opens what is about a person: `receiver`, `buyerInfo`, 收件人信息."""
    words = {word.lower() for word in _WORDS.findall(key)}
    return not words.isdisjoint(_PERSON_KEYS) or any(label in key for label in NAME_LABELS)


def _is_secret(words: list[str], joined: str, last: str) -> bool:
    return (
        joined in _SECRET_EXACT
        or last in _SECRET_LAST
        or joined.endswith(_SECRET_ENDS)
        or not _SECRET_WORDS.isdisjoint(words)
        or last.endswith(SECRET_LABELS)
    )


def _is_phone(words: list[str], joined: str, last: str) -> bool:
    return (
        not _PHONE_WORDS.isdisjoint(words)
        or joined.endswith((*_PHONE_ENDS, *_TEL_ENDS))
        or last.endswith(PHONE_LABELS)
    )


def _is_name(_: list[str], joined: str, last: str) -> bool:
    return joined in _NAME_EXACT or joined.endswith(_PERSON_ENDS) or last.endswith(NAME_LABELS)


def _is_address(words: list[str], joined: str, last: str) -> bool:
    place = last in _ADDRESS_LAST or joined.endswith(_ADDRESS_ENDS)
    return (
        joined == "detail"
        or last.endswith(ADDRESS_LABELS)
        or (place and _NOT_A_PLACE.isdisjoint(words))
    )


def _is_identifier(_: list[str], joined: str, last: str) -> bool:
    return last in _IDENTIFIER_LAST or joined.endswith(_IDENTIFIER_ENDS)


_RULES: Final[tuple[tuple[Kind, Callable[[list[str], str, str], bool]], ...]] = (
    (Kind.SECRET, _is_secret),
    (Kind.PHONE, _is_phone),
    (Kind.NAME, _is_name),
    (Kind.ADDRESS, _is_address),
    (Kind.IDENTIFIER, _is_identifier),
)
