"""How long is remembered what only serves requests, and what a round of forgetting came to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ForgettingPolicy:
    """When what has served is forgotten, and how much of it at once."""

    keys_s: int = 30 * 86_400
    """Life of an idempotency key and its answer, in seconds: an app that was offline for a trip
    repeats its requests after days, none after a month."""
    attempts_s: int = 540 * 86_400
    """Life of an attempt to scan, in seconds: longer than a bank takes to claim a payment back, for it
    shows who scanned which code where."""
    every_s: int = 3_600
    """Seconds from one round to the next: an address outlives its full bucket by no more."""
    run_s_max: int = 1_800
    """Longest seconds of a round with all its tries: it ends before the next is due."""
    catch_up_s: int = 600
    """Seconds after which a round that was missed is left out: the next one forgets the same."""
    batch_rows: int = 1_000
    """Rows of one transaction: their locks are gone within milliseconds."""
    batches_max: int = 500
    """Batches of one table in one round: half a million rows, the rest waits an hour."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What one round has removed."""

    keys: int
    """Idempotency keys with their answers."""
    buckets: int
    """Buckets of requests that were full again."""
    places: int = 0
    """Presences whose position was taken away."""
    attempts: int = 0
    """Attempts to scan that nobody can dispute any more."""
