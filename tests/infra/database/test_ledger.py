"""The ledger keeps its rules against every program, ours included."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import Refusal, RefusalCode
from domain.ids import DeliveryId, PersonId
from domain.ledger import (
    Account,
    AccountKind,
    LedgerTransaction,
    Posting,
    Unbalanced,
    charge_booking,
    payout_booking,
    refund_booking,
    release_booking,
)
from domain.money import Money
from infra.database.ledger import account_id, balances, balances_of, book, lines_of
from infra.database.schema import ledger_account, ledger_transaction
from infra.identifiers import new_id
from tests.infra.database.conftest import MakeStory
from tests.infra.database.story import PRICE, Story

ESCROW = AccountKind.ESCROW


@dataclass
class Books:
    """A delivery that money is booked for."""

    engine: AsyncEngine
    delivery_id: DeliveryId

    async def book(self, *transactions: LedgerTransaction) -> None:
        async with self.engine.begin() as connection:
            await book(connection, transactions)

    async def run(self, statement: str, **values: Any) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(text(statement), values)

    async def book_by_hand(self, account: str, amounts: tuple[int, ...]) -> None:
        """Write a transaction without the code that checks it first."""
        booked = (
            "INSERT INTO ledger_transaction (key, request_hash, kind, delivery_id) "
            "VALUES (:key, '', 'gift', :delivery) RETURNING transaction_id"
        )
        entry = "INSERT INTO ledger_entry VALUES (:transaction, :line, :account, :amount, 'EUR')"
        async with self.engine.begin() as connection:
            transaction_id = await connection.scalar(
                text(booked), {"key": new_id(), "delivery": self.delivery_id}
            )
            for line, amount in enumerate(amounts):
                values = {"line": line, "account": account, "amount": amount}
                await connection.execute(text(entry), {"transaction": transaction_id, **values})

    def charge(self, amount: Money = PRICE, key: str = "charge") -> LedgerTransaction:
        return charge_booking(f"{self.delivery_id}:{key}", self.delivery_id, amount)

    def refund(self, amount: Money = PRICE, key: str = "refund") -> LedgerTransaction:
        return refund_booking(f"{self.delivery_id}:{key}", self.delivery_id, amount)

    async def escrow(self, currency: str = "EUR") -> int:
        account = account_id(Account(ESCROW, self.delivery_id), currency)
        query = select(ledger_account.c.balance_minor).where(ledger_account.c.account_id == account)
        async with self.engine.connect() as connection:
            return int(await connection.scalar(query) or 0)


@pytest.fixture
async def books(story: Story) -> Books:
    """An opened delivery."""
    await story.open()
    return Books(story.engine, story.delivery_id)


async def test_a_charge_is_held_and_a_refund_gives_it_back(books: Books) -> None:
    await books.book(books.charge())
    assert await books.escrow() == 4_200
    await books.book(books.refund())
    assert await books.escrow() == 0


async def test_lines_and_balances_of_a_delivery_can_be_read(books: Books) -> None:
    traveler_id = PersonId(new_id())
    release = release_booking(
        f"{books.delivery_id}:release",
        books.delivery_id,
        traveler_id,
        Money(3_780, "EUR"),
        Money(420, "EUR"),
    )
    await books.book(books.charge(), release)
    async with books.engine.connect() as connection:
        lines = await lines_of(connection, books.delivery_id)
        shares = await balances_of(connection, books.delivery_id)
        everything = await balances(connection)
    assert [line.kind for line in lines] == ["charge"] * 2 + ["release"] * 3
    assert sum(line.posting.amount.amount_minor for line in lines) == 0
    held = {share.account.kind: share.balance.amount_minor for share in shares}
    assert held == {
        "provider_cash": 4_200,
        "escrow": 0,
        "traveler_payable": 3_780,
        "fee_revenue": 420,
    }
    owed = Account(AccountKind.TRAVELER_PAYABLE, traveler_id)
    assert [one.balance for one in everything if one.account == owed] == [Money(3_780, "EUR")]


async def test_booking_a_key_again_changes_nothing(books: Books) -> None:
    await books.book(books.charge(), books.charge())
    await books.book(books.charge())
    assert await books.escrow() == 4_200


async def test_a_key_is_not_booked_with_other_postings(books: Books) -> None:
    await books.book(books.charge())
    with pytest.raises(Refusal) as refused:
        await books.book(books.charge(Money(1, "EUR")))
    assert refused.value.code is RefusalCode.ESCROW_CONFLICT
    assert await books.escrow() == 4_200


async def test_no_account_goes_below_zero(books: Books) -> None:
    await books.book(books.charge())
    with pytest.raises(Refusal) as refused:
        await books.book(books.refund(Money(4_201, "EUR")))
    assert refused.value.code is RefusalCode.ESCROW_CONFLICT
    await books.book(books.refund(Money(2_000, "EUR")))
    with pytest.raises(Refusal):
        await books.book(books.refund(Money(2_201, "EUR"), key="more"))
    assert await books.escrow() == 2_200


async def test_currencies_do_not_mix(books: Books) -> None:
    await books.book(books.charge(), books.charge(Money(500, "JPY"), key="yen"))
    with pytest.raises(Refusal):
        await books.book(books.refund(Money(501, "JPY")))
    assert (await books.escrow("EUR"), await books.escrow("JPY")) == (4_200, 500)


async def test_unbalanced_postings_do_not_reach_the_database(books: Books) -> None:
    charge = books.charge()
    with pytest.raises(Unbalanced):
        await books.book(replace(charge, postings=charge.postings[:1]))


async def test_a_booking_for_no_delivery_is_refused(books: Books) -> None:
    stranger = Books(books.engine, DeliveryId(new_id()))
    with pytest.raises(DBAPIError, match="ledger_transaction_delivery_id_fkey"):
        await stranger.book(stranger.charge())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET amount_minor = amount_minor + 1",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
        "UPDATE ledger_transaction SET kind = 'gift'",
        "DELETE FROM ledger_transaction",
        "TRUNCATE ledger_transaction CASCADE",
        "DELETE FROM ledger_account",
        "TRUNCATE ledger_account CASCADE",
        "UPDATE event SET kind = 'gift'",
        "DELETE FROM event",
        "TRUNCATE event",
        "DELETE FROM payment_operation",
        "TRUNCATE payment_operation CASCADE",
        "TRUNCATE payment_attempt",
        "TRUNCATE dispute_evidence CASCADE",
        "TRUNCATE dispute_message",
    ],
)
async def test_what_is_written_stays_as_it_is(books: Books, story: Story, statement: str) -> None:
    await story.agree()
    await books.book(books.charge())
    with pytest.raises(DBAPIError, match="append-only"):
        await books.run(statement)


@pytest.mark.parametrize("change", ["balance_minor = balance_minor + 1", "balance_minor = 0"])
async def test_only_entries_move_a_balance(books: Books, change: str) -> None:
    await books.book(books.charge())
    with pytest.raises(DBAPIError, match="only entries move a balance"):
        await books.run(f"UPDATE ledger_account SET {change}")  # noqa: S608 -- A constant.


async def test_an_account_starts_with_nothing(books: Books) -> None:
    with pytest.raises(DBAPIError, match="starts with nothing"):
        await books.run(
            "INSERT INTO ledger_account VALUES (:id, 'escrow', :owner, 'EUR', -1, 5)",
            id=new_id(),
            owner=new_id(),
        )


async def test_a_booked_transaction_takes_no_more_entries(books: Books) -> None:
    await books.book(books.charge())
    escrow = account_id(Account(ESCROW, books.delivery_id), "EUR")
    pair = (
        "INSERT INTO ledger_entry SELECT transaction_id, line, :account, amount, 'EUR' "
        "FROM ledger_transaction, (VALUES (8, 5), (9, -5)) AS pair (line, amount) WHERE key = :key"
    )
    with pytest.raises(DBAPIError, match="is sealed"):
        await books.run(pair, account=escrow, key=f"{books.delivery_id}:charge")


async def test_a_seal_cannot_be_forged(books: Books) -> None:
    async with books.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO ledger_transaction (key, request_hash, kind, delivery_id, created_xid)"
                " VALUES (:key, '', 'gift', :delivery, 1)"
            ),
            {"key": "forged", "delivery": books.delivery_id},
        )
        query = select(ledger_transaction.c.created_xid).where(ledger_transaction.c.key == "forged")
        assert await connection.scalar(query) != 1
        await connection.rollback()


@pytest.mark.parametrize("amounts", [(5, -4), (5,), ()])
async def test_a_transaction_that_does_not_balance_is_never_committed(
    books: Books, amounts: tuple[int, ...]
) -> None:
    await books.book(books.charge())
    escrow = account_id(Account(ESCROW, books.delivery_id), "EUR")
    with pytest.raises(DBAPIError, match=r"does not balance|has no entries"):
        await books.book_by_hand(escrow, amounts)
    assert await books.escrow() == 4_200


async def test_a_crowd_of_refunds_takes_no_more_than_there_is(
    books: Books, crowd: AsyncEngine
) -> None:
    await books.book(books.charge())
    rush = Books(crowd, books.delivery_id)
    refunds = (rush.book(books.refund(Money(1_000, "EUR"), key=f"r{n}")) for n in range(40))
    answers = await asyncio.gather(*refunds, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    assert (len(refused), answers.count(None)) == (36, 4)
    assert await books.escrow() == 200


async def test_opposite_bookings_never_wait_for_each_other_in_a_circle(
    make_story: MakeStory, crowd: AsyncEngine
) -> None:
    stories = [await make_story() for _ in range(4)]
    for story in stories:
        await story.open()
    traveler_id = PersonId(new_id())

    async def whole_way(story: Story, number: int) -> None:
        key = f"{story.delivery_id}:{number}:"
        rush, share, fee = Books(crowd, story.delivery_id), Money(90, "EUR"), Money(10, "EUR")
        await rush.book(rush.charge(share + fee, key=f"charge{number}"))
        await rush.book(
            release_booking(key + "release", story.delivery_id, traveler_id, share, fee),
            payout_booking(key + "payout", story.delivery_id, traveler_id, share),
        )

    await asyncio.gather(*(whole_way(story, n) for story in stories for n in range(10)))
    async with crowd.connect() as connection:
        everything = await balances(connection)
    owed = Account(AccountKind.TRAVELER_PAYABLE, traveler_id)
    assert [one.balance.amount_minor for one in everything if one.account == owed] == [0]


AMOUNTS = st.integers(1, 1_000_000)
MOVES = st.lists(st.tuples(st.sampled_from(["charge", "refund"]), AMOUNTS), max_size=12)


async def test_balances_are_always_the_sums_of_what_was_accepted(make_story: MakeStory) -> None:
    loop = asyncio.get_running_loop()

    async def play(moves: list[tuple[str, int]]) -> None:
        story = await make_story()
        await story.open()
        books = Books(story.engine, story.delivery_id)
        held: Counter[str] = Counter()
        for number, (kind, amount_minor) in enumerate(moves):
            make = books.charge if kind == "charge" else books.refund
            sign = 1 if kind == "charge" else -1
            transaction = make(Money(amount_minor, "CHF"), key=str(number))
            if held["CHF"] + sign * amount_minor < 0:
                with pytest.raises(Refusal):
                    await books.book(transaction)
                continue
            await books.book(transaction)
            held["CHF"] += sign * amount_minor
        assert await books.escrow("CHF") == held["CHF"]
        async with books.engine.connect() as connection:
            lines = await lines_of(connection, books.delivery_id)
        assert sum(line.posting.amount.amount_minor for line in lines) == 0

    @settings(
        max_examples=25,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(MOVES)
    def hold_for_all(moves: list[tuple[str, int]]) -> None:
        asyncio.run_coroutine_threadsafe(play(moves), loop).result()

    await asyncio.to_thread(hold_for_all)


def test_a_posting_names_its_account_in_one_way() -> None:
    posting = Posting(Account(AccountKind.FEE_REVENUE), Money(1, "KWD"))
    assert account_id(posting.account, posting.amount.currency) == "fee_revenue:KWD"
