"""The commands of a delivery; importing this module registers them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.amending import (
    AmendmentKind,
    CorrectAddress,
    CorrectDeadline,
    CorrectParcel,
    CorrectRecipient,
)
from domain.contracts import (
    AcceptOffer,
    Actor,
    AttentionAction,
    CancelDelivery,
    CodePurpose,
    ConfirmDelivery,
    CounterOffer,
    DisputeReason,
    GivePaymentMethod,
    OpenDispute,
    ResolveAttention,
    Role,
    ScanCode,
    SubmitOffer,
    WithdrawOffer,
)
from domain.handover.codes import derive_code, digest_of
from domain.holds.rules import HoldDelivery, ResumeDelivery
from domain.ids import DisputeId, OfferId
from domain.journey.contracts import CheckIn, LeaveParcel, ReportFailedHandover, ReportLoss
from domain.journey.terms import HandoverObstacle, LossKind, UndeliverableAction
from domain.journey.undoing import UndoStep
from domain.leaving.contracts import ContestNoShow, ReportNoShow, WithdrawTraveler
from domain.policies import VerdictOutcome
from infra.identifiers import new_id
from tests.workflows.any_order.registry import (
    CARRIED,
    CUSTOMERS,
    FAR_M,
    METHODS,
    NEAR_M,
    PARTIES,
    STAFF,
    TRAVELERS,
    D,
    command,
)
from tests.workflows.play import HANDOVER_KEY

if TYPE_CHECKING:
    from tests.workflows.any_order.story import Story


# Offers and payment -----------------------------------------------------------------------------


@command(TRAVELERS, D.REQUESTED)
def submit_offer(story: Story, actor: Actor) -> SubmitOffer:
    offer_id, price = OfferId(new_id()), story.random.choice((4_200, 5_000, 900))
    story.offers[offer_id] = price
    return SubmitOffer(actor, offer_id, price)


@command(CUSTOMERS | TRAVELERS, D.REQUESTED)
def counter_offer(story: Story, actor: Actor) -> CounterOffer:
    offer_id, price = story.some_offer(), story.random.choice((4_000, 4_500))
    story.offers[offer_id] = price
    return CounterOffer(actor, offer_id, price)


@command(TRAVELERS, D.REQUESTED)
def withdraw_offer(story: Story, actor: Actor) -> WithdrawOffer:
    return WithdrawOffer(actor, story.some_offer())


@command(CUSTOMERS, D.REQUESTED)
def accept_offer(story: Story, actor: Actor) -> AcceptOffer:
    offer_id = story.some_offer()
    method, account = story.random.choice(METHODS), story.account
    return AcceptOffer(actor, offer_id, method, account, story.offers.get(offer_id, 4_200))


@command(CUSTOMERS, D.PAYMENT_DUE)
def give_payment_method(story: Story, actor: Actor) -> GivePaymentMethod:
    return GivePaymentMethod(actor, story.random.choice(METHODS))


# Before the pickup ------------------------------------------------------------------------------


@command(
    CUSTOMERS | TRAVELERS | {"agent"}, D.REQUESTED, D.PAYMENT_DUE, D.SCHEDULED, D.AWAITING_PICKUP
)
def cancel(story: Story, actor: Actor) -> CancelDelivery:
    return CancelDelivery(actor, reason="a flood" if actor.role is Role.AGENT else "")


@command(TRAVELERS, D.PAYMENT_DUE, D.SCHEDULED, D.AWAITING_PICKUP)
def withdraw(_story: Story, actor: Actor) -> WithdrawTraveler:
    return WithdrawTraveler(actor)


@command(CUSTOMERS | TRAVELERS, D.AWAITING_PICKUP)
def report_no_show(story: Story, actor: Actor) -> ReportNoShow:
    return ReportNoShow(actor, story.random.choice((NEAR_M, NEAR_M, FAR_M, None)))


@command(CUSTOMERS | TRAVELERS, D.AWAITING_PICKUP)
def contest_no_show(_story: Story, actor: Actor) -> ContestNoShow:
    return ContestNoShow(actor, DisputeId(new_id()))


# The journey ------------------------------------------------------------------------------------


@command(TRAVELERS, D.AWAITING_PICKUP, D.IN_TRANSIT, D.ARRIVED, D.RETURNING)
def scan(story: Story, actor: Actor) -> ScanCode:
    purposes = [CodePurpose(name) for name in sorted(story.nonces)] or [CodePurpose.PICKUP]
    return scanned(story, actor, story.random.choice(purposes))


def scanned(story: Story, actor: Actor, purpose: CodePurpose) -> ScanCode:
    """Scan a code for a purpose: mostly the right one, if there is one."""
    if story.random.random() < 0.2 or purpose not in story.nonces:
        return ScanCode(actor, purpose, "0" * 64, is_pin=False)
    delivery_id = story.play.order.delivery_id
    code = derive_code(HANDOVER_KEY, delivery_id, purpose, story.nonces[purpose])
    digest = digest_of(HANDOVER_KEY, delivery_id, purpose, code.text)
    return ScanCode(actor, purpose, digest, is_pin=False)


@command(TRAVELERS | STAFF, *CARRIED)
def check_in(_story: Story, actor: Actor) -> CheckIn:
    return CheckIn(actor, "all is well")


@command(TRAVELERS, *CARRIED)
def report_failed_handover(story: Story, actor: Actor) -> ReportFailedHandover:
    absent = [HandoverObstacle.RECIPIENT_ABSENT] * 3
    obstacle = story.random.choice([*absent, *HandoverObstacle])
    return ReportFailedHandover(actor, obstacle, story.random.choice((NEAR_M, NEAR_M, FAR_M, None)))


@command(TRAVELERS, *CARRIED)
def leave_parcel(story: Story, actor: Actor) -> LeaveParcel:
    where = story.play.order.undeliverable_action or UndeliverableAction.SAFE_PLACE
    return LeaveParcel(actor, where, NEAR_M)


@command(CUSTOMERS | TRAVELERS, *CARRIED, D.RETURNING)
def report_loss(story: Story, actor: Actor) -> ReportLoss:
    return ReportLoss(actor, DisputeId(new_id()), story.random.choice(tuple(LossKind)))


@command(CUSTOMERS | TRAVELERS, D.IN_TRANSIT, D.DELIVERED)
def undo_step(_story: Story, actor: Actor) -> UndoStep:
    return UndoStep(actor)


@command(CUSTOMERS, D.DELIVERED, D.RETURNED)
def confirm(_story: Story, actor: Actor) -> ConfirmDelivery:
    return ConfirmDelivery(actor)


@command(PARTIES, D.DELIVERED, D.RETURNED)
def open_dispute(story: Story, actor: Actor) -> OpenDispute:
    desired = story.random.choice((None, *VerdictOutcome))
    refund = 1_000 if desired is VerdictOutcome.SPLIT else None
    return OpenDispute(actor, DisputeId(new_id()), DisputeReason.DAMAGED, desired, refund)


# Staff ------------------------------------------------------------------------------------------


@command(STAFF)
def hold(_story: Story, actor: Actor) -> HoldDelivery:
    return HoldDelivery("The customer reports a stolen card.", actor.person_id, actor.role)


@command(STAFF)
def resume(_story: Story, actor: Actor) -> ResumeDelivery:
    return ResumeDelivery("The card is theirs.", actor.person_id, actor.role)


@command(STAFF | {"stranger"})
def resolve_attention(story: Story, actor: Actor) -> ResolveAttention:
    action = story.random.choice(tuple(AttentionAction))
    return ResolveAttention(action, f"bank transfer {new_id()}", "as played", actor.person_id)


@command(STAFF)
def correct_deadline(story: Story, actor: Actor) -> CorrectDeadline:
    due_at = story.now + timedelta(hours=story.random.choice((-1, 5, 30)))
    return CorrectDeadline(due_at, "The train was missed.", actor.person_id, actor.role)


@command(STAFF, D.REQUESTED, D.AWAITING_PICKUP)
def correct_parcel(_story: Story, actor: Actor) -> CorrectParcel:
    return CorrectParcel(2_500, None, "It was weighed.", actor.person_id, actor.role)


@command(STAFF)
def correct_address(_story: Story, actor: Actor) -> CorrectAddress:
    """Name an amendment that nobody has prepared."""
    kind = AmendmentKind.DESTINATION
    return CorrectAddress(new_id(), kind, "The number was wrong.", actor.person_id, actor.role)


@command(STAFF)
def correct_recipient(_story: Story, actor: Actor) -> CorrectRecipient:
    """Name an amendment that nobody has prepared."""
    return CorrectRecipient(new_id(), None, "Somebody else.", actor.person_id, actor.role)
