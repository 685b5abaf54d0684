"""Reads who got how much out of a delivery's bookings, and compares it with what a scenario says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from infra.robo.scenario import Ending

_CASH = "provider_cash"
_OUT = {
    "refunded": frozenset({"refund", "refund_undone"}),
    "traveler": frozenset({"payout", "payout_undone"}),
    "bank": frozenset({"chargeback", "chargeback_won"}),
}
"""Kinds of bookings whose cash left for somebody, or came back."""


def reached(delivery: Mapping[str, Any], ledger: Mapping[str, Any]) -> Ending:
    """Return how a delivery has ended so far, as an agent sees it."""
    held = delivery["held_payment"]
    return Ending(
        status=delivery["status"],
        escrow=held["status"] if held else "none",
        platform=_earned(ledger),
        **{name: _paid_out(ledger, kinds) for name, kinds in _OUT.items()},
    )


def differences(
    wanted: Ending, delivery: Mapping[str, Any], ledger: Mapping[str, Any]
) -> list[str]:
    """Return what is not as it should be, for people."""
    found = asdict(reached(delivery, ledger))
    return [
        f"{name} is {found[name]} and should be {value}"
        for name, value in asdict(wanted).items()
        if found[name] != value
    ]


def _paid_out(ledger: Mapping[str, Any], kinds: frozenset[str]) -> int:
    return sum(
        entry["amount"]["amount_minor"] * (1 if entry["side"] == "credit" else -1)
        for transaction in ledger["transactions"]
        if transaction["kind"] in kinds
        for entry in transaction["entries"]
        if entry["account"] == _CASH
    )


def _earned(ledger: Mapping[str, Any]) -> int:
    return sum(
        balance["amount"]["amount_minor"]
        for balance in ledger["balances"]
        if balance["account"] == "fee_revenue"
    )
