"""Reviews: the sides of a delivery about each other, once it is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.database import Row
from api.access.permissions import Action, actor_as, require_role, requires
from api.access.request import Changing, TokenHash
from api.access.rows import STAFF, DeliveryRow, Sight
from api.access.sights import permitted_sight_of
from api.changes import CLAIM_ON_DELIVERY, outcome_of, perform, sight_of_claim
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, LISTS, READS, refusals
from api.edge.problems import Problem, not_found
from api.edge.requests import StrictRoute
from api.models.answers import Page
from api.models.reviews import (
    NewReview,
    ReputationView,
    ReviewRemark,
    ReviewsView,
    ReviewView,
    ShownReview,
)
from api.paging import LIMIT_DEFAULT, NEWEST, Cursor, Limit, id_cursor, read_id_cursor
from api.queries import reviews as queries
from api.routes.paths import DeliveryPath, PersonPath, ReviewPath
from api.services import Parts, Services
from domain.auditing.entries import AuditEntry, EntryKind
from domain.contracts import Actor, Role
from domain.errors import Refusal, RefusalCode
from domain.ids import PersonId
from domain.reviewing.rules import COUNTERPARTS, Reviewed, average_of, check_write

of_delivery = APIRouter(
    prefix="/v1/deliveries/{delivery_id}/reviews", tags=["reviews"], route_class=StrictRoute
)
router = APIRouter(prefix="/v1/reviews", tags=["reviews"], route_class=StrictRoute)
of_people = APIRouter(
    prefix="/v1/people/{person_id}/reviews", tags=["reviews"], route_class=StrictRoute
)


@of_delivery.post(
    "",
    dependencies=[requires(Action.WRITE_REVIEW)],
    status_code=HTTPStatus.CREATED,
    response_model=ReviewView,
    responses=refusals(
        *CHANGES,
        RefusalCode.WRONG_STATE,
        RefusalCode.REVIEW_VISIBLE,
        RefusalCode.REVIEW_WINDOW_CLOSED,
    ),
    summary="Review the other side",
)
async def write_review(
    delivery_id: DeliveryPath, new: NewReview, change: Changing, parts: Parts
) -> Response:
    """Say what the other side was like: customer and recipient about the traveler, and back.

    Nobody sees it before the other side has written too, or a week after the close. Until then,
    write it again to change it. No money depends on it.
    """

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        author = actor_as(sight)
        hidden_s = parts.policies.reviews.hidden_s
        standing = await queries.standing_of(parts.database, sight.delivery.delivery_id)
        written_by = frozenset(map(Role, standing["written_by"]))
        delivery = sight.delivery
        has_traveler = delivery.traveler_id is not None
        reviewed = Reviewed(delivery.status, standing["closed_at"], has_traveler, written_by)
        try:
            check_write(parts.policies.reviews, reviewed, author.role, standing["now_here"])
        except Refusal as refusal:
            raise Problem(refusal.code, refusal.message) from refusal
        values = {
            "review_id": claimed.resource_id,
            "delivery_id": delivery.delivery_id,
            "author_id": author.person_id,
            "author_role": author.role,
            "subject_id": _subject_of(delivery, author),
            "rating": new.rating,
            "tags": sorted({str(tag) for tag in new.tags}),
            "text": new.text,
        }
        row = await queries.write(parts.database, values, hidden_s)
        if row is None:
            raise Problem(RefusalCode.REVIEW_VISIBLE, "The other side sees your review already.")
        is_visible = bool(written_by & {COUNTERPARTS[author.role]})
        seen = {**row, "is_visible": is_visible, "closed_at": standing["closed_at"]}
        return outcome_of(_view(seen, parts, sight), HTTPStatus.CREATED)

    return await perform(parts, change, CLAIM_ON_DELIVERY, {"delivery_id": delivery_id}, act)


@of_delivery.get(
    "",
    dependencies=[requires(Action.READ_REVIEWS)],
    response_model=ReviewsView,
    responses=refusals(*READS, RefusalCode.NOT_YOUR_ROLE),
    summary="Read the reviews of a delivery",
)
async def read_reviews(delivery_id: DeliveryPath, token: TokenHash, parts: Parts) -> Response:
    """Return your own review and those that are in sight; staff read all."""
    sight = await permitted_sight_of(parts.database, token, delivery_id)
    hidden_s = parts.policies.reviews.hidden_s
    rows = await queries.reviews_of(parts.database, sight.delivery.delivery_id, hidden_s)
    shown = [_view(row, parts, sight) for row in rows if _may_see(sight, row)]
    return json_answer(ReviewsView(items=shown))


@of_people.get(
    "",
    dependencies=[requires(Action.READ_REPUTATION)],
    response_model=ReputationView,
    responses=refusals(*LISTS),
    summary="Read what is said about a traveler",
)
async def read_reputation(
    person_id: PersonPath,
    token: TokenHash,
    parts: Parts,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """Return the average of a traveler's reviews, how many there are, and their texts.

    Only reviews that are in sight count, and none that staff have hidden.
    """
    before_id = read_id_cursor(cursor, NEWEST)
    await queries.asker_in(parts.database, token)
    total, found = await queries.reputation_of(
        parts.database, person_id, parts.policies.reviews.hidden_s, before_id, limit + 1
    )
    shown = found[:limit]
    view = ReputationView(
        person_id=person_id,
        average=average_of(total["rating_sum"], total["count"]),
        count=total["count"],
        items=[
            ShownReview(**{name: row[name] for name in ShownReview.model_fields}) for row in shown
        ],
        next_cursor=id_cursor(shown[-1]["review_id"]) if len(found) > limit else None,
    )
    return json_answer(view)


@router.get(
    "/reported",
    dependencies=[requires(Action.LIST_REPORTED_REVIEWS)],
    response_model=Page[ReviewView],
    responses=refusals(*LISTS, RefusalCode.NOT_YOUR_ROLE),
    summary="List reported reviews",
)
async def list_reported(
    token: TokenHash, parts: Parts, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None
) -> Response:
    """List reviews that somebody reported and nobody has hidden, for staff, the newest first."""
    before_id, hidden_s = read_id_cursor(cursor, NEWEST), parts.policies.reviews.hidden_s
    require_role(await queries.asker_in(parts.database, token))
    found = await queries.reported(parts.database, hidden_s, before_id, limit + 1)
    items = [_view(row, parts, None) for row in found[:limit]]
    next_cursor = id_cursor(items[-1].review_id) if len(found) > limit else None
    return json_answer(Page[ReviewView](items=items, next_cursor=next_cursor))


@router.post(
    "/{review_id}/report",
    dependencies=[requires(Action.REPORT_REVIEW)],
    response_model=ReviewView,
    responses=refusals(*CHANGES),
    summary="Report a review",
)
async def report_review(
    review_id: ReviewPath, remark: ReviewRemark, change: Changing, parts: Parts
) -> Response:
    """Tell staff what is wrong with a review about you; it stays in sight until they hide it."""

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        actor, found = actor_as(sight), await _found(parts, claimed)
        if found["subject_id"] != actor.person_id:
            raise Problem(RefusalCode.NOT_YOUR_ROLE, "Only whom it is about reports a review.")
        if not _may_see(sight, found):
            raise not_found()
        person_id = actor.person_id or PersonId("")
        await queries.report(parts.database, found["review_id"], person_id, remark.reason)
        return outcome_of(_view(await _found(parts, claimed), parts, sight))

    return await perform(
        parts, change, queries.CLAIM_ON_REVIEW, {"asked_review_id": review_id}, act
    )


@router.post(
    "/{review_id}/hide",
    dependencies=[requires(Action.HIDE_REVIEW)],
    response_model=ReviewView,
    responses=refusals(*CHANGES),
    summary="Hide a review",
)
async def hide_review(
    review_id: ReviewPath, remark: ReviewRemark, change: Changing, parts: Parts
) -> Response:
    """Staff take a review out of sight for ever, with a reason that is kept in the audit trail."""

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        actor = actor_as(sight)
        person_id = actor.person_id or PersonId("")
        entry = AuditEntry(
            kind=EntryKind.INTERVENED,
            subject="review",
            subject_id=review_id,
            actor_id=person_id,
            actor_role=actor.role,
            facts={"action": "hide_review", "reason": remark.reason},
            key=f"hide_review:{review_id}",
        )
        await queries.hide(parts.database, review_id, person_id, remark.reason, entry)
        return outcome_of(_view(await _found(parts, claimed), parts, sight))

    return await perform(
        parts, change, queries.CLAIM_ON_REVIEW, {"asked_review_id": review_id}, act
    )


async def _found(parts: Services, claimed: Claim) -> Row:
    """Return the review of a claim as it is now."""
    known = queries.review_in(claimed.row)
    hidden_s = parts.policies.reviews.hidden_s
    rows = await queries.reviews_of(parts.database, known["delivery_id"], hidden_s)
    return next(row for row in rows if row["review_id"] == known["review_id"])


def _subject_of(delivery: DeliveryRow, author: Actor) -> str | None:
    is_traveler = author.role is Role.TRAVELER
    return delivery.customer_id if is_traveler else delivery.traveler_id


def _may_see(sight: Sight, row: Mapping[str, Any]) -> bool:
    if sight.relations & STAFF or row["author_id"] == sight.asker.person_id:
        return True
    return bool(row["is_visible"]) and row["hidden_at"] is None


def _view(row: Mapping[str, Any], parts: Services, sight: Sight | None) -> ReviewView:
    """Return a review; who reported it, and staff, see that it is reported."""
    hidden = timedelta(seconds=parts.policies.reviews.hidden_s)
    is_told = sight is None or bool(sight.relations & STAFF)
    is_own_report = sight is not None and row["reported_by"] == sight.asker.person_id
    return ReviewView(
        review_id=row["review_id"],
        delivery_id=row["delivery_id"],
        author_role=row["author_role"],
        subject_id=row["subject_id"],
        rating=row["rating"],
        tags=list(row["tags"]),
        text=row["text"],
        written_at=row["written_at"],
        is_visible=row["is_visible"] and row["hidden_at"] is None,
        visible_from=None if row["is_visible"] else row["closed_at"] + hidden,
        is_reported=row["reported_at"] is not None and (is_told or is_own_report),
        is_hidden=row["hidden_at"] is not None,
    )
