"""Codes that change: one device holds each, and makes what the traveler scans."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.access.claims import Claim, Outcome, Replay, claim
from api.access.devices import (
    device_values,
    require_signed,
    signed_digest,
    signing_device,
)
from api.access.permissions import Action, actor_as, permit, requires
from api.access.request import Changing, key_of
from api.changes import outcome_of, perform, sight_of_claim
from api.codes import code_of_link
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, OPEN_CHANGES, refusals
from api.edge.problems import EdgeCode, Problem, not_found, refused
from api.edge.requests import StrictRoute
from api.models.holdings import HoldingView, LinkedHolding, ReleasedView
from api.models.requests import NoFields
from api.queries.holdings import (
    CLAIM_ON_HOLDING,
    Held,
    held_elsewhere,
    hold_code,
    hold_linked_code,
    linked_code,
    release_code,
    require_open_code,
)
from api.routes.identity.devices import key_in
from api.routes.paths import DeliveryPath, LinkPath, PurposePath
from api.services import Parts
from domain.contracts import CodePurpose
from domain.devices.holding import SHOWN_BY, held_version, releasing, require_linked
from domain.errors import Refusal, RefusalCode
from domain.handover.claimed import CodeVersion
from domain.handover.codes import read_link_token
from domain.handover.levels import ProofLevel
from domain.handover.rotating import rotating_secret
from domain.ids import DeliveryId
from infra.base64url import base64url

router = APIRouter(tags=["codes"], route_class=StrictRoute)

_PRIVATE = {"Cache-Control": "no-store"}
_CODES = (
    RefusalCode.CODE_NOT_READY,
    RefusalCode.CODE_ALREADY_USED,
    RefusalCode.CODE_EXPIRED,
    RefusalCode.CODE_VERSION_WRONG,
    RefusalCode.CODE_HELD_ELSEWHERE,
)
_KEY_PARAMETER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "New and random with each request; the same when it is repeated.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}


@router.post(
    "/v1/deliveries/{delivery_id}/codes/{purpose}/holding",
    dependencies=[requires(Action.HOLD_CODE)],
    response_model=HoldingView,
    responses=refusals(*CHANGES, *_CODES, RefusalCode.DEVICE_MISSING, RefusalCode.DEVICE_WRONG),
    summary="Hold a code with a device",
)
async def hold(
    delivery_id: DeliveryPath,
    purpose: PurposePath,
    request: Request,
    change: Changing,
    parts: Parts,
    _: NoFields | None = None,
) -> Response:
    """Let the device that signs the request show the code: the first one that asks, and no other.

    A secret is answered once; the same request, signed again, gets the same after a lost answer.
    """
    values = {"delivery_id": delivery_id, "purpose": str(purpose), **device_values(request)}
    # Nothing of the answer is kept: the secret is derived anew, and from a signed request only.
    claimed = await claim(
        parts.database, CLAIM_ON_HOLDING, change, values, unclaimed=lambda _: not_found()
    )
    assert not isinstance(claimed, Replay), "no answer is kept"
    permit(sight_of_claim(claimed), None, SHOWN_BY[purpose])
    require_open_code(claimed.row)
    version = _version_of(claimed.row)
    device = await signing_device(request, claimed.row)
    held = await hold_code(
        parts.database,
        (delivery_id, purpose),
        device.device_id,
        await signed_digest(request),
        once=version is CodeVersion.ROTATING,
    )
    view = _view(parts.handover_key, (delivery_id, purpose), version, held, claimed.row["step_s"])
    return json_answer(view, headers=_PRIVATE)


@router.post(
    "/v1/deliveries/{delivery_id}/codes/{purpose}/holding/release",
    dependencies=[requires(Action.RELEASE_CODE)],
    response_model=ReleasedView,
    responses=refusals(*CHANGES, RefusalCode.DELIVERY_CLOSED),
    summary="Release a code from its device",
)
async def release(
    delivery_id: DeliveryPath,
    purpose: PurposePath,
    change: Changing,
    parts: Parts,
    _: NoFields | None = None,
) -> Response:
    """Take a code from the device that holds it, for instance a lost one; another one may hold it then.

    What the device shows is void at once. Whoever shows the code may, and support; the customer may when
    the recipient holds it by a link.
    """

    async def act(claimed: Claim) -> Outcome:
        sight, row = sight_of_claim(claimed), claimed.row
        by_link = row["held_by"] is not None and row["held_by_person"] is None
        actor = actor_as(sight, *releasing(purpose, held_by_link=by_link))
        if sight.delivery.is_closed:
            raise Problem(RefusalCode.DELIVERY_CLOSED, "The delivery is closed.")
        place = (delivery_id, purpose)
        await release_code(parts.engine, place, row["held_by_person"], actor)
        return outcome_of(ReleasedView(delivery_id=delivery_id, purpose=purpose))

    values = {"delivery_id": delivery_id, "purpose": str(purpose), "signing_device_id": None}
    return await perform(parts, change, CLAIM_ON_HOLDING, values, act)


@router.post(
    "/v1/links/{token}/holding",
    dependencies=[requires(Action.PUBLIC_HOLD_LINKED_CODE)],
    response_model=HoldingView,
    responses=refusals(
        *OPEN_CHANGES,
        EdgeCode.NOT_FOUND,
        EdgeCode.IDEMPOTENCY_KEY_INVALID,
        EdgeCode.IDEMPOTENCY_KEY_MISSING,
        *_CODES,
        RefusalCode.CODE_NEEDS_DEVICE,
        RefusalCode.DEVICE_WRONG,
    ),
    summary="Hold a code by its link",
    openapi_extra={"security": [], "parameters": [_KEY_PARAMETER]},
)
async def hold_linked(
    token: LinkPath, body: LinkedHolding, request: Request, parts: Parts
) -> Response:
    """Let the browser that was opened by a link show the code, if its recipient has no account.

    The first browser does, and no other one: the request is signed with the key that it names.
    """
    key_of(request)
    named = read_link_token(token)
    row = await linked_code(parts.database, *named) if named is not None else None
    if named is None or row is None:
        raise not_found()
    code_of_link(parts.handover_key, named, row["code_nonce"], token)
    require_open_code(row)
    version = _version_of(row, named[1])
    key = key_in(body.algorithm, body.public_key)
    await require_signed(request, key)
    asked_by = await signed_digest(request)
    # A repeated request finds the browser that the first one has written down.
    device_id = str(UUID(bytes=asked_by[:16]))
    if row["held_by"] not in (None, device_id):
        raise held_elsewhere()
    browser = (device_id, str(key.algorithm), key.raw)
    held = await hold_linked_code(parts.database, named, browser, asked_by)
    view = _view(parts.handover_key, named, version, held, row["step_s"])
    return json_answer(view, headers=_PRIVATE)


def _version_of(row: dict[str, Any], linked: CodePurpose | None = None) -> CodeVersion:
    """Return which code a device shows, in an account or by the link of a purpose.

    Raises:
        Problem: `code_version_wrong`, or `code_needs_device` for a link.
    """
    level = ProofLevel(row["proof_level"])
    try:
        if linked is not None:
            require_linked(level, linked, has_account=row["recipient_id"] is not None)
        return held_version(level)
    except Refusal as refusal:
        raise refused(refusal) from refusal


def _view(
    key: bytes, place: tuple[str, CodePurpose], version: CodeVersion, held: Held, step_s: int
) -> HoldingView:
    delivery_id, purpose = place
    secret = None
    if version is CodeVersion.ROTATING:
        nonces = held.code_nonce, held.secret_nonce
        secret = base64url(rotating_secret(key, DeliveryId(delivery_id), purpose, *nonces))
    return HoldingView(
        delivery_id=delivery_id,
        purpose=purpose,
        device_id=held.device_id,
        code_version=version,
        secret=secret,
        step_s=step_s,
        server_time=datetime.now(UTC),
        valid_until=held.valid_until,
    )
