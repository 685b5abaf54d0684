"""The parts of the edge by themselves: strict JSON, negotiation, types, logs."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from starlette.types import Message, Receive, Scope, Send

from api.edge.cursors import cursors_for
from api.edge.logs import HideLinkTokens
from api.edge.metrics import Metrics
from api.edge.middleware import Edge
from api.edge.negotiation import choose_media_type
from api.edge.origins import Origins
from api.edge.problems import Problem
from api.edge.requests import StrictRequest
from api.edge.strict_json import NotStrictJson, canonical_bytes, read_json
from api.models.types import Moment, utc_text
from api.paging import id_cursor, read_id_cursor, read_sequence_cursor, sequence_cursor


def sequence_cursor_of(lookup: bytes) -> str:
    with cursors_for(b"k" * 32, "/v1/deliveries", lookup):
        return sequence_cursor(17)


PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PLAIN, inner, max_size=3),
    max_leaves=10,
)


@given(VALUES)
def test_what_is_written_canonically_reads_back(value: Any) -> None:
    assert read_json(canonical_bytes(value)) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    value: Any = None
    with suppress(NotStrictJson):
        value = read_json(raw)
    assert canonical_bytes(value)


@given(st.text(max_size=60))
def test_any_accept_header_is_answered_or_refused(header: str) -> None:
    offered = ("application/json", "image/png")
    chosen: str | None = None
    with suppress(Problem):
        chosen = choose_media_type(header, offered)
    assert chosen in (None, *offered)


def test_depth_is_counted_in_lists_and_objects() -> None:
    assert read_json(b"[" * 16 + b"]" * 16)
    with pytest.raises(NotStrictJson, match="deep"):
        read_json(b"[" * 17 + b"]" * 17)


def test_no_accept_header_means_the_first_type() -> None:
    assert choose_media_type(None, ("application/json", "image/png")) == "application/json"
    assert choose_media_type("  ", ("application/json", "image/png")) == "application/json"


@given(st.datetimes(timezones=st.just(UTC), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001
def test_moments_survive_their_own_spelling_to_the_millisecond(moment: datetime) -> None:
    text = utc_text(moment)
    if moment.year >= 1000:
        read = TypeAdapter(Moment).validate_python(text)
        assert abs((moment - read).total_seconds()) < 0.001


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-01T09:30:00Z", "2026-05-01T09:30:00.000Z"),
        ("2026-05-01t09:30:00z", "2026-05-01T09:30:00.000Z"),
        ("2026-05-01T11:30:00+02:00", "2026-05-01T09:30:00.000Z"),
        ("2026-05-01T09:30:00.123456789Z", "2026-05-01T09:30:00.123Z"),
    ],
)
def test_moments_are_read_with_any_offset(text: str, expected: str) -> None:
    assert utc_text(TypeAdapter(Moment).validate_python(text)) == expected


@pytest.mark.parametrize("text", ["", "now", "2026-05-01", "20260501T093000Z", "2026-05-01 09:30Z"])
def test_other_spellings_of_moments_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Moment).validate_python(text)


def test_cursors_read_back() -> None:
    some_id = "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"
    with cursors_for(b"k" * 32, "/v1/deliveries", b"somebody"):
        assert read_id_cursor(id_cursor(some_id), "") == some_id
        assert read_sequence_cursor(sequence_cursor(17)) == 17
        with pytest.raises(Problem):
            read_sequence_cursor(id_cursor(some_id))


@pytest.mark.parametrize("place", range(len(sequence_cursor_of(b"somebody"))))
def test_an_edited_cursor_is_refused(place: int) -> None:
    cursor = sequence_cursor_of(b"somebody")
    other = "A" if cursor[place] != "A" else "B"
    edited = cursor[:place] + other + cursor[place + 1 :]
    with cursors_for(b"k" * 32, "/v1/deliveries", b"somebody"), pytest.raises(Problem):
        read_sequence_cursor(edited)


@pytest.mark.parametrize(
    ("path", "lookup"), [("/v1/disputes", b"somebody"), ("/v1/deliveries", b"another")]
)
def test_a_cursor_is_good_for_its_list_and_its_person_only(path: str, lookup: bytes) -> None:
    with cursors_for(b"k" * 32, path, lookup), pytest.raises(Problem):
        read_sequence_cursor(sequence_cursor_of(b"somebody"))


def test_the_access_log_hides_link_tokens() -> None:
    record = logging.LogRecord("uvicorn.access", 20, "", 0, '%s - "%s %s HTTP/%s" %d', None, None)
    record.args = ("127.0.0.1:1", "GET", "/v1/links/HSECRET?x=1", "1.1", 200)
    assert HideLinkTokens().filter(record)
    assert "SECRET" not in record.getMessage()
    assert "/v1/links/…" in record.getMessage()


async def test_a_body_that_does_not_arrive_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(StrictRequest, "wait_s_max", 0)

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    scope = {"type": "http", "method": "POST", "headers": []}
    with pytest.raises(Problem) as refused:
        await StrictRequest(scope, receive).body()
    assert refused.value.status_code == 408


async def test_a_fault_after_the_answer_began_is_passed_on() -> None:
    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise LookupError

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(_: Message) -> None:
        return None

    edge = Edge(fail, over_tls=False, origins=Origins(frozenset()), metrics=Metrics())
    with pytest.raises(LookupError):
        await edge({"type": "http", "method": "GET", "headers": []}, receive, send)
