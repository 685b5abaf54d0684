"""Dead letters are listed with their reason, and a replay tries them again from the start."""

from __future__ import annotations

import asyncio

import pytest

from activities.webhook_ports import DispatchReport
from domain.provider_news import KEPT_FOR_REPLAY, NewsState
from infra.cli import arguments, main
from infra.webhooks.kept import listed, replayed
from infra.webhooks.verdicts import NOT_OURS
from tests.infra.database.story import Story
from tests.infra.webhooks.post_room import PostRoom, event
from tests.infra.webhooks.test_dispatch import DISPUTE, charge_of


@pytest.fixture
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)


async def kill(post_room: PostRoom, *, name: str = "payment_intent.succeeded") -> str:
    """Let an event about an unknown object be given up and return its id."""
    foreign = event(name, "pi_foreign", operation_id="another:charge")
    await post_room.receive(foreign)
    for _ in range(3):
        await post_room.dispatch()
        await post_room.make_due()
    return foreign.event_id


async def test_a_replayed_event_is_tried_again_from_the_start(
    post_room: PostRoom, held: Story
) -> None:
    event_id = await kill(post_room)
    (dead,) = await listed(post_room.engine, [NewsState.DEAD], 10)
    assert (dead.event_id, dead.tries) == (event_id, 3)
    assert dead.note.endswith(NOT_OURS)
    assert await replayed(post_room.engine, KEPT_FOR_REPLAY, [event_id, "evt_unknown"]) == [
        event_id
    ]
    assert await post_room.dispatch() == DispatchReport(postponed=1)
    (again,) = await listed(post_room.engine, [NewsState.NEW], 10)
    assert again.tries == 1


async def test_a_dispute_that_waited_reaches_the_chargeback_that_is_there_now(
    post_room: PostRoom, held: Story
) -> None:
    post_room.addressees.takes_chargebacks = False
    dispute = event("charge.dispute.created", "du_1", DISPUTE, operation_id=charge_of(held))
    await post_room.receive(dispute)
    assert await post_room.dispatch() == DispatchReport(waiting=1)
    post_room.addressees.takes_chargebacks = True
    assert await replayed(post_room.engine, [NewsState.WAITING], []) == [dispute.event_id]
    assert await post_room.dispatch() == DispatchReport(told=1)
    assert post_room.addressees.chargebacks == [("stripe", charge_of(held), "du_1")]


async def test_what_was_settled_is_never_replayed(post_room: PostRoom, held: Story) -> None:
    told = event("payment_intent.canceled", "pi_1", operation_id=charge_of(held))
    await post_room.receive(told)
    await post_room.dispatch()
    assert await replayed(post_room.engine, list(NewsState), [told.event_id]) == []
    assert await replayed(post_room.engine, list(NewsState), []) == []
    assert (await post_room.row(told)).state == "told"


async def test_the_command_line_lists_and_replays(
    post_room: PostRoom, database: None, capsys: pytest.CaptureFixture[str]
) -> None:
    event_id = await kill(post_room)
    assert await told_by(capsys, "list") == (0, _line(event_id))
    assert await told_by(capsys, "list", "--state", "told") == (0, "No event is told.\n")
    assert await told_by(capsys, "replay", event_id) == (0, f"{event_id} is due again.\n")
    assert await told_by(capsys, "replay", event_id) == (1, f"Not kept for a replay: {event_id}.\n")
    assert await told_by(capsys, "replay", "--state", "dead") == (
        0,
        "There is nothing to replay.\n",
    )
    both = await told_by(capsys, "replay", event_id, "--state", "dead")
    assert both == await told_by(capsys, "replay")
    assert both[0] == 1


async def told_by(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Run a command as a person does; return its exit code and what it told."""
    code = await asyncio.to_thread(main, ["webhooks", *words])
    told = capsys.readouterr()
    out = told.out + told.err
    # The moment at the start of a line is another one in every run.
    return code, out[20:] if " dead evt_" in out else out


def _line(event_id: str) -> str:
    return (
        f"dead {event_id} payment_intent.succeeded of pi_foreign, about another:charge, 3 tries\n"
        f"    given up after 3 tries: {NOT_OURS}\n"
    )


def test_the_command_line_knows_every_state() -> None:
    assert set(arguments.NEWS_STATES) == set(NewsState)
    assert set(arguments.NEWS_STATES_KEPT) == set(KEPT_FOR_REPLAY)
