"""Scanning without network: what a phone takes along, and the claims that it brings back."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.devices import device_values, signing_device
from api.access.permissions import Action, requires
from api.access.request import Changing
from api.changes import actor_as, outcome_of, perform, sight_of_claim
from api.edge.answers import json_answer
from api.edge.documented import ALWAYS, CHANGES, refusals
from api.edge.problems import Problem
from api.edge.requests import StrictRoute
from api.models.offline import ClaimBatch, ClaimsTaken, ManifestView, OfflineKeyView
from api.models.requests import NoFields
from api.offline.manifests import issue_manifest
from api.offline.syncing import Sender, take_claims
from api.queries.offline import CLAIM_ON_MANIFEST, CLAIM_ON_SENDING
from api.routes.paths import DeliveryPath
from api.services import Parts
from domain.errors import RefusalCode
from domain.ids import DeliveryId, DeviceId, PersonId
from infra.base64url import base64url

router = APIRouter(prefix="/v1/deliveries/{delivery_id}", tags=["offline"], route_class=StrictRoute)
public = APIRouter(prefix="/v1", tags=["offline"], route_class=StrictRoute)


@router.post(
    "/offline-manifest",
    dependencies=[requires(Action.TAKE_MANIFEST)],
    response_model=ManifestView,
    responses=refusals(
        *CHANGES,
        RefusalCode.CODE_NOT_READY,
        RefusalCode.DELIVERY_CLOSED,
        RefusalCode.DEVICE_MISSING,
        RefusalCode.DEVICE_WRONG,
    ),
    summary="Take a manifest along",
)
async def take_manifest(
    delivery_id: DeliveryPath,
    request: Request,
    change: Changing,
    parts: Parts,
    _: NoFields | None = None,
) -> Response:
    """Fetch, in a request that your device has signed, what it needs to scan without network.

    It counts for a day. With it the phone tells a right code from a wrong one, and nobody can make a
    code from it. Send the claims back within a day of the scan.
    """

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        actor = actor_as(sight)
        if sight.delivery.is_closed:
            raise Problem(RefusalCode.DELIVERY_CLOSED, "The delivery is closed.")
        device = await signing_device(request, claimed.row)
        signed = await issue_manifest(
            parts,
            claimed.resource_id,
            DeliveryId(delivery_id),
            PersonId(actor.person_id or ""),
            DeviceId(device.device_id),
        )
        return outcome_of(
            ManifestView(
                manifest=signed.text, key_id=signed.key_id, signature=base64url(signed.signature)
            )
        )

    values = {"delivery_id": delivery_id, **device_values(request)}
    return await perform(parts, change, CLAIM_ON_MANIFEST, values, act)


@router.post(
    "/offline-claims",
    dependencies=[requires(Action.SEND_CLAIMS)],
    response_model=ClaimsTaken,
    responses=refusals(*CHANGES),
    summary="Bring claims back",
)
async def send_claims(
    delivery_id: DeliveryPath, batch: ClaimBatch, change: Changing, parts: Parts
) -> Response:
    """Send the scans that were made without network; custody moves now, not when they were made.

    Every claim is kept, once. A claim that is pending is sent again, under a new Idempotency-Key; one
    that came before is answered as it stands.
    """

    async def act(claimed: Claim) -> Outcome:
        sender = Sender(DeliveryId(delivery_id), claimed.asker.person_id)
        return outcome_of(ClaimsTaken(claims=await take_claims(parts, sender, batch)))

    return await perform(parts, change, CLAIM_ON_SENDING, {"delivery_id": delivery_id}, act)


@public.get(
    "/offline-key",
    dependencies=[requires(Action.PUBLIC_READ_OFFLINE_KEY)],
    response_model=OfflineKeyView,
    responses=refusals(*ALWAYS),
    summary="Read the key of manifests",
    openapi_extra={"security": []},
)
async def read_key(parts: Parts) -> Response:
    """Return the public key with which a phone verifies the manifests that it takes along."""
    signer = parts.manifests
    return json_answer(
        OfflineKeyView(
            key_id=signer.key_id, algorithm="ed25519", public_key=base64url(signer.public)
        )
    )
