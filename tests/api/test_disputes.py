"""Disputes: both sides speak, an agent decides, the money follows."""

from __future__ import annotations

from typing import Any

import pytest

from api.queries.disputes import EVIDENCE_MAX, MESSAGES_MAX
from tests.api.client import code_of
from tests.api.story import Story, done

PROOF = {"kind": "photo", "description": "The neck is broken.", "content_sha256": "ab" * 32}


async def test_a_dispute_is_split_with_everything_said_on_record(story: Story) -> None:
    cast = await story.disputed()
    added = await cast.customer.post(f"{cast.dispute_path}/evidence", PROOF)
    assert (added.status_code, added.json()["author_role"]) == (201, "customer")
    text = {"text": "It was broken at pickup.\nSee the photo."}
    for person in (cast.traveler, cast.recipient, cast.agent):
        done(await person.post(f"{cast.dispute_path}/messages", text))
    verdict = {"outcome": "split", "refund_minor": 1500, "note": "Damaged, but usable."}
    decided = done(await cast.agent.post(f"{cast.dispute_path}/verdict", verdict))
    assert (decided["refund"]["amount_minor"], decided["release"]["amount_minor"]) == (1500, 2700)
    view = done(await cast.traveler.get(cast.dispute_path))
    assert (view["status"], view["outcome"], view["note"]) == (
        "decided",
        "split",
        "Damaged, but usable.",
    )
    assert view["held"] == {"amount_minor": 4200, "currency": "EUR", "display": "EUR 42.00"}
    assert [item["description"] for item in view["evidence"]] == [PROOF["description"]]
    roles = [item["author_role"] for item in view["messages"]]
    assert roles == ["traveler", "recipient", "agent"]
    delivery = await cast.until("settled")
    assert delivery["held_payment"]["status"] == "split"
    ledger = done(await cast.agent.get(f"{cast.path}/ledger"))
    assert {booking["kind"] for booking in ledger["transactions"]} == {
        "charge",
        "refund",
        "reserve",
        "release",
        "payout",
    }
    for booking in ledger["transactions"]:
        sides = {"debit": 0, "credit": 0}
        for entry in booking["entries"]:
            sides[entry["side"]] += entry["amount"]["amount_minor"]
        assert sides["debit"] == sides["credit"]


async def test_nothing_is_added_to_a_decided_dispute(story: Story) -> None:
    cast = await story.disputed()
    done(await cast.agent.post(f"{cast.dispute_path}/verdict", {"outcome": "refund"}))
    for path, body in (("evidence", PROOF), ("messages", {"text": "But!"})):
        answer = await cast.customer.post(f"{cast.dispute_path}/{path}", body)
        assert (answer.status_code, code_of(answer)) == (409, "dispute_closed")
        assert "current_status" in answer.json()
    again = await cast.agent.post(f"{cast.dispute_path}/verdict", {"outcome": "release"})
    assert (again.status_code, code_of(again)) == (409, "dispute_already_decided")


async def test_a_party_adds_a_bounded_number_of_pieces_and_silences_nobody(story: Story) -> None:
    cast = await story.disputed()
    for number in range(EVIDENCE_MAX):
        body = {"kind": "statement", "description": f"Piece {number}"}
        done(await cast.customer.post(f"{cast.dispute_path}/evidence", body))
    answer = await cast.customer.post(f"{cast.dispute_path}/evidence", PROOF)
    assert (answer.status_code, code_of(answer)) == (409, "dispute_full")
    for person in (cast.traveler, cast.agent):
        done(await person.post(f"{cast.dispute_path}/evidence", PROOF))
    done(await cast.customer.post(f"{cast.dispute_path}/messages", {"text": "That is all."}))
    evidence = done(await cast.agent.get(cast.dispute_path))["evidence"]
    assert len(evidence) == EVIDENCE_MAX + 2
    assert [item["author_role"] for item in evidence[-3:]] == ["customer", "traveler", "agent"]


async def test_staff_may_always_write(story: Story) -> None:
    cast = await story.disputed()
    for number in range(MESSAGES_MAX + 1):
        body = {"text": f"Question {number}"}
        done(await cast.agent.post(f"{cast.dispute_path}/messages", body))


@pytest.mark.parametrize(
    "verdict",
    [
        {"outcome": "split"},
        {"outcome": "split", "refund_minor": 4200},
        {"outcome": "refund", "refund_minor": 100},
        {"outcome": "release", "refund_minor": 100},
    ],
)
async def test_an_amount_that_does_not_fit_the_verdict_is_refused(
    story: Story, verdict: dict[str, Any]
) -> None:
    cast = await story.disputed()
    answer = await cast.agent.post(f"{cast.dispute_path}/verdict", verdict)
    assert (answer.status_code, code_of(answer)) == (422, "verdict_amount_invalid")


async def test_the_platform_s_own_reasons_are_not_for_people(story: Story) -> None:
    cast = await story.delivered()
    for reason in ("handover_overdue", "stopped_by_operator", "x"):
        answer = await cast.customer.post(f"{cast.path}/dispute", {"reason": reason})
        assert (answer.status_code, code_of(answer)) == (422, "fields_invalid")


async def test_a_dispute_outside_its_window_is_refused(story: Story) -> None:
    early = await story.picked_up()
    answer = await early.customer.post(f"{early.path}/dispute", {"reason": "damaged"})
    assert (answer.status_code, code_of(answer)) == (409, "wrong_state")
    late = await story.delivered()
    done(await late.customer.post(f"{late.path}/confirm"))
    await late.until("completed")
    answer = await late.customer.post(f"{late.path}/dispute", {"reason": "damaged"})
    assert answer.status_code == 409
    assert code_of(answer) in ("dispute_window_closed", "delivery_closed")
