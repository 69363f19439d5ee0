"""Secrets are encrypted at rest, keys rotate, and the fields are safe in bulk updates.

`fernet_fields` encrypts the *text of the SQL expression* when it is given one (bulk_update does
that); these subclasses hand expressions through untouched and refuse ones that would store
plain text.
"""

from __future__ import annotations

import hmac
from typing import Any

from django.conf import settings
from django.db.models.expressions import Case, Value, When
from fernet_fields import EncryptedField, EncryptedTextField


class _ExpressionSafe:
    """Mixed in before a fernet field."""

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Encrypt values; let bulk_update's CASE pass, whose inner values come here by themselves.

        :raises ValueError: for any other expression, which would be stored as it computes.
        """
        if hasattr(value, "resolve_expression"):
            if isinstance(value, Case | When | Value):
                return value
            msg = "an encrypted column cannot be set from an SQL expression"
            raise ValueError(msg)
        return super().get_db_prep_save(value, connection)  # type: ignore[misc]


class SecretTextField(_ExpressionSafe, EncryptedTextField):  # type: ignore[misc]
    """Text, encrypted; `isnull` is its only look-up."""


class SecretBytesField(_ExpressionSafe, EncryptedField):  # type: ignore[misc]
    """Bytes as they came, encrypted: a callback's raw body."""

    def from_db_value(self, value: Any, expression: Any, connection: Any, *args: Any) -> Any:
        """Decrypt to bytes."""
        return None if value is None else self.fernet.decrypt(bytes(value))


def lookup_hash(text: str) -> str:
    """A keyed hash (64 hex digits) to find a row by a value that must not be searchable plainly."""
    return hmac.digest(settings.LOOKUP_KEY.encode(), text.encode(), "sha256").hex()
