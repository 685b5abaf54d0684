"""Who is told what at each change of a delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.contracts import PLATFORM, Actor, CodePurpose, Role, Standing
from domain.deadlines import DeadlineKind
from domain.ids import DeliveryId, OfferId, PersonId
from domain.messages import CODE_SHOWN, Notice, Parameter, notices_for
from domain.money import Money
from domain.status import DeliveryStatus, DisputeStatus, EscrowStatus, OfferStatus
from domain.transitions import EventKind, OfferChange, Transition

TRAVELER = PersonId("traveler-1")
OTHER = PersonId("traveler-2")
PRICE = Money(4_200, "EUR")
DUE_AT = datetime(2026, 10, 7, 12, tzinfo=UTC)
STANDING = Standing(
    status=DeliveryStatus.AWAITING_PICKUP,
    escrow=EscrowStatus.HELD,
    traveler_id=TRAVELER,
    price=PRICE,
    deadline_kind=DeadlineKind.PICKUP,
    deadline_at=DUE_AT,
)


def offer(
    traveler_id: PersonId, status: OfferStatus, proposed_by: Role = Role.TRAVELER
) -> OfferChange:
    return OfferChange(OfferId(f"offer-of-{traveler_id}"), traveler_id, status, PRICE, proposed_by)


def transition(event: EventKind, standing: Standing = STANDING, **changes: object) -> Transition:
    plain = Transition(
        delivery_id=DeliveryId("0199a1b2-0000-7000-8000-0000003f9a2c"),
        key="key",
        event=event,
        actor=PLATFORM,
        at=DUE_AT,
        standing=standing,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def told(made: Transition) -> list[tuple[Role, PersonId | None]]:
    return [(notice.audience, notice.person_id) for notice in notices_for(made)]


def only(made: Transition) -> Notice:
    (notice,) = notices_for(made)
    return notice


EXPECTED = {
    EventKind.OFFER_SUBMITTED: [Role.CUSTOMER],
    EventKind.OFFER_WITHDRAWN: [Role.CUSTOMER],
    EventKind.PAYMENT_HELD: [Role.SENDER, Role.CUSTOMER, Role.TRAVELER],
    EventKind.PAYMENT_METHOD_SAVED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.PAYMENT_AUTHORISED: [Role.SENDER, Role.CUSTOMER, Role.TRAVELER],
    EventKind.PAYMENT_CAPTURED: [Role.CUSTOMER],
    EventKind.CAPTURE_FAILED: [Role.SENDER, Role.CUSTOMER, Role.TRAVELER],
    EventKind.PICKUP_CODE_RENEWED: [Role.SENDER, Role.TRAVELER],
    EventKind.LIFT_STARTED: [Role.CUSTOMER, Role.SENDER, Role.TRAVELER],
    EventKind.PAYMENT_DECLINED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.PAYMENT_VOIDED: [Role.CUSTOMER],
    EventKind.PICKED_UP: [Role.RECIPIENT, Role.CUSTOMER],
    EventKind.PICKUP_UNDONE: [Role.SENDER, Role.CUSTOMER, Role.TRAVELER],
    EventKind.HANDOVER_UNDONE: [Role.RECIPIENT, Role.CUSTOMER, Role.TRAVELER],
    EventKind.ARRIVED: [Role.RECIPIENT],
    EventKind.HANDED_OVER: [Role.CUSTOMER],
    EventKind.RELEASED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.PAID_OUT: [Role.TRAVELER],
    EventKind.REFUND_STARTED: [Role.CUSTOMER, Role.SENDER, Role.TRAVELER],
    EventKind.REFUNDED: [Role.CUSTOMER],
    EventKind.CANCELLED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.CANCELLATION_STARTED: [Role.CUSTOMER, Role.SENDER, Role.TRAVELER],
    EventKind.COMPENSATION_RELEASED: [Role.TRAVELER],
    EventKind.SENDER_ABSENT: [Role.SENDER, Role.CUSTOMER],
    EventKind.TRAVELER_ABSENT: [Role.TRAVELER],
    EventKind.TRAVELER_LEFT: [Role.CUSTOMER, Role.SENDER, Role.TRAVELER],
    EventKind.REOPENED: [Role.CUSTOMER],
    EventKind.DISPUTE_OPENED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.VERDICT_OVERDUE: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.VERDICT_GIVEN: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.DISPUTE_CONTESTED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.DISPUTE_UNANSWERED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.PROPOSAL_MADE: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.AGENT_CALLED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.SIDE_ASKED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.DISPUTE_AGREED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.FIRST_VERDICT_GIVEN: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.VERDICT_APPEALED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.VERDICT_STANDS: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.DISPUTE_REMINDED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.HANDED_OVER_LATE: [Role.RECIPIENT, Role.CUSTOMER],
    EventKind.HOLD_PLACED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.HOLD_LIFTED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.CLAIM_IN_REVIEW: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.CLAIM_REFUSED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.DEADLINE_CORRECTED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.ADDRESS_CORRECTED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.RECIPIENT_CORRECTED: [Role.RECIPIENT, Role.CUSTOMER, Role.TRAVELER],
    EventKind.PARCEL_CORRECTED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.REQUEST_EXPIRED: [Role.CUSTOMER],
    EventKind.PAYMENT_UNSETTLED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.PAYOUT_SKIPPED: [Role.TRAVELER],
    EventKind.SHARE_REFUNDED: [Role.CUSTOMER],
    EventKind.ACCOUNT_AWAITED: [Role.TRAVELER],
    EventKind.CHARGEBACK_OPENED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.TRANSFER_RECALLED: [Role.TRAVELER],
    EventKind.CHARGEBACK_WON: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.CHARGEBACK_LOST: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.RELEASED_AGAIN: [Role.TRAVELER],
    EventKind.SHARE_PAID_OUT_AGAIN: [Role.TRAVELER],
    EventKind.RELEASE_FROZEN: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.HELD_REDUCED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.CHARGED_BACK: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.DUES_NETTED: [Role.TRAVELER],
    EventKind.SURPLUS_RETURNED: [Role.TRAVELER],
    EventKind.GOODWILL_REFUNDED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.TRANSFER_REVERSED: [Role.TRAVELER],
    EventKind.TRAVELER_COMPENSATED: [Role.TRAVELER],
    EventKind.TIP_UNSETTLED: [Role.CUSTOMER],
    EventKind.TIP_DECLINED: [Role.CUSTOMER],
    EventKind.TIP_SENT: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.EXTRA_COST_ASKED: [Role.CUSTOMER],
    EventKind.EXTRA_COST_REFUSED: [Role.TRAVELER],
    EventKind.EXTRA_COST_WITHDRAWN: [Role.CUSTOMER],
    EventKind.EXTRA_COST_UNSETTLED: [Role.CUSTOMER],
    EventKind.EXTRA_COST_DECLINED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.EXTRA_COST_SENT: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.EXTRA_PAID_OUT: [Role.TRAVELER],
    EventKind.EXTRA_PAYOUT_SKIPPED: [Role.TRAVELER],
    EventKind.DEBT_WRITTEN_OFF: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.DEBT_PAID: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.REFUND_UNDONE: [Role.CUSTOMER],
    EventKind.REFUNDED_AGAIN: [Role.CUSTOMER],
    EventKind.PAYOUT_UNDONE: [Role.TRAVELER],
    EventKind.PAID_OUT_AGAIN: [Role.TRAVELER],
    EventKind.CHARGE_UNDONE: [Role.CUSTOMER],
    EventKind.TRAVELER_NUDGED: [Role.TRAVELER],
    EventKind.TRAVELER_URGED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.TRAVELER_MISSING: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.TRAVELER_HEARD: [Role.CUSTOMER],
    EventKind.HANDOVER_DUE_SOON: [Role.TRAVELER],
    EventKind.HANDOVER_FAILED: [Role.CUSTOMER, Role.RECIPIENT],
    EventKind.PARCEL_LEFT: [Role.CUSTOMER, Role.RECIPIENT],
    EventKind.RELAY_ASKED: [Role.CUSTOMER],
    EventKind.RELAY_CONSENTED: [Role.TRAVELER],
    EventKind.RELAY_AGREED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.RELAY_ENDED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.RELAYED: [Role.RECIPIENT, Role.CUSTOMER, Role.TRAVELER],
    EventKind.GIVER_SHARE_RELEASED: [Role.TRAVELER],
    EventKind.GIVER_SHARE_TAKEN: [Role.TRAVELER],
    EventKind.GIVER_PAID_OUT: [Role.TRAVELER],
    EventKind.GIVER_PAYOUT_SKIPPED: [Role.TRAVELER],
    EventKind.RETURN_STARTED: [Role.SENDER, Role.CUSTOMER, Role.RECIPIENT, Role.TRAVELER],
    EventKind.RETURNED: [Role.CUSTOMER],
    EventKind.RETURN_SETTLED: [Role.CUSTOMER, Role.TRAVELER],
    EventKind.PICKUP_OVERRIDDEN: [Role.RECIPIENT, Role.SENDER, Role.CUSTOMER, Role.TRAVELER],
    EventKind.HANDOVER_OVERRIDDEN: [Role.RECIPIENT, Role.CUSTOMER, Role.TRAVELER],
    EventKind.RETURN_OVERRIDDEN: [Role.CUSTOMER, Role.SENDER, Role.TRAVELER],
}
"""Every other event is somebody's own act or a matter of operations staff: nobody is told."""


