"""What a correction asks the payment provider for, one after another, and what it books at once."""

from __future__ import annotations

from collections.abc import Mapping

from domain.correcting.rules import OF_DEBTS, ON_TOP, CorrectionKind, CorrectionOrder, DeliveryMoney
from domain.ids import CorrectionId, DeliveryId
from domain.ledger import Bearer, LedgerTransaction, dues_paid_booking, write_off_booking
from domain.money import Money
from domain.transitions import EventKind, OperationKind, PaymentIntent

_K, _O = CorrectionKind, OperationKind

OPENING: Mapping[CorrectionKind, EventKind] = {
    _K.GOODWILL_REFUND: EventKind.CORRECTION_ORDERED,
    _K.COMPENSATION: EventKind.CORRECTION_ORDERED,
    _K.TIP: EventKind.CORRECTION_ORDERED,
    _K.EXTRA_COST: EventKind.EXTRA_COST_ASKED,
    _K.WRITE_OFF: EventKind.DEBT_WRITTEN_OFF,
    _K.DUES_PAID: EventKind.DEBT_PAID,
}
"""The event with which each ordered kind begins; a debt is settled by it."""


def operation_id_of(
    delivery_id: DeliveryId, kind: OperationKind, correction_id: CorrectionId
) -> str:
    """Return the id of an operation that a correction asks for; it asks for each kind once."""
    return f"{delivery_id}:{kind}:{correction_id}"


def intents_of(order: CorrectionOrder, money: DeliveryMoney) -> tuple[PaymentIntent, ...]:
    """Return what an order asks for, in this order; nothing for a debt, which only the books know.

    A refund goes out first; only then is a transfer taken back for it.
    """
    if order.kind is _K.GOODWILL_REFUND:
        refund = _intent(order, _O.REFUND, source=money.charge_id, beyond_held=True)
        reversal = reversal_of(order, money)
        if not reversal.amount_minor:
            return (refund,)
        return refund, _intent(order, _O.REVERSAL, reversal, source=money.transfer_id)
    if order.kind is _K.COMPENSATION:
        return _intent(order, _O.TRANSFER), _intent(order, _O.PAYOUT)
    if order.kind in ON_TOP:
        charge = _intent(order, _O.CHARGE, method=order.payment_method)
        transfer = _intent(order, _O.TRANSFER, source=charge.operation_id)
        return charge, transfer, _intent(order, _O.PAYOUT)
    return ()


def reversal_of(order: CorrectionOrder, money: DeliveryMoney) -> Money:
    """Return how much is taken back from the traveler's account for a refund; zero for none.

    What cannot be taken back stays the traveler's debt.
    """
    nothing = Money(0, order.amount.currency)
    if order.kind is not _K.GOODWILL_REFUND or order.bearer is not Bearer.TRAVELER:
        return nothing
    if not money.transfer_id:
        return nothing
    return min(order.amount, money.reversible, key=lambda amount: amount.amount_minor)


def void_of_tip(order: CorrectionOrder) -> PaymentIntent:
    """Return the intent that gives up a tip whose charge is not settled."""
    charge_id = operation_id_of(order.delivery_id, _O.CHARGE, order.correction_id)
    return _intent(order, _O.VOID, source=charge_id)


def booking_of(order: CorrectionOrder) -> LedgerTransaction | None:
    """Return what the order of a correction itself books: a debt that is given up or was paid."""
    if order.kind not in OF_DEBTS:
        return None
    assert order.debtor is not None, "a debt has its debtor"
    assert order.debtor_id is not None, "and the debtor is a person"
    make = write_off_booking if order.kind is _K.WRITE_OFF else dues_paid_booking
    key = f"{order.delivery_id}:{order.kind}:{order.correction_id}"
    return make(key, order.delivery_id, order.debtor, order.debtor_id, order.amount)


def _intent(
    order: CorrectionOrder,
    kind: OperationKind,
    amount: Money | None = None,
    *,
    source: str = "",
    method: str = "",
    beyond_held: bool = False,
) -> PaymentIntent:
    return PaymentIntent(
        operation_id=operation_id_of(order.delivery_id, kind, order.correction_id),
        kind=kind,
        amount=amount or order.amount,
        method=method,
        source_operation_id=source,
        beyond_held=beyond_held,
    )
