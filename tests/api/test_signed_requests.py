"""Whatever stands in the headers of a signed request, it is the device's, or refused in one of two ways."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.access.devices import SigningDevice, device_values, signing_device
from api.edge.problems import Code, Problem
from api.edge.requests import StrictRequest
from domain.devices.keys import KeyAlgorithm
from domain.errors import RefusalCode
from infra.identifiers import new_id
from tests.device_keys import SoftKey

PATH, KEY, BODY = "/v1/deliveries/1/codes/handover/holding", "mine", b'{"a":1}'
DEVICE_ID = new_id()
KEYS = {algorithm: SoftKey.made(algorithm) for algorithm in KeyAlgorithm}
WRONG = {RefusalCode.DEVICE_MISSING, RefusalCode.DEVICE_WRONG}

header = st.text(st.characters(max_codepoint=255), max_size=120).map(lambda t: t.encode("latin-1"))


def request(headers: dict[bytes, bytes], *, body: bytes = BODY, path: str = PATH) -> StrictRequest:
    """Return a request as the server hands it on."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(),
        "query_string": b"", "server": ("sendalong.test", 443), "scheme": "https",
        "headers": [(b"content-type", b"application/json"), *headers.items()],
    }  # fmt: skip
    return StrictRequest(scope, receive)


def row(algorithm: KeyAlgorithm) -> dict[str, Any]:
    """Return what the database says of the device."""
    return {
        "signing_device_id": DEVICE_ID,
        "signing_algorithm": str(algorithm),
        "signing_public_key": KEYS[algorithm].public,
    }


def asked(sent: StrictRequest, algorithm: KeyAlgorithm) -> SigningDevice | Code:
    async def ask() -> SigningDevice | Code:
        try:
            return await signing_device(sent, row(algorithm))
        except Problem as problem:
            return problem.code

    return asyncio.run(ask())


def signed(algorithm: KeyAlgorithm, **changed: bytes) -> dict[bytes, bytes]:
    signature = KEYS[algorithm].signed("POST", PATH, KEY, BODY).encode()
    good = {
        b"sendalong-device": DEVICE_ID.encode(),
        b"sendalong-signature": signature,
        b"idempotency-key": KEY.encode(),
    }
    return good | {name.replace("_", "-").encode(): value for name, value in changed.items()}


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_a_signed_request_is_the_device_s(algorithm: KeyAlgorithm) -> None:
    found = asked(request(signed(algorithm)), algorithm)
    assert isinstance(found, SigningDevice)
    assert found.device_id == DEVICE_ID


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_nothing_of_a_request_may_change_after_it_is_signed(algorithm: KeyAlgorithm) -> None:
    headers = signed(algorithm)
    for changed in (
        request(headers, body=BODY + b" "),
        request(headers, path=PATH.replace("handover", "pickup")),
        request(signed(algorithm, idempotency_key=b"other")),
        request(signed(algorithm, idempotency_key=b"")),
    ):
        assert asked(changed, algorithm) is RefusalCode.DEVICE_WRONG


@given(st.sampled_from(KeyAlgorithm), header)
def test_any_signature_is_refused_in_one_way(algorithm: KeyAlgorithm, text: bytes) -> None:
    headers = signed(algorithm, sendalong_signature=text)
    assert asked(request(headers), algorithm) is RefusalCode.DEVICE_WRONG


@given(st.sampled_from(KeyAlgorithm), st.dictionaries(header, header, max_size=4))
def test_any_headers_are_refused_in_one_of_two_ways(
    algorithm: KeyAlgorithm, headers: dict[bytes, bytes]
) -> None:
    assert asked(request(headers), algorithm) in WRONG


@given(header)
def test_a_device_is_named_by_an_id_or_not_at_all(text: bytes) -> None:
    named = device_values(request({b"sendalong-device": text}))["signing_device_id"]
    assert named in (None, text.decode("latin-1"))
    assert named is None or len(named) == len(DEVICE_ID)
