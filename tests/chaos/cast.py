"""The people of one delivery, each with a client that sends again what was not answered."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import desc, select

from infra.database.schema import stored_message
from infra.database.tokens import create_person, create_token
from infra.demo.client import Caller
from infra.demo.people import HOME
from tests.chaos.plan import Play
from tests.chaos.stories import Story
from tests.chaos.world import PATIENCE_S, World, persistently

_LINK = re.compile(r"https?://\S+(/v1/links/\S+)")


@dataclass(frozen=True)
class Cast:
    """Who takes part in a delivery."""

    world: World
    customer: Caller
    traveler: Caller
    agent: Caller
    recipient: Caller
    phone: str
    """Number of a recipient without an account; empty for one with an account."""

    async def link(self) -> str | None:
        """Return where the newest message leads to that the recipient's phone has got, if any."""
        newest = (
            select(stored_message.c.body)
            .where(stored_message.c.address == self.phone)
            .order_by(desc(stored_message.c.stored_at))
        )

        async def read() -> list[str]:
            async with self.world.engine.connect() as connection:
                return list((await connection.execute(newest)).scalars())

        links = (_LINK.search(body) for body in await persistently(read))
        return next((link.group(1) for link in links if link is not None), None)


async def make_cast(world: World, play: Play) -> Cast:
    """Create the people of a delivery; a traveler without an account sets one up, or does so later."""

    async def caller(role: str, account: str | None = None) -> Caller:
        async def create() -> tuple[str, str]:
            person_id = await create_person(
                world.engine,
                world.encryption,
                display_name=f"{role} {play.number}",
                roles=(role,),
                email=f"{role}-{play.number}@example.org",
                payout_account=account,
            )
            return person_id, await create_token(world.engine, person_id)

        # A person created twice has one token that is used: the other one does nothing.
        person_id, token = await persistently(create)
        return Caller(world.http, role, person_id, token, PATIENCE_S)

    cast = Cast(
        world=world,
        customer=await caller("customer"),
        traveler=await caller("traveler", play.account),
        agent=await caller("agent"),
        recipient=await caller("customer"),
        phone="" if play.recipient_has_account else f"+49151{play.number:08d}",
    )
    if play.account is None and play.story is not Story.ACCOUNT_LATER:
        await set_up_account(cast)
    return cast


async def set_up_account(cast: Cast) -> None:
    """Have the traveler open an account to be paid to."""
    back = f"{cast.traveler.http.base_url}docs"
    wanted = {"country": HOME, "return_url": back, "refresh_url": back}
    await cast.traveler.post("/v1/me/payout-account", wanted)
