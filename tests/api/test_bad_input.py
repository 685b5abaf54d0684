"""Nonsense gets a 4xx problem that repeats none of it, on every route."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.routes.proofs import ProofRequest
from tests.api.client import Person, changing_paths, code_of, needs_body
from tests.api.story import NEW_DELIVERY, Story

ID = "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"
CANARY = "CANARY-73519"


def post_routes(app: FastAPI) -> list[str]:
    """Return the address of every route by which people change something, with an unknown id."""
    names = {"provider": "local", "purpose": "pickup"}
    known = re.compile(r"\{(\w+)\}")
    return [known.sub(lambda at: names.get(at[1], ID), path) for path in changing_paths(app)]


MALFORMED = {
    "nothing but a brace": b"{",
    "no JSON": b"CANARY-73519",
    "single quotes": b"{'text': 'CANARY-73519'}",
    "trailing comma": b'{"text": "CANARY-73519",}',
    "two values": b'{} {"CANARY-73519": 1}',
    "NaN": b'{"price_minor": NaN, "text": "CANARY-73519"}',
    "Infinity": b'{"price_minor": -Infinity}',
    "a number without end": b'{"price_minor": 1e400}',
    "a negative number without end": b'{"latitude": -1e400}',
    "an integer of a thousand digits": b'{"price_minor": ' + b"9" * 1_000 + b"}",
    "an integer of ten thousand digits": b'{"price_minor": ' + b"9" * 10_000 + b"}",
    "NUL": b'{"text": "a\\u0000CANARY-73519"}',
    "NUL in a key": b'{"a\\u0000CANARY-73519": 1}',
    "raw NUL": b'{"text": "a\x00b"}',
    "half a surrogate pair": b'{"text": "\\ud800 CANARY-73519"}',
    "half a surrogate pair in a key": b'{"\\udfff": 1}',
    "the same key twice": b'{"text": "CANARY-73519", "text": "b"}',
    "the same key twice, deep": b'{"a": {"b": 1, "b": 2}}',
    "deep lists": b"[" * 30_000 + b"]" * 30_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "deep lists that are not closed": b"[" * 60_000,
    "no UTF-8": b'{"text": "\xff\xfe CANARY-73519"}',
    "UTF-16": '{"text": "CANARY-73519"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"text": "CANARY-73519"}',
    "a line break in a text": b'{"text": "CANARY\n73519"}',
    "a comment": b"{} // CANARY-73519",
}

MISFIT: dict[str, Any] = {
    "a list": [CANARY],
    "a text": CANARY,
    "a number": 73519,
    "true": True,
    "an unknown field": {CANARY: CANARY},
    "known and unknown fields": {"reason": "damaged", "text": "a", CANARY: 1},
    "wrong types": {"price_minor": CANARY, "text": 5, "code": None, "positions": {}},
    "lists for texts": {"payment_method": [CANARY], "reason": [CANARY], "outcome": {}},
    "a text for a number": {"price_minor": "4200"},
    "a fraction for an integer": {"price_minor": 4200.5},
    "true for an integer": {"price_minor": True},
    "status and role of one's own": {"status": "completed", "role": "agent", "escrow": "none"},
}


@pytest.fixture(scope="module")
async def nobody_s_friend(story: Story) -> Person:
    """Somebody with every role and no part in anything."""
    return await story.person("customer", "traveler", "agent", payout_account="acct_sandbox_ok")


@pytest.mark.parametrize("name", MALFORMED)
async def test_malformed_bodies_are_refused_everywhere(
    nobody_s_friend: Person, app: FastAPI, name: str
) -> None:
    for path in post_routes(app):
        answer = await nobody_s_friend.post(path, content=MALFORMED[name])
        assert (answer.status_code, code_of(answer)) == (400, "body_malformed"), path
        assert "CANARY" not in answer.text


@pytest.mark.parametrize("name", MISFIT)
async def test_bodies_of_another_shape_are_refused_everywhere(
    nobody_s_friend: Person, app: FastAPI, name: str
) -> None:
    for path in post_routes(app):
        answer = await nobody_s_friend.post(path, MISFIT[name])
        assert (answer.status_code, code_of(answer)) == (422, "fields_invalid"), (path, answer.text)
        assert CANARY not in answer.text
        assert "73519" not in answer.text


async def test_a_missing_body_is_refused_unless_none_is_needed(
    nobody_s_friend: Person, app: FastAPI
) -> None:
    about_something = [path for path in post_routes(app) if needs_body(path) or ID in path]
    for path in about_something:
        answer = await nobody_s_friend.post(path)
        assert answer.status_code in ({422} if needs_body(path) else {403, 404}), path


async def test_a_body_that_is_too_large_is_refused_everywhere(
    nobody_s_friend: Person, app: FastAPI
) -> None:
    for path in post_routes(app):
        size = ProofRequest.bytes_max if path.endswith("/proofs") else 300_000
        answer = await nobody_s_friend.post(path, content=b'"%s"' % (b"x" * size))
        assert (answer.status_code, code_of(answer)) == (413, "body_too_large"), path


async def test_a_large_body_in_chunks_is_not_read_to_its_end(nobody_s_friend: Person) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(10_000):
            sent += 1
            yield b"[" * 10_000

    headers = {
        **nobody_s_friend.headers,
        "Idempotency-Key": "chunks",
        "Content-Type": "application/json",
    }
    answer = await nobody_s_friend.http.post("/v1/deliveries", content=chunks(), headers=headers)
    assert (answer.status_code, code_of(answer)) == (413, "body_too_large")
    assert sent < 150


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": ""},
        {"Content-Type": "CANARY/CANARY"},
    ],
)
async def test_another_media_type_is_refused_everywhere(
    nobody_s_friend: Person, app: FastAPI, headers: dict[str, str]
) -> None:
    for path in post_routes(app):
        answer = await nobody_s_friend.http.post(
            path,
            content=b"{}",
            headers={**nobody_s_friend.headers, "Idempotency-Key": "media", **headers},
        )
        assert (answer.status_code, code_of(answer)) == (415, "unsupported_media_type"), path
        assert "CANARY" not in answer.text


async def test_a_charset_of_utf_8_is_fine(nobody_s_friend: Person) -> None:
    answer = await nobody_s_friend.http.post(
        "/v1/deliveries",
        content=json.dumps(NEW_DELIVERY).encode(),
        headers={
            **nobody_s_friend.headers,
            "Idempotency-Key": "charset",
            "Content-Type": 'Application/JSON; Charset="UTF-8"',
        },
    )
    assert answer.status_code == 201


BAD_FIELDS: list[tuple[str, Any]] = [
    ("description", ""),
    ("description", " \n\t "),
    ("description", "bell \x07"),
    ("description", "x" * 2_001),
    ("weight_grams", 0),
    ("weight_grams", -1),
    ("weight_grams", 10**18 - 1),
    ("currency", "eur"),
    ("currency", "XXX"),
    ("declared_value_minor", -1),
    ("declared_value_minor", 10_000_001),
    ("sender_id", "not-an-id"),
    ("sender_id", ID.upper()),
    ("pickup_by", "2030-01-01"),
    ("pickup_by", "2030-01-01T00:00:00"),
    ("pickup_by", "2030-13-01T00:00:00Z"),
    ("pickup_by", "0001-01-01T00:00:00+14:00"),
    ("pickup_by", "9999-12-31T23:59:59-14:00"),
    ("pickup_by", "2000-01-01T00:00:00Z"),
    ("pickup_by", 1893456000),
    ("deliver_by", "2999-01-01T00:00:00Z"),
]
BAD_PLACES: list[tuple[str, Any]] = [
    ("latitude", 90.1),
    ("latitude", "52.5"),
    ("longitude", -180.1),
    ("longitude", True),
    ("address", "Kastanienallee\r\nX-Evil: 1"),
    ("address", "\u202eevil"),
    ("address", "x" * 201),
]


@pytest.mark.parametrize(("name", "value"), BAD_FIELDS)
async def test_each_field_of_a_delivery_is_checked(
    nobody_s_friend: Person, name: str, value: Any
) -> None:
    answer = await nobody_s_friend.post("/v1/deliveries", {**NEW_DELIVERY, name: value})
    assert (answer.status_code, code_of(answer)) == (422, "fields_invalid")
    assert [error["at"] for error in answer.json()["errors"]] == [f"body/{name}"]


@pytest.mark.parametrize(("name", "value"), BAD_PLACES)
async def test_each_field_of_a_place_is_checked(
    nobody_s_friend: Person, name: str, value: Any
) -> None:
    place = {**NEW_DELIVERY["pickup"], name: value}
    answer = await nobody_s_friend.post("/v1/deliveries", {**NEW_DELIVERY, "pickup": place})
    assert [error["at"] for error in answer.json()["errors"]] == [f"body/pickup/{name}"]


@pytest.mark.parametrize(
    "recipient",
    [
        {"name": "Mara"},
        {"name": "Mara", "phone": "0151 1234"},
        {"name": "Mara", "email": "mara"},
        {"name": "Mara", "email": "mara@example.org\r\nBcc: a@example.org"},
        {"name": "Ma\nra", "phone": "+4915112345678"},
        {"phone": "+4915112345678"},
    ],
)
async def test_a_recipient_has_a_name_and_can_be_reached(
    nobody_s_friend: Person, recipient: dict[str, str]
) -> None:
    answer = await nobody_s_friend.post("/v1/deliveries", {**NEW_DELIVERY, "recipient": recipient})
    assert (answer.status_code, code_of(answer)) == (422, "fields_invalid")


@pytest.mark.parametrize("name", ["sender_id", "recipient"])
async def test_a_person_who_does_not_exist_is_refused(nobody_s_friend: Person, name: str) -> None:
    value: Any = ID if name == "sender_id" else {"name": "Mara", "person_id": ID}
    answer = await nobody_s_friend.post("/v1/deliveries", {**NEW_DELIVERY, name: value})
    assert (answer.status_code, code_of(answer)) == (422, "person_unknown")


NAMES = [
    "Ólafur Þórðarson",
    "محمد",
    "李雷",
    "O'Brien-Šimić",
    "Robert'); DROP TABLE person;--",
    "👩‍🚀",
]


@pytest.mark.parametrize("name", NAMES)
async def test_names_of_all_kinds_are_kept_as_they_are(nobody_s_friend: Person, name: str) -> None:
    body = {**NEW_DELIVERY, "recipient": {"name": name, "phone": "+4915112345678"}}
    answer = await nobody_s_friend.post("/v1/deliveries", body)
    assert answer.json()["recipient"]["name"] == name


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v1/deliveries", {"limit": "CANARY"}),
        ("/v1/deliveries", {"limit": "0"}),
        ("/v1/deliveries", {"limit": "101"}),
        ("/v1/deliveries", {"limit": "1e400"}),
        ("/v1/deliveries", {"limit": "9" * 5_000}),
        ("/v1/deliveries", {"scope": "CANARY"}),
        ("/v1/disputes", {"status": "CANARY"}),
    ],
)
async def test_query_parameters_are_checked(
    nobody_s_friend: Person, path: str, query: dict[str, str]
) -> None:
    answer = await nobody_s_friend.get(path, **query)
    assert (answer.status_code, code_of(answer)) == (422, "fields_invalid")
    assert "CANARY" not in answer.text


@pytest.mark.parametrize(
    "cursor", ["", "x", "%00", "ü", "aWQ6", "c2VxOjE", "aWQ6Jzs-", "😀", "=" * 50, "A" * 100]
)
async def test_a_cursor_that_is_not_ours_is_refused(nobody_s_friend: Person, cursor: str) -> None:
    for path in ("/v1/deliveries", "/v1/disputes"):
        answer = await nobody_s_friend.get(path, cursor=cursor)
        assert (answer.status_code, code_of(answer)) == (400, "cursor_invalid")


@pytest.mark.parametrize(
    "bad_id",
    [
        "x",
        "%00",
        "..",
        "%2e%2e",
        ID.upper(),
        ID + "0",
        "'; DROP TABLE delivery; --",
        "%ff",
        "a" * 3_000,
    ],
)
async def test_an_id_that_is_none_is_answered_like_an_id_of_nothing(
    nobody_s_friend: Person, bad_id: str
) -> None:
    like = await nobody_s_friend.get(f"/v1/deliveries/{ID}/deadlines")
    answer = await nobody_s_friend.get(f"/v1/deliveries/{bad_id}/deadlines")
    assert (answer.status_code, answer.json()) == (404, like.json())


async def test_what_is_not_there_is_a_problem(http: httpx.AsyncClient) -> None:
    for path in ("/", "/v1", "/v2/deliveries", "/v1/deliveries/", "/admin", "/metrics", "//"):
        answer = await http.get(path)
        assert (answer.status_code, code_of(answer)) == (404, "not_found")


async def test_a_method_that_is_not_there_is_a_problem(http: httpx.AsyncClient) -> None:
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "PURGE"):
        answer = await http.request(method, "/v1/deliveries")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, POST"
        if method != "HEAD":
            assert code_of(answer) == "method_not_allowed"


async def test_every_answer_has_the_security_headers(nobody_s_friend: Person) -> None:
    answers = [
        await nobody_s_friend.get("/v1/deliveries"),
        await nobody_s_friend.http.get("/nothing"),
        await nobody_s_friend.post("/v1/deliveries", content=b"{"),
        await nobody_s_friend.http.get("/healthz"),
    ]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "max-age" in answer.headers["strict-transport-security"]
        assert "server" not in answer.headers
