"""Statements of a person and of a delivery, as JSON or CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.access.permissions import Action, requires
from api.access.request import TokenHash
from api.access.sights import permitted_sight_of
from api.edge.answers import json_answer
from api.edge.documented import LISTS, refusals
from api.edge.negotiation import choose_media_type
from api.edge.problems import EdgeCode, Problem
from api.edge.requests import StrictRoute
from api.models.statements import (
    PERSON_STATEMENT,
    StatementBalanceView,
    StatementLineView,
    StatementView,
)
from api.models.types import ID_PATTERN, Moment, money_view
from api.paging import Cursor, position_cursor, read_position_cursor
from api.queries.statements import asking_person, kinds_for, subject_of
from api.routes.paths import DeliveryPath
from api.services import Parts
from api.spreadsheets import CSV, csv_of
from domain.errors import RefusalCode
from domain.ids import DeliveryId, PersonId
from domain.ledger import MEANINGS
from infra.database.statements import (
    START,
    Extract,
    Statement,
    StatementBalance,
    StatementLine,
    statement_of_delivery,
    statement_of_person,
)

JSON = "application/json"
LINES_DEFAULT = 100
LINES_MAX = 1_000
"""A month of a busy traveler fits on one page."""

router = APIRouter(tags=["statements"], route_class=StrictRoute)

PersonPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the person.")]

_EXAMPLE = csv_of(StatementView.model_validate(PERSON_STATEMENT), is_first=True)
_SHEET: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A page of the statement; as CSV, `Link` names the next page.",
        "content": {CSV: {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}
_REFUSALS = (*LISTS, EdgeCode.NOT_ACCEPTABLE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request for a statement asks for."""

    extract: Extract
    media_type: str
    request: Request

    def answer(
        self,
        statement: Statement,
        *,
        person_id: PersonId | None = None,
        delivery_id: DeliveryId | None = None,
    ) -> Response:
        """Return a statement, one line longer than its page if there are more, as it was asked for."""
        limit = self.extract.count - 1
        lines, more = statement.lines[:limit], len(statement.lines) > limit
        view = StatementView(
            person_id=person_id,
            delivery_id=delivery_id,
            since=self.extract.since,
            until=self.extract.until,
            balances=[_balance(balance) for balance in statement.balances],
            items=[_line(line) for line in lines],
            next_cursor=position_cursor(lines[-1].position) if more else None,
        )
        if self.media_type == JSON:
            return json_answer(view, headers={"Vary": "Accept"})
        return self._sheet(view)

    def _sheet(self, view: StatementView) -> Response:
        headers = {
            "Vary": "Accept",
            "Content-Disposition": 'attachment; filename="statement.csv"',
        }
        if view.next_cursor is not None:
            address = self.request.url.include_query_params(cursor=view.next_cursor)
            headers["Link"] = f'<{address.path}?{address.query}>; rel="next"'
        body = csv_of(view, is_first=self.extract.after == START)
        return Response(body, headers=headers, media_type=f"{CSV}; charset=utf-8")


async def asked_of(
    request: Request,
    since: Annotated[
        Moment | None, Query(description="Lines booked at this moment or later.")
    ] = None,
    until: Annotated[Moment | None, Query(description="Lines booked before this moment.")] = None,
    limit: Annotated[
        int, Query(ge=1, le=LINES_MAX, description="Lines on one page.")
    ] = LINES_DEFAULT,
    cursor: Cursor = None,
) -> Asked:
    """Return what a request for a statement asks for.

    Raises:
        Problem: the period ends before it begins, the cursor is not one of ours, or the client
            accepts neither JSON nor CSV.
    """
    media_type = choose_media_type(request.headers.get("accept"), (JSON, CSV))
    if since is not None and until is not None and until <= since:
        problem = {"at": "query/until", "problem": "This has to be later than since."}
        detail = "Mend the fields named in errors and send the request again."
        raise Problem(EdgeCode.FIELDS_INVALID, detail, errors=[problem])
    after = read_position_cursor(cursor)
    return Asked(Extract(since, until, after, limit + 1), media_type, request)


Asking = Annotated[Asked, Depends(asked_of)]


@router.get(
    "/v1/statements/me",
    dependencies=[requires(Action.READ_OWN_STATEMENT)],
    response_model=StatementView,
    responses={**_SHEET, **refusals(*_REFUSALS)},
    summary="Read your statement",
)
async def get_own_statement(token: TokenHash, asked: Asking, parts: Parts) -> Response:
    """Return what you paid, earned and owe, as JSON or CSV, the oldest first."""
    return await _of_person(asked, parts, await asking_person(parts.database, token))


@router.get(
    "/v1/statements/{person_id}",
    dependencies=[requires(Action.READ_STATEMENT)],
    response_model=StatementView,
    responses={**_SHEET, **refusals(*_REFUSALS)},
    summary="Read a person's statement",
)
async def get_statement(
    person_id: PersonPath, token: TokenHash, asked: Asking, parts: Parts
) -> Response:
    """Return a person's statement, as JSON or CSV, to that person and to staff."""
    return await _of_person(asked, parts, await subject_of(parts.database, token, person_id))


@router.get(
    "/v1/deliveries/{delivery_id}/statement",
    dependencies=[requires(Action.READ_DELIVERY_STATEMENT)],
    response_model=StatementView,
    responses={**_SHEET, **refusals(*_REFUSALS, RefusalCode.NOT_YOUR_ROLE)},
    summary="Read the statement of a delivery",
)
async def get_delivery_statement(
    delivery_id: DeliveryPath, token: TokenHash, asked: Asking, parts: Parts
) -> Response:
    """Return a delivery's money as far as it concerns you, as JSON or CSV; staff see all of it."""
    sight = await permitted_sight_of(parts.database, token, delivery_id)
    found, kinds = sight.delivery.delivery_id, kinds_for(sight.relations)
    async with parts.database.connection() as connection:
        statement = await statement_of_delivery(connection, found, kinds, asked.extract)
    return asked.answer(statement, delivery_id=found)


async def _of_person(asked: Asked, parts: Parts, person_id: PersonId) -> Response:
    async with parts.database.connection() as connection:
        statement = await statement_of_person(connection, person_id, asked.extract)
    return asked.answer(statement, person_id=person_id)


def _balance(balance: StatementBalance) -> StatementBalanceView:
    return StatementBalanceView(
        account=balance.kind,
        meaning=MEANINGS[balance.kind],
        opening=money_view(balance.opening),
        closing=money_view(balance.closing),
    )


def _line(line: StatementLine) -> StatementLineView:
    return StatementLineView(
        at=line.booked_at,
        delivery_id=line.delivery_id,
        booking=line.booking,
        bearer=line.bearer,
        account=line.account.kind,
        change=money_view(line.change),
    )
