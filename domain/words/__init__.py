"""The texts of all messages, in tables; `domain.wording` fills them in."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.transitions import EventKind
from domain.words.amending import AMENDING_WORDS
from domain.words.cancellation import CANCELLATION_WORDS
from domain.words.chargebacks import CHARGEBACK_WORDS
from domain.words.corrections import CORRECTION_WORDS
from domain.words.deliveries import DELIVERY_WORDS, VERDICT_WORDS
from domain.words.disputes import DISPUTE_WORDS
from domain.words.form import Words
from domain.words.holds import HOLD_WORDS
from domain.words.horizons import HORIZON_WORDS
from domain.words.offline import OFFLINE_WORDS
from domain.words.overriding import OVERRIDE_REASONS, OVERRIDE_WORDS
from domain.words.relay import RELAY_WORDS
from domain.words.settlement import SETTLEMENT_WORDS
from domain.words.undelivered import REASONS_ON_THE_WAY, UNDELIVERED_WORDS
from domain.words.undoing import UNDOING_WORDS

WORDS: Mapping[tuple[EventKind, Role], Words] = {
    **DELIVERY_WORDS,
    **HOLD_WORDS,
    **AMENDING_WORDS,
    **HORIZON_WORDS,
    **SETTLEMENT_WORDS,
    **DISPUTE_WORDS,
    **CANCELLATION_WORDS,
    **CORRECTION_WORDS,
    **CHARGEBACK_WORDS,
    **UNDELIVERED_WORDS,
    **RELAY_WORDS,
    **UNDOING_WORDS,
    **OVERRIDE_WORDS,
    **OFFLINE_WORDS,
}
"""By event and audience; who is told of what is decided in `domain.messages`."""

__all__ = ["OVERRIDE_REASONS", "REASONS_ON_THE_WAY", "VERDICT_WORDS", "WORDS", "Words"]
