"""Somebody who changes rows behind the back of the database's own guards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from infra.database.chain import event_hash
from infra.database.invariants import check_invariants
from tests.infra.database.story import Story


@dataclass
class Intruder:
    """A superuser who switches the triggers off before changing rows."""

    story: Story

    async def run(self, statement: str, **values: Any) -> None:
        async with self.story.engine.begin() as connection:
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
            await connection.execute(text(statement), {"id": self.story.delivery_id, **values})

    async def rewrite(self, sequence: int, old: str, new: str, *, hashes_too: bool) -> None:
        """Change the body of one event and, if asked, make its own hash fit again."""
        query = text("SELECT * FROM event WHERE delivery_id = :id AND sequence = :sequence")
        async with self.story.engine.connect() as connection:
            place = {"id": self.story.delivery_id, "sequence": sequence}
            row = (await connection.execute(query, place)).one()
        body = row.body.replace(old, new)
        assert body != row.body
        fitting = event_hash(bytes(row.previous_hash), sequence, body)
        await self.run(
            "UPDATE event SET body = :body, hash = :hash "
            "WHERE delivery_id = :id AND sequence = :sequence",
            body=body,
            hash=fitting if hashes_too else bytes(row.hash),
            sequence=sequence,
        )

    async def found(self) -> set[tuple[str, str, str]]:
        """Return what the check finds in this delivery, as invariant, subject and problem."""
        report = await check_invariants(self.story.engine, self.story.delivery_id)
        assert {one.delivery_id for one in report.violations} <= {self.story.delivery_id}
        return {(one.invariant, one.subject, one.problem) for one in report.violations}
