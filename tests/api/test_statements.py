"""Statements through the API: who may read them, what they say, page by page, as JSON and CSV."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest

from api.spreadsheets import COLUMNS, safe_cell
from tests.api.client import Person, code_of
from tests.api.story import Cast, Story, done

ME = "/v1/statements/me"


@pytest.fixture(scope="module")
async def completed(story: Story) -> Cast:
    """A delivery that was released and paid out."""
    cast = await story.delivered()
    done(await cast.customer.post(f"{cast.path}/confirm"))
    await cast.until("completed")
    return cast


def moves(statement: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (line["booking"], line["account"], line["change"]["display"]) for line in statement["items"]
    ]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


async def test_a_traveler_reads_what_was_earned_and_paid_out(completed: Cast) -> None:
    statement = done(await completed.traveler.get(ME))
    assert moves(statement) == [
        ("release", "traveler_payable", "EUR 37.80"),
        ("payout", "traveler_payable", "EUR -37.80"),
    ]
    (balance,) = statement["balances"]
    assert balance["account"] == "traveler_payable"
    assert balance["closing"]["amount_minor"] == 0
    assert {line["delivery_id"] for line in statement["items"]} == {completed.delivery_id}
    assert statement["person_id"] == completed.traveler.person_id
    own = f"/v1/statements/{completed.traveler.person_id}"
    assert done(await completed.traveler.get(own)) == statement
    assert done(await completed.agent.get(own)) == statement


async def test_a_customer_reads_what_was_held_and_where_it_went(completed: Cast) -> None:
    statement = done(await completed.customer.get(ME))
    assert moves(statement) == [
        ("charge", "escrow", "EUR 42.00"),
        ("reserve", "escrow", "EUR -42.00"),
        ("reserve", "transfer_reserve", "EUR 42.00"),
        ("release", "transfer_reserve", "EUR -42.00"),
    ]


async def test_a_refund_says_who_bears_it(story: Story) -> None:
    cast = await story.paid()
    done(await cast.customer.post(f"{cast.path}/cancel"))
    await cast.until("cancelled")
    bearers = {
        line["booking"]: line["bearer"] for line in done(await cast.customer.get(ME))["items"]
    }
    assert bearers == {"charge": None, "refund": "customer"}
    assert done(await cast.recipient.get(ME))["items"] == []


async def test_a_stranger_reads_nobody_elses_statement(completed: Cast, story: Story) -> None:
    stranger = await story.traveler()
    for person in (stranger, completed.customer, completed.recipient):
        answer = await person.get(f"/v1/statements/{completed.traveler.person_id}")
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
    nobody = await completed.agent.get("/v1/statements/01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21")
    assert code_of(nobody) == "not_found"
    malformed = await completed.agent.get("/v1/statements/you")
    assert code_of(malformed) == "not_found"
    answer = await stranger.get(f"{completed.path}/statement")
    assert (answer.status_code, code_of(answer)) == (404, "not_found")
    outsider = Person(stranger.http, stranger.person_id, "x" * 40)
    for path in (ME, f"/v1/statements/{stranger.person_id}", f"{completed.path}/statement"):
        assert code_of(await outsider.get(path)) == "unauthenticated"


async def test_a_traveler_who_only_offered_reads_no_statement(story: Story) -> None:
    cast = await story.offered()
    answer = await cast.traveler.get(f"{cast.path}/statement")
    assert (answer.status_code, code_of(answer)) == (403, "not_your_role")


async def test_each_side_of_a_delivery_sees_what_concerns_it(completed: Cast) -> None:
    async def accounts(person: Person) -> set[str]:
        statement = done(await person.get(f"{completed.path}/statement"))
        assert statement["delivery_id"] == completed.delivery_id
        return {balance["account"] for balance in statement["balances"]}

    held = {"escrow", "transfer_reserve"}
    assert await accounts(completed.recipient) == set(), "what was paid is not for the recipient"
    assert await accounts(completed.customer) == {*held, "fee_revenue"}
    assert await accounts(completed.traveler) == {*held, "fee_revenue", "traveler_payable"}
    everything = {*held, "fee_revenue", "traveler_payable", "provider_cash"}
    assert await accounts(completed.agent) == everything


async def test_pages_make_up_the_whole_statement(completed: Cast) -> None:
    path = f"{completed.path}/statement"
    whole = done(await completed.agent.get(path))
    items, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        more: dict[str, str] = {"cursor": cursor} if cursor else {}
        page = done(await completed.agent.get(path, limit=2, **more))
        assert page["balances"] == whole["balances"]
        items += page["items"]
        cursor, pages = page["next_cursor"], pages + 1
    assert items == whole["items"]
    assert pages == (len(items) + 1) // 2
    for cursor in ("nonsense", "bGluZToxOng", "aWQ6MQ"):
        answer = await completed.agent.get(path, cursor=cursor)
        assert (answer.status_code, code_of(answer)) == (400, "cursor_invalid")


async def test_a_period_has_its_opening_and_closing_balance(completed: Cast) -> None:
    release, payout = done(await completed.traveler.get(ME))["items"]
    later = done(await completed.traveler.get(ME, since=payout["at"]))
    assert later["since"] == payout["at"]
    (balance,) = later["balances"]
    assert balance["opening"]["amount_minor"] in (0, 3780)
    assert release not in later["items"] or release["at"] == payout["at"]
    before = done(await completed.traveler.get(ME, until="2020-01-01T00:00:00Z"))
    assert (before["items"], before["balances"]) == ([], [])
    after = done(await completed.traveler.get(ME, since="2999-01-01T00:00:00+01:00"))
    assert after["items"] == []
    assert after["balances"][0]["opening"] == after["balances"][0]["closing"]


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2026-05-01"},
        {"until": "yesterday"},
        {"since": "2026-05-02T00:00:00Z", "until": "2026-05-02T00:00:00Z"},
        {"limit": "0"},
        {"limit": "1001"},
    ],
)
async def test_a_period_that_cannot_be_is_refused(completed: Cast, query: dict[str, str]) -> None:
    answer = await completed.customer.get(ME, **query)
    assert (answer.status_code, code_of(answer)) == (422, "fields_invalid")
    assert answer.json()["errors"]


async def test_a_sheet_has_opening_lines_and_closing(completed: Cast) -> None:
    path = f"{completed.path}/statement"
    answer = await completed.agent.get(path, accept="text/csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["vary"] == "Accept, Origin"
    assert "statement.csv" in answer.headers["content-disposition"]
    assert "link" not in answer.headers
    rows = rows_of(answer.text)
    whole = done(await completed.agent.get(path))
    kinds = [row["row"] for row in rows]
    accounts = len(whole["balances"])
    lines = ["line"] * len(whole["items"])
    assert kinds == ["opening"] * accounts + lines + ["closing"] * accounts
    listed = [(int(row["amount_minor"]), row["display"]) for row in rows if row["row"] == "line"]
    assert listed == [
        (line["change"]["amount_minor"], line["change"]["display"]) for line in whole["items"]
    ]
    assert answer.text.splitlines()[0] == ",".join(COLUMNS)


async def test_sheets_of_pages_make_up_one_file(completed: Cast) -> None:
    path = f"{completed.path}/statement"
    whole = (await completed.agent.get(path, accept="text/csv")).text
    answer = await completed.agent.get(path, accept="text/csv", limit=3)
    text = answer.text
    while "link" in answer.headers:
        address = answer.headers["link"].partition(">")[0].removeprefix("<")
        answer = await completed.agent.http.get(
            address, headers={**completed.agent.headers, "Accept": "text/csv"}
        )
        text += answer.text.partition("\r\n")[2]
    assert text == whole


async def test_other_media_types_are_not_given(completed: Cast) -> None:
    answer = await completed.customer.get(ME, accept="application/pdf")
    assert (answer.status_code, code_of(answer)) == (406, "not_acceptable")


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "%x"])
def test_a_cell_never_runs_as_a_formula(cell: str) -> None:
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "-4200", "42.00", "EUR -42.00", "release", "2026-05-01"])
def test_a_plain_cell_stays_as_it_is(cell: str) -> None:
    assert safe_cell(cell) == cell
