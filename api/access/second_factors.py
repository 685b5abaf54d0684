"""Checks what a person gives as a second factor."""

from __future__ import annotations

import time
from collections.abc import Collection

from api.access.database import Database
from api.edge.problems import EdgeCode, Problem
from api.queries.identity.apps import take_step
from api.queries.identity.factors import Holder, take_recovery_code
from api.queries.identity.tries import count_try, forgive_tries
from api.services import Services
from domain.identity.factors import Method
from infra.identity.recovery_codes import hash_of
from infra.identity.sealing import Seal
from infra.identity.totp import matching_step


async def check_totp(database: Database, seal: Seal, holder: Holder, code: str) -> None:
    """Spend a code of the person's app.

    Raises:
        Problem: `second_factor_wrong`, also for a code that was used, or `second_factor_blocked`.
    """
    if holder.secret is None:
        raise wrong_factor()
    await count_try(database, holder.person_id)
    secret = await seal.open(holder.person_id, holder.secret)
    step = matching_step(secret, code, time.time())
    if step is None or not await take_step(database, holder, step):
        raise wrong_factor()
    await forgive_tries(database, holder.person_id)


async def check_recovery_code(database: Database, holder: Holder, code: str) -> None:
    """Spend a recovery code.

    Raises:
        Problem: `second_factor_wrong`, also for a code that was used, or `second_factor_blocked`.
    """
    await count_try(database, holder.person_id)
    if not await take_recovery_code(database, holder.person_id, hash_of(holder.person_id, code)):
        raise wrong_factor()
    await forgive_tries(database, holder.person_id)


async def check_code(
    services: Services,
    holder: Holder,
    among: Collection[Method],
    *,
    totp: str | None,
    recovery_code: str | None,
) -> Method:
    """Spend the code that a person gives, one of the kinds in `among`, and return which kind it is.

    Raises:
        Problem: `second_factor_wrong` or `second_factor_blocked`.
    """
    if totp is not None:
        await check_totp(services.database, services.seal, holder, totp)
        return Method.TOTP
    if Method.RECOVERY_CODE not in among:
        raise wrong_factor()
    await check_recovery_code(services.database, holder, recovery_code or "")
    return Method.RECOVERY_CODE


def wrong_factor() -> Problem:
    """Return the one answer to everything that does not prove who somebody is."""
    return Problem(
        EdgeCode.SECOND_FACTOR_WRONG,
        "This proves nothing: it is wrong, or it was used before. Wait for the next code.",
    )
