"""Stripe's events as the platform reads them; no part of the SDK is needed to do so."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from activities.payment_ports import (
    ProviderEvent,
    ProviderEventKind,
    WebhookOfOtherMode,
    WebhookRefused,
)
from infra.payments.signatures import require_signed

SIGNATURE_HEADER = "stripe-signature"
_OPERATION_ID = "op_id"

_KINDS = {
    "payment_intent": ProviderEventKind.CHARGE,
    "charge": ProviderEventKind.CHARGE,
    "setup_intent": ProviderEventKind.CHARGE,
    "refund": ProviderEventKind.REFUND,
    "transfer": ProviderEventKind.TRANSFER,
    "payout": ProviderEventKind.PAYOUT,
    "dispute": ProviderEventKind.DISPUTE,
    "account": ProviderEventKind.ACCOUNT,
    "capability": ProviderEventKind.ACCOUNT,
}
"""By the kind of object that an event carries."""


def parse_event(
    body: bytes,
    headers: Mapping[str, str],
    secrets: Sequence[str],
    now: datetime,
    *,
    is_live: bool,
) -> ProviderEvent:
    """Read one event from its raw body.

    Raises:
        WebhookRefused: it is not signed by Stripe just now, is of the other mode, or is no event.
    """
    given = {name.lower(): value for name, value in headers.items()}
    require_signed(body, given.get(SIGNATURE_HEADER, ""), secrets, now)
    try:
        content = json.loads(body)
        if content["livemode"] is not is_live:
            raise WebhookOfOtherMode("The event is of Stripe's other mode.")
        return event_of(content)
    except (ValueError, TypeError, KeyError, OverflowError):
        raise WebhookRefused("The message is no event of Stripe.") from None


def event_of(content: Mapping[str, Any]) -> ProviderEvent:
    """Return what one event of Stripe says, as its list and its messages hold it.

    Raises:
        KeyError, TypeError, ValueError, OverflowError: it has not the shape of an event.
    """
    subject = content["data"]["object"]
    kind = _KINDS.get(subject["object"], ProviderEventKind.OTHER)
    account = str(content.get("account") or "")
    if kind is ProviderEventKind.CHARGE and account:
        # A transfer arrives at the traveler's account as a charge of its own.
        kind = ProviderEventKind.OTHER
    is_capability = subject["object"] == "capability"
    return ProviderEvent(
        event_id=str(content["id"]),
        kind=kind,
        name=str(content["type"]),
        object_id=str(subject["account"] if is_capability else subject["id"]),
        happened_at=datetime.fromtimestamp(content["created"], UTC),
        operation_id=str((subject.get("metadata") or {}).get(_OPERATION_ID, "")),
        charge_id=str(subject.get("payment_intent") or ""),
        account=account,
    )
