"""What happens outside both companies: cardholders, banks and people who onboard."""

from __future__ import annotations

from tests.stripe_stand_in.cards import Decline
from tests.stripe_stand_in.refusals import Json, StripeRefusal
from tests.stripe_stand_in.resources import accounts, disputes, paying, payouts, refunds
from tests.stripe_stand_in.resources.setup_intents import complete, refuse_setup
from tests.stripe_stand_in.state import StripeState

_NOT_PROVEN = Decline(
    "payment_intent_authentication_failure",
    "authentication_not_handled",
    "The provided PaymentMethod has failed authentication.",
)
_SETUP_NOT_PROVEN = Decline(
    "setup_intent_authentication_failure",
    "authentication_not_handled",
    "The provided PaymentMethod has failed authentication.",
)


class OutsideWorld:
    """Makes things happen that no API call of the platform makes happen.

    Every method writes the events that Stripe would send; none needs a request.
    """

    def __init__(self, state: StripeState) -> None:
        self._state = state

    def authenticate(self, intent_id: str, *, succeed: bool = True) -> Json:
        """Let the cardholder answer the bank's question for a payment or set-up intent.

        Raises:
            ValueError: nobody was asked.
        """
        intent = self._the(intent_id)
        if intent["status"] != "requires_action":
            message = f"{intent_id} is {intent['status']}: nobody was asked"
            raise ValueError(message)
        if intent["object"] == "setup_intent":
            self._answer_setup(intent, succeed=succeed)
        else:
            self._answer_payment(intent, succeed=succeed)
        return intent

    def _answer_setup(self, intent: Json, *, succeed: bool) -> None:
        if succeed:
            complete(self._state, intent)
        else:
            refuse_setup(self._state, intent, _SETUP_NOT_PROVEN)

    def _answer_payment(self, intent: Json, *, succeed: bool) -> None:
        if not succeed:
            paying.decline(self._state, intent, _NOT_PROVEN)
            return
        try:
            paying.pay(self._state, intent, authenticated=True)
        except StripeRefusal:
            # The holder's browser is told of the decline; the platform learns it from the event.
            return

    def move_capture_before(self, charge_id: str, moment: int) -> None:
        """Let the bank keep an authorisation for another time than usual."""
        charge = self._the(charge_id)
        charge["payment_method_details"]["card"]["capture_before"] = moment
        paying.watch_expiry(self._state, self._the(charge["payment_intent"]), charge)

    def open_dispute(
        self,
        charge_id: str,
        *,
        reason: str = "fraudulent",
        inquiry: bool = False,
        amount: int | None = None,
        due_in_s: int | None = None,
    ) -> Json:
        """Let the cardholder complain; without `inquiry` the bank takes the money at once.

        `amount` may be more or less than the charge; none disputes what is left of it.
        """
        return disputes.open_dispute(
            self._state,
            self._the(charge_id),
            reason=reason,
            inquiry=inquiry,
            amount=amount,
            due_in_s=due_in_s,
        )

    def rule_dispute(self, dispute_id: str, *, won: bool) -> Json:
        """Let the bank decide a chargeback; winning one that was lost is an appeal."""
        dispute = self._the(dispute_id)
        disputes.rule(self._state, dispute, won=won)
        return dispute

    def escalate_inquiry(self, dispute_id: str) -> Json:
        """Turn an inquiry into a chargeback."""
        dispute = self._the(dispute_id)
        disputes.escalate(self._state, dispute)
        return dispute

    def close_inquiry(self, dispute_id: str) -> Json:
        """Let an inquiry end without a chargeback."""
        dispute = self._the(dispute_id)
        disputes.close_inquiry(self._state, dispute)
        return dispute

    def settle_refund(self, refund_id: str) -> Json:
        """Let a pending refund arrive."""
        refund = self._the(refund_id)
        refunds.settle(self._state, refund)
        return refund

    def fail_refund(self, refund_id: str, reason: str = "lost_or_stolen_card") -> Json:
        """Let a refund fail, even one that had succeeded."""
        refund = self._the(refund_id)
        refunds.fail(self._state, refund, reason)
        return refund

    def cancel_refund(self, refund_id: str) -> Json:
        """Let a pending refund be called off."""
        refund = self._the(refund_id)
        refunds.cancel(self._state, refund)
        return refund

    def complete_onboarding(self, account_id: str) -> Json:
        """Let the person behind an account tell everything and be accepted."""
        account = self._the(account_id)
        accounts.complete_onboarding(self._state, account)
        return account

    def restrict_account(self, account_id: str, *due: str) -> Json:
        """Take an account's capabilities away until it tells what is due."""
        account = self._the(account_id)
        accounts.restrict(self._state, account, list(due) or ["individual.verification.document"])
        return account

    def pay_out_everything(self, account_id: str) -> list[Json]:
        """Run the automatic payouts of an account: one per currency with available money."""
        ledger = self._state.ledger
        return [
            payouts.make_payout(
                self._state,
                account_id,
                {"amount": balance.available, "currency": currency},
                automatic=True,
            )
            for currency in ledger.currencies(account_id)
            if (balance := ledger.balance(currency, account_id)).available > 0
        ]

    def arrive_payout(self, payout_id: str) -> Json:
        """Let the bank receive a payout before its arrival date."""
        payout = self._the(payout_id)
        payouts.arrive(self._state, payout)
        return payout

    def fail_payout(self, payout_id: str, code: str = "account_closed") -> Json:
        """Let the bank send a payout back."""
        payout = self._the(payout_id)
        payouts.fail(self._state, payout, code)
        return payout

    def _the(self, identifier: str) -> Json:
        record = self._state.records.any(identifier)
        if record is None:
            message = f"there is no {identifier}"
            raise ValueError(message)
        return record
