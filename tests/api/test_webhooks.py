"""The endpoint for Stripe's messages believes nothing that is not proved, and answers at once."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from api.composition import create_app
from api.routes.webhooks import WEBHOOK_BODY_BYTES_MAX
from infra.database.schema import webhook_event
from infra.payments.signatures import signature_of
from infra.settings import Settings, load_settings
from infra.webhooks.readers import SIGNATURE_CHARS_MAX
from tests.api.client import RefuseUndocumented, code_of

PATH = "/v1/webhooks/stripe"
OWN, CONNECT, WRONG = "whsec_own", "whsec_connect", "whsec_wrong"


@pytest.fixture(scope="module")
def stripe_settings(database_url: str) -> Settings:
    """An installation with Stripe; Stripe itself is never called."""
    return load_settings(
        database_url=database_url,
        handover_key=SecretStr(b64encode(b"h" * 32).decode()),
        payments="stripe",
        stripe_secret_key=SecretStr("sk_test_nothing"),
        stripe_webhook_secret=SecretStr(OWN),
        stripe_connect_webhook_secret=SecretStr(CONNECT),
        stripe_test_mode=True,
    )


@pytest.fixture(scope="module")
async def endpoint(stripe_settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async for client in serve(create_app(stripe_settings)):
        yield client


async def serve(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = RefuseUndocumented(httpx.ASGITransport(app), app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="https://sendalong.test") as client,
    ):
        yield client


def body_of(**members: Any) -> bytes:
    subject = {"id": "pi_1", "object": "payment_intent", "metadata": {"op_id": "nobody:charge"}}
    content = {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": 1_780_000_000,
        "livemode": False,
        "data": {"object": subject},
    }
    return json.dumps(content | members).encode()


async def send(
    endpoint: httpx.AsyncClient, body: bytes, secret: str = OWN, **headers: str
) -> httpx.Response:
    signature = signature_of(body, secret, int(time.time()))
    given = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}
    return await endpoint.post(PATH, content=body, headers=given | headers)


async def stored(engine: AsyncEngine, body: bytes) -> list[Any]:
    wanted = webhook_event.c.event_id == json.loads(body)["id"]
    async with engine.connect() as connection:
        return list(await connection.execute(select(webhook_event).where(wanted)))


@pytest.mark.parametrize("secret", [OWN, CONNECT])
async def test_a_proved_event_is_taken_once_however_often_it_comes(
    endpoint: httpx.AsyncClient, engine: AsyncEngine, secret: str
) -> None:
    body = body_of()
    answers = [await send(endpoint, body, secret) for _ in range(3)]
    assert [(each.status_code, each.json()) for each in answers] == [(200, {"received": True})] * 3
    (row,) = await stored(engine, body)
    assert (row.provider, row.kind, row.object_id) == ("stripe", "charge", "pi_1")
    assert (row.operation_id, row.state, row.source) == ("nobody:charge", "new", "webhook")


async def test_the_bytes_are_what_is_signed(
    endpoint: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    body = json.dumps(json.loads(body_of()), indent=7).encode() + b"\n"
    assert (await send(endpoint, body)).status_code == 200
    same = json.dumps(json.loads(body)).encode()
    signature = signature_of(body, OWN, int(time.time()))
    answer = await send(endpoint, same, **{"Stripe-Signature": signature})
    assert (answer.status_code, code_of(answer)) == (400, "webhook_refused")


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "t=,v1=",
        "v1=0",
        "t=1",
        "t=abc,v1=0",
        f"t={10**20},v1=0",
        "t=1,t=2,v1=0",
        f"t=1780000000,v1={'0' * 64}",
        "t=1780000000,v1=\u00e9",
        "t=1," + "v1=0," * SIGNATURE_CHARS_MAX,
    ],
)
async def test_what_is_no_signature_is_refused(
    endpoint: httpx.AsyncClient, engine: AsyncEngine, signature: str
) -> None:
    body = body_of()
    headers = [
        (b"Content-Type", b"application/json"),
        (b"Stripe-Signature", signature.encode("latin-1")),
    ]
    answer = await endpoint.post(PATH, content=body, headers=headers)
    assert (answer.status_code, code_of(answer)) == (400, "webhook_refused")
    assert await stored(engine, body) == []


@pytest.mark.parametrize("seconds", [-(10**6), -301, 61, 10**6])
async def test_what_was_not_signed_just_now_is_refused(
    endpoint: httpx.AsyncClient, engine: AsyncEngine, seconds: int
) -> None:
    body = body_of()
    # Half a minute more, so that the time that the test takes makes no difference.
    signed_at = int(time.time()) + seconds + (30 if seconds > 0 else -30)
    signature = signature_of(body, OWN, signed_at)
    answer = await send(endpoint, body, **{"Stripe-Signature": signature})
    assert (answer.status_code, code_of(answer)) == (400, "webhook_refused")
    assert await stored(engine, body) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff",
        b'{"id": "evt_1"}',
        b'{"livemode": false, "data": {"object": {}}}',
        b'{"livemode": false, "data": {"object": 5}}',
    ],
)
async def test_a_signed_message_that_is_no_event_is_refused(
    endpoint: httpx.AsyncClient, body: bytes
) -> None:
    answer = await send(endpoint, body)
    assert (answer.status_code, code_of(answer)) == (400, "webhook_refused")


async def test_nothing_is_read_before_the_signature(endpoint: httpx.AsyncClient) -> None:
    answer = await send(endpoint, b'{"deep": ' + b"[" * 50_000, WRONG)
    assert (answer.status_code, code_of(answer)) == (400, "webhook_refused")


async def test_an_event_of_the_other_mode_is_taken_and_not_kept(
    endpoint: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    body = body_of(livemode=True)
    assert (await send(endpoint, body)).status_code == 200
    assert await stored(engine, body) == []


async def test_a_message_that_is_too_large_is_refused(endpoint: httpx.AsyncClient) -> None:
    body = body_of(padding="x" * WEBHOOK_BODY_BYTES_MAX)
    answer = await send(endpoint, body)
    assert (answer.status_code, code_of(answer)) == (413, "body_too_large")
    almost = body_of(padding="x" * (WEBHOOK_BODY_BYTES_MAX - 1_000))
    assert (await send(endpoint, almost)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "text/plain"}, {"Content-Type": ""}, {"Content-Encoding": "gzip"}],
)
async def test_another_media_type_is_refused(
    endpoint: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await send(endpoint, body_of(), **headers)
    assert (answer.status_code, code_of(answer)) == (415, "unsupported_media_type")


async def test_an_installation_without_stripe_believes_nobody(http: httpx.AsyncClient) -> None:
    answer = await send(http, body_of(), "")
    assert (answer.status_code, code_of(answer)) == (400, "webhook_refused")


async def test_no_secret_and_no_signature_reaches_the_log(
    endpoint: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    body = body_of()
    signature = signature_of(body, WRONG, int(time.time()))
    await send(endpoint, body, **{"Stripe-Signature": signature})
    assert "a webhook is refused" in caplog.text
    assert signature not in caplog.text
    assert OWN not in caplog.text
    assert json.loads(body)["id"] not in caplog.text


async def test_while_the_database_is_away_the_provider_is_asked_to_come_again(
    stripe_settings: Settings,
) -> None:
    away = stripe_settings.model_copy(
        update={"database_url": "postgresql://127.0.0.1:1/nothing?connect_timeout=1"}
    )
    async for client in serve(create_app(away)):
        answer = await send(client, body_of())
        assert (answer.status_code, code_of(answer)) == (503, "unavailable")
