"""A stateful stand-in for Stripe, for tests: our own HTTP server with the SDK's own types as its law."""

from tests.stripe_stand_in.application import Drift, SeenRequest
from tests.stripe_stand_in.cards import CARDS
from tests.stripe_stand_in.clock import DAY_S, MovableClock
from tests.stripe_stand_in.faults import EVERY_GET, EVERY_POST, Fault, PlannedFault
from tests.stripe_stand_in.ledger import FeeSchedule
from tests.stripe_stand_in.refusals import Json
from tests.stripe_stand_in.stand_in import API_KEY, StripeStandIn
from tests.stripe_stand_in.state import Terms
from tests.stripe_stand_in.view import MoneyMoved
from tests.stripe_stand_in.webhooks import (
    SECRET,
    WRONG_SECRET,
    Delivered,
    DeliveryPlan,
    WebhookPost,
    sign,
)

__all__ = [
    "API_KEY",
    "CARDS",
    "DAY_S",
    "EVERY_GET",
    "EVERY_POST",
    "SECRET",
    "WRONG_SECRET",
    "Delivered",
    "DeliveryPlan",
    "Drift",
    "Fault",
    "FeeSchedule",
    "Json",
    "MoneyMoved",
    "MovableClock",
    "PlannedFault",
    "SeenRequest",
    "StripeStandIn",
    "Terms",
    "WebhookPost",
    "sign",
]
