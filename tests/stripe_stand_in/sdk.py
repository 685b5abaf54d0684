"""The real SDK, pointed at the stand-in the way the adapter points it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import stripe

from tests.stripe_stand_in.stand_in import API_KEY, StripeStandIn


class ContentClient(stripe.HTTPXClient):
    """The SDK's HTTPX client, handing its encoded body over the way HTTPX now wants it.

    The SDK passes the text as `data`, which HTTPX has deprecated; here warnings are errors.
    """

    def _get_request_args_kwargs(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None
    ) -> list[Any]:
        positional, named = super()._get_request_args_kwargs(method, url, headers, post_data)
        named["content"] = named.pop("data") or None
        return [positional, named]


def sdk_client(stand_in: StripeStandIn, http: stripe.HTTPXClient) -> stripe.StripeClient:
    """Return an asynchronous client without retries; the caller owns and closes `http`."""
    return stripe.StripeClient(
        API_KEY,
        base_addresses={"api": stand_in.url},
        max_network_retries=0,
        http_client=http,
    )
