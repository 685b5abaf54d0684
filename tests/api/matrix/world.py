"""Deliveries with everything that can hang on one, and everybody who can come to it.

They are written by what the activities write with; no workflow stands behind them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import Actor, Role
from domain.identity.roles import Relation
from domain.ids import OfferId, PersonId
from domain.status import OfferStatus
from domain.transitions import EventKind, OfferChange
from infra.database.schema import (
    attention_item,
    chargeback,
    correction,
    custody_claim,
    delivery_override,
    dispute_proposal,
    relay,
    review,
)
from infra.database.tokens import create_token
from infra.identifiers import new_id
from tests.api.client import Person
from tests.api.story import done
from tests.conftest import parcels_in, people_in
from tests.infra.database.story import PRICE, Story

_R = Relation
NOBODY_SPECIAL: frozenset[Relation] = frozenset()

CAST: dict[str, tuple[tuple[str, ...], frozenset[Relation]]] = {
    "customer": (("customer",), frozenset({_R.CUSTOMER})),
    "sender": (("customer",), frozenset({_R.SENDER})),
    "recipient": (("customer",), frozenset({_R.RECIPIENT})),
    "traveler": (("traveler",), frozenset({_R.TRAVELER})),
    "offering": (("traveler",), frozenset({_R.OFFERING})),
    "agent": (("agent",), frozenset({_R.AGENT})),
    "senior_agent": (("senior_agent",), frozenset({_R.AGENT})),
    "operator": (("operator",), frozenset({_R.OPERATOR})),
    "admin": (("admin",), frozenset({_R.ADMIN})),
    "stranger": (("customer", "traveler", "integrator"), NOBODY_SPECIAL),
}
"""Who there is: their roles on the platform, and what they are to the delivery."""


@dataclass
class World:
    """One delivery, its people, and the ids of what belongs to it."""

    people: dict[str, Person]
    ids: dict[str, str] = field(default_factory=dict)
    """By the name of the parameter in an address."""


async def build(engine: AsyncEngine, http: httpx.AsyncClient, *, closed: bool) -> World:
    """Return a delivery on its way with an open dispute, or one that is over."""
    people = {name: await person(engine, http, *roles) for name, (roles, _) in CAST.items()}
    world = World(people)
    ids = {name: PersonId(one.person_id) for name, one in people.items()}
    parcel = {f"{name}_id": ids[name] for name in ("customer", "sender", "recipient")}
    story = Story(
        engine,
        await parcels_in(engine)(**parcel),
        Actor(Role.CUSTOMER, ids["customer"]),
        Actor(Role.TRAVELER, ids["traveler"]),
    )
    await story.open()
    world.ids["offer_id"] = await _other_offer(story, ids["offering"])
    await story.agree()
    await story.hold()
    await story.pick_up()
    world.ids["delivery_id"] = story.delivery_id
    world.ids["dispute_id"] = await story.dispute()
    await _hang_on(engine, story, world)
    await _ask_override(engine, world)
    if closed:
        await story.decide("refund", PRICE.amount_minor)
        await story.begin_refund()
        await story.refund()
    return world


async def person(engine: AsyncEngine, http: httpx.AsyncClient, *roles: str) -> Person:
    """Return somebody new with a token."""
    person_id = await people_in(engine)(*roles, payout_account="acct_sandbox_ok")
    return Person(http, person_id, await create_token(engine, person_id))


async def _other_offer(story: Story, by: PersonId) -> str:
    offer_id = OfferId(new_id())
    change = OfferChange(offer_id, by, OfferStatus.OPEN, PRICE, "traveler")
    offered = Actor(Role.TRAVELER, by)
    await story.tell(EventKind.OFFER_SUBMITTED, offered, key=offer_id, offers=(change,))
    return offer_id


async def _hang_on(engine: AsyncEngine, story: Story, world: World) -> None:
    """Add one of each thing that belongs to a delivery."""
    customer = world.people["customer"]
    shown = {"kind": "photo", "description": "The box is crushed."}
    path = f"/v1/disputes/{world.ids['dispute_id']}/evidence"
    world.ids["evidence_id"] = done(await customer.post(path, shown))["evidence_id"]
    now, made = datetime.now(UTC), {name: new_id() for name in _ROWS}
    async with engine.begin() as connection:
        for name, (table, columns) in _ROWS.items():
            times = {each.name: now for each in table.c if each.name in _MOMENTS}
            row = {**columns, **times, name: made[name]}
            # A chargeback has the id of the provider's dispute there, which is any text.
            of = {**world.ids, "key": made[name]}
            known = {key: value for key, value in of.items() if key in table.c and key not in row}
            await connection.execute(insert(table).values(**row, **known))
        world.ids |= made | {"relay_id": new_id(), "review_id": new_id(), "claim_id": new_id()}
        for table, columns in _among(world).items():
            await connection.execute(insert(table).values(**columns))


async def _ask_override(engine: AsyncEngine, world: World) -> None:
    """Add an emergency override that an operator has asked for, without its workflow."""
    now, override_id = datetime.now(UTC), new_id()
    world.ids["override_id"] = override_id
    row = {
        "override_id": override_id,
        "delivery_id": world.ids["delivery_id"],
        "step": "handover",
        "cause": "police",
        "evidence": ["a" * 64],
        "status": "asked",
        "asked_by": world.people["operator"].person_id,
        "asked_by_role": "operator",
        "asked_at": now,
        "due_at": now + timedelta(minutes=30),
        **dict.fromkeys(("explanation", "reference", "witness"), "-"),
    }
    async with engine.begin() as connection:
        await connection.execute(insert(delivery_override).values(row))


def _among(world: World) -> dict[Table, dict[str, Any]]:
    """Return what two people of the delivery have to do with each other besides it."""
    now, ids = datetime.now(UTC), {name: one.person_id for name, one in world.people.items()}
    of = {"delivery_id": world.ids["delivery_id"]}
    return {
        relay: {
            **of,
            "relay_id": world.ids["relay_id"],
            "giver_id": ids["traveler"],
            "taker_id": ids["offering"],
            "share_points": 4_000,
            "deliver_by": now + timedelta(days=1),
            "status": "asked",
            "asked_at": now,
            "updated_at": now,
        },
        custody_claim: {
            **of,
            "claim_id": world.ids["claim_id"],
            "person_id": ids["traveler"],
            "device_id": new_id(),
            "is_chained": False,
            "claim": "",
            "sha256": "0" * 64,
            "signature": b"",
            "sent_at": now,
            "state": "in_review",
            "review_by": now,
        },
        review: {
            **of,
            "review_id": world.ids["review_id"],
            "author_id": ids["traveler"],
            "author_role": "traveler",
            "subject_id": ids["customer"],
            "rating": 5,
            "tags": [],
            "text": "Kind.",
            "written_at": now - timedelta(days=30),
        },
    }


_MOMENTS = {"deadline_at", "ordered_at", "updated_at", "made_at", "raised_at", "last_seen_at"}
_ROWS: dict[str, tuple[Any, dict[str, Any]]] = {
    "correction_id": (
        correction,
        {
            # The customer gets it and the traveler bears it: it concerns both.
            "kind": "goodwill_refund",
            "status": "parked",
            "deadline_kind": "attention",
            "amount_minor": 100,
            "currency": "EUR",
            "bearer": "traveler",
            "ordered_by_role": "agent",
        },
    ),
    "chargeback_id": (
        chargeback,
        {
            "provider": "sandbox",
            "charge_operation_id": "op_1",
            "currency": "EUR",
        },
    ),
    "proposal_id": (
        dispute_proposal,
        {"made_by": "traveler", "outcome": "release", "status": "open"},
    ),
    "item_id": (
        attention_item,
        {
            "kind": "held_too_long",
            "subject": "held payment",
            "problem": "It is old.",
            "suggested_repair": "Look at it.",
        },
    ),
}
"""What is written as it is: its table, and what it says."""
