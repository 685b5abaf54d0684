"""Chargebacks at Stripe, told by its own events: duplicated, out of order, and late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.chargebacks import SubmitEvidence
from domain.contracts import CodePurpose
from domain.ids import ChargebackId, chargeback_workflow_id
from domain.money import Money
from domain.policies import Policies
from domain.status import DeliveryStatus
from infra.database.invariants import check_invariants
from infra.database.ledger import transactions_of
from infra.database.schema import chargeback
from tests.agreement import require_every_prefix_sound, require_same_money
from tests.conftest import MakeParcel, MakePerson
from tests.infra.payments.conformance.contract import charge_of
from tests.stripe_installation import Installation, installed
from tests.stripe_stand_in import Json
from tests.waiting import PATIENCE_S, until
from tests.workflows.play import Play, make_play

METHOD = "pm_card_bypassPending"


@pytest.fixture(scope="module")
async def installation(database_url: str, engine: AsyncEngine) -> AsyncIterator[Installation]:
    async with installed(database_url, engine) as installation:
        # What is released again leaves the platform's balance, in which other customers' money is.
        other = charge_of("other-customers")
        await installation.payments.provider.charge(other, Money(100_000, "EUR"), METHOD)
        yield installation


@dataclass
class AtStripe:
    """A delivery whose payment is disputed at Stripe."""

    installation: Installation
    play: Play
    dispute_id: str = ""

    async def delivered(self, account: str) -> None:
        play = self.play
        await play.open()
        await play.submit()
        await play.accept(METHOD, account)
        await play.reach(DeliveryStatus.AWAITING_PICKUP)
        await play.scan(CodePurpose.PICKUP)
        await play.scan(CodePurpose.HANDOVER)

    async def paid_out(self, *, to_bank: bool = False) -> str:
        """Bring the delivery to its close; return the traveler's account."""
        account = await self.installation.account(str(self.play.order.delivery_id))
        await self.delivered(account)
        await self.play.confirm()
        assert await self.play.closed() is DeliveryStatus.COMPLETED
        if to_bank:
            self.installation.stand_in.world.pay_out_everything(account)
        return account

    async def open(self, copies: int = 1, **terms: Any) -> None:
        (charge,) = self.moved.charges
        dispute = self.installation.stand_in.world.open_dispute(charge["id"], **terms)
        self.dispute_id = str(dispute["id"])
        await self.installation.bring_news(copies=copies)

    async def rule(self, *, won: bool, copies: int = 1) -> None:
        self.installation.stand_in.world.rule_dispute(self.dispute_id, won=won)
        await self.installation.bring_news(copies=copies)

    @property
    def moved(self) -> Any:
        delivery_id = str(self.play.order.delivery_id)
        return self.installation.stand_in.view.moved(delivery_id=delivery_id)

    @property
    def dispute(self) -> Json:
        disputes = self.installation.stand_in.view.objects("dispute")
        return next(each for each in disputes if each["id"] == self.dispute_id)

    async def row(self) -> dict[str, Any]:
        query = select(chargeback).where(chargeback.c.dispute_id == self.dispute_id)
        async with self.play.engine.connect() as connection:
            return dict((await connection.execute(query)).mappings().one())

    async def stands(self, **columns: Any) -> None:
        async def is_so() -> bool:
            row = await self.row()
            return all(row[name] == value for name, value in columns.items())

        await until(is_so)

    async def ended(self) -> str:
        handle = self.play.environment.client.get_workflow_handle(await self._workflow_id())
        async with asyncio.timeout(PATIENCE_S):
            return str(await handle.result())

    async def submit(self) -> None:
        handle = self.play.environment.client.get_workflow_handle(await self._workflow_id())
        await handle.execute_update("submit_evidence", SubmitEvidence(self.play.agent))

    async def require_sound(self) -> None:
        """Both companies' books agree, and ours were right after every single booking."""
        delivery_id = self.play.order.delivery_id
        async with self.play.engine.connect() as connection:
            booked = await transactions_of(connection, delivery_id)
        require_every_prefix_sound(booked)
        require_same_money(booked, self.moved, "EUR")
        assert not (await check_invariants(self.play.engine, delivery_id)).violations

    async def _workflow_id(self) -> str:
        return chargeback_workflow_id(ChargebackId(str((await self.row())["chargeback_id"])))


@pytest.fixture
async def at_stripe(
    installation: Installation, make_person: MakePerson, make_parcel: MakeParcel
) -> AtStripe:
    play = await make_play(
        installation.server, installation.engine, make_person, make_parcel, Policies()
    )
    return AtStripe(installation, play)


