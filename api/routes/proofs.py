"""Other proofs than codes: add one, list them, show a picture, and say what the label says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, ClassVar

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, permit, requires
from api.access.request import Changing, TokenHash
from api.access.sights import sight_in
from api.agreed_places import agreed_place
from api.changes import CLAIM_ON_DELIVERY, actor_as, outcome_of, perform, sight_of_claim
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, READS, refusals
from api.edge.documented_headers import TAGGED
from api.edge.problems import EdgeCode, Problem, not_found
from api.edge.requests import StrictRequest, StrictRoute
from api.models.proofs import LabelView, NeededView, NewLabel, NewProof, ProofsView, ProofView
from api.queries.proofs import (
    NewItem,
    add_item,
    how_it_stands,
    items_of,
    level_of,
    picture_of,
    target_of,
    tell_label,
    terms_of,
)
from api.routes.paths import DeliveryPath, ProofPath
from api.services import Parts, Services
from domain.contracts import CodePurpose, Role
from domain.errors import RefusalCode
from domain.ids import DeliveryId
from domain.pricing import Place, distance_m
from domain.proofs.items import OPEN_IN, IdFinding, label_digest, label_matches, proof_counts
from domain.proofs.kinds import ProofKind
from domain.proofs.policy import LegOutcome, ProofItemPolicy
from domain.proofs.required import missing_proofs, required_proofs
from infra.disputes.images import KeptAs, KeptPicture, NotAPicture
from infra.proofs.signatures import drawn

POLICY = ProofItemPolicy()
_KEPT_AS = KeptAs(POLICY.side_px_max, always_jpeg=True)
_ABOUT_SOMEBODY = frozenset({ProofKind.SIGNATURE, ProofKind.ID_CHECK})
_GETS_IT: Mapping[CodePurpose, str] = {
    CodePurpose.HANDOVER: "recipient_id",
    CodePurpose.RETURN: "sender_id",
    CodePurpose.PICKUP: "sender_id",
}
"""Whose hand or document it is at each leg, where the delivery knows it."""


class ProofRequest(StrictRequest):
    """A request that may hold a picture in base64."""

    bytes_max = POLICY.picture_bytes_max * 4 // 3 + 64 * 1024
    wait_s_max = 120


class ProofRoute(StrictRoute):
    """A route that reads a proof."""

    request_class: ClassVar[type[StrictRequest]] = ProofRequest


router = APIRouter(prefix="/v1/deliveries/{delivery_id}", tags=["proofs"], route_class=StrictRoute)
adding = APIRouter(prefix="/v1/deliveries/{delivery_id}", tags=["proofs"], route_class=ProofRoute)

_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        **TAGGED[200],
        "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        "description": "The picture.",
    }
}
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@adding.post(
    "/proofs",
    dependencies=[requires(Action.ADD_PROOF)],
    status_code=HTTPStatus.CREATED,
    response_model=ProofView,
    responses=refusals(
        *CHANGES,
        RefusalCode.WRONG_STATE,
        EdgeCode.FILE_REFUSED,
        EdgeCode.LABEL_DIFFERS,
        EdgeCode.PROOFS_REACHED,
    ),
    summary="Add a proof of a handover",
)
async def add_proof(
    delivery_id: DeliveryPath, new: NewProof, change: Changing, parts: Parts
) -> Response:
    """Add a photo, a signature, the check of a document, or the parcel's own label as it was scanned.

    A picture is written anew from its pixels: place, time and comments that a camera notes are not
    kept. Whatever is added never changes. Numbers of documents are nowhere taken.
    """

    async def act(claimed: Claim) -> Outcome:
        actor = actor_as(sight_of_claim(claimed))
        item = await _item(parts, claimed, new, actor.role)
        open_in = frozenset(str(status) for status in OPEN_IN[new.leg])
        kept = await add_item(parts.database, delivery_id, item, open_in, POLICY.items_max)
        if kept is None:
            raise await _refusal(parts, delivery_id, new.leg)
        path = f"/v1/deliveries/{delivery_id}/proofs/{kept['item_id']}"
        return outcome_of(_view(kept), HTTPStatus.CREATED, path)

    return await perform(parts, change, CLAIM_ON_DELIVERY, {"delivery_id": delivery_id}, act)


@router.get(
    "/proofs",
    dependencies=[requires(Action.LIST_PROOFS)],
    response_model=ProofsView,
    responses=refusals(*READS, RefusalCode.NOT_YOUR_ROLE),
    summary="List the proofs of a delivery",
)
async def list_proofs(delivery_id: DeliveryPath, token: TokenHash, parts: Parts) -> Response:
    """Return every proof besides the codes, and which ones each leg needs or lacks."""
    row = await target_of(parts.database, token, delivery_id)
    permit(sight_in(row))
    items = await items_of(parts.database, delivery_id)
    cases = [(leg, LegOutcome.DONE) for leg in CodePurpose]
    cases.append((CodePurpose.HANDOVER, LegOutcome.LEFT))
    counting = [item for item in items if item["is_of_this_attempt"]]
    needed = [_needed(row, counting, leg, outcome) for leg, outcome in cases]
    return json_answer(
        ProofsView(
            needed=[each for each in needed if each.kinds], items=[_view(item) for item in items]
        )
    )


@router.get(
    "/proofs/{proof_id}/picture",
    dependencies=[requires(Action.SHOW_PROOF)],
    responses={**_PICTURE, **refusals(*READS, RefusalCode.NOT_YOUR_ROLE)},
    response_class=Response,
    summary="Show the picture of a proof",
)
async def get_picture(
    delivery_id: DeliveryPath, proof_id: ProofPath, token: TokenHash, parts: Parts
) -> Response:
    """Return the picture of a photo or of a signature, to the parties and to support."""
    row = await target_of(parts.database, token, delivery_id)
    permit(sight_in(row))
    found = await picture_of(parts.database, delivery_id, proof_id)
    if found is None:
        raise not_found()
    sha256, content = found
    name = f'attachment; filename="{proof_id}.jpeg"'
    headers = {**_HEADERS, "Content-Disposition": name, "ETag": f'"{sha256}"'}
    return Response(content, 200, headers, "image/jpeg")


@router.post(
    "/label",
    dependencies=[requires(Action.TELL_LABEL)],
    response_model=LabelView,
    responses=refusals(*CHANGES, RefusalCode.WRONG_STATE),
    summary="Say what the parcel's own label says",
)
async def post_label(
    delivery_id: DeliveryPath, new: NewLabel, change: Changing, parts: Parts
) -> Response:
    """Say before pickup what the label says: the traveler then scans it, and it is compared.

    Only a fingerprint is kept, which is of use for this delivery alone. The last one counts.
    """

    async def act(claimed: Claim) -> Outcome:
        actor_as(sight_of_claim(claimed))
        digest = label_digest(parts.handover_key, DeliveryId(delivery_id), new.label)
        if not await tell_label(parts.database, delivery_id, digest):
            status = (await how_it_stands(parts.database, delivery_id))["status"]
            raise Problem(
                RefusalCode.WRONG_STATE,
                f"The delivery is {status}: the parcel is not with its sender any more.",
                current_status=status,
            )
        return outcome_of(LabelView(has_label=True))

    return await perform(parts, change, CLAIM_ON_DELIVERY, {"delivery_id": delivery_id}, act)


async def _item(parts: Services, claimed: Claim, new: NewProof, role: Role) -> NewItem:
    """Return what is to be kept of a proof.

    Raises:
        Problem: `file_refused` or `label_differs`.
    """
    row, check = claimed.row, new.id_check
    matches = _label_matches(parts, row, new)
    counts = proof_counts(
        terms_of(row),
        new.kind,
        role,
        finding=IdFinding(check.minimum_age, check.is_old_enough) if check else None,
        label_matches=matches,
    )
    subject = _GETS_IT.get(new.leg) if new.kind in _ABOUT_SOMEBODY else None
    detail = {
        "taken_at": new.taken_at.isoformat() if new.taken_at else None,
        "position": _position(new),
        "distance_m": _away_m(row, new),
        "id_check": check.model_dump(mode="json") if check else None,
        "label_matches": matches,
    }
    return NewItem(
        item_id=claimed.resource_id,
        leg=new.leg,
        kind=new.kind,
        author_id=claimed.asker.person_id,
        author_role=str(role),
        subject_id=row[subject] if subject else None,
        counts=counts,
        detail=detail,
        picture=await _picture(parts, new),
    )


async def _picture(parts: Services, new: NewProof) -> KeptPicture | None:
    if new.strokes is not None:
        strokes = new.strokes
        return await parts.pictures.do(lambda: drawn(strokes))
    if new.picture is None:
        return None
    raw = new.picture.raw
    try:
        return await parts.pictures.keep(raw, new.picture.media_type, _KEPT_AS)
    except NotAPicture as reason:
        raise Problem(EdgeCode.FILE_REFUSED, str(reason)) from reason


def _label_matches(parts: Services, row: Mapping[str, Any], new: NewProof) -> bool | None:
    if new.label is None:
        return None
    scanned = label_digest(parts.handover_key, DeliveryId(row["delivery_id"]), new.label)
    matches = label_matches(row["label_digest"], scanned)
    if matches is False:
        raise Problem(
            EdgeCode.LABEL_DIFFERS,
            "This label is not the one of this parcel: look for the right one.",
        )
    return matches


def _position(new: NewProof) -> dict[str, Any] | None:
    return new.position.model_dump(mode="json") if new.position else None


def _away_m(row: Mapping[str, Any], new: NewProof) -> int | None:
    """Return how far from the place of its leg a proof was taken; a relay has no such place."""
    place = agreed_place(row, new.leg)
    if new.position is None or place is None:
        return None
    return round(distance_m(Place(new.position.latitude, new.position.longitude), place))


async def _refusal(parts: Services, delivery_id: str, leg: CodePurpose) -> Problem:
    standing = await how_it_stands(parts.database, delivery_id)
    if standing["status"] not in OPEN_IN[leg]:
        return Problem(
            RefusalCode.WRONG_STATE,
            f"The delivery is {standing['status']}: this is no time for a proof of its {leg}.",
            current_status=standing["status"],
        )
    return Problem(
        EdgeCode.PROOFS_REACHED, f"A delivery has at most {POLICY.items_max} proofs besides codes."
    )


def _needed(
    row: Mapping[str, Any],
    items: list[dict[str, Any]],
    leg: CodePurpose,
    outcome: LegOutcome,
) -> NeededView:
    terms = terms_of(row)
    required = required_proofs(level_of(row), leg, outcome, terms=terms)
    present = {ProofKind(item["kind"]) for item in items if item["leg"] == leg and item["counts"]}
    missing = missing_proofs(required, present)
    return NeededView(
        leg=leg,
        outcome=outcome,
        kinds=list(required),
        missing=list(missing),
        minimum_age=terms.minimum_age if ProofKind.ID_CHECK in required else None,
    )


def _view(row: Mapping[str, Any]) -> ProofView:
    detail = row["detail"]
    check, taken_at = detail.get("id_check") or {}, detail.get("taken_at")
    return ProofView(
        proof_id=row["item_id"],
        kind=row["kind"],
        leg=row["leg"],
        by_role=row["author_role"],
        counts=row["counts"],
        created_at=row["created_at"],
        taken_at=datetime.fromisoformat(taken_at) if taken_at else None,
        distance_m=detail.get("distance_m"),
        sha256=row["sha256"],
        original_sha256=row["original_sha256"],
        width=row["width"],
        height=row["height"],
        document=check.get("document"),
        minimum_age=check.get("minimum_age"),
        is_old_enough=check.get("is_old_enough"),
        label_matches=detail.get("label_matches"),
    )
