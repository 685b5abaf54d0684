"""Every window, limit, fee and radius of the platform: unit, default and reason in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from domain.business_hours import AROUND_THE_CLOCK, HoursPolicy
from domain.correcting.policy import ExtraCostPolicy
from domain.disputing.policy import AGENT_ALONE, DisputePolicy
from domain.handover.policy import OPAQUE_CODES, ProofPolicy
from domain.holds.policy import HoldPolicy
from domain.journey.terms import (
    NO_COVER,
    NO_UNDO,
    UNWATCHED,
    CoverPolicy,
    JourneyPolicy,
    RelayPolicy,
    SilencePolicy,
    UndoPolicy,
)
from domain.leaving.policy import FREE_CANCELLATION, CancellationPolicy
from domain.overriding.policy import OverridePolicy
from domain.reviewing.policy import ReviewPolicy
from domain.risk.policy import UNSCORED, RiskPolicy


class VerdictOutcome(StrEnum):
    """What an agent may decide about the held payment."""

    RELEASE = "release"
    REFUND = "refund"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class WindowPolicy:
    """How long each waiting state lasts before its default happens. Units: whole seconds."""

    request_s: int = 7 * 86_400
    """A request without an accepted offer expires: a week is how far ahead most trips are known."""
    payment_s: int = 24 * 3_600
    """Time for another payment method after a decline: a day covers a call to the bank."""
    payment_poll_s: int = 60
    """First wait before an unsettled charge is read again; it doubles: a webhook may be lost."""
    payment_poll_s_max: int = 3_600
    """Longest wait between two readings of an unsettled charge."""
    pickup_s: int = 3 * 86_400
    """Time from the held payment to the pickup scan, unless the customer named a later moment."""
    pickup_ahead_s: int = 86_400
    """Latest pickup before a named handover, when no pickup was named: the shortest way that is worth
    a traveler takes a day."""
    transit_s: int = 10 * 86_400
    """Time from pickup to handover; later, an agent looks into it: the longest trips take a week."""
    inspection_s: int = 48 * 3_600
    """Dispute window after handover: two days to open the parcel."""
    verdict_s: int = 5 * 86_400
    """First deadline of an agent's verdict, from the day the dispute is the agent's; passing it raises
    an alarm."""
    verdict_final_s: int = 14 * 86_400
    """Last deadline of a verdict, counted from the same day; then `verdict_default` is applied."""
    account_reminder_s: int = 7 * 86_400
    """From one reminder to the next of a traveler whose payout account is not set up: a weekly one is
    read, a daily one is filtered away."""
    account_s_max: int = 70 * 86_400
    """Longest wait for that account, counted from the day the payment was held: providers hold money
    for ninety days at most, and a person needs some weeks to find out where it can go."""
    chargeback_review_s: int = 7 * 86_400
    """How often a payment that a chargeback has frozen is looked at again, should the news of a
    decision be lost: a week is little next to the two months that banks take."""
    provider_s: int = 3_600
    """Bound of every state in which a provider moves money; then the step is parked for a person."""
    code_s: int = 30 * 86_400
    """Life of a handover code: longer than pickup and transit together, so that it never ends first."""


@dataclass(frozen=True, slots=True)
class HorizonPolicy:
    """How far ahead a delivery is decides how its payment is held. Units: whole seconds."""

    authorise_s_max: int = 5 * 86_400
    """Longest way to the handover for a reservation: card networks keep most of them for seven days,
    some for less than five."""
    capture_s_max: int = 85 * 86_400
    """Longest way to the handover for captured money: providers hold it for ninety days at most."""
    capture_margin_s: int = 12 * 3_600
    """How long before a reservation ends it is captured without a pickup: longer than any outage of
    a provider so far, short enough that most parcels are picked up before."""
    charge_ahead_s: int = 30 * 86_400
    """How long before the handover a saved method is charged: well inside what may be held, and
    early enough to find another traveler's date when no payment can be had."""
    charge_before_pickup_s: int = 3 * 86_400
    """How long before a named pickup a saved method is charged at the latest: a decline leaves two
    days for another one, and the sender gets the code in time."""


@dataclass(frozen=True, slots=True)
class FeePolicy:
    """What the platform earns. Recognised at release, never before."""

    platform_fee_basis_points: int = 1_000
    """Share of the price in ten-thousandths, taken from the traveler's side: ten per cent."""
    platform_fee_minor_min: int = 0
    """Least fee in euro cents: none until card costs are booked per delivery."""


