"""After a whole story nothing that says who somebody is can be read in any column of any table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.identity.codes import CodeUse
from infra.identifiers import new_id
from tests.api.amended import amended_by_two
from tests.api.client import Person
from tests.api.identity.people import PASSWORD, Newcomers, SignedIn, code_of_mail
from tests.api.story import BERLIN, MUNICH, Cast, Story, done
from tests.infra.erasing.planting import Planted

NOT_THE_PLATFORMS = {"stored_message.address", "stored_message.subject", "stored_message.body"}
"""Where simulated senders write; it stands for the phone of whoever gets the messages."""


async def proved(person: SignedIn, contact: str, value: str) -> None:
    """Change a contact with the code that came there."""
    body = {"current_password": PASSWORD} if contact == "email" else {}
    asked = done(await person.change("PUT", f"/v1/me/{contact}", {contact: value, **body}))
    use = CodeUse.EMAIL_CHANGE if contact == "email" else CodeUse.PHONE_CHANGE
    said = {
        "verification_id": asked["verification_id"],
        "code": code_of_mail(asked["verification_id"], use),
    }
    done(await person.change("PUT", f"/v1/me/{contact}/verification", said))


async def customer_of(newcomers: Newcomers, planted: Planted) -> SignedIn:
    """Register, prove a phone, keep an address and move to another mailbox."""
    former = f"former.{planted.email}"
    customer = await newcomers.signed_in(
        await newcomers.registered(former, display_name=planted.name)
    )
    await proved(customer, "phone", planted.phone)
    home = {**BERLIN, "label": planted.words("Home"), "address": planted.words("Kastanienallee")}
    done(await customer.change("PUT", f"/v1/me/addresses/{new_id()}", home))
    await proved(customer, "email", planted.email)
    done(await newcomers.web.post("/v1/auth/password/forgotten", json={"email": planted.email}))
    return customer


async def quarrel(story: Story, customer: Person, planted: Planted) -> Cast:
    """Send a parcel to somebody without an account, and quarrel over it in words and pictures."""

    async def person(*roles: str, **more: Any) -> Person:
        return customer if roles == ("customer",) else await story.person(*roles, **more)

    recipient = {"name": planted.name, "phone": planted.phone, "email": planted.email}
    cast = await replace(story, person=person).picked_up(
        pickup={**BERLIN, "address": planted.words("Kastanienallee")},
        destination={**MUNICH, "address": planted.words("Sendlinger Strasse")},
        recipient=recipient,
        description=planted.words("A box of letters for"),
    )
    member = await story.person("customer")
    who = {**recipient, "person_id": member.person_id}
    await amended_by_two(cast, await story.person("operator"), {"recipient": who})
    code = done(await member.get(f"{cast.path}/codes/handover"))
    done(await cast.traveler.post(f"{cast.path}/handover", {"code": code["pin"]}))
    opened = done(await customer.post(f"{cast.path}/dispute", {"reason": "damaged"}))
    cast.dispute_id = opened["dispute_id"]
    proof = {"kind": "photo", "description": planted.words("The bell says")}
    done(await customer.post(f"{cast.dispute_path}/evidence", proof))
    said = {"text": planted.words("My neighbour is")}
    done(await customer.post(f"{cast.dispute_path}/messages", said, key=new_id()))
    return cast


@pytest.fixture
def newcomers(http: httpx.AsyncClient, engine: AsyncEngine) -> Newcomers:
    return Newcomers(http, engine)


async def test_nobody_is_named_in_any_column(
    story: Story, newcomers: Newcomers, engine: AsyncEngine
) -> None:
    planted, given_up = Planted(), Planted()
    customer = await customer_of(newcomers, planted)
    cast = await quarrel(story, customer, planted)
    done(await newcomers.register(given_up.email, display_name=given_up.name))
    for somebody in (planted, given_up):
        assert await somebody.found_in(engine) - NOT_THE_PLATFORMS == set()
    # Those who may read it all the same.
    seen = done(await customer.get("/v1/me"))
    assert [seen[name] for name in ("email", "phone", "display_name")] == [
        planted.email,
        planted.phone,
        planted.name,
    ]
    assert planted.mark in str(done(await customer.get("/v1/me/addresses"))["items"])
    assert done(await customer.get(cast.path))["recipient"]["name"] == planted.name
    dispute = done(await cast.agent.get(cast.dispute_path))
    assert str(dispute["messages"]).count(planted.mark) == 1
    assert str(dispute["evidence"]).count(planted.mark) == 1
    told = await newcomers.told(f"former.{planted.email}")
    assert told[-1] == "account_email_changed"
