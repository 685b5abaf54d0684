"""Losses through the API, and what each side and the agent read about liability."""

from __future__ import annotations

from tests.api.client import code_of
from tests.api.story import Story, done


async def test_a_stolen_parcel_says_what_is_expected_and_suggests_a_verdict(story: Story) -> None:
    cast = await story.picked_up()
    assert code_of(await cast.recipient.post(f"{cast.path}/loss", {"kind": "lost"})) == (
        "not_your_role"
    )
    answer = await cast.traveler.post(
        f"{cast.path}/loss", {"kind": "stolen", "note": "On a train."}
    )
    opened = done(answer)
    assert (opened["status"], answer.headers["location"]) == (
        "disputed",
        f"/v1/disputes/{opened['dispute_id']}",
    )
    path = f"/v1/disputes/{opened['dispute_id']}"
    proof = {"kind": "document", "description": "Police report 17."}
    done(await cast.traveler.post(f"{path}/evidence", proof))
    seen = done(await cast.customer.get(f"{path}/liability"))
    assert (seen["reason"], seen["handover_proof"], seen["suggestion"]) == ("stolen", "none", None)
    there = {(each["by"], each["kind"]): each["is_there"] for each in seen["expected_evidence"]}
    assert there == {
        ("traveler", "document"): True,
        ("traveler", "statement"): False,
        ("customer", "receipt"): False,
    }
    suggestion = done(await cast.agent.get(f"{path}/liability"))["suggestion"]
    assert (suggestion["outcome"], suggestion["covered"]["amount_minor"]) == ("refund", 50_000)
    stranger = await story.person("customer")
    assert code_of(await stranger.get(f"{path}/liability")) == "not_found"


async def test_damage_found_after_the_handover_is_assessed_by_its_proof(story: Story) -> None:
    cast = await story.disputed()
    found = done(await cast.agent.get(f"{cast.dispute_path}/liability"))
    assert (found["handover_proof"], found["suggestion"]["outcome"]) == ("code", "split")
    assert found["declared_value"]["amount_minor"] == 90_000
