"""How a verdict shares out the held payment."""

from __future__ import annotations

from dataclasses import dataclass

from domain.contracts import PLATFORM, DecideDispute, DisputeOrder, Role, Verdict
from domain.errors import Refusal, RefusalCode
from domain.journey.relay import giver_share
from domain.money import Money
from domain.policies import FeePolicy, VerdictOutcome
from domain.pricing import price_shares


def check_decide(command: DecideDispute, order: DisputeOrder) -> None:
    """Check that an agent may give this verdict; nobody decides a dispute of their own.

    Raises:
        Refusal: `not_your_role` or `verdict_amount_invalid`.
    """
    if command.actor.role is not Role.AGENT:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only a support agent may decide a dispute.")
    delivery = order.order
    parties = (delivery.customer_id, delivery.sender_id, delivery.recipient_id)
    if command.actor.person_id in (*parties, order.standing.traveler_id):
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "A party of the delivery cannot decide it.")
    verdict_shares(command.outcome, command.refund_minor, order.held)


def verdict_shares(
    outcome: VerdictOutcome, refund_minor: int | None, held: Money
) -> tuple[Money, Money]:
    """Return what is refunded and what is released; the two sum to the held payment.

    Raises:
        Refusal: `verdict_amount_invalid` when a split names no amount strictly between zero and the
            held payment that card networks settle, or another outcome names one.
    """
    nothing = Money(0, held.currency)
    if outcome is not VerdictOutcome.SPLIT:
        if refund_minor is not None:
            raise Refusal(
                RefusalCode.VERDICT_AMOUNT_INVALID, "Only a split names an amount to refund."
            )
        return (held, nothing) if outcome is VerdictOutcome.REFUND else (nothing, held)
    if refund_minor is None or not 0 < refund_minor < held.amount_minor:
        raise Refusal(
            RefusalCode.VERDICT_AMOUNT_INVALID,
            f"A split refunds more than nothing and less than {held}.",
        )
    refund = Money(refund_minor, held.currency)
    if held.is_movable and not refund.is_movable:
        raise Refusal(
            RefusalCode.VERDICT_AMOUNT_INVALID,
            f"A split refunds a multiple of {Money(held.step_minor, held.currency)}.",
        )
    return refund, held - refund


def verdict_of(command: DecideDispute, held: Money) -> Verdict:
    """Return the verdict that an agent's decision amounts to."""
    refund, release = verdict_shares(command.outcome, command.refund_minor, held)
    return Verdict(command.outcome, refund, release, command.actor)


def default_verdict(order: DisputeOrder) -> Verdict:
    """Return the verdict when no agent decides in time.

    The policy's default applies to a proven handover; without one the customer is refunded. A
    payment of one step cannot be split and is refunded.
    """
    outcome = (
        order.order.policies.verdict_default if order.handover_proven else VerdictOutcome.REFUND
    )
    if outcome is VerdictOutcome.SPLIT:
        refund, release = order.held.split((1, 1))
        if release.amount_minor:
            return Verdict(outcome, refund, release, PLATFORM)
        outcome = VerdictOutcome.REFUND
    refund, release = verdict_shares(outcome, None, order.held)
    return Verdict(outcome, refund, release, PLATFORM)


@dataclass(frozen=True, slots=True)
class VerdictMoney:
    """Each party's money after a verdict; the parts sum to the held payment."""

    refund: Money
    """What the customer gets back."""
    traveler: Money
    """What the traveler gets, before any debts."""
    fee: Money
    """What the platform keeps of the released part."""
    giver: Money | None = None
    """What a traveler gets who handed the parcel on; none where nobody did."""


def verdict_money(
    fees: FeePolicy, refund: Money, release: Money, share_points: int | None = None
) -> VerdictMoney:
    """Return what a verdict means for each party, by the rules that the settlement applies.

    `share_points` is the share of the traveler who took the parcel over, if one did.
    """
    shares = price_shares(fees, release)
    if share_points is None:
        return VerdictMoney(refund, shares.traveler, shares.fee)
    giver = giver_share(shares.traveler, share_points)
    return VerdictMoney(refund, shares.traveler - giver, shares.fee, giver)
