"""Travelers offer a price; both sides may revise it; the customer accepts one."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.database import Row
from api.access.permissions import Action, acting_as, permit, requires
from api.access.preconditions import IfNoneMatch, tagged_answer
from api.access.request import Changing, TokenHash
from api.access.rows import STAFF, OfferRow, Relation, Sight, offer_tag
from api.access.sights import offer_row, sight_in, sight_of
from api.changes import (
    CLAIM_ON_DELIVERY,
    CLAIM_ON_OFFER,
    actor_as,
    outcome_of,
    perform,
    sight_of_claim,
)
from api.edge.answers import json_answer
from api.edge.documented import COMMANDS, LISTS, READS, refusals
from api.edge.documented_headers import TAGGED
from api.edge.problems import Problem
from api.edge.requests import StrictRoute
from api.models.answers import DeliveryView, OfferView, Page
from api.models.requests import Acceptance, CounterPrice, NewOffer, NoFields
from api.paging import LIMIT_DEFAULT, NEWEST, Cursor, Limit, id_cursor, read_id_cursor
from api.queries import lists
from api.risk import require_sound_deal
from api.routes.paths import DeliveryPath, OfferPath
from api.sending import sent
from api.services import Parts
from api.views import offer_view
from domain.contracts import (
    AcceptOffer,
    CounterOffer,
    Role,
    SubmitOffer,
    WithdrawOffer,
)
from domain.errors import RefusalCode
from domain.ids import OfferId, PersonId
from domain.status import OfferStatus

router = APIRouter(
    prefix="/v1/deliveries/{delivery_id}/offers", tags=["offers"], route_class=StrictRoute
)

_NAMED_OFFER = (RefusalCode.OFFER_UNKNOWN, RefusalCode.OFFER_CLOSED)


@router.post(
    "",
    dependencies=[requires(Action.SUBMIT_OFFER)],
    status_code=HTTPStatus.CREATED,
    response_model=OfferView,
    responses=refusals(
        *COMMANDS,
        RefusalCode.OFFER_ALREADY_MADE,
        RefusalCode.OFFER_LIMIT_REACHED,
        RefusalCode.OWN_DELIVERY,
        RefusalCode.PRICE_OUT_OF_RANGE,
    ),
    summary="Offer to carry the parcel",
)
async def submit_offer(
    delivery_id: DeliveryPath, new: NewOffer, change: Changing, parts: Parts
) -> Response:
    """Offer to carry the parcel for a price."""

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        permit(sight)
        # Whoever has a part in the delivery as well offers as a traveler all the same.
        traveler = acting_as(Role.TRAVELER, sight.asker)
        command = SubmitOffer(traveler, OfferId(claimed.resource_id), new.price_minor)
        await parts.commands.change_delivery(
            sight.delivery.delivery_id, "submit_offer", command, claimed.update_id
        )
        offer = OfferRow(
            command.offer_id,
            sight.asker.person_id,
            OfferStatus.OPEN,
            new.price_minor,
            Role.TRAVELER,
            None,
        )
        return outcome_of(offer_view(sight.delivery, offer), HTTPStatus.CREATED)

    return await perform(parts, change, CLAIM_ON_DELIVERY, {"delivery_id": delivery_id}, act)


@router.get(
    "",
    dependencies=[requires(Action.LIST_OFFERS)],
    response_model=Page[OfferView],
    responses=refusals(*LISTS),
    summary="List the offers",
)
async def list_offers(
    delivery_id: DeliveryPath,
    token: TokenHash,
    parts: Parts,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """List the offers, the newest first; a traveler sees their own only."""
    before_id = read_id_cursor(cursor, NEWEST)
    sight = await sight_of(parts.database, token, delivery_id)
    only = None if _sees_all(sight) else sight.asker.person_id
    found = await lists.offers(parts.database, delivery_id, only, before_id, limit + 1)
    items = [offer_view(sight.delivery, offer) for offer in found[:limit]]
    more = len(found) > limit
    return json_answer(
        Page[OfferView](items=items, next_cursor=id_cursor(items[-1].offer_id) if more else None)
    )


@router.get(
    "/{offer_id}",
    dependencies=[requires(Action.LIST_OFFERS)],
    response_model=OfferView,
    responses=refusals(*READS, RefusalCode.OFFER_UNKNOWN) | TAGGED,
    summary="Look at an offer",
)
async def get_offer(
    delivery_id: DeliveryPath,
    offer_id: OfferPath,
    token: TokenHash,
    parts: Parts,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Return an offer; a traveler sees their own only.

    The header `ETag` names what you have seen: send it as `If-Match` with what you do next.
    """
    row = await offer_row(parts.database, token, delivery_id, offer_id)
    sight = sight_in(row)
    if row["offer_id"] is None or not (_sees_all(sight) or _is_own(row, sight)):
        raise _unknown_offer(sight)
    tag = offer_tag(row["offer_sequence"])
    return tagged_answer(offer_view(sight.delivery, _offer_in(row)), tag, if_none_match)


