"""Staff correct what a delivery says: its deadline, an address, the recipient, the parcel."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, requires
from api.access.request import Changing
from api.access.rows import Sight
from api.changes import (
    CLAIM_ON_DELIVERY,
    actor_as,
    outcome_of,
    perform,
    sight_of_claim,
)
from api.edge.documented import CHANGES, refusals
from api.edge.problems import EdgeCode, Problem
from api.edge.requests import StrictRoute
from api.models.amendments import AmendmentView, NewAmendment
from api.queries.amendments import prepare, prepared_in
from api.routes.paths import DeliveryPath
from api.services import Parts
from api.views import deadline_view
from domain.amending import (
    AmendmentKind,
    CorrectAddress,
    CorrectDeadline,
    CorrectParcel,
    CorrectRecipient,
)
from domain.contracts import Actor
from domain.errors import RefusalCode
from domain.handover.levels import ProofLevel
from domain.ids import PersonId

router = APIRouter(prefix="/v1/deliveries/{delivery_id}", tags=["holds"], route_class=StrictRoute)


@router.post(
    "/amendments",
    dependencies=[requires(Action.AMEND_DELIVERY)],
    response_model=AmendmentView,
    responses=refusals(
        *CHANGES,
        EdgeCode.PERSON_UNKNOWN,
        RefusalCode.DELIVERY_CLOSED,
        RefusalCode.WRONG_STATE,
        RefusalCode.NEEDS_ATTENTION,
        RefusalCode.REASON_MISSING,
        RefusalCode.AMENDMENT_INVALID,
        RefusalCode.AMENDMENT_UNKNOWN,
    ),
    summary="Correct a delivery",
)
async def amend(
    delivery_id: DeliveryPath, new: NewAmendment, change: Changing, parts: Parts
) -> Response:
    """Staff correct the deadline, an address, the recipient or the parcel; also while on hold.

    Addresses and people stay in the database: the workflow learns the id of a prepared row. With
    `only_prepare` that id is the answer, for the updates `correct_address` and `correct_recipient`
    of the Web UI.
    """

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        actor = actor_as(sight)
        _require_account(new, sight)
        prepared = prepared_in(new)
        amendment_id = claimed.resource_id if prepared is not None else None
        if prepared is not None:
            await prepare(
                parts.database,
                claimed.resource_id,
                sight.delivery.delivery_id,
                sight.asker.person_id,
                prepared,
                encryption=parts.encryption,
            )
        if new.only_prepare:
            view = AmendmentView(amendment_id=amendment_id, is_applied=False, deadline=None)
            return outcome_of(view)
        name, command = _command(new, claimed.resource_id, actor)
        standing = await parts.commands.change_delivery(
            sight.delivery.delivery_id, name, command, claimed.update_id
        )
        deadline = deadline_view(standing)
        view = AmendmentView(amendment_id=amendment_id, is_applied=True, deadline=deadline)
        return outcome_of(view)

    return await perform(parts, change, CLAIM_ON_DELIVERY, {"delivery_id": delivery_id}, act)


def _require_account(new: NewAmendment, sight: Sight) -> None:
    """Check that a recipient who has to prove who they are can do so.

    Raises:
        Problem: `amendment_invalid`.
    """
    is_maximum = sight.delivery.proof_level == ProofLevel.MAXIMUM
    if is_maximum and new.recipient is not None and new.recipient.person_id is None:
        raise Problem(
            RefusalCode.AMENDMENT_INVALID,
            "At the level maximum the recipient needs an account: name it as person_id.",
        )


def _command(new: NewAmendment, amendment_id: str, actor: Actor) -> tuple[str, object]:
    """Return the name of the update and what it carries."""
    said = (new.reason, actor.person_id, actor.role)
    if new.due_at is not None:
        return "correct_deadline", CorrectDeadline(new.due_at, *said)
    if new.pickup is not None or new.destination is not None:
        kind = AmendmentKind.PICKUP if new.pickup is not None else AmendmentKind.DESTINATION
        return "correct_address", CorrectAddress(amendment_id, kind, *said)
    if new.recipient is not None:
        named = new.recipient.person_id
        recipient_id = None if named is None else PersonId(named)
        return "correct_recipient", CorrectRecipient(amendment_id, recipient_id, *said)
    return "correct_parcel", CorrectParcel(new.weight_grams, new.declared_value_minor, *said)
