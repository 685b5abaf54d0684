"""What belongs to one person and to no delivery: to everybody else it is like something that is not there.

Of every route that names a thing, a person or a relay by its id, this file knows whose it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, insert

from domain.identity.actions import Action
from domain.identity.permissions import RULES
from infra.database.schema import device, linked_identity, passkey, saved_address, session
from infra.identifiers import new_id
from tests.api.client import Person
from tests.api.matrix.walk import DECLARED, OBJECTLESS, Matrix, answer_of, ask
from tests.api.matrix.world import person
from tests.api.story import done

OF_ONE_PERSON = (
    "DELETE /v1/me/addresses/{address_id}",
    "DELETE /v1/me/identities/{identity_id}",
    "DELETE /v1/me/devices/{device_id}",
    "PATCH /v1/me/passkeys/{passkey_id}",
    "DELETE /v1/me/passkeys/{passkey_id}",
    "DELETE /v1/me/sessions/{session_id}",
    "POST /v1/me/api-keys/{key_id}/revoke",
    "POST /v1/me/step-ups/{step_up_id}/answer",
)
"""Things that their owner has."""
_THINGS = ("address_id", "device_id", "identity_id", "passkey_id", "session_id")
OF_ONE_DELIVERY = (
    "POST /v1/deliveries/{delivery_id}/relays/{relay_id}/scan",
    "POST /v1/deliveries/{delivery_id}/relays/{relay_id}/take",
    "POST /v1/deliveries/{delivery_id}/relays/{relay_id}/withdraw",
    "GET /v1/deliveries/{delivery_id}/relays",
    "POST /v1/deliveries/{delivery_id}/offline-claims",
    "GET /v1/offline-claims/{claim_id}",
)
"""Relays, which two travelers know who need not know the delivery, and scans that one of them made."""
OF_A_PERSON = ("GET /v1/people/{person_id}", "GET /v1/statements/{person_id}")
"""What is about somebody: for those who have to do with them, and for staff."""
FOR_ALL = {
    Action.CHANGE_OWN_ADDRESSES: "an address is saved under whatever id its owner chooses",
    Action.CHANGE_OWN_FACTORS: "providers are named, and there is none here",
    Action.READ_REPUTATION: "what was written of somebody is for whoever chooses a traveler",
    Action.WATCH_ROBOTS: "a run has no rows of its own; tests/api/test_robo.py asks for another's",
}
"""Routes with an id that hide nothing here, with the reason."""


@dataclass(frozen=True)
class Owner:
    """Somebody who has one of each thing."""

    who: Person
    ids: dict[str, str]


@pytest.fixture
async def owner(matrix: Matrix) -> Owner:
    """Somebody with an address, devices, a passkey, a provider, a key and an open approval."""
    who = await person(matrix.engine, matrix.http, "customer", "traveler", "integrator")
    ids = {name: new_id() for name in _THINGS}
    async with matrix.engine.begin() as connection:
        for table, columns in _rows(ids).items():
            await connection.execute(insert(table).values(**columns, person_id=who.person_id))
    key = done(await who.post("/v1/me/api-keys", {"name": "Shop", "scopes": ["reads"]}))
    wanted = {"method": "POST", "path": "/v1/me/erasure", "body_sha256": "0" * 64}
    asked = done(await who.post("/v1/me/step-ups", wanted))
    return Owner(who, ids | {"key_id": key["key_id"], "step_up_id": asked["step_up_id"]})


def _rows(ids: dict[str, str]) -> dict[Table, dict[str, Any]]:
    return {
        saved_address: {
            "address_id": ids["address_id"], "label": "Home", "address": "Gran Via 1",
            "latitude": 40.4, "longitude": -3.7,
        },
        linked_identity: {
            "identity_id": ids["identity_id"], "issuer": "https://accounts.example",
            "subject": new_id(), "provider": "local",
        },
        device: {
            "device_id": ids["device_id"], "algorithm": "ed25519", "public_key": b"k" * 32,
            "name": "Phone",
        },
        passkey: {
            "passkey_id": ids["passkey_id"], "credential_id": new_id().encode(),
            "public_key": b"x", "sign_count": 0, "name": "Phone", "backed_up": False,
        },
        session: {
            "session_id": ids["session_id"], "device_name": "Phone", "user_agent_family": "Test",
            "authenticated_by": ["pwd"], "expires_at": datetime.now(UTC) + timedelta(days=1),
        },
    }  # fmt: skip


def test_every_route_with_an_id_is_known_here() -> None:
    known = {*OF_ONE_PERSON, *OF_ONE_DELIVERY, *OF_A_PERSON}
    for route in OBJECTLESS:
        is_named = "{" in route and route not in known
        is_for_a_role = bool(RULES[DECLARED[route]].roles)
        assert not is_named or is_for_a_role or DECLARED[route] in FOR_ALL, (
            f"Say in this file whose the thing is that {route} names."
        )


@pytest.mark.parametrize("route", OF_ONE_PERSON)
async def test_a_thing_of_somebody_else_is_like_one_that_is_not_there(
    matrix: Matrix, owner: Owner, route: str
) -> None:
    operation = matrix.operation(route)
    stranger = await person(matrix.engine, matrix.http, "customer", "traveler", "integrator")
    foreign = await ask(operation, stranger, matrix.open, **owner.ids)
    random = {name: new_id() for name in operation.parameters}
    missing = await ask(operation, stranger, matrix.open, **random)
    assert answer_of(foreign) == (404, "not_found")
    assert foreign.content == missing.content
    own = await ask(operation, owner.who, matrix.open, **owner.ids)
    assert answer_of(own)[1] in (None, "second_factor_wrong"), "its owner finds it"


@pytest.mark.parametrize("route", [*OF_ONE_DELIVERY, *OF_A_PERSON])
@pytest.mark.parametrize("state", ["open", "closed"])
async def test_what_others_have_to_do_with_is_like_what_is_not_there(
    matrix: Matrix, route: str, state: str
) -> None:
    operation = matrix.operation(route)
    world = matrix.open if state == "open" else matrix.closed
    insiders: tuple[str, ...]
    if "relay" in route:
        insiders = ("traveler", "offering")
    else:
        insiders = ("customer", "agent", "admin") if "statements" in route else ("traveler",)
    random = {name: new_id() for name in operation.parameters}
    foreign = await ask(operation, world.people["stranger"], world)
    missing = await ask(operation, world.people["stranger"], world, **random)
    assert answer_of(foreign) == (404, "not_found")
    assert foreign.content == missing.content
    for name in insiders:
        answer = await ask(operation, world.people[name], world)
        assert answer_of(answer)[1] != "not_found", (name, answer.text)
