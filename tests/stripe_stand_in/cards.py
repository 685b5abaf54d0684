"""Stripe's own test payment methods and what each of them is scripted to do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from tests.stripe_stand_in.clock import DAY_S

MERCHANT_INITIATED_VISA_S = 4 * DAY_S + 18 * 3_600
"""How long Visa keeps an authorisation made in the holder's absence."""
AUTHORISATION_S = 7 * DAY_S
"""How long every other card authorisation is kept."""


class Authentication(StrEnum):
    """When the card's bank asks its holder."""

    NEVER = "never"
    ALWAYS = "always"
    UNLESS_SET_UP = "unless_set_up"


class RefundScript(StrEnum):
    """What becomes of refunds to the card."""

    SUCCEEDS = "succeeds"
    PENDING_FIRST = "pending_first"
    FAILS_LATER = "fails_later"


@dataclass(frozen=True, slots=True)
class Decline:
    """How the card's bank says no."""

    code: str
    decline_code: str
    message: str = "Your card was declined."
    advice: str | None = "try_again_later"


@dataclass(frozen=True, slots=True)
class ScriptedCard:
    """One test payment method."""

    brand: str = "visa"
    last4: str = "4242"
    decline: Decline | None = None
    attaches: bool = True
    authentication: Authentication = Authentication.NEVER
    set_up_already: bool = False
    dispute_reason: str | None = None
    inquiry: bool = False
    refund: RefundScript = RefundScript.SUCCEEDS
    settles_at_once: bool = False

    def keeps_authorisation_s(self, *, off_session: bool) -> int:
        """Return how long an authorisation stays good."""
        if self.brand == "visa" and off_session:
            return MERCHANT_INITIATED_VISA_S
        return AUTHORISATION_S


GENERIC = Decline("card_declined", "generic_decline")
NO_FUNDS = Decline(
    "card_declined", "insufficient_funds", "Your card has insufficient funds.", "try_again_later"
)
LOST = Decline("card_declined", "lost_card", advice="do_not_try_again")
STOLEN = Decline("card_declined", "stolen_card", advice="do_not_try_again")
FRAUDULENT = Decline("card_declined", "fraudulent", advice="do_not_try_again")
VELOCITY = Decline(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
)
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.", "confirm_card_data")
WRONG_CVC = Decline(
    "incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "confirm_card_data"
)
TROUBLE = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
)
NEEDS_HOLDER = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
    "try_again_later",
)

_ALWAYS = ScriptedCard(last4="3184", authentication=Authentication.ALWAYS)
_SETUP = ScriptedCard(last4="3155", authentication=Authentication.UNLESS_SET_UP)

CARDS: dict[str, ScriptedCard] = {
    "pm_card_visa": ScriptedCard(),
    "pm_card_visa_debit": ScriptedCard(last4="5556"),
    "pm_card_mastercard": ScriptedCard(brand="mastercard", last4="4444"),
    "pm_card_amex": ScriptedCard(brand="amex", last4="0005"),
    "pm_card_bypassPending": ScriptedCard(last4="0077", settles_at_once=True),
    "pm_card_visa_chargeDeclined": ScriptedCard(last4="0002", decline=GENERIC, attaches=False),
    "pm_card_visa_chargeDeclinedInsufficientFunds": ScriptedCard(
        last4="9995", decline=NO_FUNDS, attaches=False
    ),
    "pm_card_visa_chargeDeclinedLostCard": ScriptedCard(last4="9987", decline=LOST, attaches=False),
    "pm_card_visa_chargeDeclinedStolenCard": ScriptedCard(
        last4="9979", decline=STOLEN, attaches=False
    ),
    "pm_card_visa_chargeDeclinedFraudulent": ScriptedCard(
        last4="0019", decline=FRAUDULENT, attaches=False
    ),
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": ScriptedCard(
        last4="6975", decline=VELOCITY, attaches=False
    ),
    "pm_card_chargeDeclinedExpiredCard": ScriptedCard(
        last4="0069", decline=EXPIRED, attaches=False
    ),
    "pm_card_chargeDeclinedIncorrectCvc": ScriptedCard(
        last4="0127", decline=WRONG_CVC, attaches=False
    ),
    "pm_card_chargeDeclinedProcessingError": ScriptedCard(
        last4="0119", decline=TROUBLE, attaches=False
    ),
    "pm_card_chargeCustomerFail": ScriptedCard(last4="0341", decline=GENERIC),
    "pm_card_authenticationRequired": _ALWAYS,
    "pm_card_threeDSecureRequired": replace(_ALWAYS, last4="3063"),
    "pm_card_authenticationRequiredOnSetup": _SETUP,
    "pm_card_authenticationRequiredSetupForOffSession": replace(
        _SETUP, last4="0446", set_up_already=True
    ),
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds": replace(
        _ALWAYS, last4="3178", decline=NO_FUNDS
    ),
    "pm_card_createDispute": ScriptedCard(last4="0259", dispute_reason="fraudulent"),
    "pm_card_createDisputeProductNotReceived": ScriptedCard(
        last4="2685", dispute_reason="product_not_received"
    ),
    "pm_card_createDisputeInquiry": ScriptedCard(
        last4="1976", dispute_reason="fraudulent", inquiry=True
    ),
    "pm_card_pendingRefund": ScriptedCard(last4="7726", refund=RefundScript.PENDING_FIRST),
    "pm_card_refundFail": ScriptedCard(last4="5126", refund=RefundScript.FAILS_LATER),
}
"""Scripts by the id a test passes as payment method. Source: Stripe's page on test cards."""