@pytest.mark.parametrize("event", EventKind)
def test_each_event_tells_the_people_it_concerns(event: EventKind) -> None:
    audiences = [audience for audience, _ in told(transition(event))]
    assert audiences == EXPECTED.get(event, [])


@pytest.mark.parametrize("concerned", [Role.CUSTOMER, Role.TRAVELER])
def test_a_debt_is_between_the_platform_and_who_owes_it(concerned: Role) -> None:
    made = transition(EventKind.DEBT_WRITTEN_OFF, facts={"concerns": str(concerned)})
    assert [audience for audience, _ in told(made)] == [concerned]


def test_an_event_with_a_clock_of_its_own_names_that_one() -> None:
    own = "2030-01-02T12:00:00+00:00"
    made = transition(EventKind.TIP_UNSETTLED, facts={"due_at": own})
    assert only(made).parameters[Parameter.DUE_AT] == own


@pytest.mark.parametrize(
    ("frozen", "waiting"),
    [("refund", Role.CUSTOMER), ("transfer", Role.TRAVELER), ("payout", Role.TRAVELER)],
)
def test_whoever_waits_for_frozen_money_is_told(frozen: str, waiting: Role) -> None:
    told_of = told(transition(EventKind.RELEASE_FROZEN, facts={"frozen": frozen}))
    assert [audience for audience, _ in told_of] == [waiting]