@pytest.mark.parametrize("won", [True, False])
async def test_a_release_waits_for_the_banks_decision(at_stripe: AtStripe, *, won: bool) -> None:
    play = at_stripe.play
    await at_stripe.delivered(await at_stripe.installation.account(str(play.order.delivery_id)))
    await at_stripe.open(copies=3)
    await at_stripe.stands(status="open", withdrawn_minor=4_200, fee_minor=2_000)
    await play.confirm()

    async def is_frozen() -> bool:
        return "release_frozen" in await play.events()

    await until(is_frozen)
    await at_stripe.rule(won=won, copies=3)
    expected = DeliveryStatus.COMPLETED if won else DeliveryStatus.CHARGED_BACK
    assert await play.closed() is expected
    assert await at_stripe.ended() == ("won" if won else "lost")
    assert at_stripe.moved.transferred == (3_780 if won else 0)
    await at_stripe.require_sound()


@pytest.mark.parametrize("won", [True, False])
async def test_a_transfer_is_reversed_and_sent_again_only_when_it_is_won(
    at_stripe: AtStripe, *, won: bool
) -> None:
    await at_stripe.paid_out()
    await at_stripe.open(copies=2)
    await at_stripe.stands(status="open", recalled_minor=3_780)
    assert at_stripe.moved.transferred == 0
    await at_stripe.rule(won=won, copies=2)
    assert await at_stripe.ended() == ("won" if won else "lost")
    assert at_stripe.moved.transferred == (3_780 if won else 0)
    traveler_id = at_stripe.play.traveler.person_id
    # What the account still had was never paid out to its bank: nobody owes anything.
    assert await at_stripe.play.balance(f"traveler_dues:{traveler_id}") == 0
    await at_stripe.require_sound()


async def test_what_is_at_the_bank_already_becomes_a_debt_when_it_is_lost(
    at_stripe: AtStripe,
) -> None:
    await at_stripe.paid_out(to_bank=True)
    await at_stripe.open()
    await at_stripe.stands(status="open", withdrawn_minor=4_200)
    await at_stripe.rule(won=False)
    assert await at_stripe.ended() == "lost"
    traveler_id = at_stripe.play.traveler.person_id
    assert await at_stripe.play.balance(f"traveler_dues:{traveler_id}") == 3_780
    assert at_stripe.moved.reversed == 0
    await at_stripe.require_sound()


async def test_an_inquiry_is_answered_and_moves_nothing(at_stripe: AtStripe) -> None:
    await at_stripe.paid_out()
    await at_stripe.open(inquiry=True)
    await at_stripe.stands(status="inquiry")
    await at_stripe.submit()
    assert at_stripe.dispute["evidence_details"]["submission_count"] == 1
    assert at_stripe.dispute["evidence"]["shipping_tracking_number"] == (
        at_stripe.play.order.delivery_id
    )
    at_stripe.installation.stand_in.world.close_inquiry(at_stripe.dispute_id)
    await at_stripe.installation.bring_news()
    assert await at_stripe.ended() == "closed_without_loss"
    assert (at_stripe.moved.charged_back, at_stripe.moved.transferred) == (0, 3_780)
    await at_stripe.require_sound()


async def test_a_chargeback_may_be_larger_than_the_payment(at_stripe: AtStripe) -> None:
    await at_stripe.paid_out()
    await at_stripe.open(amount=5_000)
    await at_stripe.stands(status="open", recalled_minor=3_780)
    await at_stripe.rule(won=False)
    assert await at_stripe.ended() == "lost"
    row = await at_stripe.row()
    assert (row["amount_minor"], row["taken_from_held_minor"]) == (5_000, 3_780)
    await at_stripe.require_sound()


async def test_events_that_come_before_and_long_after_change_nothing(at_stripe: AtStripe) -> None:
    await at_stripe.paid_out()
    (charge,) = at_stripe.moved.charges
    dispute = at_stripe.installation.stand_in.world.open_dispute(charge["id"])
    at_stripe.dispute_id = str(dispute["id"])
    at_stripe.installation.stand_in.world.rule_dispute(at_stripe.dispute_id, won=True)
    # All of it happened before anybody of ours heard of it; then it comes five times over.
    await at_stripe.installation.bring_news(copies=5)
    assert await at_stripe.ended() == "won"
    await at_stripe.installation.bring_news(copies=5)
    assert await at_stripe.ended() == "won"
    events = await at_stripe.play.events()
    assert [events.count(kind) for kind in ("chargeback_opened", "chargeback_won")] == [1, 1]
    assert at_stripe.moved.reversed == 0
    await at_stripe.require_sound()
