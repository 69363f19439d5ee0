"""Creates a tenant with its key, callback secret and quota, or applies options to one."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.services.tenants import MOST_REQUESTS, UNSET, create_tenant
from accounts.states import CallbackAck, Mode
from config.kernel.commands import Report, ReportingCommand, amount
from config.kernel.errors import Malformed
from quotas.queries import has_quota
from quotas.services.settings import check_settings, save_quota


class Command(ReportingCommand):
    """`create_tenant --code C --name N …`: one JSON object; secrets are shown only when made."""

    help = "创建租户并发放密钥；重复执行只应用给出的选项，不再显示密钥。"
    always_json = True

    def add_options(self, parser: ArgumentParser) -> None:
        """CONTRACT section 3."""
        parser.add_argument("--code", required=True, help="platform_code，创建后不变")
        parser.add_argument("--name", required=True, help="租户名称")
        parser.add_argument("--callback-url", help="默认回调地址")
        parser.add_argument("--callback-host", action="append", default=[], help="允许的回调主机")
        parser.add_argument(
            "--callback-ack", choices=CallbackAck.values, help="怎样的应答算送达，默认 code"
        )
        parser.add_argument(
            "--external-address", action="append", help="密钥写在消息里时允许的来源（替换原名单）"
        )
        parser.add_argument("--requests-per-minute", type=int, help="每分钟请求上限；0 取消上限")
        parser.add_argument("--monthly-free-quota", type=int, help="每月免费单量；不给则不建配额")
        parser.add_argument("--overage-price", type=amount, help="超额单价（元），给出即允许超额")
        parser.add_argument("--test-mode", action="store_true", help="发放测试密钥（走沙箱）")
        parser.add_argument("--rotate", action="store_true", help="再发一把密钥，旧的仍有效")

    def report(self, **options: Any) -> Report:
        """Create or update."""
        now, limit = timezone.now(), options["requests_per_minute"]
        if limit is not None and not 0 <= limit <= MOST_REQUESTS:
            said = f"请填写 1 到 {MOST_REQUESTS}；不限流请填 0，沿用原设置则不给此选项。"
            raise Malformed(fields={"requests-per-minute": [said]})
        with transaction.atomic():
            issued = create_tenant(
                code=options["code"],
                name=options["name"],
                at=now,
                callback_url=options["callback_url"],
                callback_hosts=options["callback_host"],
                callback_ack=options["callback_ack"],
                external_addresses=options["external_address"],
                requests_per_minute=UNSET if limit is None else limit or None,
                mode=Mode.TEST if options["test_mode"] else Mode.LIVE,
                rotate=options["rotate"],
            )
            free, price = options["monthly_free_quota"], options["overage_price"]
            if price is not None:
                check_settings({"overage_price": price})
            # Without --monthly-free-quota a tenant gets no quota row; one it has is changed.
            if free is not None or (price is not None and has_quota(tenant_id=issued.tenant.pk)):
                save_quota(
                    tenant_id=issued.tenant.pk,
                    at=now,
                    monthly_free_quota=free,
                    overage_enabled=None if price is None else True,
                    overage_price=price,
                )
        dry = options["dry_run"]
        return Report(
            {
                "platform_code": issued.tenant.platform_code,
                "api_key": issued.api_key,
                "api_secret": None if dry else issued.api_secret,
                "callback_secret": None if dry else issued.callback_secret,
                "api_base_url": f"{settings.PUBLIC_BASE_URL}/api/external",
                "created": issued.created,
            },
            ["密钥只显示这一次，请妥善保存。"] if issued.api_secret and not dry else [],
        )
