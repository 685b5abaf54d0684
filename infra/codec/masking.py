"""Takes out of payloads what nobody needs to see in order to look after a delivery."""

from __future__ import annotations

import json
import re
from typing import Any

from temporalio.api.common.v1 import Payload

MASK = "***"
MASKED_FIELDS = frozenset({"digest", "client_secret", "secret", "code", "link_token", "nonce"})
"""Fields that are masked whole, whatever they hold: digests of codes and secrets of providers."""
PROVIDER_TOKEN = re.compile(r"\b(pm|seti|src|card|acct|ba|tok)_[\w-]+")
"""Tokens of payment methods and accounts, as every payment provider of ours writes them."""
_TEXTS = frozenset({b"json/plain", b"json/protobuf"})


def masked(payload: Payload) -> Payload:
    """Return a payload with what is masked taken out; one that holds no JSON stays as it is."""
    if payload.metadata.get("encoding") not in _TEXTS:
        return payload
    try:
        value = json.loads(payload.data)
    except ValueError:
        return payload
    hidden = json.dumps(_masked(value), ensure_ascii=False, separators=(",", ":"))
    return Payload(metadata=payload.metadata, data=hidden.encode("utf-8", "surrogatepass"))


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: MASK if name in MASKED_FIELDS and inner else _masked(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    if isinstance(value, str):
        return PROVIDER_TOKEN.sub(lambda found: f"{found[1]}_{MASK}", value)
    return value
