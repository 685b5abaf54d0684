"""What people must look at besides parked steps: staff read it and say what they did."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, requires
from api.access.request import Changing, TokenHash
from api.changes import outcome_of, perform
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, LISTS, refusals
from api.edge.problems import EdgeCode, Problem
from api.edge.requests import StrictRoute
from api.models.answers import Page
from api.models.attention import AttentionItemView, NewSettlement
from api.models.types import ID_PATTERN
from api.paging import LIMIT_DEFAULT, NEWEST, Cursor, Limit, id_cursor, read_id_cursor
from api.queries.attention import CLAIM_AND_SETTLE, ItemFilter, item_view, items
from api.services import Parts
from domain.attention import AttentionKind
from domain.errors import RefusalCode

router = APIRouter(prefix="/v1/attention", tags=["attention"], route_class=StrictRoute)

ItemPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the item.")]
StateFilter = Annotated[
    Literal["open", "settled"], Query(description="Items that are open, or that are settled.")
]
KindFilter = Annotated[AttentionKind | None, Query(description="Only items of this kind.")]
DeliveryFilter = Annotated[
    str | None, Query(pattern=ID_PATTERN, description="Only items about this delivery.")
]


@router.get(
    "",
    dependencies=[requires(Action.LIST_ATTENTION)],
    response_model=Page[AttentionItemView],
    responses=refusals(*LISTS, RefusalCode.NOT_YOUR_ROLE),
    summary="List what people must look at",
)
async def list_attention(
    token: TokenHash,
    parts: Parts,
    *,
    state: StateFilter = "open",
    kind: KindFilter = None,
    delivery_id: DeliveryFilter = None,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """List items for agents and operators, the newest first; an item that comes back keeps its place."""
    wanted = ItemFilter(state == "settled", kind, delivery_id)
    before_id = read_id_cursor(cursor, NEWEST)
    found = await items(parts.database, token, wanted, before_id, limit + 1)
    shown = found[:limit]
    next_cursor = id_cursor(shown[-1].item_id) if len(found) > limit else None
    return json_answer(Page[AttentionItemView](items=shown, next_cursor=next_cursor))


@router.post(
    "/{item_id}/settle",
    dependencies=[requires(Action.SETTLE_ATTENTION)],
    response_model=AttentionItemView,
    responses=refusals(*CHANGES, EdgeCode.ATTENTION_SETTLED),
    summary="Settle an item",
)
async def settle_item(
    item_id: ItemPath, new: NewSettlement, change: Changing, parts: Parts
) -> Response:
    """Say what was done about an item; it comes back when reconciliation finds it in other words.

    What lasts, such as an operation that is stuck, comes back for as long as it does.
    """

    async def act(claimed: Claim) -> Outcome:
        row = claimed.row
        if row["is_own"]:
            raise Problem(
                RefusalCode.NOT_YOUR_ROLE, "A party of the delivery cannot act as staff in it."
            )
        if row["settled_now_at"] is not None:
            newer = {
                "settled_at": row["settled_now_at"],
                "settled_by": claimed.asker.person_id,
                "settlement": new.remark,
            }
            return outcome_of(item_view(row, "item_", **newer))
        said = row["item_settled_by"], row["item_settlement"]
        if said == (claimed.asker.person_id, new.remark):
            # An earlier try of this request settled it, and its answer could not be kept.
            return outcome_of(item_view(row, "item_"))
        raise Problem(EdgeCode.ATTENTION_SETTLED, "Somebody has settled this item already.")

    values = {"asked_item_id": item_id, "remark": new.remark}
    return await perform(parts, change, CLAIM_AND_SETTLE, values, act)
