"""The people of the demo, created as the `sendalong token` command would create them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace

import httpx
from sqlalchemy import desc, select
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import stored_message
from infra.database.tokens import create_person, create_token
from infra.demo.client import LOOK_AGAIN_S, PATIENCE_S, Caller, DemoFailed

_LINK = re.compile(r"https?://\S+(/v1/links/\S+)")


@dataclass(frozen=True)
class People:
    """Everybody who takes part."""

    customer: Caller
    traveler: Caller
    rival: Caller
    agent: Caller
    phone: Phone

    def at(self, http: httpx.AsyncClient, engine: AsyncEngine) -> People:
        """Return the same people at a platform that was started again elsewhere."""
        return People(
            customer=replace(self.customer, http=http),
            traveler=replace(self.traveler, http=http),
            rival=replace(self.rival, http=http),
            agent=replace(self.agent, http=http),
            phone=Phone(http, engine, self.phone.number),
        )


@dataclass(frozen=True)
class Phone:
    """The phone of a recipient without an account: it gets text messages and opens links."""

    http: httpx.AsyncClient
    engine: AsyncEngine
    number: str

    async def handover_code(self) -> str:
        """Wait for the message with the link to the handover code, open it, return the code.

        Raises:
            DemoFailed: no such message came, or its link shows no code.
        """
        answer = await self.http.get(await self._link(), headers={"Accept": "application/json"})
        if not answer.is_success:
            raise DemoFailed(f"the recipient's link shows no code: {answer.text}")
        return str(answer.json()["code"])

    async def _link(self) -> str:
        newest = (
            select(stored_message.c.body)
            .where(stored_message.c.address == self.number)
            .order_by(desc(stored_message.c.stored_at))
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    async with self.engine.connect() as connection:
                        bodies = (await connection.execute(newest)).scalars()
                        for found in (_LINK.search(body) for body in bodies):
                            if found is not None:
                                return found.group(1)
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            raise DemoFailed("the recipient was not sent a link to the handover code") from None


async def make_people(
    http: httpx.AsyncClient, engine: AsyncEngine, number: str, payout_account: str | None = None
) -> People:
    """Create the people of one delivery with a token each; the recipient has only a phone."""
    account = payout_account or "acct_sandbox_ok"

    async def caller(name: str, role: str) -> Caller:
        person_id = await create_person(
            engine,
            display_name=name,
            roles=(role,),
            email=f"{name.lower()}@example.org",
            payout_account=account if role == "traveler" else None,
        )
        return Caller(http, name, person_id, await create_token(engine, person_id))

    return People(
        customer=await caller("Clara", "customer"),
        traveler=await caller("Tomas", "traveler"),
        rival=await caller("Rita", "traveler"),
        agent=await caller("Agnes", "agent"),
        phone=Phone(http, engine, number),
    )
