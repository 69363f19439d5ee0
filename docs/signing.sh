# shellcheck shell=sh
# Signs and sends one request to /api/v1. Any POSIX shell, openssl and curl.
#
#   tonglu METHOD TARGET [BODY [CURL-OPTION …]]
#
# TONGLU_KEY and TONGLU_SECRET are the pair that create_tenant printed; TONGLU_URL is where the
# platform answers. The secret is on openssl's command line for an instant: fine on a machine of
# your own, not on a shared one.

tonglu_sign() { # METHOD TARGET TIMESTAMP NONCE BODY
  digest=$(printf %s "$5" | openssl dgst -sha256 -r)
  signature=$(printf '%s\n%s\n%s\n%s\n%s' "$1" "$2" "$3" "$4" "${digest%% *}" |
    openssl dgst -sha256 -hmac "$TONGLU_SECRET" -r)
  printf '%s\n' "${signature%% *}"
}

tonglu() (
  method=$1 target=$2 body=${3-}
  shift "$(($# < 3 ? $# : 3))"
  timestamp=$(date +%s) nonce=$(openssl rand -hex 16)
  signature=$(tonglu_sign "$method" "$target" "$timestamp" "$nonce" "$body")
  if [ -n "$body" ]; then
    set -- --header 'Content-Type: application/json' --data-raw "$body" "$@"
  fi
  curl --silent --show-error --globoff --request "$method" \
    --header "X-Tonglu-Key: $TONGLU_KEY" \
    --header "X-Tonglu-Timestamp: $timestamp" \
    --header "X-Tonglu-Nonce: $nonce" \
    --header "X-Tonglu-Signature: $signature" \
    "$@" "${TONGLU_URL:-http://127.0.0.1:8000}$target"
)
