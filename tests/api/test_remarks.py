"""What staff write into the record: nothing in it may hide."""

from __future__ import annotations

import pytest

from tests.api.client import code_of
from tests.api.story import Story


@pytest.mark.parametrize("name", ["reason", "reference"])
@pytest.mark.parametrize("hidden", ["\x07", "\x1b[2J", "\u202e", "\u2066"])
async def test_staff_write_nothing_that_hides(story: Story, name: str, hidden: str) -> None:
    cast = await story.requested()
    answer = await cast.agent.post(f"{cast.path}/resolve", {name: f"all{hidden}well"})
    assert (answer.status_code, code_of(answer)) == (422, "fields_invalid")
    assert answer.json()["errors"][0]["at"] == f"body/{name}"


@pytest.mark.parametrize("hidden", ["\x07", "\u202e"])
async def test_a_verdict_s_note_hides_nothing(story: Story, hidden: str) -> None:
    cast = await story.requested()
    body = {"outcome": "refund", "note": f"all{hidden}well"}
    answer = await cast.agent.post(f"/v1/disputes/{cast.delivery_id}/verdict", body)
    assert (answer.status_code, code_of(answer)) == (422, "fields_invalid")