@dataclass(frozen=True, slots=True)
class PricePolicy:
    """The first pricing rule: a base, a rate per distance and a rate per weight. Units: euro cents."""

    base_minor: int = 500
    """Price of going out of one's way at all."""
    per_km_minor: int = 5
    """Per started kilometre of the straight line: it needs no map and leaves nothing to argue."""
    per_kg_minor: int = 100
    """Per started kilogram: luggage room is what the traveler sells."""
    offer_minor_min: int = 100
    """Least price of an offer: below it card costs exceed the fee."""
    offer_minor_max: int = 5_000_000
    """Greatest price of an offer: above it a courier is the right answer."""


@dataclass(frozen=True, slots=True)
class LimitPolicy:
    """Counts and distances that bound a delivery."""

    open_offers_max: int = 50
    """Open offers on one request: more cannot be compared, and each costs history."""
    offers_total_max: int = 200
    """Offers and counter-offers over the life of a request: bounds the size of its history."""
    revisions_per_offer_max: int = 10
    """Prices named within one offer: haggling beyond that is a message to the other side every time."""
    payment_attempts_max: int = 5
    """Charges tried for one delivery: more look like somebody testing stolen cards."""
    wrong_codes_max: int = 5
    """Wrong PINs until the PIN of a handover is locked: one chance in 200,000 to guess six digits."""
    wrong_scans_max: int = 20
    """Wrong full codes until scanning pauses: a camera repeats a frame ten times before one looks."""
    arrival_radius_m: int = 500
    """Distance from the destination that counts as arrived: city positions are off by up to 100 m."""
    positions_per_batch_max: int = 1_000
    """Positions in one request: a phone that was off-line for a day at one a minute fits in two."""
    declared_value_minor_max: int = 10_000_000
    """Greatest declared value: above it the parcel needs an insured carrier."""


@dataclass(frozen=True, slots=True)
class RetryPolicyFigures:
    """How a side effect is tried again. Units: whole seconds and counts."""

    call_s_max: int = 15
    """One provider call: card networks answer within ten."""
    first_wait_s: int = 1
    """Wait before the second try."""
    longest_wait_s: int = 60
    """Cap of the doubling wait."""
    tries_max: int = 30
    """Tries before the step is parked for a person: about half an hour of provider outage."""


@dataclass(frozen=True, slots=True)
class WebhookPolicy:
    """How news of a payment provider is tried again. Units: whole seconds and counts."""

    first_wait_s: int = 2
    """Wait before the second try: what it is about is usually committed by then."""
    longest_wait_s: int = 3_600
    """Cap of the doubling wait: a delivery whose workflow is stuck is mended within hours."""
    tries_max: int = 20
    """Tries before it is dead and a person looks: about nine hours, a night without staff."""


@dataclass(frozen=True, slots=True)
class ChargebackPolicy:
    """How chargebacks are answered and who bears a lost one. Units: whole seconds."""

    submit_margin_s: int = 2 * 86_400
    """How long before evidence is due it is submitted: staff see it first, and an outage of a day
    still leaves one to submit in."""
    answer_s: int = 3 * 86_400
    """When evidence is submitted where the bank names no moment: staff have two working days."""
    evidence_look_s: int = 86_400
    """From one look for new evidence to the next: people add photos and messages for days."""
    read_again_s: int = 3_600
    """First wait before an undecided dispute is read again; it doubles: a webhook may be lost."""
    read_again_s_max: int = 86_400
    """Longest wait between two readings: banks take weeks to decide."""
    settle_s: int = 60
    """Wait before looking again at a transfer that was under way when the chargeback came."""
    return_s_max: int = 7 * 86_400
    """How long money that was won may take to come back before a person looks: networks say days."""


