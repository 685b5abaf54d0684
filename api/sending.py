"""Sends one command to a delivery and answers with where it stands afterwards."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.request import Change
from api.changes import CLAIM_ON_DELIVERY, outcome_of, perform, sight_of_claim
from api.services import Services
from api.views import delivery_view

CommandOf = Callable[[Claim], object]
"""Makes the command of a request, once it is known who sends it about what."""


async def send_command(
    parts: Services,
    change: Change,
    delivery_id: str,
    name: str,
    command_of: CommandOf,
    *,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """Send the command of a request and answer with the delivery as its sender may see it."""

    async def act(claimed: Claim) -> Outcome:
        return await sent(parts, claimed, name, command_of(claimed), status)

    return await perform(parts, change, CLAIM_ON_DELIVERY, {"delivery_id": delivery_id}, act)


async def sent(
    parts: Services,
    claimed: Claim,
    name: str,
    command: object,
    status: HTTPStatus = HTTPStatus.OK,
) -> Outcome:
    """Send a command on a claim and return the delivery; what it creates is always a dispute."""
    sight = sight_of_claim(claimed)
    standing = await parts.commands.change_delivery(
        sight.delivery.delivery_id, name, command, claimed.update_id
    )
    location = f"/v1/disputes/{standing.dispute_id}" if status is HTTPStatus.CREATED else None
    return outcome_of(delivery_view(sight, standing), status, location)
