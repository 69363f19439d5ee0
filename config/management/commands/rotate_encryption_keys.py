"""Encrypts every secret anew under the newest key, so that old keys can be dropped."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import models, transaction
from rich.console import Console
from rich.progress import track

from config.kernel.commands import Report, ReportingCommand
from config.kernel.encryption import SecretBytesField, SecretTextField


class Command(ReportingCommand):
    """`rotate_encryption_keys`: put the new key first in FERNET_KEYS, run this, drop the old."""

    help = "用 FERNET_KEYS 中的第一个密钥重新加密全部密文；完成后即可移除旧密钥。"

    def report(self, **options: Any) -> Report:
        """Re-save row by row; a row under a dropped key is named, not fatal."""
        done: dict[str, int] = {}
        lost: list[str] = []
        console = Console(stderr=True)
        for model in apps.get_models():
            names = [
                field.name
                for field in model._meta.concrete_fields
                if isinstance(field, SecretTextField | SecretBytesField)
            ]
            if names:
                label = model._meta.label
                pks = list(model._default_manager.values_list("pk", flat=True))  # noqa: SLF001
                done[label] = sum(
                    self._rewrite(model, pk, names, lost)
                    for pk in track(pks, label, console=console, disable=not console.is_terminal)
                )
        lines = [f"{label}：{count} 行" for label, count in done.items()]
        lines += [f"无法解密：{name}（密钥已不在 FERNET_KEYS 中）" for name in lost]
        return Report({"rewritten": done, "unreadable": lost}, lines, ok=not lost)

    def _rewrite(
        self, model: type[models.Model], pk: Any, names: list[str], lost: list[str]
    ) -> int:
        manager = model._default_manager  # noqa: SLF001
        with transaction.atomic():
            try:
                row = manager.select_for_update().only("pk", *names).get(pk=pk)
            except ObjectDoesNotExist:
                return 0
            except InvalidToken:
                lost.append(f"{model._meta.label} {pk}")
                return 0
            manager.filter(pk=pk).update(**{name: getattr(row, name) for name in names})
        return 1
