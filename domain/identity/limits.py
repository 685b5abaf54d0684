"""How often somebody may ask: buckets of tokens that fill again, by kind of request.

The figures are far above what people and their apps do; they stop programs, not people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType

from domain.identity.actions import Action


class RequestKind(StrEnum):
    """Requests that are counted together."""

    SIGN_IN = "sign_in"
    """Whatever changes something without a credential: guessing begins here."""
    MONEY = "money"
    """What moves money, or decides where it goes."""
    CHANGE = "change"
    """Every other change."""
    READ = "read"
    """What only reads."""
    PUBLIC = "public"
    """What anybody may read."""
    PROVIDER = "provider"
    """Messages of payment providers, which prove who sent them."""
    SOS = "sos"
    """Calls for help: whatever else somebody has asked for, these have room."""


UNCOUNTED = frozenset(
    {Action.PUBLIC_READ_HEALTH, Action.PUBLIC_EXPLAIN_PROBLEM, Action.PUBLIC_READ_PAGE}
)
"""What is asked by probes, and what costs nothing."""
MONEY_ACTIONS = frozenset(
    {
        Action.ACCEPT_OFFER,
        Action.GIVE_PAYMENT_METHOD,
        Action.CONFIRM_DELIVERY,
        Action.CANCEL_DELIVERY,
        Action.GIVE_DELIVERY_BACK,
        Action.ACCEPT_PROPOSAL,
        Action.ANSWER_DISPUTE,
        Action.MAKE_PROPOSAL,
        Action.AGREE_TO_EXTRA_COSTS,
        Action.GIVE_VERDICT,
        Action.SUBMIT_CHARGEBACK_EVIDENCE,
        Action.NAME_CHARGEBACK_BEARER,
        Action.RESOLVE_CHARGEBACK,
        Action.ORDER_CORRECTION,
        Action.RESOLVE_CORRECTION,
        Action.RESOLVE_DELIVERY,
        Action.SET_UP_PAYOUT_ACCOUNT,
        Action.ORDER_BULK_HOLD,
        Action.APPROVE_OVERRIDE,
    }
)
CLOSED_KINDS = frozenset({RequestKind.SIGN_IN, RequestKind.MONEY})
"""Requests that are refused while nobody can count them; the others go on uncounted."""


def kind_of(action: Action, *, changes: bool) -> RequestKind | None:
    """Return with which requests an action is counted; none for one that is not."""
    if action in UNCOUNTED:
        return None
    if action is Action.PUBLIC_TAKE_WEBHOOK:
        return RequestKind.PROVIDER
    if action is Action.CALL_FOR_HELP and changes:
        return RequestKind.SOS
    if action.is_public:
        return RequestKind.SIGN_IN if changes else RequestKind.PUBLIC
    if action in MONEY_ACTIONS:
        return RequestKind.MONEY
    return RequestKind.CHANGE if changes else RequestKind.READ


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tokens, of which each request takes one."""

    burst: int
    """Requests that may come at once after a pause: what the full bucket holds."""
    per_s: float
    """Tokens that come back each second, up to the full bucket."""
    lease: int
    """Tokens that one process of the API takes at a time, to spend without asking again."""

    def times(self, factor: int) -> Bucket:
        """Return a bucket of so many times the size."""
        return Bucket(self.burst * factor, self.per_s * factor, self.lease * factor)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is granted for one kind of request."""

    address: Bucket
    """For one address of the network, behind which many people may sit."""
    person: Bucket | None = None
    """For one person, from wherever; none for requests that no credential comes with."""


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How many requests are taken, per kind."""

    sign_in: Allowance = field(default=Allowance(Bucket(100, 1.0, 1)))
    """A school class behind one address registers at once; a program that guesses gets 3,600 tries
    an hour. The tries for one account are bounded apart from this."""
    money: Allowance = field(default=Allowance(Bucket(1_200, 20.0, 40), Bucket(120, 1.0, 5)))
    """Somebody who decides about money does so now and then; an integrator's batch fits the burst."""
    change: Allowance = field(default=Allowance(Bucket(6_000, 100.0, 200), Bucket(600, 5.0, 20)))
    """A traveler's phone sends a batch of positions each few seconds, and scans in between."""
    read: Allowance = field(default=Allowance(Bucket(24_000, 400.0, 800), Bucket(1_200, 20.0, 40)))
    """An app that shows a list opens some twenty objects at once."""
    public: Allowance = field(default=Allowance(Bucket(600, 10.0, 20)))
    """Links to codes are opened by hand; keys are fetched once an hour."""
    provider: Allowance = field(default=Allowance(Bucket(12_000, 200.0, 400)))
    """A provider sends what it kept back during an outage as fast as it is taken."""
    sos: Allowance = field(default=Allowance(Bucket(1_200, 20.0, 40), Bucket(60, 1.0, 5)))
    """A phone in danger sends its position every second; the first call is on record by then."""

    def of(self, kind: RequestKind) -> Allowance:
        """Return what is granted for a kind of request."""
        return self._by_kind()[kind]

    def times(self, factor: int) -> RateLimits:
        """Return limits of so many times the size, for machines that test."""
        larger = {
            str(kind): Allowance(
                allowance.address.times(factor),
                allowance.person.times(factor) if allowance.person is not None else None,
            )
            for kind, allowance in self._by_kind().items()
        }
        return RateLimits(**larger)

    def _by_kind(self) -> Mapping[RequestKind, Allowance]:
        return MappingProxyType(
            {RequestKind(each.name): getattr(self, each.name) for each in fields(self)}
        )
