"""How long a phone may be without network, and what is asked of the scans that it brings back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OfflinePolicy:
    """What is taken along and what is taken back. Units: whole seconds."""

    manifest_s: int = 24 * 3_600
    """Life of a manifest: a day's trip to where there is no network and back."""
    claim_age_s_max: int = 24 * 3_600
    """Greatest age of a claim when it comes in: who had a day to find a network and did not has
    something to explain, and a code that somebody found meanwhile is worth less with every hour."""
    clock_off_s_max: int = 120
    """How far a phone's clock may be off: phones that see a network are right to a second, and those
    that lost it for a day still to a few; the way of the request is in it too."""
    claims_at_once_max: int = 10
    """Claims of one request: more than one traveler scans in a day, few enough to be judged while the
    phone waits."""
    claim_characters_max: int = 2_000
    """Longest claim that is read: four times what a signed code and a position need."""
    review_s: int = 24 * 3_600
    """How long an agent has to look at a claim in doubt before staff are told again."""
    pending_s_max: int = 3_600
    """How long a claim may stay without an answer before staff are told: phones try again within
    minutes, so that one which does not has been switched off or lost."""


OFFLINE = OfflinePolicy()
"""What is in force for every delivery: it binds phones, not prices."""
