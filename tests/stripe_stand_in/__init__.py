"""A stateful stand-in for Stripe, for tests: our own HTTP server with the SDK's own types as its law.

    async with StripeStandIn() as stand_in:
        client = stripe.StripeClient(API_KEY, base_addresses={"api": stand_in.url}, ...)
        stand_in.faults.put("POST /v1/transfers", Fault.DROP_AFTER, nth=2)
        ...
        await stand_in.webhooks.deliver(receiver, plan=DeliveryPlan(copies=2))
        assert stand_in.view.moved(delivery_id="...").left == 630
        assert stand_in.drift == []

It refuses whatever it does not model (501 and an entry in `drift`) instead of ignoring it. Known
differences from Stripe: each currency has its own balance and nothing is converted; cards are the
only payment method and charges are made on the platform only; connected accounts are paid out by
`world.pay_out_everything` or a request, not by their schedule; a refund of an uncaptured charge and
the closing of an inquiry by a refund are missing; there are no files, so evidence is text or ids that
are not checked; the search language knows `AND` only; one API version and one signing secret per
endpoint; wordings of messages without a documented code are our own.
"""

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
