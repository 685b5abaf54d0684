"""`sendalong role`: give people roles and take them away, with a reason."""

from __future__ import annotations

import argparse

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.identity.roles import PersonRole
from domain.ids import PersonId
from infra.cli.connection import with_database
from infra.identity.granting import NobodyThere, RoleChange, grant_role, revoke_role
from infra.local_stack.errors import StackError

AT_THE_MACHINE = "operator"
"""As whom the audit knows somebody who has the machine itself in hand."""


def run(options: argparse.Namespace) -> int:
    """Change a role and print every role that the person has then."""
    change = RoleChange(
        PersonId(options.person), PersonRole(options.role), options.reason, None, AT_THE_MACHINE
    )
    way = grant_role if options.action == "grant" else revoke_role

    async def changed(engine: AsyncEngine) -> tuple[str, ...]:
        try:
            return await way(engine, change)
        except NobodyThere:
            raise StackError(f"There is no person {options.person}.") from None

    print(" ".join(with_database(options, changed)) or "no role")
    return 0
