"""An erasure looks up the messages of each delivery: it does not read all that was ever sent."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import DeliveryId
from infra.erasing.histories import addressed_from_parcel
from infra.identifiers import new_id


async def test_messages_of_a_delivery_are_found_by_an_index(engine: AsyncEngine) -> None:
    query = addressed_from_parcel(DeliveryId(new_id()))
    statement = query.compile(engine, compile_kwargs={"literal_binds": True})
    async with engine.connect() as connection:
        # So the plan reads the whole table only where no index can do it.
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        explained = await connection.exec_driver_sql(f"EXPLAIN {statement}")
    plan = "\n".join(explained.scalars())
    assert "Seq Scan" not in plan, plan
