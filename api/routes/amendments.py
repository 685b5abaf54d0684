"""Staff correct what a delivery says: its deadline, an address, the recipient, the parcel."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, requires
from api.access.request import Changing, TokenHash
from api.access.rows import Sight
from api.access.sights import permitted_sight_of
from api.changes import (
    CLAIM_ON_DELIVERY,
    actor_as,
    outcome_of,
    perform,
    sight_of_claim,
)
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, READS, refusals
from api.edge.problems import EdgeCode, Problem, refused
from api.edge.requests import StrictRoute
from api.models.amendments import AmendmentView, NewAmendment, PreparedAmendments
from api.queries.amendments import approve, prepare, prepared_for, prepared_in
from api.routes.paths import DeliveryPath
from api.services import Parts, Services
from api.views import deadline_view
from domain.amending import (
    AmendmentKind,
    CorrectAddress,
    CorrectDeadline,
    CorrectParcel,
    CorrectRecipient,
    needs_two_people,
    second_person_needed,
)
from domain.contracts import Actor, Role
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
        RefusalCode.SECOND_PERSON_NEEDED,
    ),
    summary="Correct a delivery",
)
async def amend(
    delivery_id: DeliveryPath, new: NewAmendment, change: Changing, parts: Parts
) -> Response:
    """Staff correct the deadline, an address, the recipient or the parcel; also while on hold.

    Addresses and people stay in the database: the workflow learns the id of a prepared row. With
    `only_prepare` that id is the answer, for the updates `correct_address` and `correct_recipient`
    of the Web UI, or for somebody else of the staff, who takes it over as `amendment_id`: while the
    traveler carries the parcel, recipient and destination change by two people only.
    """

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        actor = actor_as(sight)
        _require_account(new, sight)
        prepared = prepared_in(new)
        amendment_id = claimed.resource_id if prepared is not None else new.amendment_id
        if prepared is not None:
            _require_two_people(new, sight, prepared[0])
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
        name, command = await _command(parts, new, claimed, actor)
        standing = await parts.commands.change_delivery(
            sight.delivery.delivery_id, name, command, claimed.update_id
        )
        deadline = deadline_view(standing)
        view = AmendmentView(amendment_id=amendment_id, is_applied=True, deadline=deadline)
        return outcome_of(view)

    return await perform(parts, change, CLAIM_ON_DELIVERY, {"delivery_id": delivery_id}, act)


@router.get(
    "/amendments",
    dependencies=[requires(Action.LIST_AMENDMENTS)],
    response_model=PreparedAmendments,
    responses=refusals(*READS, RefusalCode.NOT_YOUR_ROLE),
    summary="List what was prepared",
)
async def list_amendments(delivery_id: DeliveryPath, token: TokenHash, parts: Parts) -> Response:
    """Return addresses and recipients that staff have prepared: whoever agrees to one reads it first."""
    sight = await permitted_sight_of(parts.database, token, delivery_id)
    return json_answer(await prepared_for(parts.database, sight.delivery.delivery_id))


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


def _require_two_people(new: NewAmendment, sight: Sight, kind: AmendmentKind) -> None:
    """Check that nobody alone changes who gets a parcel that is under way; the gate does so again.

    Raises:
        Problem: `second_person_needed`.
    """
    if not new.only_prepare and needs_two_people(sight.delivery.status, kind):
        refusal = second_person_needed()
        raise refused(refusal) from refusal


async def _command(
    parts: Services, new: NewAmendment, claimed: Claim, actor: Actor
) -> tuple[str, object]:
    """Return the name of the update and what it carries.

    Raises:
        Problem: what was prepared is not there, or for somebody else to agree to.
    """
    said, amendment_id = (new.reason, actor.person_id, actor.role), claimed.resource_id
    if new.amendment_id is not None:
        delivery_id, by = claimed.row["delivery_id"], claimed.asker.person_id
        kind, named = await approve(parts.database, delivery_id, new.amendment_id, by)
        return _taken_over(kind, new.amendment_id, named, said)
    if new.due_at is not None:
        return "correct_deadline", CorrectDeadline(new.due_at, *said)
    if new.pickup is not None or new.destination is not None:
        kind = AmendmentKind.PICKUP if new.pickup is not None else AmendmentKind.DESTINATION
        return _taken_over(kind, amendment_id, None, said)
    if new.recipient is not None:
        named = new.recipient.person_id
        return _taken_over(AmendmentKind.RECIPIENT, amendment_id, named, said)
    return "correct_parcel", CorrectParcel(new.weight_grams, new.declared_value_minor, *said)


def _taken_over(
    kind: AmendmentKind,
    amendment_id: str,
    named: str | None,
    said: tuple[str, PersonId | None, Role],
) -> tuple[str, object]:
    """Return the update that takes a prepared row over."""
    if kind is not AmendmentKind.RECIPIENT:
        return "correct_address", CorrectAddress(amendment_id, kind, *said)
    recipient_id = None if named is None else PersonId(named)
    return "correct_recipient", CorrectRecipient(amendment_id, recipient_id, *said)
