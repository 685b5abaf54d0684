"""Who bears what when a parcel is lost, stolen or damaged, and what would prove it: rules only.

Two amounts are shared out. The price: what goes back to the customer is borne by the traveler's side,
who is not paid for it. The declared value: the platform covers a part, up to a limit; the rest is the
customer's own. Both shares are suggestions for the agent who decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.contracts import DisputeReason, Role
from domain.journey.terms import CoverPolicy
from domain.money import Money
from domain.policies import VerdictOutcome
from domain.pricing import worth

WHOLE_POINTS = 10_000


class HandoverProof(StrEnum):
    """What the records say of where the parcel went."""

    CODE = "code"
    """The recipient's code was accepted."""
    LEFT = "left"
    """It was left where the customer had allowed it, with a position."""
    RETURNED = "returned"
    """The sender's code was accepted on its way back."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class LiabilityRule:
    """How a reason is shared out. Units: ten-thousandths."""

    refund_points: int
    """Of the price: what goes back to the customer."""
    cover_points: int
    """Of the declared value: what the platform covers, up to its limit."""
    because: str
    """Why, for the agent."""


@dataclass(frozen=True, slots=True)
class ExpectedEvidence:
    """Something that would help the agent."""

    by: Role
    """Who is expected to have it."""
    kind: str
    """As evidence is filed: photo, document, receipt or statement."""
    what: str
    """What it should show, as an instruction."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the rules suggest: refund and release sum to the price, cover and own part to the value."""

    outcome: VerdictOutcome
    """The verdict that shares the price out like this."""
    refund: Money
    """What the customer gets back of the price; the traveler's side bears it."""
    release: Money
    """What is released on the traveler's side, platform fee included."""
    covered: Money
    """What the platform covers of the declared value."""
    own: Money
    """What the customer bears of it."""
    by_goodwill: Money
    """What of the cover a goodwill refund can pay: no refund exceeds what is left of the payment."""
    by_hand: Money
    """What of the cover has to be paid in another way."""
    because: str
    """Why, for the agent."""


_R, _P = DisputeReason, HandoverProof
_NOT_CARRIED_OUT = LiabilityRule(10_000, 10_000, "the parcel did not arrive in the traveler's care")
_PROVEN = LiabilityRule(0, 0, "the recipient's code was accepted")
_WHERE_UNKNOWN = LiabilityRule(10_000, 0, "nothing proves an arrival, and the parcel may turn up")

RULES: Mapping[tuple[DisputeReason, HandoverProof], LiabilityRule] = {
    (_R.LOST, _P.NONE): _NOT_CARRIED_OUT,
    (_R.STOLEN, _P.NONE): _NOT_CARRIED_OUT,
    (_R.STOLEN, _P.LEFT): LiabilityRule(
        5_000, 5_000, "the customer had allowed to leave it, and nobody saw it arrive"
    ),
    (_R.LOST, _P.LEFT): LiabilityRule(
        5_000, 5_000, "the customer had allowed to leave it, and nobody saw it arrive"
    ),
    (_R.NOT_RECEIVED, _P.NONE): _NOT_CARRIED_OUT,
    (_R.NOT_RECEIVED, _P.LEFT): LiabilityRule(
        5_000, 5_000, "the customer had allowed to leave it, and nobody saw it arrive"
    ),
    (_R.NOT_RECEIVED, _P.CODE): _PROVEN,
    (_R.DAMAGED, _P.NONE): _NOT_CARRIED_OUT,
    (_R.DAMAGED, _P.CODE): LiabilityRule(
        5_000, 5_000, "damage seen after the handover may come from the way or from the packing"
    ),
    (_R.DAMAGED, _P.LEFT): LiabilityRule(
        5_000, 5_000, "damage may come from the way, the packing or the place it was left at"
    ),
    (_R.DAMAGED, _P.RETURNED): LiabilityRule(
        10_000, 5_000, "it came back damaged, and was not delivered either"
    ),
    (_R.MISSING_CONTENTS, _P.CODE): LiabilityRule(
        2_500, 2_500, "a closed parcel was handed over; what was in it is hard to prove"
    ),
    (_R.WRONG_PARCEL, _P.CODE): LiabilityRule(
        10_000, 0, "the right parcel is still somewhere and has to be found"
    ),
    (_R.HANDOVER_OVERDUE, _P.NONE): _WHERE_UNKNOWN,
    (_R.RETURN_OVERDUE, _P.NONE): _WHERE_UNKNOWN,
    (_R.NO_SHOW_CONTESTED, _P.NONE): LiabilityRule(
        10_000, 0, "the parcel never left its sender, and each side says that it was there"
    ),
    (_R.HANDOVER_FAILED, _P.NONE): LiabilityRule(
        5_000, 0, "the traveler came to the door; the parcel has to go back"
    ),
}
"""By reason and proof; where nothing is said, the rules leave it to the agent."""
_UNSAID: Mapping[HandoverProof, LiabilityRule] = {
    _P.CODE: LiabilityRule(0, 0, "no rule fits; a proven handover is released by default"),
    _P.LEFT: LiabilityRule(10_000, 0, "no rule fits; without a code it is refunded by default"),
    _P.RETURNED: LiabilityRule(10_000, 0, "no rule fits; without a code it is refunded by default"),
    _P.NONE: LiabilityRule(10_000, 0, "no rule fits; without a code it is refunded by default"),
}

