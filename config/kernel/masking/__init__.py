"""No phone, address, name, secret or token in any log, call log or error."""

from __future__ import annotations

from config.kernel.masking.bodies import mask_body
from config.kernel.masking.fields import mask_fields
from config.kernel.masking.known import KnownValues
from config.kernel.masking.logs import MaskingFilter
from config.kernel.masking.text import mask_text
from config.kernel.masking.urls import mask_url
from config.kernel.masking.values import mask_address, mask_name, mask_phone, mask_secret

__all__ = [
    "KnownValues",
    "MaskingFilter",
    "mask_address",
    "mask_body",
    "mask_fields",
    "mask_name",
    "mask_phone",
    "mask_secret",
    "mask_text",
    "mask_url",
]
