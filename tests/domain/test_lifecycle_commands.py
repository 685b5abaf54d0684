"""Payment, cancellation, confirmation, dispute and parked steps: who may do it, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.cancellation import check_cancel
from domain.contracts import (
    AcceptOffer,
    Actor,
    AttentionAction,
    CancelDelivery,
    ConfirmDelivery,
    DisputeReason,
    GivePaymentMethod,
    OpenDispute,
    ResolveAttention,
    Role,
)
from domain.errors import RefusalCode
from domain.lifecycle import (
    SKIPPABLE_STEPS,
    VERDICT_OVERDUE,
    DeliveryState,
    check_accept_offer,
    check_confirm,
    check_give_payment_method,
    check_open_dispute,
    check_resolve_attention,
)
from domain.status import BEFORE_PICKUP, CLOSED, DeliveryStatus
from tests.domain.builders import (
    AGENT,
    CUSTOMER,
    DISPUTE,
    EVERYBODY,
    NOW,
    OFFER,
    TRAVELER,
    refusal_of,
    refusals_by_status,
    state_at,
)

D, Code = DeliveryStatus, RefusalCode
Check = Callable[[DeliveryState, Actor], None]


def pay(state: DeliveryState, actor: Actor) -> None:
    check_give_payment_method(state, GivePaymentMethod(actor, "method"))


def cancel(state: DeliveryState, actor: Actor) -> None:
    check_cancel(state, CancelDelivery(actor), NOW)


def confirm(state: DeliveryState, actor: Actor) -> None:
    check_confirm(state, ConfirmDelivery(actor))


def dispute(state: DeliveryState, actor: Actor) -> None:
    check_open_dispute(state, OpenDispute(actor, DISPUTE, DisputeReason.DAMAGED))


def resolve(state: DeliveryState, action: AttentionAction, reference: str = "") -> None:
    check_resolve_attention(state, ResolveAttention(action, reference))


CANCELLABLE = set(BEFORE_PICKUP) - {D.CAPTURING}
TOO_LATE = dict.fromkeys(set(D) - BEFORE_PICKUP - CLOSED, Code.CANCEL_TOO_LATE)
WINDOW_OVER = dict.fromkeys([D.RELEASING, D.PAYING_OUT, D.COMPLETED], Code.DISPUTE_WINDOW_CLOSED)
ANSWERS: list[tuple[Check, Actor, DeliveryStatus, RefusalCode | None]] = [
    (check, actor, status, code)
    for check, actor, table in (
        (pay, CUSTOMER, refusals_by_status({D.PAYMENT_DUE})),
        (cancel, CUSTOMER, refusals_by_status(CANCELLABLE, TOO_LATE)),
        (cancel, AGENT, refusals_by_status(CANCELLABLE, TOO_LATE)),
        (cancel, TRAVELER, refusals_by_status(CANCELLABLE - {D.REQUESTED}, TOO_LATE)),
        (confirm, CUSTOMER, refusals_by_status({D.DELIVERED, D.RETURNED})),
        (dispute, CUSTOMER, refusals_by_status({D.DELIVERED, D.RETURNED}, WINDOW_OVER)),
    )
    for status, code in table
]


@pytest.mark.parametrize(("check", "actor", "status", "expected"), ANSWERS)
def test_a_command_is_allowed_in_its_states_and_refused_by_name_in_others(
    check: Check, actor: Actor, status: DeliveryStatus, expected: RefusalCode | None
) -> None:
    if (actor, status) == (TRAVELER, D.REQUESTED):
        expected = Code.NOT_YOUR_ROLE  # Nobody is the traveler before an offer is accepted.
    assert refusal_of(check, state_at(status), actor) == expected


@pytest.mark.parametrize(
    ("check", "status", "allowed"),
    [
        (pay, D.PAYMENT_DUE, {"customer"}),
        (cancel, D.AWAITING_PICKUP, {"customer", "traveler", "agent"}),
        (confirm, D.DELIVERED, {"customer"}),
        (dispute, D.DELIVERED, {"customer", "recipient", "traveler"}),
    ],
)
def test_only_these_people_may(check: Check, status: DeliveryStatus, allowed: set[str]) -> None:
    for name, actor in EVERYBODY.items():
        refusal = refusal_of(check, state_at(status), actor)
        assert refusal == (None if name in allowed else Code.NOT_YOUR_ROLE), name


def test_platform_disputes_nothing_where_the_recipient_has_no_account() -> None:
    state = state_at(D.DELIVERED)
    state.order = replace(state.order, recipient_id=None)
    assert refusal_of(dispute, state, Actor(Role.PLATFORM)) is Code.NOT_YOUR_ROLE


@pytest.mark.parametrize("status", sorted(set(D) - BEFORE_PICKUP))
def test_nobody_can_cancel_after_pickup(status: DeliveryStatus) -> None:
    for name, actor in EVERYBODY.items():
        assert refusal_of(cancel, state_at(status), actor) is not None, name


@pytest.mark.parametrize("action", AttentionAction)
def test_nothing_is_resolved_where_no_step_is_parked(action: AttentionAction) -> None:
    answer = refusal_of(resolve, state_at(D.REFUNDING), action, "reference")
    assert answer is Code.NOTHING_NEEDS_ATTENTION


def parked(step: str) -> DeliveryState:
    state = state_at(D.REFUNDING)
    state.standing = replace(state.standing, attention=step)
    return state


@pytest.mark.parametrize("step", ["refund_funds", "release_funds", "void_hold", "pay_out"])
def test_trying_again_and_doing_by_hand_are_always_possible(step: str) -> None:
    state = parked(step)
    assert refusal_of(resolve, state, AttentionAction.RETRY) is None
    assert refusal_of(resolve, state, AttentionAction.DONE_BY_HAND, "re_1") is None


@pytest.mark.parametrize(
    "step", ["refund_funds", "release_funds", "return_surplus", "void_hold", "dispute"]
)
def test_a_step_that_would_lose_money_is_not_skipped(step: str) -> None:
    assert refusal_of(resolve, parked(step), AttentionAction.SKIP) is Code.SKIP_NOT_SAFE


@pytest.mark.parametrize("step", sorted(SKIPPABLE_STEPS))
def test_what_stays_owed_may_be_skipped(step: str) -> None:
    assert refusal_of(resolve, parked(step), AttentionAction.SKIP) is None
    assert step in {"net_dues", "pay_out", "pay_out_giver"}


@pytest.mark.parametrize("reference", ["", "  ", "\n"])
def test_doing_by_hand_needs_the_reference_of_what_was_done(reference: str) -> None:
    state = parked("refund_funds")
    answer = refusal_of(resolve, state, AttentionAction.DONE_BY_HAND, reference)
    assert answer is Code.WRONG_STATE


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("status", DeliveryStatus)
def test_a_traveler_cannot_complete_alone_in_whatever_name(
    status: DeliveryStatus, role: Role
) -> None:
    alone = replace(TRAVELER, role=role)
    assert refusal_of(confirm, state_at(status), alone) is not None
    assert refusal_of(pay, state_at(status), alone) is not None
    accept = AcceptOffer(alone, OFFER, "method", "account", 4_200)
    assert refusal_of(check_accept_offer, state_at(status), accept) is not None


def test_payment_methods_are_tried_a_few_times_only() -> None:
    state = state_at(DeliveryStatus.PAYMENT_DUE)
    state.charges_tried = state.order.policies.limits.payment_attempts_max
    assert refusal_of(pay, state, CUSTOMER) is RefusalCode.PAYMENT_ATTEMPTS_REACHED


def test_no_other_method_is_taken_once_the_delivery_is_being_cancelled() -> None:
    state = state_at(DeliveryStatus.PAYMENT_DUE)
    state.cancelled_by = CUSTOMER
    assert refusal_of(pay, state, CUSTOMER) is RefusalCode.WRONG_STATE


def test_a_party_does_not_resolve_its_own_delivery() -> None:
    state = state_at(DeliveryStatus.RELEASING)
    state.standing = replace(state.standing, attention="release_funds")
    for party in (CUSTOMER, TRAVELER):
        command = ResolveAttention(operator_id=party.person_id)
        refusal = refusal_of(check_resolve_attention, state, command)
        assert refusal is RefusalCode.NOT_YOUR_ROLE
    assert refusal_of(check_resolve_attention, state, ResolveAttention()) is None


def test_an_overdue_verdict_is_no_parked_step() -> None:
    state = state_at(DeliveryStatus.DISPUTED)
    state.standing = replace(state.standing, attention=VERDICT_OVERDUE)
    refusal = refusal_of(check_resolve_attention, state, ResolveAttention())
    assert refusal is RefusalCode.NOTHING_NEEDS_ATTENTION
