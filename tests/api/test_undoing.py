"""Undo over REST: the side that loses by it, for a minute, with a new code."""

from __future__ import annotations

from tests.api.client import code_of
from tests.api.counting import Counter
from tests.api.story import Story, done


async def play_undo(story: Story, counter: Counter) -> None:
    """Undo a pickup; the change is counted."""
    cast = await story.picked_up()
    await counter.post(cast.customer, f"{cast.path}/undo")


async def test_a_handover_is_undone_by_the_traveler_and_made_again(story: Story) -> None:
    cast = await story.picked_up()
    code = done(await cast.recipient.get(f"{cast.path}/codes/handover"))["code"]
    done(await cast.traveler.post(f"{cast.path}/handover", {"code": code}))
    for stranger, status, refusal in (
        (cast.agent, 403, "not_your_role"),
        (cast.customer, 403, "not_your_role"),
        (cast.recipient, 403, "not_your_role"),
        (await story.traveler(), 404, "not_found"),
    ):
        answer = await stranger.post(f"{cast.path}/undo")
        assert (answer.status_code, code_of(answer)) == (status, refusal)
    undone = done(await cast.traveler.post(f"{cast.path}/undo"))
    assert (undone["status"], undone["deadline"]["kind"]) == ("in_transit", "handover")
    again = await cast.traveler.post(f"{cast.path}/handover", {"code": code})
    assert (again.status_code, code_of(again)) == (422, "code_wrong")
    new = done(await cast.recipient.get(f"{cast.path}/codes/handover"))["code"]
    assert done(await cast.traveler.post(f"{cast.path}/handover", {"code": new}))
    items = done(await cast.customer.get(f"{cast.path}/timeline", limit=100))["items"]
    kinds = [item["kind"] for item in items]
    assert kinds[-3:] == ["handed_over", "handover_undone", "handed_over"]
    done(await cast.customer.post(f"{cast.path}/confirm"))
    await cast.until("completed")
    late = await cast.traveler.post(f"{cast.path}/undo")
    assert (late.status_code, code_of(late)) == (409, "delivery_closed")
