"""A client of the demo repeats what could not be answered yet, under the same key."""

from __future__ import annotations

import httpx

from infra.demo.client import Caller


async def test_a_request_that_is_under_way_is_asked_for_until_it_is_answered() -> None:
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            return httpx.Response(503, headers={"Retry-After": "0"})
        if len(keys) == 2:
            headers = {"Retry-After": "0"}
            return httpx.Response(409, json={"code": "request_in_flight"}, headers=headers)
        return httpx.Response(409, json={"code": "wrong_state"})

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url="https://sendalong.test") as http:
        answered = await Caller(http, "Ada", "1", "token").try_post("/v1/deliveries")
    assert answered.json() == {"code": "wrong_state"}
    assert len(keys) == 3
    assert len(set(keys)) == 1
