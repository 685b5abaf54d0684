"""The sandbox's messages to the platform, signed as any provider's are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import uuid4

from activities.payment_ports import ProviderEvent, ProviderEventKind, WebhookRefused
from domain.transitions import OperationKind
from infra.payments.sandbox_books import SandboxObject
from infra.payments.signatures import require_signed, signature_of

SANDBOX_SECRET = "whsec_sandbox"  # noqa: S105 -- It guards play money only.
SIGNATURE_HEADER = "sandbox-signature"

_KINDS = {
    OperationKind.CHARGE: ProviderEventKind.CHARGE,
    OperationKind.AUTHORISE: ProviderEventKind.CHARGE,
    OperationKind.SAVE: ProviderEventKind.CHARGE,
    OperationKind.CAPTURE: ProviderEventKind.CHARGE,
    OperationKind.VOID: ProviderEventKind.REFUND,
    OperationKind.REFUND: ProviderEventKind.REFUND,
    OperationKind.TRANSFER: ProviderEventKind.TRANSFER,
    OperationKind.REVERSAL: ProviderEventKind.TRANSFER,
    OperationKind.PAYOUT: ProviderEventKind.PAYOUT,
}


def event_about(
    changed: SandboxObject, now: datetime, secret: str = SANDBOX_SECRET
) -> tuple[bytes, dict[str, str]]:
    """Return the body and headers of a message that an operation has changed."""
    return message_of(event_of(changed, now), now, secret)


def event_of(changed: SandboxObject, now: datetime) -> ProviderEvent:
    """Return the news that an operation has changed."""
    return ProviderEvent(
        event_id=f"evt_sandbox_{uuid4().hex}",
        kind=_KINDS[changed.kind],
        name=f"{changed.kind}.{changed.outcome}",
        object_id=changed.provider_id,
        happened_at=now,
        operation_id=changed.operation_id,
    )


def message_of(
    event: ProviderEvent, now: datetime, secret: str = SANDBOX_SECRET
) -> tuple[bytes, dict[str, str]]:
    """Return the body and headers of a message that brings an event."""
    content = {
        "id": event.event_id,
        "kind": event.kind.value,
        "name": event.name,
        "object_id": event.object_id,
        "operation_id": event.operation_id,
        "charge_id": event.charge_id,
        "happened_at": int(event.happened_at.timestamp()),
    }
    body = json.dumps(content).encode()
    return body, {SIGNATURE_HEADER: signature_of(body, secret, int(now.timestamp()))}


def parse_event(
    body: bytes, headers: Mapping[str, str], secret: str, now: datetime
) -> ProviderEvent:
    """Read one message.

    Raises:
        WebhookRefused: it is not signed by the sandbox just now, or is no message at all.
    """
    given = {name.lower(): value for name, value in headers.items()}
    require_signed(body, given.get(SIGNATURE_HEADER, ""), (secret,), now)
    try:
        content = json.loads(body)
        return ProviderEvent(
            event_id=str(content["id"]),
            kind=ProviderEventKind(content["kind"]),
            name=str(content["name"]),
            object_id=str(content["object_id"]),
            happened_at=datetime.fromtimestamp(content["happened_at"], UTC),
            operation_id=str(content["operation_id"]),
            charge_id=str(content["charge_id"]),
        )
    except (ValueError, TypeError, KeyError):
        raise WebhookRefused("The message is no event of the sandbox.") from None
