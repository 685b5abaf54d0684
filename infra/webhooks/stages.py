"""How far an event says that its object has come, by the provider's own name of the event.

Source: Stripe's list of event types; the sandbox names its events after kind and outcome.
"""

from __future__ import annotations

from collections.abc import Mapping

from activities.payment_ports import ProviderEvent, ProviderEventKind
from domain.correcting.undoing import TAKEN_BACK
from domain.provider_news import Stage
from domain.transitions import OperationKind

STAGES: Mapping[str, Stage] = {
    "payment_intent.created": Stage.BEGUN,
    "payment_intent.processing": Stage.WAITING,
    "payment_intent.requires_action": Stage.WAITING,
    "payment_intent.partially_funded": Stage.WAITING,
    "payment_intent.payment_failed": Stage.DECLINED,
    "payment_intent.amount_capturable_updated": Stage.SETTLED,
    "payment_intent.succeeded": Stage.SETTLED,
    "payment_intent.canceled": Stage.UNDONE,
    "charge.expired": Stage.UNDONE,
    "setup_intent.created": Stage.BEGUN,
    "setup_intent.requires_action": Stage.WAITING,
    "setup_intent.setup_failed": Stage.DECLINED,
    "setup_intent.succeeded": Stage.SETTLED,
    "setup_intent.canceled": Stage.UNDONE,
    "refund.created": Stage.BEGUN,
    "refund.failed": Stage.UNDONE,
    "transfer.created": Stage.BEGUN,
    "transfer.reversed": Stage.UNDONE,
    "payout.created": Stage.BEGUN,
    "payout.paid": Stage.SETTLED,
    "payout.failed": Stage.UNDONE,
    "payout.canceled": Stage.UNDONE,
    "account.application.deauthorized": Stage.UNDONE,
    "charge.dispute.created": Stage.BEGUN,
    "charge.dispute.closed": Stage.SETTLED,
}
"""What is not named here says only that something changed."""

ECHOES = frozenset(
    {
        "charge.captured",
        "charge.failed",
        "charge.pending",
        "charge.refund.updated",
        "charge.refunded",
        "charge.succeeded",
        "charge.updated",
    }
)
"""Stripe reports these changes a second time, as events of the payment intent or the refund."""

_OUTCOMES: Mapping[str, Stage] = {
    "pending": Stage.WAITING,
    "requires_action": Stage.WAITING,
    "declined": Stage.DECLINED,
    "succeeded": Stage.SETTLED,
}


def stage_of(name: str) -> Stage:
    """Return how far an event of this name says that its object has come."""
    return STAGES.get(name) or _OUTCOMES.get(name.rpartition(".")[2], Stage.CHANGED)


def is_news(event: ProviderEvent) -> bool:
    """Tell whether anybody could have to act on an event.

    What an operation of ours has made is no news to us; what a person made by hand at the provider,
    a refund for example, is.
    """
    if event.kind is ProviderEventKind.OTHER or event.name in ECHOES:
        return False
    if event.kind is ProviderEventKind.DISPUTE:
        return True
    return not (event.operation_id and stage_of(event.name) is Stage.BEGUN)


GOES_OUT = frozenset({OperationKind.REFUND, OperationKind.VOID, OperationKind.PAYOUT})
"""Money on its way to people; their delivery has no use for news of it once it is booked."""
_FAILED = (Stage.DECLINED, Stage.UNDONE)


def may_be_undone(stage: Stage, kind: OperationKind, state: str) -> bool:
    """Tell whether an operation that is booked may be so no more.

    That a refund has changed may also say that it was called off.
    """
    if state != "succeeded" or kind not in TAKEN_BACK:
        return False
    return stage is Stage.UNDONE or (kind in GOES_OUT and stage in (Stage.DECLINED, Stage.CHANGED))


def fails_early(stage: Stage, kind: OperationKind, state: str) -> bool:
    """Tell whether money on its way to people failed before our own record is settled.

    The answer that it succeeded may be on its way to our records at this very moment.
    """
    return kind in GOES_OUT and stage in _FAILED and state not in ("succeeded", "failed", "undone")