_VALUE = ExpectedEvidence(
    Role.CUSTOMER, "receipt", "Show what the contents cost: an invoice or a receipt."
)
_LAST_SEEN = ExpectedEvidence(
    Role.TRAVELER, "statement", "Say when and where you had the parcel last, and what you did then."
)
_DAMAGE = (
    ExpectedEvidence(Role.RECIPIENT, "photo", "Show the damage and the whole wrapping."),
    ExpectedEvidence(Role.CUSTOMER, "photo", "Show how the parcel was packed before the pickup."),
    ExpectedEvidence(Role.TRAVELER, "photo", "Show the parcel as you handed it over."),
    _VALUE,
)
_GONE = (_LAST_SEEN, _VALUE)

EVIDENCE: Mapping[DisputeReason, tuple[ExpectedEvidence, ...]] = {
    _R.LOST: _GONE,
    _R.STOLEN: (
        ExpectedEvidence(Role.TRAVELER, "document", "Report it to the police; show the report."),
        *_GONE,
    ),
    _R.DAMAGED: _DAMAGE,
    _R.MISSING_CONTENTS: (
        ExpectedEvidence(Role.RECIPIENT, "photo", "Show the open parcel and its seals."),
        ExpectedEvidence(Role.CUSTOMER, "photo", "Show the contents before they were packed."),
        _VALUE,
    ),
    _R.WRONG_PARCEL: (
        ExpectedEvidence(Role.RECIPIENT, "photo", "Show the parcel you got, with its label."),
        ExpectedEvidence(Role.TRAVELER, "statement", "Say which other parcels you carried."),
    ),
    _R.NOT_RECEIVED: (
        ExpectedEvidence(Role.TRAVELER, "photo", "Show where and to whom you gave the parcel."),
        ExpectedEvidence(Role.RECIPIENT, "statement", "Say who was there at that time."),
        _VALUE,
    ),
    _R.HANDOVER_OVERDUE: _GONE,
    _R.RETURN_OVERDUE: _GONE,
    _R.HANDOVER_FAILED: (_LAST_SEEN,),
    _R.STOPPED_BY_OPERATOR: (_LAST_SEEN,),
    _R.NO_SHOW_CONTESTED: (
        ExpectedEvidence(Role.CUSTOMER, "statement", "Say who waited where, and until when."),
        ExpectedEvidence(Role.TRAVELER, "photo", "Show the place of the pickup at that time."),
    ),
    _R.OTHER: (),
}
"""What is expected from whom, by reason."""


def cover_limit(policy: CoverPolicy, currency: str) -> Money:
    """Return the most that the platform covers of one parcel."""
    return worth(policy.cover_minor_max, currency)


def assess(
    policy: CoverPolicy,
    reason: DisputeReason,
    proof: HandoverProof,
    price: Money,
    declared: Money | None,
) -> Assessment:
    """Return how price and declared value are to be shared out, by largest remainder.

    A parcel without a declared value has no cover: nobody knows what it is worth.
    """
    rule = RULES.get((reason, proof)) or _UNSAID[proof]
    refund, release = price.split((rule.refund_points, WHOLE_POINTS - rule.refund_points))
    nothing = Money(0, price.currency)
    value = declared or nothing
    share, _ = value.split((rule.cover_points, WHOLE_POINTS - rule.cover_points))
    covered = min(share, cover_limit(policy, price.currency), key=_amount)
    by_goodwill = min(covered, release, key=_amount)
    return Assessment(
        outcome=_outcome(refund, release),
        refund=refund,
        release=release,
        covered=covered,
        own=value - covered,
        by_goodwill=by_goodwill,
        by_hand=covered - by_goodwill,
        because=rule.because,
    )


def _outcome(refund: Money, release: Money) -> VerdictOutcome:
    if not refund.amount_minor:
        return VerdictOutcome.RELEASE
    return VerdictOutcome.SPLIT if release.amount_minor else VerdictOutcome.REFUND


def _amount(money: Money) -> int:
    return money.amount_minor
