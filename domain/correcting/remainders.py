"""What a lost chargeback leaves of what was to be refunded and released."""

from __future__ import annotations

from domain.money import Money


def rest_after(refund: Money, release: Money, taken: Money) -> tuple[Money, Money]:
    """Return what is still refunded and released once a chargeback has taken a part of both.

    What the card network has returned counts as refunded; only what goes beyond that is taken from
    the release.
    """
    nothing = Money(0, taken.currency)
    refunded = min(refund, taken, key=_amount)
    rest = release - (taken - refunded)
    return refund - refunded, max(rest, nothing, key=_amount)


def _amount(money: Money) -> int:
    return money.amount_minor
