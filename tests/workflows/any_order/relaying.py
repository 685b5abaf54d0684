"""The commands of a relay; importing this module registers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.contracts import Actor, CodePurpose
from domain.ids import PersonId, RelayId
from domain.journey.relay_contracts import (
    AnswerRelay,
    AskRelay,
    ScanRelay,
    TakeRelay,
    WithdrawRelay,
)
from infra.identifiers import new_id
from tests.workflows.any_order.commands import scanned
from tests.workflows.any_order.registry import (
    CARRIED,
    CUSTOMERS,
    FAR_M,
    NEAR_M,
    TRAVELERS,
    command,
)

if TYPE_CHECKING:
    from tests.workflows.any_order.story import Story


@command(TRAVELERS, *CARRIED)
def ask_relay(story: Story, actor: Actor) -> AskRelay:
    story.relay_id = RelayId(new_id())
    taker = story.random.choice([story.play.rival, story.play.traveler, story.play.customer])
    points = story.random.choice((2_500, 5_000, 9_999))
    return AskRelay(actor, story.relay_id, PersonId(str(taker.person_id)), points)


@command(CUSTOMERS, *CARRIED)
def answer_relay(story: Story, actor: Actor) -> AnswerRelay:
    return AnswerRelay(actor, story.relay_id, agrees=story.random.random() < 0.8)


@command(TRAVELERS, *CARRIED)
def take_relay(story: Story, actor: Actor) -> TakeRelay:
    takes = story.random.random() < 0.8
    return TakeRelay(actor, story.relay_id, takes=takes, payout_account="acct_sandbox_t")


@command(TRAVELERS, *CARRIED)
def withdraw_relay(story: Story, actor: Actor) -> WithdrawRelay:
    return WithdrawRelay(actor, story.relay_id)


@command(TRAVELERS, *CARRIED)
def scan_relay(story: Story, actor: Actor) -> ScanRelay:
    made = scanned(story, actor, CodePurpose.RELAY)
    return ScanRelay(made, story.random.choice((NEAR_M, NEAR_M, FAR_M, None)))
