"""Climbs the ladder of a dispute through the API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from fastapi import FastAPI

from domain.disputing.policy import DisputePolicy
from tests.api.client import Person
from tests.api.story import Cast, Story

Post = Callable[[Person, str, Any], Awaitable[dict[str, Any]]]

PROOF = {"kind": "photo", "description": "The crack from inside.", "content_sha256": "cd" * 32}


@contextmanager
def every_stage(app: FastAPI) -> Iterator[None]:
    """Have the disputes of deliveries that are opened meanwhile go through every stage."""
    services = app.state.services
    policies = replace(services.policies, disputes=DisputePolicy())
    app.state.services = replace(services, policies=policies)
    try:
        yield
    finally:
        app.state.services = services


async def play_ladder(story: Story, app: FastAPI, post: Post) -> None:
    """Take every step of the ladder once, in two disputes."""
    with every_stage(app):
        agreed, appealed = await story.disputed(), await story.disputed()
    await play_to_agreement(agreed, post)
    await play_to_review(appealed, post)


async def play_to_agreement(cast: Cast, post: Post) -> None:
    """Contest, propose, withdraw, propose again and accept."""
    path = cast.dispute_path
    await post(cast.traveler, f"{path}/answer", {"accepts": False})
    await post(cast.traveler, f"{path}/proposals", {"outcome": "release"})
    (first,) = (await cast.customer.get(path)).json()["proposals"]
    await post(cast.traveler, f"{path}/proposals/{first['proposal_id']}/withdraw", None)
    await post(cast.traveler, f"{path}/proposals", {"outcome": "split", "refund_minor": 900})
    second = (await cast.customer.get(path)).json()["proposals"][-1]
    await post(cast.customer, f"{path}/proposals/{second['proposal_id']}/accept", None)


async def play_to_review(cast: Cast, post: Post) -> None:
    """Call an agent, who asks and decides; one side waives the appeal, the other one appeals."""
    path = cast.dispute_path
    await post(cast.traveler, f"{path}/answer", {"accepts": False})
    await post(cast.customer, f"{path}/agent", None)
    await post(cast.agent, f"{path}/assignment", None)
    question = {"side": "traveler", "question": "Was it cracked at pickup?"}
    await post(cast.agent, f"{path}/questions", question)
    await post(cast.traveler, f"{path}/replies", {"text": "It was."})
    await post(cast.agent, f"{path}/verdict", {"outcome": "refund"})
    await post(cast.customer, f"{path}/waiver", None)
    added = await post(cast.traveler, f"{path}/evidence", PROOF)
    await post(cast.traveler, f"{path}/appeal", {"evidence_id": added["evidence_id"]})
