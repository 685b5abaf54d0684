"""Corrections at Stripe: its books and ours agree, whatever is lost, repeated or comes late."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import AttentionAction, CodePurpose, ResolveAttention
from domain.correcting.rules import CorrectionKind, CorrectionStatus
from domain.ledger import Bearer
from domain.policies import Policies
from domain.status import DeliveryStatus
from infra.database.invariants import check_invariants
from infra.database.ledger import transactions_of
from infra.database.schema import attention_item, person
from tests.agreement import require_every_prefix_sound, require_same_money
from tests.conftest import MakeParcel, MakePerson
from tests.stripe_installation import Installation, installed
from tests.stripe_stand_in import Fault, Json
from tests.waiting import until
from tests.workflows.correcting import Correcting
from tests.workflows.play import make_play

METHOD = "pm_card_bypassPending"
REFUND, REVERSAL = "POST /v1/refunds", "POST /v1/transfers/{transfer}/reversals"
TRANSFER, PAYMENT = "POST /v1/transfers", "POST /v1/payment_intents"
GOODWILL, TIP = CorrectionKind.GOODWILL_REFUND, CorrectionKind.TIP
DONE, WAITING = CorrectionStatus.DONE, CorrectionStatus.WAITING


@pytest.fixture(scope="module")
async def installation(database_url: str, engine: AsyncEngine) -> AsyncIterator[Installation]:
    async with installed(database_url, engine) as installation:
        yield installation


class AtStripe(Correcting):
    """A delivery at Stripe, and what is corrected of it."""

    installation: Installation
    account: str = ""

    async def completed(self) -> None:
        """Bring the delivery to its close; Stripe has not paid the traveler's bank yet."""
        self.account = await self.installation.account(str(self.play.order.delivery_id))
        mine = person.c.person_id == self.play.traveler.person_id
        async with self.play.engine.begin() as connection:
            known = update(person).where(mine).values(payout_account=self.account)
            await connection.execute(known)
        await self.play.held(METHOD, self.account)
        await self.play.scan(CodePurpose.PICKUP)
        await self.play.scan(CodePurpose.HANDOVER)
        await self.play.confirm()
        assert await self.play.closed() is DeliveryStatus.COMPLETED

    async def cancelled(self, method: str = METHOD) -> None:
        """Cancel the delivery: the whole payment goes back."""
        await self.play.held(method)
        await self.play.cancel()
        assert await self.play.closed() is DeliveryStatus.CANCELLED

    @property
    def world(self) -> Any:
        return self.installation.stand_in.world

    @property
    def moved(self) -> Any:
        delivery_id = str(self.play.order.delivery_id)
        return self.installation.stand_in.view.moved(delivery_id=delivery_id)

    def made(self, kind: str, operation_id: str) -> list[Json]:
        objects = self.installation.stand_in.view.objects(kind)
        return [each for each in objects if each["metadata"].get("op_id") == operation_id]

    async def news(self, copies: int = 1) -> None:
        await self.installation.bring_news(copies=copies)

    async def require_sound(self) -> None:
        """Both companies' books agree, and ours were right after every single booking."""
        delivery_id = self.play.order.delivery_id
        async with self.play.engine.connect() as connection:
            booked = await transactions_of(connection, delivery_id)
        require_every_prefix_sound(booked)
        require_same_money(booked, self.moved, "EUR")
        assert not (await check_invariants(self.play.engine, delivery_id)).violations


@pytest.fixture
async def at_stripe(
    installation: Installation, make_person: MakePerson, make_parcel: MakeParcel
) -> AtStripe:
    play = await make_play(
        installation.server, installation.engine, make_person, make_parcel, Policies()
    )
    at_stripe = AtStripe(play)
    at_stripe.installation = installation
    return at_stripe


async def test_a_refund_is_taken_back_out_of_the_traveler_s_account_before_the_bank_has_it(
    at_stripe: AtStripe,
) -> None:
    await at_stripe.completed()
    assert await at_stripe.refund(1_000, Bearer.TRAVELER) is DONE
    totals = await at_stripe.totals()
    assert (totals.refunded, totals.reversed, totals.dues) == (1_000, 1_000, 0)
    assert at_stripe.moved.transferred == 2_780
    await at_stripe.require_sound()


async def test_what_the_bank_has_already_stays_a_debt(at_stripe: AtStripe) -> None:
    await at_stripe.completed()
    at_stripe.world.pay_out_everything(at_stripe.account)
    assert await at_stripe.refund(1_000, Bearer.TRAVELER) is DONE
    totals = await at_stripe.totals()
    assert (totals.refunded, totals.reversed, totals.dues) == (1_000, 0, 1_000)
    assert (await at_stripe.play.events())[-1] == "reversal_refused"
    await at_stripe.require_sound()


@pytest.mark.parametrize("route", [REFUND, REVERSAL])
@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.CACHED_500_AFTER, Fault.DROP_BEFORE])
async def test_an_answer_that_is_lost_moves_nothing_twice(
    at_stripe: AtStripe, route: str, fault: Fault
) -> None:
    await at_stripe.completed()
    at_stripe.installation.stand_in.faults.put(route, fault)
    assert await at_stripe.refund(1_000, Bearer.TRAVELER) is DONE
    moved = at_stripe.moved
    assert (len(moved.refunds), len(moved.reversals)) == (1, 1)
    assert (await at_stripe.totals()).dues == 0
    await at_stripe.require_sound()


