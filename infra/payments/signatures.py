"""Signed messages between companies: `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>">`.

Source: the scheme of Stripe's webhooks, which the sandbox follows too.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from activities.payment_ports import WebhookRefused

AGE_S_MAX = 300
"""A message signed longer ago may be a replay. Source: Stripe's own libraries."""
AHEAD_S_MAX = 60
"""A message signed in the future could be replayed until then; clocks are not further apart."""

DIGITS_MAX = 15
"""Digits of a moment in seconds; a longer number is an attack on whoever converts it."""


def signature_of(body: bytes, secret: str, signed_at: int) -> str:
    """Return the header value that signs a body. Units: seconds since the epoch."""
    return f"t={signed_at},v1={_digest(body, secret, signed_at)}"


def require_signed(body: bytes, header: str, secrets: Sequence[str], now: datetime) -> None:
    """Check that a body was signed with one of the secrets, a short while ago.

    Raises:
        WebhookRefused: it was not.
    """
    signed_at, digests = _parts(header)
    genuine = [
        hmac.compare_digest(_digest(body, secret, signed_at), digest)
        for secret in secrets
        if secret
        for digest in digests
    ]
    if not any(genuine):
        raise WebhookRefused("The signature is not the provider's.")
    age_s = now.timestamp() - signed_at
    if not -AHEAD_S_MAX <= age_s <= AGE_S_MAX:
        raise WebhookRefused("It was not signed just now.")


def _digest(body: bytes, secret: str, signed_at: int) -> str:
    return hmac.new(secret.encode(), f"{signed_at}.".encode() + body, sha256).hexdigest()


def _parts(header: str) -> tuple[int, list[str]]:
    fields = [part.partition("=") for part in header.split(",")]
    moments = [value for name, _, value in fields if name.strip() == "t"]
    digests = [value for name, _, value in fields if name.strip() == "v1"]
    is_moment = len(moments) == 1 and moments[0].isascii() and moments[0].isdigit()
    if (
        not is_moment
        or len(moments[0]) > DIGITS_MAX
        or not all(digest.isascii() for digest in digests)
    ):
        raise WebhookRefused("It carries no signature.")
    return int(moments[0]), digests
