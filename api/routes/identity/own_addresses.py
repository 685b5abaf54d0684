"""The places that you keep to send from or to."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.access.database import Row
from api.access.permissions import Action, requires
from api.access.request import TokenHash
from api.edge.answers import json_answer
from api.edge.documented import refusals
from api.edge.problems import EdgeCode, Problem, not_found
from api.edge.requests import StrictRoute
from api.models.identity.profile import AddressBody, AddressesView, AddressView
from api.queries.identity.holders import holder_of
from api.queries.identity.profiles import addresses_of, forget_address, save_address
from api.routes.identity.profile import OWN
from api.routes.paths import AddressPath
from api.services import Parts

router = APIRouter(prefix="/v1/me/addresses", tags=["account"], route_class=StrictRoute)


@router.get(
    "",
    dependencies=[requires(Action.READ_OWN_ADDRESSES)],
    response_model=AddressesView,
    responses=refusals(*OWN),
    summary="List your addresses",
)
async def list_addresses(token: TokenHash, parts: Parts) -> Response:
    """Return every address that you keep, in the order of their labels."""
    holder = await holder_of(parts.database, token)
    rows = await addresses_of(parts.database, holder)
    return json_answer(AddressesView(items=[_view(row) for row in rows]))


@router.put(
    "/{address_id}",
    dependencies=[requires(Action.CHANGE_OWN_ADDRESSES)],
    response_model=AddressView,
    responses=refusals(*OWN, EdgeCode.NOT_FOUND, EdgeCode.ADDRESS_BOOK_FULL),
    summary="Save an address",
)
async def put_address(
    address_id: AddressPath, body: AddressBody, token: TokenHash, parts: Parts
) -> Response:
    """Save an address under an id that you choose, in place of what has that id already."""
    holder = await holder_of(parts.database, token)
    limit = parts.identity.policy.address_book.addresses_max
    row = await save_address(parts.database, holder, address_id, body.model_dump(), limit)
    if row is None:
        raise Problem(EdgeCode.ADDRESS_BOOK_FULL, f"You can keep at most {limit} addresses.")
    return json_answer(_view(row))


@router.delete(
    "/{address_id}",
    dependencies=[requires(Action.CHANGE_OWN_ADDRESSES)],
    response_model=AddressView,
    responses=refusals(*OWN, EdgeCode.NOT_FOUND),
    summary="Forget an address",
)
async def delete_address(address_id: AddressPath, token: TokenHash, parts: Parts) -> Response:
    """Forget an address and return it one last time."""
    holder = await holder_of(parts.database, token)
    row = await forget_address(parts.database, holder, address_id)
    if row is None:
        raise not_found()
    return json_answer(_view(row))


def _view(row: Row) -> AddressView:
    return AddressView(**{name: row[name] for name in AddressView.model_fields})
