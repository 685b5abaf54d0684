"""The codec server shows staff what they need, notes it, and tells nobody else anything."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from google.protobuf.json_format import MessageToDict
from pydantic import SecretStr
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import DataConverter, WorkflowSerializationContext

from domain.ids import DeliveryId, delivery_workflow_id
from infra.codec.composition import codec_server
from infra.codec.server import BODY_BYTES_MAX
from infra.database.schema import access_token, audit_entry, session
from infra.database.tokens import create_token, revoke_token, token_hash
from infra.encryption.owned import shred
from infra.encryption.payloads import encrypting_converter
from infra.encryption.workflow_keys import DatabasePayloadKeys, owner_of_workflow
from infra.identifiers import new_id
from infra.settings import Settings, load_settings
from tests.api.client import Person
from tests.api.identity.sessions import signed_in
from tests.conftest import MakePerson
from tests.keys import ENCRYPTION

UI = "http://127.0.0.1:8233"
PATH_TOKEN = "p" * 40
NOW = func.now()
LIVE = {"stripe_secret_key": "sk_live_0123456789"}
SAID = {
    "offer_id": "o1",
    "payment_method": "pm_card_visa",
    "code": "123456",
    "note": "by acct_1x-2",
}


@pytest.fixture(scope="module")
def settings(database_url: str) -> Settings:
    return load_settings(
        database_url=database_url,
        handover_key=SecretStr("aGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGg="),
        codec_origins=UI,
        codec_token=PATH_TOKEN,
    )


@pytest.fixture(scope="module")
async def http(settings: Settings, engine: AsyncEngine) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(codec_server(settings, engine).app())
    async with httpx.AsyncClient(transport=transport, base_url="http://codec.test") as client:
        yield client


@pytest.fixture
def converter(engine: AsyncEngine) -> DataConverter:
    return encrypting_converter(DatabasePayloadKeys(engine, ENCRYPTION.keys), "default")


def a_delivery() -> str:
    return delivery_workflow_id(DeliveryId(new_id()))


async def encrypted(converter: DataConverter, workflow_id: str, value: object) -> Payload:
    context = WorkflowSerializationContext("default", workflow_id)
    [payload] = await converter.with_context(context).encode([value])
    return payload


def asked(*payloads: Payload) -> str:
    return json.dumps(MessageToDict(Payloads(payloads=payloads)))


def values(answer: httpx.Response) -> list[Any]:
    assert answer.status_code == 200, answer.text
    return [json.loads(b64decode(each["data"])) for each in answer.json()["payloads"]]


async def decode(
    http: httpx.AsyncClient, body: str, token: str = "", path: str = "/decode", **headers: str
) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        named["authorization"] = f"Bearer {token}"
    return await http.post(path, content=body, headers=named)


async def test_staff_read_what_a_workflow_was_told_with_tokens_masked(
    http: httpx.AsyncClient, converter: DataConverter, engine: AsyncEngine, make_person: MakePerson
) -> None:
    workflow_id, agent = a_delivery(), await make_person("agent")
    body = asked(await encrypted(converter, workflow_id, SAID))
    answer = await decode(http, body, await create_token(engine, agent), origin=UI)
    assert values(answer) == [
        {"offer_id": "o1", "payment_method": "pm_***", "code": "***", "note": "by acct_***"}
    ]
    assert answer.headers["access-control-allow-origin"] == UI
    assert answer.headers["cache-control"] == "no-store"
    async with engine.connect() as connection:
        noted = (
            await connection.execute(
                select(audit_entry).where(audit_entry.c.subject_id == workflow_id)
            )
        ).one()
    assert (noted.kind, noted.actor_role, noted.actor_id) == ("decoded", "agent", agent)
    assert json.loads(noted.body)["facts"]["payloads"] == "1"


@pytest.mark.parametrize("roles", [("customer",), ("traveler",), ()])
async def test_who_is_no_staff_reads_nothing(
    http: httpx.AsyncClient,
    converter: DataConverter,
    engine: AsyncEngine,
    make_person: MakePerson,
    roles: tuple[str, ...],
) -> None:
    body = asked(await encrypted(converter, a_delivery(), SAID))
    token = await create_token(engine, await make_person(*roles)) if roles else ""
    assert (await decode(http, body, token)).status_code == 401
    revoked = await create_token(engine, await make_person("operator"))
    await revoke_token(engine, revoked)
    assert (await decode(http, body, revoked)).status_code == 401
    assert (await decode(http, body, path=f"/{'q' * 40}/decode")).status_code == 401


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({"second_factor_at": NOW}, 200),
        ({"second_factor_at": None}, 401),
        ({"second_factor_at": NOW, "revoked_at": NOW, "revoked_because": "lost"}, 401),
    ],
)
async def test_staff_read_with_a_session_that_has_shown_a_second_factor(
    http: httpx.AsyncClient,
    engine: AsyncEngine,
    make_person: MakePerson,
    state: dict[str, Any],
    status: int,
) -> None:
    person = await signed_in(engine, Person(http, await make_person("operator"), ""))
    shown = update(session).where(session.c.person_id == person.person_id).values(state)
    async with engine.begin() as connection:
        await connection.execute(shown)
    assert (await decode(http, asked(), person.token)).status_code == status


@pytest.mark.parametrize("kind", ["api_key", "acting"])
async def test_keys_of_programs_and_acting_for_somebody_decode_nothing(
    http: httpx.AsyncClient, engine: AsyncEngine, make_person: MakePerson, kind: str
) -> None:
    token = await create_token(engine, await make_person("admin"))
    row = update(access_token).where(access_token.c.token_hash == token_hash(token))
    async with engine.begin() as connection:
        await connection.execute(row.values(kind=kind))
    assert (await decode(http, asked(), token)).status_code == 401


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ({"staff_networks": "10.0.0.0/8"}, 401),
        ({"staff_networks": "127.0.0.0/8"}, 200),
        ({"staff_networks": "10.0.0.0/8", "trusted_proxies": "127.0.0.1"}, 200),
        (LIVE, 401),
        ({**LIVE, "staff_personal_tokens": True}, 200),
    ],
)
async def test_the_codec_server_keeps_the_rules_of_staff(
    settings: Settings,
    engine: AsyncEngine,
    make_person: MakePerson,
    rule: dict[str, Any],
    status: int,
) -> None:
    chosen = load_settings(**{**settings.model_dump(exclude_unset=True), **rule})
    transport = httpx.ASGITransport(codec_server(chosen, engine).app())
    token = await create_token(engine, await make_person("agent"))
    async with httpx.AsyncClient(transport=transport, base_url="http://codec.test") as client:
        answer = await decode(client, asked(), token, x_forwarded_for="10.1.2.3")
    assert answer.status_code == status


async def test_the_web_ui_of_this_machine_reads_by_the_token_in_its_address(
    http: httpx.AsyncClient, converter: DataConverter
) -> None:
    body = asked(await encrypted(converter, a_delivery(), "hello"))
    path = f"/{PATH_TOKEN}/decode"
    answer = await decode(http, body, path=path, origin=UI, x_namespace="default")
    assert values(answer) == ["hello"]
    assert (await decode(http, body, path=path, x_namespace="other")).status_code == 400


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", f"{UI}0", "http://localhost:8233", f"{UI}/"]
)
async def test_pages_of_other_origins_are_refused_whatever_they_know(
    http: httpx.AsyncClient, origin: str
) -> None:
    path = f"/{PATH_TOKEN}/decode"
    for answer in (
        await decode(http, asked(), path=path, origin=origin),
        await http.options(path, headers={"origin": origin}),
    ):
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers


async def test_the_web_ui_may_ask_and_what_it_would_send_stays_as_it_is(
    http: httpx.AsyncClient,
) -> None:
    preflight = await http.options(f"/{PATH_TOKEN}/decode", headers={"origin": UI})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-methods"] == "POST"
    typed = Payload(metadata={"encoding": b"json/plain"}, data=b'{"action": "retry"}')
    encoded = await decode(http, asked(typed), path=f"/{PATH_TOKEN}/encode", origin=UI)
    assert encoded.json() == json.loads(asked(typed))
    assert (await decode(http, asked(typed), path="/encode")).status_code == 401


async def test_what_was_erased_is_shown_as_erased(
    http: httpx.AsyncClient, converter: DataConverter, engine: AsyncEngine
) -> None:
    workflow_id = a_delivery()
    body = asked(await encrypted(converter, workflow_id, SAID))
    async with engine.begin() as connection:
        await shred(connection, owner_of_workflow(workflow_id))
    assert values(await decode(http, body, path=f"/{PATH_TOKEN}/decode")) == ["[erased]"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ('{"payloads": [{"data": "%%%"}]}', 400),
        ('{"payloads": [{"metadata": {"encoding": "YmluYXJ5L3psaWI="}, "data": "e30="}]}', 400),
        ('{"payloads": [' + "[" * 5_000 + "]}", 400),
        ("x" * (BODY_BYTES_MAX + 1), 413),
    ],
)
async def test_what_cannot_be_read_is_refused(
    http: httpx.AsyncClient, body: str, status: int
) -> None:
    answer = await decode(http, body, path=f"/{PATH_TOKEN}/decode")
    assert answer.status_code == status, answer.text
