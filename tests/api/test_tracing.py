"""Every request can be found in the logs by one id, which the caller may choose."""

from __future__ import annotations

import re

import httpx
import pytest

NEW = re.compile(r"[0-9a-f]{32}")
CALLERS = "4bf92f3577b34da6a3ce929d0e0e4736"


async def test_a_callers_trace_goes_on(http: httpx.AsyncClient) -> None:
    answer = await http.get(
        "/nothing", headers={"traceparent": f"00-{CALLERS}-00f067aa0ba902b7-01"}
    )
    assert (answer.headers["trace-id"], answer.json()["trace_id"]) == (CALLERS, CALLERS)


@pytest.mark.parametrize(
    "traceparent",
    [
        "nonsense",
        f"ff-{CALLERS}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{CALLERS}-{'0' * 16}-01",
        f"00-{CALLERS.upper()}-00f067aa0ba902b7-01",
        "00-" + "a" * 5_000,
    ],
)
async def test_what_is_no_trace_begins_one(http: httpx.AsyncClient, traceparent: str) -> None:
    answers = [await http.get("/nothing", headers={"traceparent": traceparent}) for _ in range(2)]
    first, second = (answer.json()["trace_id"] for answer in answers)
    assert NEW.fullmatch(first)
    assert first != second
    assert answers[0].headers["trace-id"] == first
