"""A signed request that can be pasted into a shell: one more parcel, booked through the API."""

from __future__ import annotations

from django.conf import settings

TARGET = "/api/v1/express-orders"
BODY = (
    '{"tenant_order_no":"PASTED-1","receiver_name":"陆羽","receiver_phone":"13900000000",'
    '"receiver_address":"浙江省湖州市长兴县水口乡顾渚村1号","goods_name":"紫笋茶"}'
)


def example(*, api_key: str, api_secret: str) -> str:
    """Return shell commands that need curl and openssl only (CONTRACT section 2)."""
    return f"""\
key={api_key} secret={api_secret}
target={TARGET} body='{BODY}'
time=$(date +%s) nonce=$(openssl rand -hex 16)
hash=$(printf %s "$body" | openssl dgst -sha256 -r | cut -d' ' -f1)
sign=$(printf 'POST\\n%s\\n%s\\n%s\\n%s' "$target" "$time" "$nonce" "$hash" |
  openssl dgst -sha256 -hmac "$secret" -r | cut -d' ' -f1)
curl -sS "{settings.PUBLIC_BASE_URL}$target" -H 'Content-Type: application/json' \\
  -H "X-Tonglu-Key: $key" -H "X-Tonglu-Timestamp: $time" -H "X-Tonglu-Nonce: $nonce" \\
  -H "X-Tonglu-Signature: $sign" -d "$body"
"""
