"""What quotas refuse (codes 3000–3999); after each of them nothing is written."""

from __future__ import annotations

from config.kernel.errors import Conflict, Rejected


class QuotaMissing(Rejected):
    """The tenant has no quota row."""

    slug, code = "quota_missing", 3001
    message = "尚未为该租户设置配额，请联系平台开通。"


class QuotaExhausted(Rejected):
    """No free unit is left and overage is not enabled."""

    slug, code = "quota_exhausted", 3002
    message = "本期配额已用完且未开通超额，请联系平台调整配额。"


class QuotaDisabled(Rejected):
    """The quota is switched off."""

    slug, code = "quota_disabled", 3003
    message = "该租户的配额已停用，请联系平台。"


class QuotaSuspended(Rejected):
    """The quota is suspended."""

    slug, code = "quota_suspended", 3004
    message = "该租户的配额已暂停，请联系平台。"


class QuotaMoved(Conflict):
    """The period or price changed while we reserved; nothing was written, ask again."""

    slug, code = "quota_moved", 3005
    message = "配额周期刚刚更新，请重试。"
