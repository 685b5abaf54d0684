"""An override that an operator has asked for."""

from __future__ import annotations

from domain.contracts import Actor, CodePurpose, Role
from domain.ids import PersonId
from domain.overriding.rules import OverrideCause, OverrideOrder
from tests.domain.builders import DELIVERY, NOW

ASKER = Actor(Role.OPERATOR, PersonId("operator"))
OVERRIDE = OverrideOrder(
    override_id="0199a1b2-0000-7000-8000-0000000a5ced",
    delivery_id=DELIVERY,
    step=CodePurpose.HANDOVER,
    cause=OverrideCause.POLICE,
    asked_by=ASKER,
    asked_at=NOW,
)
