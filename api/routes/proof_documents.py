"""The document that proves a delivery to anybody, and the keys that it is verified with."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.access.permissions import Action, permit, requires
from api.access.request import TokenHash
from api.access.sights import sight_in
from api.edge.answers import json_answer
from api.edge.documented import ALWAYS, READS, refusals
from api.edge.problems import Problem
from api.edge.requests import StrictRoute
from api.models.proof_keys import DocumentKeysView, DocumentKeyView
from api.queries.proof_documents import chain_of, pictures_in, seen_by, statement_for
from api.queries.proofs import target_of
from api.routes.paths import DeliveryPath
from api.services import Parts
from api.tracks import track_for
from domain.errors import RefusalCode
from infra.proofs.covering import covering_root
from infra.proofs.writing import write_document

router = APIRouter(prefix="/v1/deliveries/{delivery_id}", tags=["proofs"], route_class=StrictRoute)
keys = APIRouter(tags=["proofs"], route_class=StrictRoute)

POSITIONS_MAX = 500
"""Positions on the map: the latest ones, as many as a track shows at most."""
CACHED_S = 300
"""How long others may keep the keys: a new key is published that long before it signs."""
_SHOWN: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        "description": "The document.",
    }
}
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@router.get(
    "/proof-document",
    dependencies=[requires(Action.READ_PROOF_DOCUMENT)],
    responses={
        **_SHOWN,
        **refusals(*READS, RefusalCode.NOT_YOUR_ROLE, RefusalCode.WRONG_STATE),
    },
    response_class=Response,
    summary="Read the proof document",
)
async def get_proof_document(delivery_id: DeliveryPath, token: TokenHash, parts: Parts) -> Response:
    """Return a PDF file that proves what became of the parcel, once it was picked up.

    It holds the timeline, a map, the pictures, and the hash of every part, and is the same file while
    nothing changes. Anybody verifies it without us: `sendalong proof verify`.
    """
    row = await target_of(parts.database, token, delivery_id)
    sight = sight_in(row)
    permit(sight)
    chain = seen_by(await chain_of(parts.database, delivery_id), sight.relations)
    track = await track_for(parts, sight, POSITIONS_MAX)
    root = await covering_root(parts.engine, delivery_id, len(chain))
    statement = await statement_for(parts.database, row, sight, chain=chain, track=track, root=root)
    if statement is None:
        raise Problem(
            RefusalCode.WRONG_STATE,
            "The parcel has not been picked up: there is nothing to prove yet.",
            current_status=sight.delivery.status,
        )
    pictures = await pictures_in(parts.database, delivery_id)
    signer = parts.document_signer
    file = await parts.documents.do(lambda: write_document(statement, pictures, signer))
    name = f'attachment; filename="proof-{delivery_id}.pdf"'
    return Response(file, 200, {**_HEADERS, "Content-Disposition": name}, "application/pdf")


@keys.get(
    "/.well-known/sendalong-proof-keys.json",
    dependencies=[requires(Action.PUBLIC_READ_KEY_SET)],
    response_model=DocumentKeysView,
    responses=refusals(*ALWAYS),
    summary="Read the public keys of proof documents",
    openapi_extra={"security": []},
)
async def get_document_keys(parts: Parts) -> Response:
    """Return the keys that proof documents may be signed with; keep the file for `--key`."""
    shown = [DocumentKeyView(**each) for each in parts.document_signer.key_set]
    headers = {"Cache-Control": f"public, max-age={CACHED_S}"}
    return json_answer(DocumentKeysView(keys=shown), headers=headers)
