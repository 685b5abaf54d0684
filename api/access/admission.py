"""Lets a request in by its credential: which powers count, before anything is looked up for it."""

from __future__ import annotations

from fastapi import Request

from api.access.asking import Asking
from api.access.request import bearer_of
from api.edge.addresses import client_address
from domain.identity.staff import StaffRules


async def admit(request: Request, asking: Asking) -> None:
    """Say with what a request comes, and whether powers of staff count in it.

    Raises:
        Problem: `unauthenticated`, or one of `TokenFlaw`.
    """
    bearer = await bearer_of(request)
    asking.credential = bearer.kind
    rules: StaffRules = request.app.state.staff_rules
    asking.withheld = rules.withheld(bearer.kind, client_address(request))
    asking.staff_counts = asking.withheld is None
