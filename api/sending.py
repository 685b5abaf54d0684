"""Sends one command to a delivery and answers with where it stands afterwards."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.request import Change
from api.changes import CLAIM_ON_DELIVERY, outcome_of, perform, sight_of_claim
from api.services import Services
from api.views import delivery_view

CommandOf = Callable[[Claim], object]
"""Makes the command of a request, once it is known who sends it about what."""


async def send_command(
    parts: Services, change: Change, delivery_id: str, name: str, command_of: CommandOf
) -> Response:
    """Send the command of a request and answer with the delivery as its sender may see it."""

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        standing = await parts.commands.change_delivery(
            sight.delivery.delivery_id, name, command_of(claimed), claimed.update_id
        )
        return outcome_of(delivery_view(sight, standing))

    return await perform(parts, change, CLAIM_ON_DELIVERY, {"delivery_id": delivery_id}, act)
