"""Disputes of cardholders: what moves, what is read and submitted, and what the news says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import Operation, ProviderEventKind, ProviderRefused
from activities.reconciliation_ports import ProviderStatement
from domain.chargebacks import ChargebackStatus
from domain.evidence import DisputeEvidence
from domain.money import Money
from domain.reconciliation.differences import movements_of
from domain.reconciliation.lines import LineKind
from domain.transitions import OperationKind
from infra.payments.sandbox import SandboxProvider
from infra.payments.sandbox_disputes import SandboxDisputes
from infra.payments.sandbox_network import SandboxCardNetwork
from infra.payments.sandbox_statement import SandboxStatement
from infra.payments.stripe_statement import StripeStatement
from tests.infra.payments.conformance.contract import (
    CHARGED,
    PART,
    charge_of,
    drawing,
    new_delivery,
)
from tests.infra.payments.conformance.disputes import (
    DisputesUnderTest,
    SandboxDisputesUnderTest,
    StripeDisputesUnderTest,
)
from tests.infra.payments.conftest import Stripe

NOTHING = Money(0, "EUR")
EVIDENCE = DisputeEvidence(
    shipping_date="2026-11-02", shipping_tracking_number="a delivery", uncategorized_text="scans"
)


@pytest.fixture(params=["sandbox", "stripe"])
def disputing(request: pytest.FixtureRequest, engine: AsyncEngine) -> DisputesUnderTest:
    if request.param == "sandbox":
        network = SandboxCardNetwork(engine)
        return SandboxDisputesUnderTest(
            SandboxProvider(engine), SandboxDisputes(engine), network, []
        )
    parts: Stripe = request.getfixturevalue("at_stripe")
    return StripeDisputesUnderTest(parts)


@pytest.fixture
def statement(
    disputing: DisputesUnderTest, engine: AsyncEngine, request: pytest.FixtureRequest
) -> ProviderStatement:
    if isinstance(disputing, SandboxDisputesUnderTest):
        return SandboxStatement(engine)
    parts: Stripe = request.getfixturevalue("at_stripe")
    return StripeStatement(parts.client)


async def charged(disputing: DisputesUnderTest) -> Operation:
    charge = charge_of(new_delivery())
    await disputing.provider.charge(charge, CHARGED, disputing.method)
    return charge


async def test_a_chargeback_says_what_it_took_and_until_when(disputing: DisputesUnderTest) -> None:
    charge = await charged(disputing)
    state = await disputing.disputes.read(await disputing.open(charge))
    made = await disputing.provider.find(charge)
    assert made is not None
    assert (state.status, state.takes_evidence) == (ChargebackStatus.OPEN, True)
    assert (state.charge_id, state.submissions) == (made.provider_id, 0)
    assert (state.amount, state.taken, state.returned) == (CHARGED, CHARGED, NOTHING)
    assert state.fee.amount_minor > 0
    assert state.reason == "fraudulent"
    assert state.due_by is not None
    assert state.due_by > datetime.now(UTC)


@pytest.mark.parametrize("amount", [PART, CHARGED + PART])
async def test_it_may_be_about_less_or_more_than_the_charge(
    disputing: DisputesUnderTest, amount: Money
) -> None:
    dispute_id = await disputing.open(await charged(disputing), amount=amount)
    state = await disputing.disputes.read(dispute_id)
    assert (state.amount, state.taken) == (amount, amount)


async def test_an_inquiry_moves_no_money_until_it_is_escalated(
    disputing: DisputesUnderTest,
) -> None:
    dispute_id = await disputing.open(await charged(disputing), inquiry=True)
    asked = await disputing.disputes.read(dispute_id)
    assert (asked.status, asked.taken, asked.fee) == (
        ChargebackStatus.INQUIRY,
        NOTHING,
        NOTHING,
    )
    await disputing.escalate(dispute_id)
    taken = await disputing.disputes.read(dispute_id)
    assert (taken.status, taken.taken) == (ChargebackStatus.OPEN, CHARGED)


async def test_an_inquiry_may_end_without_a_chargeback(disputing: DisputesUnderTest) -> None:
    dispute_id = await disputing.open(await charged(disputing), inquiry=True)
    await disputing.disputes.submit(dispute_id, EVIDENCE)
    await disputing.close_inquiry(dispute_id)
    state = await disputing.disputes.read(dispute_id)
    assert (state.status, state.taken) == (ChargebackStatus.CLOSED_WITHOUT_LOSS, NOTHING)
    assert not state.takes_evidence


async def test_evidence_is_staged_in_parts_and_submitted_once(
    disputing: DisputesUnderTest,
) -> None:
    dispute_id, disputes = await disputing.open(await charged(disputing)), disputing.disputes
    staged = await disputes.stage(dispute_id, DisputeEvidence(shipping_carrier="Sendalong"))
    assert (staged.takes_evidence, staged.submissions) == (True, 0)
    submitted = await disputes.submit(dispute_id, EVIDENCE)
    again = await disputes.submit(dispute_id, EVIDENCE)
    assert submitted == again
    assert (submitted.takes_evidence, submitted.submissions) == (False, 1)
    assert submitted.status is ChargebackStatus.OPEN
    with pytest.raises(ProviderRefused):
        await disputes.stage(dispute_id, EVIDENCE)


@pytest.mark.parametrize(("won", "back"), [(True, CHARGED), (False, NOTHING)])
async def test_what_was_won_comes_back_and_what_was_lost_does_not(
    disputing: DisputesUnderTest, *, won: bool, back: Money
) -> None:
    dispute_id = await disputing.open(await charged(disputing))
    await disputing.decide(dispute_id, won=won)
    state = await disputing.disputes.read(dispute_id)
    assert state.status is (ChargebackStatus.WON if won else ChargebackStatus.LOST)
    assert (state.taken, state.returned) == (CHARGED, back)


async def test_a_charge_that_was_taken_back_is_not_refunded_too(
    disputing: DisputesUnderTest,
) -> None:
    charge = await charged(disputing)
    dispute_id = await disputing.open(charge)
    refund = drawing(OperationKind.REFUND, charge)
    with pytest.raises(ProviderRefused) as refused:
        await disputing.provider.refund(refund, PART)
    assert refused.value.code == "charge_disputed"
    await disputing.decide(dispute_id, won=True)
    await disputing.provider.refund(drawing(OperationKind.REFUND, charge, ":later"), PART)


async def test_the_news_names_the_dispute_and_the_charge(disputing: DisputesUnderTest) -> None:
    charge = await charged(disputing)
    dispute_id = await disputing.open(charge)
    await disputing.decide(dispute_id, won=True)
    made = await disputing.provider.find(charge)
    assert made is not None
    news = [event for event in disputing.news() if event.object_id == dispute_id]
    assert [event.name.removeprefix("charge.dispute.") for event in news] == [
        "created",
        "funds_withdrawn",
        "funds_reinstated",
        "closed",
    ]
    assert {(event.kind, event.charge_id) for event in news} == {
        (ProviderEventKind.DISPUTE, made.provider_id)
    }


async def test_a_dispute_of_nobody_is_refused(disputing: DisputesUnderTest) -> None:
    with pytest.raises(ProviderRefused):
        await disputing.disputes.read("du_of_nobody")


async def test_the_statement_shows_what_the_network_moved(
    disputing: DisputesUnderTest, statement: ProviderStatement
) -> None:
    charge = await charged(disputing)
    before = (await statement.balances()).get("EUR", 0)
    dispute_id = await disputing.open(charge)
    await disputing.decide(dispute_id, won=True)
    made = await disputing.provider.find(charge)
    fee = (await disputing.disputes.read(dispute_id)).fee
    assert made is not None
    now = datetime.now(UTC)
    pages = statement.lines(now - timedelta(minutes=1), now + timedelta(minutes=1))
    lines = [line async for page in pages for line in page if line.source_id == dispute_id]
    moved = [part for line in lines for part in movements_of(line)]
    assert {(part.kind, part.amount) for part in moved} == {
        (LineKind.CHARGEBACK, -CHARGED),
        (LineKind.CHARGEBACK_REVERSAL, CHARGED),
        (LineKind.FEE, -fee),
    }
    assert not any(line.operation_id for line in lines)
    assert all(made.provider_id in line.related_ids for line in lines)
    assert (await statement.balances())["EUR"] == before - fee.amount_minor
