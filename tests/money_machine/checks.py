"""What must hold of the money after every step, and what must hold in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select

from domain.ledger import AccountKind, LedgerTransaction, totals_of
from infra.database.invariants import check_invariants
from infra.database.schema import event, payment_operation
from tests.agreement import booked_of, require_every_prefix_sound, require_same_money
from tests.money_machine.glance import Glance
from tests.money_machine.scene import Scene
from tests.stripe_stand_in import MoneyMoved

CURRENCY = "EUR"
BY_HAND = "given by hand "
"""Start of the references of refunds that agents gave by bank transfer, after one had come back."""
LOOKS_MAX = 5
"""Looks at two books that are being written to until both show the same moment."""


async def require_sound(scene: Scene) -> None:
    """Check what holds at any time; while an answer is awaited the provider may be ahead of us."""
    for _ in range(LOOKS_MAX):
        crossings = scene.passage.crossings
        # In this order: whatever is asked between the two readings passes a port.
        seen = await scene.look()
        all_books = await books_of_traveler(scene)
        moved = scene.moved()
        if scene.passage.crossings == crossings:
            break
    require_every_prefix_sound(all_books)
    booked = _of(scene, all_books)
    elsewhere = scene.given_elsewhere + await _given_by_hand(scene)
    totals = totals_of(booked, CURRENCY)
    assert totals.is_whole, totals
    require_one_transfer(scene, seen)
    if seen.is_answered and scene.passage.crossings == crossings:
        require_same_money(booked, moved, CURRENCY, but=_by_itself(moved), elsewhere=elsewhere)


async def _given_by_hand(scene: Scene) -> int:
    """Return what the customer got back by bank transfer after a refund had come back."""
    given = select(func.coalesce(func.sum(payment_operation.c.amount_minor), 0)).where(
        payment_operation.c.delivery_id == scene.delivery_id,
        payment_operation.c.state == "succeeded",
        payment_operation.c.provider_id.startswith(BY_HAND),
    )
    return int((await scene.play.read(given))[0][0])


def _by_itself(moved: MoneyMoved) -> frozenset[str]:
    """Return what a bank may have changed without being asked: we learn of it by its news."""
    names = {"authorised"}
    if moved.disputes:
        names |= {"charged back", "fees"}
    if any(refund["status"] in ("failed", "canceled") for refund in moved.refunds):
        names.add("refunded")
    return frozenset(names)


def require_one_transfer(scene: Scene, seen: Glance) -> None:
    """Check that at most one release to each traveler is in force; tips and compensation come on top."""
    effective = [
        each
        for each in scene.moved().transfers
        if each["amount"] > each["amount_reversed"]
        and each["metadata"].get("op_id", "").rpartition(":")[2] not in seen.ordered
    ]
    receivers = Counter(each["destination"] for each in effective)
    assert set(receivers.values()) <= {1}, effective
    assert len(receivers) <= (2 if scene.giver_account else 1), effective


async def require_settled(scene: Scene) -> None:
    """Check a closed delivery: nothing is held or owed, and every invariant holds."""
    seen = await scene.look()
    all_books = await books_of_traveler(scene)
    booked = _of(scene, all_books)
    assert seen.is_answered
    require_every_prefix_sound(all_books)
    elsewhere = scene.given_elsewhere + await _given_by_hand(scene)
    require_same_money(booked, scene.moved(), CURRENCY, elsewhere=elsewhere)
    require_one_transfer(scene, seen)
    assert totals_of(booked, CURRENCY).is_settled, booked
    assert not _left(booked, _EMPTY_IN_THE_END), _left(booked, _EMPTY_IN_THE_END)
    # What is kept back from one delivery's payout has paid another one's debt.
    assert not _left(all_books, {AccountKind.NETTING}), all_books
    report = await check_invariants(scene.installation.engine, scene.delivery_id)
    assert not report.violations, str(report)
    stand_in = scene.lane.stand_in
    assert stand_in.drift == []
    assert stand_in._application.crashes == []


async def end_state(scene: Scene) -> list[Any]:
    """Return everything that news which came before must not change."""
    booked = await books(scene)
    told = select(event.c.kind).where(event.c.delivery_id == scene.delivery_id)
    operations = select(
        payment_operation.c.operation_id,
        payment_operation.c.state,
        payment_operation.c.attempt,
        payment_operation.c.provider_id,
    ).where(payment_operation.c.delivery_id == scene.delivery_id)
    return [
        await scene.play.standing(),
        booked,
        await scene.play.read(told.order_by(event.c.sequence)),
        await scene.play.read(operations.order_by(payment_operation.c.operation_id)),
        scene.moved(),
    ]


async def books(scene: Scene) -> tuple[LedgerTransaction, ...]:
    """Return what is booked for the delivery."""
    return _of(scene, await books_of_traveler(scene))


async def books_of_traveler(scene: Scene) -> tuple[LedgerTransaction, ...]:
    """Return what is booked for the delivery and for the one from which its traveler owes."""
    earlier = [scene.earlier.order.delivery_id] if scene.earlier else []
    async with scene.installation.reading.connect() as connection:
        return await booked_of(connection, [*earlier, scene.delivery_id])


def _of(scene: Scene, booked: tuple[LedgerTransaction, ...]) -> tuple[LedgerTransaction, ...]:
    return tuple(each for each in booked if each.delivery_id == scene.delivery_id)


def _left(booked: tuple[LedgerTransaction, ...], kinds: Collection[AccountKind]) -> dict[str, int]:
    """Return what stands on accounts of some kinds."""
    found: dict[str, int] = {}
    for transaction in booked:
        for posting in transaction.postings:
            if posting.account.kind in kinds:
                name = posting.account.name
                found[name] = found.get(name, 0) + posting.amount.amount_minor
    return {name: amount for name, amount in found.items() if amount}


_EMPTY_IN_THE_END = frozenset(
    {
        AccountKind.ESCROW,
        AccountKind.TRANSFER_RESERVE,
        AccountKind.TIPS,
        AccountKind.TRAVELER_PAYABLE,
        AccountKind.DISPUTED_FUNDS,
        AccountKind.MEMO_AUTHORISED,
        AccountKind.MEMO_PROMISED,
    }
)
"""Accounts that only money on its way may touch."""
