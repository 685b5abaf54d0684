"""The ledger in the database keeps the late surprises too: bearers, debts, netting, chargebacks."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.errors import Refusal
from domain.ids import PersonId
from domain.ledger import (
    Account,
    AccountKind,
    Bearer,
    LedgerTransaction,
    authorisation_booking,
    authorisation_release_booking,
    borne_refund_booking,
    charge_booking,
    chargeback_booking,
    chargeback_lost_booking,
    customer_bears,
    netting_bookings,
    netting_of,
    payout_booking,
    platform_bears,
    provider_fee_booking,
    release_booking,
    totals_of,
    traveler_bears,
    write_off_booking,
)
from domain.money import Money
from infra.database.engine import create_engine
from infra.database.invariants import check_invariants
from infra.database.ledger import balances, book, dues_of, transactions_of
from infra.database.migrate import migrate
from infra.database.statements import START, Extract, statement_of_delivery, statement_of_person
from infra.identifiers import new_id
from tests.conftest import make_database_url
from tests.infra.database.conftest import MakeStory
from tests.infra.database.story import FEE, PRICE, Story

EVERYTHING = Extract(None, None, START, 100)


async def booked(story: Story, *transactions: LedgerTransaction) -> None:
    async with story.engine.begin() as connection:
        await book(connection, transactions)


def key() -> str:
    return f"test:{new_id()}"


async def paid_out(story: Story) -> None:
    """Open a delivery and book that it was charged, released and paid out."""
    await story.open()
    share = PRICE - FEE
    await booked(
        story,
        charge_booking(key(), story.delivery_id, PRICE),
        release_booking(key(), story.delivery_id, story.traveler_id, share, FEE),
        payout_booking(key(), story.delivery_id, story.traveler_id, share),
    )


async def balance_of(story: Story, kind: AccountKind, owner: str = "") -> int:
    async with story.engine.connect() as connection:
        found = await balances(connection)
    account = Account(kind, owner)
    return sum(
        each.balance.amount_minor
        for each in found
        if each.account == account and each.balance.currency == "EUR"
    )


async def test_a_refund_without_a_bearer_is_refused(story: Story) -> None:
    await story.open()
    with pytest.raises(DBAPIError, match="ledger_transaction_names_bearer"):
        async with story.engine.begin() as connection:
            await connection.execute(
                text(
                    "INSERT INTO ledger_transaction (key, request_hash, kind, delivery_id)"
                    " VALUES (:key, '', 'refund', :delivery)"
                ),
                {"key": key(), "delivery": story.delivery_id},
            )


async def test_what_was_booked_is_read_as_it_was_booked(story: Story) -> None:
    await paid_out(story)
    goodwill = borne_refund_booking(key(), story.delivery_id, platform_bears(Money(500, "EUR")))
    await booked(story, goodwill)
    async with story.engine.connect() as connection:
        found = await transactions_of(connection, story.delivery_id)
    assert [one.kind for one in found] == ["charge", "release", "payout", "refund"]
    assert (found[-1].bearer, found[-1].key) == (Bearer.PLATFORM, goodwill.key)
    assert set(found[-1].postings) == set(goodwill.postings)
    totals = totals_of(found, "EUR")
    assert (totals.is_whole, totals.is_settled, totals.losses) == (True, True, 500)


async def test_a_chargeback_is_booked_even_when_nothing_is_left(victim: Story) -> None:
    story, more = victim, Money(90_000, "EUR")
    await paid_out(story)
    await booked(story, chargeback_booking(key(), story.delivery_id, PRICE + more))
    assert await balance_of(story, AccountKind.PROVIDER_CASH) < 0
    borne = (
        traveler_bears(story.traveler_id, PRICE - FEE),
        platform_bears(FEE),
        customer_bears(PersonId(story.customer.person_id or ""), more),
    )
    lost = (chargeback_lost_booking(key(), story.delivery_id, burden) for burden in borne)
    await booked(story, *lost)
    with pytest.raises(Refusal):
        await booked(story, chargeback_lost_booking(key(), story.delivery_id, platform_bears(FEE)))
    async with story.engine.connect() as connection:
        totals = totals_of(await transactions_of(connection, story.delivery_id), "EUR")
    assert totals.is_whole
    assert totals.charged_back == (PRICE + more).amount_minor
    assert totals.dues == (PRICE - FEE + more).amount_minor


async def test_a_debt_is_netted_from_a_later_payout(make_story: MakeStory) -> None:
    first, second = await make_story(), await make_story()
    await paid_out(first)
    second.traveler = first.traveler
    traveler_id, owed, share = first.traveler_id, Money(1_000, "EUR"), PRICE - FEE
    burden = traveler_bears(traveler_id, owed)
    await booked(first, borne_refund_booking(key(), first.delivery_id, burden))
    await second.open()
    await booked(
        second,
        charge_booking(key(), second.delivery_id, PRICE),
        release_booking(key(), second.delivery_id, traveler_id, share, FEE),
    )
    async with first.engine.connect() as connection:
        dues = await dues_of(connection, traveler_id)
    assert [(due.delivery_id, due.amount) for due in dues] == [(first.delivery_id, owed)]
    for due in netting_of(share, dues):
        await booked(second, *netting_bookings(key(), second.delivery_id, traveler_id, due))
    left = share - owed
    await booked(second, payout_booking(key(), second.delivery_id, traveler_id, left))
    async with first.engine.connect() as connection:
        assert await dues_of(connection, traveler_id) == ()
        for story in (first, second):
            found = totals_of(await transactions_of(connection, story.delivery_id), "EUR")
            assert (found.is_whole, found.is_settled) == (True, True)
        statement = await statement_of_person(connection, traveler_id, EVERYTHING)
    closing = {each.kind: each.closing.amount_minor for each in statement.balances}
    assert closing == {"traveler_payable": 0, "traveler_dues": 0, "netting": 0}
    report = await check_invariants(first.engine, second.delivery_id)
    assert {violation.invariant for violation in report.violations} <= {"I4"}


async def test_nobody_writes_off_more_than_is_owed(story: Story) -> None:
    await paid_out(story)
    burden = traveler_bears(story.traveler_id, Money(300, "EUR"))
    await booked(story, borne_refund_booking(key(), story.delivery_id, burden))

    def write_off(amount_minor: int) -> LedgerTransaction:
        amount = Money(amount_minor, "EUR")
        return write_off_booking(
            key(), story.delivery_id, Bearer.TRAVELER, story.traveler_id, amount
        )

    with pytest.raises(Refusal):
        await booked(story, write_off(301))
    await booked(story, write_off(300))
    assert await balance_of(story, AccountKind.TRAVELER_DUES, story.traveler_id) == 0


async def test_a_statement_of_a_delivery_keeps_to_its_accounts_and_period(story: Story) -> None:
    await paid_out(story)
    fee = Money(93, "EUR")
    await booked(story, provider_fee_booking(key(), story.delivery_id, fee))
    kinds = [AccountKind.PROVIDER_FEE_EXPENSE, AccountKind.ESCROW]
    async with story.engine.connect() as connection:
        whole = await statement_of_delivery(connection, story.delivery_id, kinds, EVERYTHING)
        last = whole.lines[-1]
        page = Extract(last.booked_at, None, START, 1)
        end = await statement_of_delivery(connection, story.delivery_id, kinds, page)
        behind = Extract(None, None, last.position, 5)
        rest = await statement_of_delivery(connection, story.delivery_id, kinds, behind)
        before = Extract(None, last.booked_at, START, 5)
        start = await statement_of_delivery(connection, story.delivery_id, kinds, before)
    assert [line.booking for line in whole.lines] == ["charge", "release", "provider_fee"]
    assert [each.closing.amount_minor for each in whole.balances] == [0, 93]
    assert end.lines == (last,)
    assert [each.opening.amount_minor for each in end.balances] == [0, 0]
    assert (rest.lines, rest.balances) == ((), whole.balances)
    assert [each.kind for each in start.balances] == [AccountKind.ESCROW]


async def test_memos_and_internal_bookings_break_no_invariant(victim: Story) -> None:
    await victim.held()
    await booked(
        victim,
        authorisation_booking(victim.charge.operation_id + ":memo", victim.delivery_id, PRICE),
    )
    found = (await check_invariants(victim.engine, victim.delivery_id)).violations
    assert [(each.invariant, each.problem) for each in found] == [
        ("I4", "no payment operation of this delivery asked for it")
    ]
    await booked(
        victim,
        authorisation_release_booking(key(), victim.delivery_id, PRICE),
        provider_fee_booking(key(), victim.delivery_id, Money(93, "EUR")),
    )
    assert len((await check_invariants(victim.engine, victim.delivery_id)).violations) == 1


async def test_refunds_from_before_the_bearers_name_the_customer(database_server: str) -> None:
    url = make_database_url(database_server, f"older_{new_id()[-12:]}")
    await asyncio.to_thread(migrate, url, "0003")
    engine = create_engine(url)
    async with engine.begin() as connection:
        # A refund as older versions wrote it; its parcel, people and entries do not matter here.
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        old = {"delivery": new_id(), "customer": new_id()}
        await connection.execute(
            text(
                "INSERT INTO delivery (delivery_id, customer_id, sender_id, status, escrow, dispute,"
                " currency, head_sequence, head_hash, opened_at, updated_at) VALUES (:delivery,"
                " :customer, :customer, 'cancelled', 'refunded', 'none', 'EUR', 0, '', now(), now())"
            ),
            old,
        )
        await connection.execute(
            text(
                "INSERT INTO ledger_transaction (key, request_hash, kind, delivery_id)"
                " VALUES ('old', '', 'refund', :delivery)"
            ),
            old,
        )
    await asyncio.to_thread(migrate, url)
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT kind, bearer, number FROM ledger_transaction"))
        assert [tuple(row) for row in rows] == [("refund", "customer", 1)]
        with pytest.raises(DBAPIError, match="append-only"):
            await connection.execute(text("UPDATE ledger_transaction SET bearer = 'platform'"))
    await engine.dispose()