@router.post(
    "/{offer_id}/counter",
    dependencies=[requires(Action.COUNTER_OFFER)],
    response_model=OfferView,
    responses=refusals(
        *COMMANDS,
        *_NAMED_OFFER,
        RefusalCode.OFFER_LIMIT_REACHED,
        RefusalCode.OFFER_REVISIONS_REACHED,
        RefusalCode.PRICE_OUT_OF_RANGE,
    ),
    summary="Name another price",
)
async def counter_offer(
    delivery_id: DeliveryPath,
    offer_id: OfferPath,
    price: CounterPrice,
    change: Changing,
    parts: Parts,
) -> Response:
    """Revise the price of an open offer; the other side answers next."""

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        actor, offer = actor_as(sight), _own_offer(claimed)
        await parts.commands.change_delivery(
            sight.delivery.delivery_id,
            "counter_offer",
            CounterOffer(actor, offer.offer_id, price.price_minor),
            claimed.update_id,
        )
        revised = OfferRow(
            offer.offer_id, offer.traveler_id, OfferStatus.OPEN, price.price_minor, actor.role, None
        )
        return outcome_of(offer_view(sight.delivery, revised))

    values = {"delivery_id": delivery_id, "offer_id": offer_id}
    return await perform(parts, change, CLAIM_ON_OFFER, values, act)


@router.post(
    "/{offer_id}/withdraw",
    dependencies=[requires(Action.WITHDRAW_OFFER)],
    response_model=OfferView,
    responses=refusals(*COMMANDS, *_NAMED_OFFER),
    summary="Take an offer back",
)
async def withdraw_offer(
    delivery_id: DeliveryPath,
    offer_id: OfferPath,
    change: Changing,
    parts: Parts,
    _: NoFields | None = None,
) -> Response:
    """Take your own open offer back."""

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        actor, offer = actor_as(sight), _own_offer(claimed)
        await parts.commands.change_delivery(
            sight.delivery.delivery_id,
            "withdraw_offer",
            WithdrawOffer(actor, offer.offer_id),
            claimed.update_id,
        )
        return outcome_of(offer_view(sight.delivery, _withdrawn(offer)))

    values = {"delivery_id": delivery_id, "offer_id": offer_id}
    return await perform(parts, change, CLAIM_ON_OFFER, values, act)


@router.post(
    "/{offer_id}/accept",
    dependencies=[requires(Action.ACCEPT_OFFER)],
    response_model=DeliveryView,
    responses=refusals(
        *COMMANDS,
        *_NAMED_OFFER,
        RefusalCode.OFFER_AWAITS_OTHER_SIDE,
        RefusalCode.OFFER_PRICE_CHANGED,
        RefusalCode.RISK_REFUSED,
    ),
    summary="Accept an offer",
)
async def accept_offer(
    delivery_id: DeliveryPath,
    offer_id: OfferPath,
    acceptance: Acceptance,
    change: Changing,
    parts: Parts,
) -> Response:
    """Accept an offer; the other offers are refused and the payment is held next.

    A traveler who has no payout account yet is paid once there is one.
    """

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        actor = actor_as(sight)
        offer = _own_offer(claimed)
        command = AcceptOffer(
            actor,
            offer.offer_id,
            acceptance.payment_method,
            offer.payout_account or "",
            acceptance.price_minor,
        )
        await require_sound_deal(parts, claimed, offer, acceptance.payment_method)
        return await sent(parts, claimed, "accept_offer", command)

    values = {"delivery_id": delivery_id, "offer_id": offer_id}
    return await perform(parts, change, CLAIM_ON_OFFER, values, act)


def _own_offer(claimed: Claim) -> OfferRow:
    """Return the named offer, if it is the asking person's or made to them.

    Raises:
        Problem: `offer_unknown`, also for an offer of somebody else.
    """
    row, sight = claimed.row, sight_of_claim(claimed)
    is_theirs = _is_own(row, sight) or sight.asker.person_id == sight.delivery.customer_id
    if row["offer_id"] is None or not is_theirs:
        raise _unknown_offer(sight)
    return _offer_in(row)


def _sees_all(sight: Sight) -> bool:
    return bool(sight.relations & (STAFF | {Relation.CUSTOMER, Relation.SENDER}))


def _is_own(row: Row, sight: Sight) -> bool:
    return bool(row["offer_traveler_id"] == sight.asker.person_id)


def _unknown_offer(sight: Sight) -> Problem:
    return Problem(
        RefusalCode.OFFER_UNKNOWN, "There is no such offer.", current_status=sight.known_status
    )


def _offer_in(row: Row) -> OfferRow:
    return OfferRow(
        OfferId(row["offer_id"]),
        PersonId(row["offer_traveler_id"]),
        row["offer_status"],
        row["offer_price_minor"],
        row["offer_proposed_by"],
        row["offer_payout_account"],
        row["offer_sequence"],
    )


def _withdrawn(offer: OfferRow) -> OfferRow:
    return OfferRow(
        offer.offer_id,
        offer.traveler_id,
        OfferStatus.WITHDRAWN,
        offer.price_minor,
        offer.proposed_by,
        None,
    )