def test_accepting_tells_every_refused_traveler_and_not_the_chosen_one() -> None:
    third = PersonId("traveler-3")
    made = transition(
        EventKind.OFFER_ACCEPTED,
        offers=(
            offer(TRAVELER, OfferStatus.ACCEPTED),
            offer(OTHER, OfferStatus.REFUSED),
            offer(third, OfferStatus.REFUSED),
        ),
    )
    assert told(made) == [(Role.TRAVELER, OTHER), (Role.TRAVELER, third)]


@pytest.mark.parametrize("event", [EventKind.REQUEST_EXPIRED, EventKind.CANCELLED])
def test_the_end_of_a_request_tells_the_customer_and_who_had_offered(event: EventKind) -> None:
    nobody_yet = replace(STANDING, traveler_id=None, price=None)
    made = transition(event, nobody_yet, offers=(offer(OTHER, OfferStatus.REFUSED),))
    assert told(made) == [(Role.CUSTOMER, None), (Role.TRAVELER, OTHER)]


@pytest.mark.parametrize(
    ("proposed_by", "expected"),
    [(Role.TRAVELER, (Role.CUSTOMER, None)), (Role.CUSTOMER, (Role.TRAVELER, OTHER))],
)
def test_a_counter_offer_tells_the_other_side(
    proposed_by: Role, expected: tuple[Role, PersonId | None]
) -> None:
    made = transition(
        EventKind.OFFER_COUNTERED, offers=(offer(OTHER, OfferStatus.OPEN, proposed_by),)
    )
    assert told(made) == [expected]
    assert only(made).parameters[Parameter.PRICE] == "EUR 42.00"


