"""Readers of providers' messages for the API, which needs no SDK to take them in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from activities.payment_ports import ProviderEvent, WebhookRefused
from activities.webhook_ports import WebhookReader
from infra.payments.stripe_events import parse_event
from infra.settings import Settings

SIGNATURE_CHARS_MAX = 4_096
"""Longest signature header that is looked at: one signature has a hundred characters."""


def _now() -> datetime:
    return datetime.now(UTC)


class StripeReader:
    """A `WebhookReader` of Stripe's messages.

    It believes the platform's endpoint and the one for travelers' accounts. While a secret is being
    changed, Stripe itself signs with the old and the new one.
    """

    def __init__(
        self, secrets: Sequence[str], *, is_live: bool, clock: Callable[[], datetime] = _now
    ) -> None:
        self._secrets = tuple(secrets)
        self._is_live = is_live
        self._clock = clock

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Read one message from its raw body.

        Raises:
            WebhookRefused: it is not signed by Stripe just now, or is no event of our mode.
        """
        if any(len(value) > SIGNATURE_CHARS_MAX for value in headers.values()):
            raise WebhookRefused("A header is too long.")
        return parse_event(body, headers, self._secrets, self._clock(), is_live=self._is_live)


def readers_of(settings: Settings) -> dict[str, WebhookReader]:
    """Return a reader per provider whose messages are taken."""
    if settings.payments != "stripe":
        return {}
    secrets = (settings.stripe_webhook_secret, settings.stripe_connect_webhook_secret)
    given = [secret.get_secret_value() for secret in secrets]
    return {"stripe": StripeReader(given, is_live=settings.stripe_is_live)}