@dataclass(frozen=True, slots=True)
class ReconciliationPolicy:
    """How the provider's statement is compared with the ledger. Units: whole seconds and counts."""

    every_s: int = 3_600
    """From one run to the next: staff learn of a difference within the hour in which it is made."""
    catch_up_s: int = 86_400
    """How late a run that was missed is still made up for: the next one compares the same anyway."""
    grace_s: int = 1_800
    """Time for both sides to know of a movement: a webhook that was lost is caught up with before."""
    lookback_s: int = 6 * 3_600
    """How far every run reads what was read before: a provider's list may be behind by an hour, and
    its clock is not ours."""
    window_s: int = 6 * 3_600
    """How much of the statement is read in one go, and not read again after a crash."""
    pages_max: int = 1_000
    """Pages of a hundred lines in one go: four movements a second for as long as the window."""
    unknown_operation_s_max: int = 3_600
    """How long nobody may know what became of an operation: every step is tried again within it."""
    held_s_max: int = 85 * 86_400
    """How long money may be held: the provider allows ninety days, and a person needs some of them."""
    balance_tries: int = 3
    """How often the balance is read until it stands still: it cannot be compared while it moves."""


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies one delivery was opened under; a later change never touches it."""

    windows: WindowPolicy = field(default_factory=WindowPolicy)
    """Windows and deadlines."""
    horizons: HorizonPolicy = field(default_factory=HorizonPolicy)
    """How the payment is held, by how far ahead the handover is."""
    fees: FeePolicy = field(default_factory=FeePolicy)
    """Platform fee."""
    prices: PricePolicy = field(default_factory=PricePolicy)
    """Suggested price and price limits."""
    limits: LimitPolicy = field(default_factory=LimitPolicy)
    """Counts and distances."""
    disputes: DisputePolicy = AGENT_ALONE
    """The ladder of a dispute: an agent alone, unless an order says otherwise."""
    hours: HoursPolicy = AROUND_THE_CLOCK
    """When the clocks of a dispute run: always, unless an order says otherwise."""
    journey: JourneyPolicy = field(default_factory=JourneyPolicy)
    """What follows when something goes wrong between pickup and handover."""
    relay: RelayPolicy = field(default_factory=RelayPolicy)
    """When and how a parcel may be handed on to a second traveler."""
    undo: UndoPolicy = NO_UNDO
    """For how long a step can be undone: not at all, unless an order says otherwise."""
    silence: SilencePolicy = UNWATCHED
    """Who asks when for a traveler of whom nothing is heard: nobody, unless an order says otherwise."""
    cover: CoverPolicy = NO_COVER
    """What the platform covers of a declared value: nothing, unless an order says otherwise."""
    chargebacks: ChargebackPolicy = field(default_factory=ChargebackPolicy)
    """How a chargeback of the payment is answered, and who bears it."""
    holds: HoldPolicy = field(default_factory=HoldPolicy)
    """How long a delivery may stay on hold before staff are told."""
    cancellation: CancellationPolicy = FREE_CANCELLATION
    """What it costs to leave before the pickup: nothing, unless an order says otherwise."""
    reviews: ReviewPolicy = field(default_factory=ReviewPolicy)
    """How long reviews are hidden. Those of the platform count, not those of the delivery."""
    extra_costs: ExtraCostPolicy = field(default_factory=ExtraCostPolicy)
    """How much more than the price a traveler may ask for, and how long the customer has."""
    overrides: OverridePolicy = field(default_factory=OverridePolicy)
    """How long an emergency override may wait, and how much longer the money does after one."""
    proof: ProofPolicy = OPAQUE_CODES
    """What proves a pickup and a handover: an opaque code, unless an order says otherwise."""
    risk: RiskPolicy = UNSCORED
    """How risky a deal or a scan is, and what follows: nothing is scored, unless an order says so."""
    retries: RetryPolicyFigures = field(default_factory=RetryPolicyFigures)
    """Retry figures of side effects."""
    messages: RetryPolicyFigures = field(
        default_factory=lambda: RetryPolicyFigures(longest_wait_s=300, tries_max=300)
    )
    """Retry figures of messages: a day of trouble at their provider, since a link to a handover code
    is of use for as long as the parcel is under way."""
    verdict_default: VerdictOutcome = VerdictOutcome.RELEASE
    """Outcome when no agent decides in time after a proven handover: the recipient's code was shown,
    so the burden of proof is on the one who disputes. Without a proven handover it is a refund."""
    chargebacks_of_platform: tuple[str, ...] = (
        "credit_not_processed",
        "debit_not_authorized",
        "duplicate",
        "incorrect_account_details",
        "subscription_canceled",
    )
    """Reasons whose loss the platform bears after the release: they are about how it charged, not
    about the parcel. All others are the traveler's, who was paid out of the disputed payment, up to
    what the traveler got; the rest is the platform's. Source: Stripe's list of dispute reasons."""


def standard_policies() -> Policies:
    """Return the policies of new deliveries; `Policies()` is what the oldest were opened under."""
    return Policies(
        cancellation=CancellationPolicy(),
        disputes=DisputePolicy(),
        hours=HoursPolicy(),
        silence=SilencePolicy(),
        undo=UndoPolicy(),
        cover=CoverPolicy(),
        proof=ProofPolicy(),
        risk=RiskPolicy(),
    )
