"""Being there: a passkey and a position, asked for by one handover and good for that one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.devices import Signing, device_values, device_wrong, signing_device
from api.access.passkeys import ask_passkey, check_passkey
from api.access.permissions import Action, permit, require_role, requires
from api.access.request import Changing
from api.access.step_ups import enrolment_required
from api.changes import outcome_of, perform, sight_of_claim
from api.edge.documented import CHANGES, refusals
from api.edge.problems import EdgeCode, refused
from api.edge.requests import StrictRoute
from api.models.identity.passkeys import PasskeyOptionsView
from api.models.presences import Presence, PresenceView
from api.models.requests import NoFields
from api.queries.holdings import require_open_code
from api.queries.identity.passkeys import Asked
from api.queries.presences import CLAIM_ON_PRESENCE, NewPresence, write_presence
from api.routes.paths import DeliveryPath, PurposePath
from api.services import Parts
from domain.contracts import CodePurpose
from domain.devices.holding import SHOWN_BY
from domain.errors import Refusal, RefusalCode
from domain.handover.places import Fix, check_fix
from domain.handover.policy import ProofPolicy
from domain.identity.roles import Relation
from infra.kept_policies import proof_policy_in

router = APIRouter(
    prefix="/v1/deliveries/{delivery_id}/presences", tags=["codes"], route_class=StrictRoute
)

PRESENCE = "presence"
_CODES = (RefusalCode.CODE_NOT_READY, RefusalCode.CODE_ALREADY_USED, RefusalCode.CODE_EXPIRED)


@router.post(
    "/{purpose}/options",
    dependencies=[requires(Action.SHOW_PRESENCE)],
    response_model=PasskeyOptionsView,
    responses=refusals(*CHANGES, *_CODES),
    summary="Begin to show that you are there",
)
async def begin_presence(
    delivery_id: DeliveryPath,
    purpose: PurposePath,
    change: Changing,
    parts: Parts,
    _: NoFields | None = None,
) -> Response:
    """Return what `navigator.credentials.get` takes; its challenge ends with the handover's fingerprint."""

    async def act(claimed: Claim) -> Outcome:
        _permit(claimed, purpose)
        asked = _asked(claimed, purpose)
        assert asked.bound_to is not None, "a presence is always asked for by a handover"
        options = await ask_passkey(parts.database, parts.relying_party, asked, asked.bound_to)
        if not options.get("allowCredentials"):
            raise enrolment_required()
        return outcome_of(PasskeyOptionsView(public_key=options))

    values = {"delivery_id": delivery_id, "purpose": str(purpose), "signing_device_id": None}
    return await perform(parts, change, CLAIM_ON_PRESENCE, values, act)


@router.post(
    "/{purpose}",
    dependencies=[requires(Action.SHOW_PRESENCE)],
    response_model=PresenceView,
    responses=refusals(
        *CHANGES,
        *_CODES,
        RefusalCode.DEVICE_MISSING,
        RefusalCode.DEVICE_WRONG,
        RefusalCode.PLACE_MOCKED,
        RefusalCode.PLACE_INACCURATE,
        RefusalCode.PLACE_OUTDATED,
        EdgeCode.PASSKEY_REFUSED,
    ),
    summary="Show that you are there",
)
async def show_presence(
    delivery_id: DeliveryPath,
    purpose: PurposePath,
    body: Presence,
    signed: Signing,
    parts: Parts,
) -> Response:
    """Send what your passkey has signed, and where you are, in a request that your device has signed.

    At the maximum level both sides do, before the code is scanned. It counts for a few minutes.
    """

    async def act(claimed: Claim) -> Outcome:
        _permit(claimed, purpose)
        policy = proof_policy_in(claimed.row["proof_policy"])
        device = await signing_device(signed.request, claimed.row)
        fix = _checked(policy, body.position.fix)
        asked = _asked(claimed, purpose)
        used = await check_passkey(parts.database, parts.relying_party, asked, body.credential)
        new = NewPresence(
            delivery_id, purpose, used.person_id, device.device_id, fix, json.dumps(used.proof)
        )
        since = await write_presence(parts.database, new)
        if since is None:
            raise device_wrong()
        view = PresenceView(
            delivery_id=delivery_id,
            purpose=purpose,
            verified_at=since,
            counts_until=since + timedelta(seconds=policy.presence_s_max),
        )
        return outcome_of(view)

    values = {"delivery_id": delivery_id, "purpose": str(purpose), **device_values(signed.request)}
    return await perform(parts, signed.change, CLAIM_ON_PRESENCE, values, act)


def handover_mark(delivery_id: str, purpose: CodePurpose) -> bytes:
    """Return what the challenge of a presence ends with: it is signed for one handover only."""
    return sha256(f"{PRESENCE}\n{delivery_id}\n{purpose}".encode()).digest()


def _permit(claimed: Claim, purpose: CodePurpose) -> None:
    """Check that the asking person shows or scans the code of a handover that is to come.

    Raises:
        Problem: they do not, or there is none.
    """
    if claimed.row["takes_over"]:
        require_role(claimed.asker)
    else:
        permit(sight_of_claim(claimed), None, SHOWN_BY[purpose], Relation.TRAVELER)
    require_open_code(claimed.row)


def _asked(claimed: Claim, purpose: CodePurpose) -> Asked:
    mark = handover_mark(claimed.row["delivery_id"], purpose)
    return Asked(PRESENCE, claimed.asker.person_id, mark)


def _checked(policy: ProofPolicy, fix: Fix) -> Fix:
    try:
        return check_fix(policy, fix, datetime.now(UTC))
    except Refusal as refusal:
        raise refused(refusal) from refusal
