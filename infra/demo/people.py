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
from infra.encryption.parts import Encryption

_LINK = re.compile(r"https?://\S+(/v1/links/\S+)")


@dataclass(frozen=True)
class Wallet:
    """Test methods of a payment provider, each named after what comes of paying with it."""

    works: str
    """The payment is held and stays."""
    charged_back: str
    """The payment is held, and the bank takes it back once the traveler was paid."""


WALLETS = {
    "sandbox": Wallet("pm_sandbox_ok", "pm_sandbox_ok"),
    "stripe": Wallet("pm_card_visa", "pm_card_createDispute"),
}
"""What the customer pays with, by payment provider."""
HOME = "DE"
"""Where the travelers live, as their account at the provider has to say."""


@dataclass(frozen=True)
class People:
    """Everybody who takes part."""

    wallet: Wallet
    customer: Caller
    traveler: Caller
    rival: Caller
    agent: Caller
    phone: Phone

    def at(self, http: httpx.AsyncClient, engine: AsyncEngine) -> People:
        """Return the same people at a platform that was started again elsewhere."""
        return People(
            wallet=self.wallet,
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
    http: httpx.AsyncClient,
    engine: AsyncEngine,
    number: str,
    payout_account: str | None = None,
    *,
    encryption: Encryption,
    wallet: Wallet = WALLETS["sandbox"],
) -> People:
    """Create the people of one delivery with a token each; the recipient has only a phone.

    Without a payout account the traveler sets one up, as every traveler does.
    """

    async def caller(name: str, role: str, account: str | None = None) -> Caller:
        person_id = await create_person(
            engine,
            encryption,
            display_name=name,
            roles=(role,),
            email=f"{name.lower()}@example.org",
            payout_account=account,
        )
        return Caller(http, name, person_id, await create_token(engine, person_id))

    people = People(
        wallet=wallet,
        customer=await caller("Clara", "customer"),
        traveler=await caller("Tomas", "traveler", payout_account),
        rival=await caller("Rita", "traveler"),
        agent=await caller("Agnes", "agent"),
        phone=Phone(http, engine, number),
    )
    if payout_account is None:
        await _set_up(people.traveler)
    return people


async def _set_up(traveler: Caller) -> None:
    """Open the traveler's account; test providers ask for nothing on the way."""
    back = f"{traveler.http.base_url}docs"
    wanted = {"country": HOME, "return_url": back, "refresh_url": back}
    await traveler.post("/v1/me/payout-account", wanted)
    account = await traveler.get("/v1/me/payout-account")
    if not account["may_receive"]:
        raise DemoFailed(f"the traveler's account wants to know {', '.join(account['due'])}")
