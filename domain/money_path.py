"""When the customer's money is taken: at once, at pickup, or near departure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from domain.contracts import DeliveryOrder
from domain.policies import HorizonPolicy
from domain.transitions import OperationKind


class MoneyPath(StrEnum):
    """How a payment is held until the handover."""

    AUTHORISE = "authorise"
    """Reserve it at acceptance and capture it at pickup: a cancellation costs nobody a refund."""
    CAPTURE = "capture"
    """Capture it at acceptance and hold it: a card reservation would end before the pickup."""
    SAVE = "save"
    """Save the method and charge it near departure: providers hold nobody's money for so long."""


HOLD_BY_PATH: Mapping[MoneyPath, OperationKind] = {
    MoneyPath.AUTHORISE: OperationKind.AUTHORISE,
    MoneyPath.CAPTURE: OperationKind.CHARGE,
    MoneyPath.SAVE: OperationKind.SAVE,
}
"""What the provider is asked for at acceptance."""


def money_path(policy: HorizonPolicy, now: datetime, delivery_by: datetime) -> MoneyPath:
    """Return how the payment of a delivery that is due at `delivery_by` is held."""
    horizon = delivery_by - now
    if horizon <= timedelta(seconds=policy.authorise_s_max):
        return MoneyPath.AUTHORISE
    if horizon <= timedelta(seconds=policy.capture_s_max):
        return MoneyPath.CAPTURE
    return MoneyPath.SAVE


def expected_delivery(order: DeliveryOrder, now: datetime) -> datetime:
    """Return the latest moment at which a delivery accepted now is handed over."""
    windows = order.policies.windows
    pickup_by = order.pickup_by or now + timedelta(seconds=windows.pickup_s)
    return order.deliver_by or pickup_by + timedelta(seconds=windows.transit_s)


def capture_at(policy: HorizonPolicy, capture_before: datetime) -> datetime:
    """Return when a reserved payment must be captured at the latest, well before it is lost.

    Source: `capture_before` as the provider says for this charge; never a constant.
    """
    return capture_before - timedelta(seconds=policy.capture_margin_s)


def charge_at(order: DeliveryOrder, now: datetime) -> datetime:
    """Return when a saved method is charged, so that a decline leaves time for another one.

    A moment that has passed means at once.
    """
    policy = order.policies.horizons
    near = expected_delivery(order, now) - timedelta(seconds=policy.charge_ahead_s)
    if order.pickup_by is None:
        return near
    return min(near, order.pickup_by - timedelta(seconds=policy.charge_before_pickup_s))


def pickup_due(order: DeliveryOrder, now: datetime) -> datetime:
    """Return until when a parcel must be collected whose payment is held, or reserved, from now on.

    Who named only the handover leaves the pickup to the traveler, until shortly before it.
    """
    windows = order.policies.windows
    soon = now + timedelta(seconds=windows.pickup_s)
    if order.deliver_by is None:
        return order.pickup_by or soon
    latest = max(soon, order.deliver_by - timedelta(seconds=windows.pickup_ahead_s))
    return min(order.pickup_by or latest, order.deliver_by)
