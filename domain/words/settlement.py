"""Words about what keeps a payment back after the delivery, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.transitions import EventKind
from domain.words.form import Words

SETTLEMENT_WORDS: Mapping[tuple[EventKind, Role], Words] = {
    (EventKind.ACCOUNT_AWAITED, Role.TRAVELER): Words(
        "Your payout account is not ready",
        "{amount} is yours, but your payout account cannot be sent money yet. Please finish setting "
        "it up in Sendalong {by}; we remind you again if needed. Until then it stays held for you.",
    ),
}