@pytest.mark.parametrize("route", [PAYMENT, TRANSFER])
async def test_a_tip_whose_answers_are_lost_is_given_once(at_stripe: AtStripe, route: str) -> None:
    await at_stripe.completed()
    at_stripe.installation.stand_in.faults.put(route, Fault.DROP_AFTER)
    assert await at_stripe.correct(TIP, 500, payment_method=METHOD) is DONE
    assert at_stripe.moved.transferred == 4_280
    totals = await at_stripe.totals()
    assert (totals.charged, totals.transferred, totals.is_settled) == (4_700, 4_280, True)
    await at_stripe.require_sound()


async def test_a_tip_goes_on_when_the_bank_reports_that_the_customer_approved(
    at_stripe: AtStripe,
) -> None:
    await at_stripe.completed()
    order = await at_stripe.order(TIP, 500, payment_method="pm_card_threeDSecureRequired")
    await at_stripe.start(order)
    await at_stripe.waiting(CorrectionStatus.UNSETTLED)
    (intent,) = at_stripe.made("payment_intent", at_stripe.operation("charge", order))
    at_stripe.world.authenticate(intent["id"])
    await at_stripe.news(copies=3)
    assert await at_stripe.over(order) is DONE
    await at_stripe.require_sound()


async def test_a_compensation_waits_for_the_platform_to_have_money(at_stripe: AtStripe) -> None:
    await at_stripe.completed()
    at_stripe.installation.stand_in.faults.put(TRANSFER, Fault.CONFLICT)
    assert await at_stripe.correct(CorrectionKind.COMPENSATION, 300) is DONE
    totals = await at_stripe.totals()
    assert (totals.transferred, totals.losses) == (4_080, 300)
    await at_stripe.require_sound()


@pytest.mark.parametrize("copies", [1, 4])
async def test_a_refund_that_fails_late_is_booked_back_once_and_given_again(
    at_stripe: AtStripe, copies: int
) -> None:
    await at_stripe.cancelled()
    refund = at_stripe.operation("refund")
    (made,) = at_stripe.made("refund", refund)
    at_stripe.world.fail_refund(made["id"])
    await at_stripe.news(copies)
    await at_stripe.waiting(WAITING)
    totals = await at_stripe.totals()
    assert (totals.refunded, totals.held) == (0, 4_200)
    await at_stripe.require_sound()
    await at_stripe.again(refund)
    await at_stripe.undone_handle(refund).result()
    await at_stripe.news(copies)
    assert len(await at_stripe.rows()) == 1
    assert (await at_stripe.totals()).is_settled
    await at_stripe.require_sound()


async def test_goodwill_that_fails_late_is_held_for_the_customer(at_stripe: AtStripe) -> None:
    await at_stripe.completed()
    order = await at_stripe.order(GOODWILL, 1_000, bearer=Bearer.TRAVELER)
    await at_stripe.start(order)
    await at_stripe.over(order)
    refund = at_stripe.operation("refund", order)
    (made,) = at_stripe.made("refund", refund)
    at_stripe.world.fail_refund(made["id"])
    await at_stripe.news()
    await at_stripe.waiting(WAITING)
    totals = await at_stripe.totals()
    assert (totals.held, totals.refunded, totals.dues) == (1_000, 0, 0)
    await at_stripe.require_sound()
    await at_stripe.again(refund)
    await at_stripe.undone_handle(refund).result()
    await at_stripe.require_sound()


async def test_a_payout_that_the_bank_sends_back_is_for_people_and_changes_no_book(
    at_stripe: AtStripe,
) -> None:
    await at_stripe.completed()
    (payout,) = at_stripe.world.pay_out_everything(at_stripe.account)
    at_stripe.world.fail_payout(payout["id"])
    await at_stripe.news(copies=3)

    async def is_told() -> bool:
        key = attention_item.c.key == f"payout_returned:{payout['id']}"
        return len(await at_stripe.play.read(select(attention_item).where(key))) == 1

    await until(is_told)
    assert "payout_undone" not in await at_stripe.play.events()
    await at_stripe.require_sound()


async def test_a_disputed_charge_is_not_refunded_as_goodwill_on_top(at_stripe: AtStripe) -> None:
    await at_stripe.completed()
    (charge,) = at_stripe.moved.charges
    at_stripe.world.open_dispute(charge["id"])
    order = await at_stripe.order(GOODWILL, 1_000, bearer=Bearer.PLATFORM)
    await at_stripe.start(order)
    await at_stripe.waiting(CorrectionStatus.PARKED, "refund_goodwill")
    await at_stripe.resolve(order, ResolveAttention(AttentionAction.SKIP))
    assert await at_stripe.over(order) is CorrectionStatus.GIVEN_UP
    assert (await at_stripe.totals()).refunded == 0
