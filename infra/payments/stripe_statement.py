"""Stripe's statement: the balance transactions of the platform's own account.

Travelers' accounts have statements of their own at Stripe and are not read here: what was
transferred has left the platform's balance, and Stripe pays it out by itself.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Any

import stripe

from activities.reconciliation_ports import TooManyLines
from domain.money import MINOR_DIGITS, Money
from domain.policies import ReconciliationPolicy
from domain.reconciliation.lines import BalanceLine, LineKind
from infra.payments.stripe_answers import DELIVERY_ID, OPERATION_ID
from infra.payments.stripe_errors import answered

logger = logging.getLogger(__name__)

PAGES_MAX = ReconciliationPolicy().pages_max
PAGE_LENGTH = 100
"""Most balance transactions that Stripe gives at once."""

_KINDS = {
    "charge": LineKind.CHARGE,
    "payment": LineKind.CHARGE,
    "payment_failure_refund": LineKind.CHARGE_FAILURE,
    "refund": LineKind.REFUND,
    "payment_refund": LineKind.REFUND,
    "refund_failure": LineKind.REFUND_FAILURE,
    "transfer": LineKind.TRANSFER,
    "transfer_refund": LineKind.TRANSFER_REVERSAL,
    "transfer_cancel": LineKind.TRANSFER_REVERSAL,
    "transfer_failure": LineKind.TRANSFER_REVERSAL,
    "payout": LineKind.PAYOUT,
    "payout_cancel": LineKind.PAYOUT,
    "payout_failure": LineKind.PAYOUT,
    "stripe_fee": LineKind.FEE,
    "stripe_fx_fee": LineKind.FEE,
    "tax_fee": LineKind.FEE,
    "adjustment": LineKind.ADJUSTMENT,
}
"""Kind of each type of balance transaction. Source: Stripe's page on balance transaction types."""
_OWN_BALANCE = (None, "payments")
"""Balance types of the money that can be paid out; others are reserves with figures of their own."""
_DISPUTE, _REFUND = ("du_", "dp_"), ("re_", "pyr_")
"""How ids of disputes and refunds begin."""
_BELONGS_TO = ("payment_intent", "charge", "source_transaction", "transfer")
"""Fields in which an object names what it belongs to."""


class StripeStatement:
    """`ProviderStatement` over Stripe's SDK."""

    provider = "stripe"
    covers_payouts = False

    def __init__(
        self,
        client: stripe.StripeClient,
        *,
        pages_max: int = PAGES_MAX,
        page_length: int = PAGE_LENGTH,
    ) -> None:
        self._v1 = client.v1
        self._pages_max = pages_max
        self._page_length = page_length

    async def lines(self, since: datetime, until: datetime) -> AsyncIterator[Sequence[BalanceLine]]:
        """Return the lines made from one moment to another, page by page, the newest first.

        Raises:
            TooManyLines, ProviderUnavailable, ProviderRefused, OutcomeUnknown.
        """
        created = {"gte": int(since.timestamp()), "lt": ceil(until.timestamp())}
        params: Any = {"created": created, "limit": self._page_length, "expand": ["data.source"]}
        for _ in range(self._pages_max):
            page = await answered(self._v1.balance_transactions.list_async(params))
            yield _readable(page.data)
            if not page.has_more:
                return
            params["starting_after"] = page.data[-1].id
        raise TooManyLines(f"More than {self._pages_max} pages lie between {since} and {until}.")

    async def balances(self) -> Mapping[str, int]:
        """Return what the platform has, pending and available together, by currency."""
        now = await answered(self._v1.balance.retrieve_async())
        totals: dict[str, int] = {}
        parts = [(each.currency.upper(), each.amount) for each in now.available]
        parts += [(each.currency.upper(), each.amount) for each in now.pending]
        for currency, amount in parts:
            totals[currency] = totals.get(currency, 0) + amount
        return totals


def _readable(listed: Sequence[stripe.BalanceTransaction]) -> list[BalanceLine]:
    lines = []
    for each in listed:
        if each.currency.upper() in MINOR_DIGITS:
            lines += [_line(each)] if getattr(each, "balance_type", None) in _OWN_BALANCE else []
        else:
            # What it amounts to shows in the comparison of the balances.
            logger.error("the balance transaction %s is in no currency that is known", each.id)
    return lines


def _line(made: stripe.BalanceTransaction) -> BalanceLine:
    source, currency = _source(made), made.currency.upper()
    stamps = source.get("metadata") or {}
    source_id = str(source.get("id") or "")
    related = (source.get(name) for name in _BELONGS_TO)
    return BalanceLine(
        line_id=made.id,
        kind=_kind(made, source_id),
        source_id=source_id,
        amount=Money(made.amount, currency),
        fee=Money(made.fee, currency),
        created_at=datetime.fromtimestamp(made.created, UTC),
        available_on=datetime.fromtimestamp(made.available_on, UTC),
        operation_id=stamps.get(OPERATION_ID, ""),
        delivery_id=stamps.get(DELIVERY_ID) or str(source.get("transfer_group") or ""),
        related_ids=tuple(each for each in related if isinstance(each, str)),
    )


def _source(made: stripe.BalanceTransaction) -> Mapping[str, Any]:
    source = made.source
    if source is None or isinstance(source, str):
        return {"id": source}
    found: Mapping[str, Any] = source.to_dict()
    return found


def _kind(made: stripe.BalanceTransaction, source_id: str) -> LineKind:
    kind = _KINDS.get(made.type, LineKind.OTHER)
    if kind is not LineKind.ADJUSTMENT:
        return kind
    if source_id.startswith(_DISPUTE):
        return LineKind.CHARGEBACK if made.amount < 0 else LineKind.CHARGEBACK_REVERSAL
    if source_id.startswith(_REFUND) and made.amount > 0:
        return LineKind.REFUND_FAILURE
    return kind
