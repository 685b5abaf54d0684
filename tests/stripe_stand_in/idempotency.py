"""Idempotency keys as Stripe keeps them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from tests.stripe_stand_in.clock import MovableClock
from tests.stripe_stand_in.forms import Tree
from tests.stripe_stand_in.refusals import StripeRefusal, invalid

KEY_LENGTH_MAX = 255


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """What the first request under a key was answered."""

    status: int
    body: bytes
    request_id: str


@dataclass(slots=True)
class _Entry:
    path: str
    fingerprint: str
    made_at: int
    answer: SavedAnswer | None = None


class KeyRing:
    """Keys of all accounts, each remembered for as long as Stripe promises and no longer."""

    def __init__(self, clock: MovableClock, life_s: int) -> None:
        self._clock = clock
        self._life_s = life_s
        self._entries: dict[tuple[str | None, str], _Entry] = {}

    def begin(self, account: str | None, key: str, path: str, tree: Tree) -> SavedAnswer | None:
        """Claim a key; return the saved answer when the same request was answered before.

        Raises:
            StripeRefusal: the key belongs to another request (400) or is in use right now (409).
        """
        if len(key) > KEY_LENGTH_MAX:
            message = f"Idempotency keys have at most {KEY_LENGTH_MAX} characters."
            raise invalid(message)
        self._forget_old()
        fingerprint = _fingerprint(path, tree)
        entry = self._entries.get((account, key))
        if entry is None:
            self._entries[(account, key)] = _Entry(path, fingerprint, self._clock.now())
            return None
        if entry.answer is None:
            raise key_in_use(key)
        if entry.fingerprint != fingerprint:
            raise _other_request(entry, key, path)
        return entry.answer

    def keep(self, account: str | None, key: str, answer: SavedAnswer) -> None:
        """Save the answer under a claimed key."""
        self._entries[(account, key)].answer = answer

    def release(self, account: str | None, key: str) -> None:
        """Give a claimed key back when nothing was executed under it."""
        entry = self._entries.get((account, key))
        if entry is not None and entry.answer is None:
            del self._entries[(account, key)]

    def _forget_old(self) -> None:
        oldest = self._clock.now() - self._life_s
        self._entries = {
            name: entry
            for name, entry in self._entries.items()
            if entry.made_at > oldest or entry.answer is None
        }


def key_in_use(key: str) -> StripeRefusal:
    """Return the 409 of a key whose first request is still being answered."""
    return StripeRefusal(
        409,
        "idempotency_error",
        "There is currently another in-progress request using this Idempotent Key (that probably "
        f"means you submitted twice, and the other request is still going through): {key}.",
        code="idempotency_key_in_use",
    )


def _other_request(entry: _Entry, key: str, path: str) -> StripeRefusal:
    advice = f"Try using a key other than '{key}' if you meant to execute a different request."
    if entry.path != path:
        what = (
            "Keys for idempotent requests can only be used for the same endpoint they were first "
            f"used for ('{path}' vs '{entry.path}')."
        )
    else:
        what = (
            "Keys for idempotent requests can only be used with the same parameters they were "
            "first used with."
        )
    return StripeRefusal(400, "idempotency_error", f"{what} {advice}")


def _fingerprint(path: str, tree: Tree) -> str:
    text = json.dumps([path, tree], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
