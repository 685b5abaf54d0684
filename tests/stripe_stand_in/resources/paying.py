"""What happens when an intent is confirmed: the bank asks, declines, authorises or pays."""

from __future__ import annotations

from tests.stripe_stand_in.cards import NEEDS_HOLDER, Authentication, Decline
from tests.stripe_stand_in.refusals import Json, StripeRefusal, invalid
from tests.stripe_stand_in.resources.charges import (
    book_capture,
    make_charge,
    release_authorisation,
)
from tests.stripe_stand_in.resources.disputes import open_dispute
from tests.stripe_stand_in.resources.methods import attach
from tests.stripe_stand_in.state import StripeState


def confirm(state: StripeState, intent: Json, given: Json) -> None:
    """Try to pay an intent with its payment method.

    Raises:
        StripeRefusal: 402 when the card is declined; the intent then waits for another card.
    """
    check_redirects(intent, given)
    off_session = given.get("off_session", False) is not False
    if needs_holder(state, intent["payment_method"], off_session=off_session):
        if off_session or given.get("error_on_requires_action"):
            raise decline(state, intent, NEEDS_HOLDER)
        ask_holder(state, intent, given.get("return_url"))
        return
    pay(state, intent, off_session=off_session)


def check_redirects(intent: Json, given: Json) -> None:
    """Refuse a confirmation that could redirect somebody and does not say where to return."""
    automatic = intent["automatic_payment_methods"]
    redirects = automatic is not None and automatic["allow_redirects"] == "always"
    if redirects and "return_url" not in given:
        raise invalid(
            "This intent is configured to accept payment methods enabled in your Dashboard. "
            "Because some of these payment methods might redirect your customer off of your page, "
            "you must provide a `return_url`. If you don't want to accept redirect-based payment "
            "methods, set `automatic_payment_methods[enabled]` to `true` and "
            "`automatic_payment_methods[allow_redirects]` to `never`.",
        )


def needs_holder(state: StripeState, method: str, *, off_session: bool) -> bool:
    """Return whether the bank wants to see the card's holder."""
    authentication = state.cards[method].authentication
    if authentication is Authentication.UNLESS_SET_UP:
        return not (off_session and method in state.prepared)
    return authentication is Authentication.ALWAYS


def ask_holder(state: StripeState, intent: Json, return_url: str | None) -> None:
    """Send the holder to the bank; the intent waits."""
    action: Json
    if return_url is None:
        action = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    else:
        page = f"https://hooks.stripe.com/redirect/{intent['id']}"
        action = {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url}}
        action["redirect_to_url"]["url"] = page
    intent |= {"status": "requires_action", "next_action": action}
    state.events.note(f"{intent['object']}.requires_action", intent)


def pay(
    state: StripeState, intent: Json, *, off_session: bool = False, authenticated: bool = False
) -> None:
    """Charge the card behind an intent.

    Raises:
        StripeRefusal: 402 when the card is declined.
    """
    card = state.cards[intent["payment_method"]]
    if card.decline is not None:
        raise decline(state, intent, card.decline)
    charge = make_charge(state, intent, off_session=off_session, authenticated=authenticated)
    intent |= {"latest_charge": charge["id"], "next_action": None, "last_payment_error": None}
    _keep_or_spend_method(state, intent)
    if intent["capture_method"] == "manual":
        _hold(state, intent, charge)
        return
    book_capture(state, charge, charge["amount"], at_once=intent["capture_method"] == "automatic")
    state.events.note("charge.succeeded", charge)
    _succeed(state, intent, charge)


def _keep_or_spend_method(state: StripeState, intent: Json) -> None:
    method = state.records.get("payment_method", intent["payment_method"])
    if intent["setup_future_usage"] is not None and intent["customer"] is not None:
        if intent["setup_future_usage"] == "off_session":
            state.prepared.add(method["id"])
        if method["customer"] is None:
            attach(state, method, intent["customer"])
    elif method["customer"] is None:
        state.spent.add(method["id"])


def _hold(state: StripeState, intent: Json, charge: Json) -> None:
    intent |= {"status": "requires_capture", "amount_capturable": charge["amount"]}
    state.events.note("charge.succeeded", charge)
    state.events.note("payment_intent.amount_capturable_updated", intent)
    watch_expiry(state, intent, charge)


def watch_expiry(state: StripeState, intent: Json, charge: Json) -> None:
    """Have an authorisation die at its `capture_before` when nobody has captured it."""
    deadline = charge["payment_method_details"]["card"]["capture_before"]

    def expire() -> None:
        moved = charge["payment_method_details"]["card"]["capture_before"] != deadline
        if intent["status"] == "requires_capture" and not moved:
            release_authorisation(
                state, charge, charge["amount"], reason="expired_uncaptured_charge"
            )
            state.events.note("charge.expired", charge)
            end(state, intent, "automatic")

    state.agenda.put(deadline, expire)


def capture(state: StripeState, intent: Json, amount: int) -> None:
    """Take held money; what is not taken is let go."""
    charge = state.records.get("charge", intent["latest_charge"])
    book_capture(state, charge, amount, at_once=True)
    if amount < charge["amount"]:
        release_authorisation(state, charge, charge["amount"] - amount)
    state.events.note("charge.captured", charge)
    _succeed(state, intent, charge)


def _succeed(state: StripeState, intent: Json, charge: Json) -> None:
    intent |= {
        "status": "succeeded",
        "amount_capturable": 0,
        "amount_received": charge["amount_captured"],
    }
    state.events.note("payment_intent.succeeded", intent)
    if not state.terms.disputes_after_transfer:
        dispute_as_scripted(state, charge)


def dispute_as_scripted(state: StripeState, charge: Json) -> None:
    """Let the cardholder complain who was given a card that does so."""
    card = state.cards[charge["payment_method"]]
    if card.dispute_reason is not None:
        reason, inquiry = card.dispute_reason, card.inquiry
        state.later(lambda: open_dispute(state, charge, reason=reason, inquiry=inquiry), 0)


def end(state: StripeState, intent: Json, reason: str | None) -> None:
    """Cancel an intent for good."""
    intent |= {
        "status": "canceled",
        "amount_capturable": 0,
        "canceled_at": state.clock.now(),
        "cancellation_reason": reason,
        "next_action": None,
    }
    state.events.note("payment_intent.canceled", intent)


def decline(state: StripeState, intent: Json, decline: Decline) -> StripeRefusal:
    """Write a decline down and return the 402 to answer with."""
    charge = make_charge(state, intent, decline=decline)
    method = state.records.get("payment_method", intent["payment_method"])
    intent |= {
        "status": "requires_payment_method",
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": None,
    }
    refusal = StripeRefusal(
        402,
        "card_error",
        decline.message,
        code=decline.code,
        advice_code=decline.advice,
        charge=charge["id"],
        decline_code=decline.decline_code,
        payment_method=method,
    )
    intent["last_payment_error"] = dict(refusal.error)
    state.events.note("charge.failed", charge)
    state.events.note("payment_intent.payment_failed", intent)
    refusal.error["payment_intent"] = intent
    return refusal
