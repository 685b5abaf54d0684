"""What happened to a delivery, what is due next, and where its money is."""

from __future__ import annotations

from itertools import groupby

from fastapi import APIRouter
from starlette.responses import Response

from api.access.permissions import Action, requires
from api.access.request import TokenHash
from api.access.rows import INSIDERS, STAFF
from api.access.sights import permitted_sight_of, sight_of
from api.edge.answers import json_answer
from api.edge.documented import LISTS, READS, refusals
from api.edge.requests import StrictRoute
from api.models.answers import DeadlinesView, Page
from api.models.records import (
    BalanceView,
    EntryView,
    EventView,
    LedgerTransactionView,
    LedgerView,
)
from api.models.types import money_view
from api.paging import (
    LIMIT_DEFAULT,
    Cursor,
    Limit,
    read_sequence_cursor,
    sequence_cursor,
)
from api.queries.corrections import clocks_of
from api.queries.history import events
from api.queries.offline import review_clocks
from api.queries.overrides import override_clocks
from api.queries.silence import clocks_on_the_way
from api.queries.statements import kinds_for
from api.routes.paths import DeliveryPath
from api.services import Parts
from api.views import clock_view, delivery_view
from domain.deadlines import DeadlineKind
from domain.errors import RefusalCode
from domain.identity.roles import told_as
from domain.money import Money
from infra.database.ledger import AccountBalance, LedgerLine, balances_of, lines_of

router = APIRouter(prefix="/v1/deliveries/{delivery_id}", tags=["records"], route_class=StrictRoute)


@router.get(
    "/timeline",
    dependencies=[requires(Action.READ_TIMELINE)],
    response_model=Page[EventView],
    responses=refusals(*LISTS, RefusalCode.NOT_YOUR_ROLE),
    summary="Read what happened",
)
async def get_timeline(
    delivery_id: DeliveryPath,
    token: TokenHash,
    parts: Parts,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """Return everything that happened, the oldest first; offers of others are left out."""
    after = read_sequence_cursor(cursor)
    sight = await permitted_sight_of(parts.database, token, delivery_id)
    found = await events(parts.database, parts.encryption.keys, sight, after, limit + 1)
    items = found[:limit]
    more = len(found) > limit
    return json_answer(
        Page[EventView](
            items=items, next_cursor=sequence_cursor(items[-1].sequence) if more else None
        )
    )


@router.get(
    "/deadlines",
    dependencies=[requires(Action.READ_DEADLINES)],
    response_model=DeadlinesView,
    responses=refusals(*READS),
    summary="Read who must act by when",
)
async def get_deadlines(delivery_id: DeliveryPath, token: TokenHash, parts: Parts) -> Response:
    """Return who must act, by when, what happens otherwise and what that does to the money."""
    sight = await sight_of(parts.database, token, delivery_id)
    relations, known = sight.relations, sight.delivery.delivery_id
    corrections = await clocks_of(parts.database, known, relations)
    insider = bool(relations & INSIDERS)
    on_the_way = await clocks_on_the_way(parts.database, sight.delivery) if insider else []
    reviews = await review_clocks(parts.database, known) if insider else []
    of_staff = await override_clocks(parts.database, known) if told_as(relations) & STAFF else []
    clocks = [
        delivery_view(sight).deadline,
        *of_staff,
        *(clock_view(DeadlineKind.CLAIM_REVIEW, due_at) for due_at in reviews),
        *(clock_view(kind, due_at) for kind, due_at in on_the_way),
        *(clock_view(row["deadline_kind"], row["deadline_at"]) for row in corrections),
    ]
    return json_answer(DeadlinesView(deadlines=[clock for clock in clocks if clock is not None]))


@router.get(
    "/ledger",
    dependencies=[requires(Action.READ_LEDGER)],
    response_model=LedgerView,
    responses=refusals(*READS, RefusalCode.NOT_YOUR_ROLE),
    summary="Read the bookings",
)
async def get_ledger(delivery_id: DeliveryPath, token: TokenHash, parts: Parts) -> Response:
    """Return the bookings of this delivery on the accounts that concern you, and what they left."""
    sight = await permitted_sight_of(parts.database, token, delivery_id)
    kinds = kinds_for(sight.relations)
    async with parts.database.connection() as connection:
        lines = await lines_of(connection, sight.delivery.delivery_id)
        balances = await balances_of(connection, sight.delivery.delivery_id)
    concerning = (line for line in lines if line.posting.account.kind in kinds)
    return json_answer(
        LedgerView(
            transactions=[
                _transaction(key, list(group))
                for key, group in groupby(concerning, key=lambda line: line.key)
            ],
            balances=[_balance(balance) for balance in balances if balance.account.kind in kinds],
        )
    )


def _transaction(key: str, lines: list[LedgerLine]) -> LedgerTransactionView:
    return LedgerTransactionView(
        key=key,
        kind=lines[0].kind,
        bearer=lines[0].bearer,
        at=lines[0].booked_at,
        entries=[_entry(line) for line in lines],
    )


def _entry(line: LedgerLine) -> EntryView:
    amount = line.posting.amount
    return EntryView(
        account=line.posting.account.name,
        side="debit" if amount.amount_minor > 0 else "credit",
        amount=money_view(Money(abs(amount.amount_minor), amount.currency)),
    )


def _balance(balance: AccountBalance) -> BalanceView:
    return BalanceView(account=balance.account.name, amount=money_view(balance.balance))
