"""Stripe's SDK as the platform uses it: asynchronous, bounded in time, with no retries of its own."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import httpx
import stripe

CONNECT_S_MAX = 3.0
ANSWER_S_MAX = 10.0
"""Time until an answer begins: below `RetryPolicyFigures.call_s_max`, so that the call itself says
what is known of it."""

_SDK_LOGGER = logging.getLogger("stripe")
_SDK_LOGGER.disabled = True
"""The SDK logs requests and Stripe's words about them, which may repeat a token."""


class BoundedClient(stripe.HTTPXClient):
    """The SDK's HTTPX client with time limits, handing bodies over the way HTTPX wants it now."""

    def __init__(self) -> None:
        super().__init__(timeout=httpx.Timeout(ANSWER_S_MAX, connect=CONNECT_S_MAX))

    def _get_request_args_kwargs(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None
    ) -> list[Any]:
        # The SDK passes the encoded text as `data`, which HTTPX has deprecated.
        positional, named = super()._get_request_args_kwargs(method, url, headers, post_data)
        named["content"] = named.pop("data") or None
        return [positional, named]


def stripe_client(
    secret_key: str,
    api_version: str = "",
    api_url: str = "",
    http_client: stripe.HTTPXClient | None = None,
) -> stripe.StripeClient:
    """Return a client; retries belong to Temporal.

    Without a version it speaks the one that its own types describe.
    """
    return stripe.StripeClient(
        secret_key,
        stripe_version=api_version or None,
        base_addresses={"api": api_url} if api_url else None,
        max_network_retries=0,
        http_client=http_client or BoundedClient(),
    )