def test_one_traveler_gets_one_message_of_one_transition() -> None:
    made = transition(EventKind.CANCELLED, offers=(offer(TRAVELER, OfferStatus.REFUSED),))
    assert told(made) == [(Role.CUSTOMER, None), (Role.TRAVELER, TRAVELER)]


def test_a_traveler_who_cancels_is_not_told_of_it() -> None:
    made = transition(EventKind.REFUND_STARTED, actor=Actor(Role.TRAVELER, TRAVELER))
    assert [audience for audience, _ in told(made)] == [Role.CUSTOMER, Role.SENDER]


@pytest.mark.parametrize(
    ("event", "audiences"),
    [
        (EventKind.REFUND_STARTED, []),
        (EventKind.REFUNDED, [Role.CUSTOMER]),
        (EventKind.RELEASED, [Role.TRAVELER]),
    ],
)
def test_what_a_verdict_said_is_not_said_again(event: EventKind, audiences: list[Role]) -> None:
    decided = replace(STANDING, dispute=DisputeStatus.DECIDED)
    assert [audience for audience, _ in told(transition(event, decided))] == audiences


def test_the_price_of_an_offer_is_named_before_a_price_is_agreed() -> None:
    made = transition(
        EventKind.OFFER_SUBMITTED,
        replace(STANDING, price=None, traveler_id=None),
        offers=(offer(OTHER, OfferStatus.OPEN),),
    )
    assert only(made).parameters == {
        Parameter.REFERENCE: "3F9A2C",
        Parameter.PRICE: "EUR 42.00",
        Parameter.DUE_AT: "2026-10-07T12:00:00+00:00",
    }


def test_clocks_of_the_platform_itself_are_not_told() -> None:
    parked = replace(STANDING, deadline_kind=DeadlineKind.PROVIDER)
    notice = notices_for(transition(EventKind.REFUND_STARTED, parked))[0]
    assert Parameter.DUE_AT not in notice.parameters


def test_the_amount_that_moved_is_named() -> None:
    made = transition(EventKind.RELEASED, facts={"amount": "EUR 37.80", "fee": "EUR 4.20"})
    (_, traveler) = notices_for(made)
    assert traveler.parameters[Parameter.AMOUNT] == "EUR 37.80"


@pytest.mark.parametrize(
    ("reason", "audiences"),
    [("replaced", []), ("cancelled", []), ("provider_refused", [Role.CUSTOMER])],
)
def test_a_void_that_is_followed_by_other_news_is_not_told(
    reason: str, audiences: list[Role]
) -> None:
    made = transition(EventKind.PAYMENT_VOIDED, facts={"reason": reason})
    assert [audience for audience, _ in told(made)] == audiences


def test_a_verdict_names_both_parts() -> None:
    facts = {"outcome": "split", "refund_minor": "1200", "release_minor": "3000", "note": "private"}
    (customer, _) = notices_for(transition(EventKind.VERDICT_GIVEN, facts=facts))
    assert customer.parameters[Parameter.REFUND] == "EUR 12.00"
    assert customer.parameters[Parameter.RELEASE] == "EUR 30.00"
    assert "private" not in customer.parameters.values()


def test_facts_that_are_no_amounts_are_left_out() -> None:
    (customer, _) = notices_for(transition(EventKind.VERDICT_GIVEN, facts={"refund_minor": "some"}))
    assert Parameter.REFUND not in customer.parameters


def test_a_cancellation_names_who_cancelled() -> None:
    by_customer = transition(EventKind.CANCELLED, actor=Actor(Role.CUSTOMER, PersonId("c")))
    assert {n.parameters[Parameter.CAUSE] for n in notices_for(by_customer)} == {"customer"}


def test_codes_go_to_the_side_that_shows_them() -> None:
    assert {(role, purpose) for (_, role), purpose in CODE_SHOWN.items()} == {
        (Role.SENDER, CodePurpose.PICKUP),
        (Role.RECIPIENT, CodePurpose.HANDOVER),
        (Role.SENDER, CodePurpose.RETURN),
        (Role.TRAVELER, CodePurpose.RELAY),
    }
