"""Leaves mail for whoever an account belongs to: the one place that says where it goes."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.words.accounts import AccountNotice
from infra.notifications.outbox import OUTBOX_CHANNEL

WOKEN = f"CAST(pg_notify('{OUTBOX_CHANNEL}', '') AS text)"
"""Tells the sender of messages that there is something to send."""
TOLD_AND_WOKEN = f"(SELECT {WOKEN} FROM told) AS woken"  # noqa: S608 -- The same.
"""Named in what a statement with `told_about` returns, it wakes the sender."""


def told_about(changed: str, kind: str = ":told_kind", facts: str = "'{}'") -> str:
    """Return the part `told` of a statement: a mail to each person that the part `changed` names.

    `kind` and `facts` are SQL. Whoever has no address is told nothing.
    """
    return f"""told AS (
        INSERT INTO notification (audience, person_id, channel, address, kind, parameters)
        SELECT 'account_holder', person.person_id, 'mail', person.email, {kind},
            CAST({facts} AS jsonb)
        FROM {changed} JOIN person ON person.person_id = {changed}.person_id
        WHERE person.email IS NOT NULL
        RETURNING 1
    )"""  # noqa: S608 -- The parts are constants of ours.


_TELL = text(f"""
WITH holder AS (SELECT CAST(:whom AS uuid) AS person_id),
{told_about("holder", facts=":told_facts")}
SELECT {TOLD_AND_WOKEN}
""")


async def tell_holder(
    connection: AsyncConnection,
    person_id: str,
    notice: AccountNotice,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Leave a mail about an account, in the transaction of what it tells."""
    values = {"whom": person_id, "told_kind": str(notice), "told_facts": json.dumps(facts or {})}
    await connection.execute(_TELL, values)
