"""`sendalong webhooks`: what became of provider events, and another try for those that are kept."""

from __future__ import annotations

import argparse

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.provider_news import KEPT_FOR_REPLAY, NewsState
from infra.cli.connection import with_database
from infra.local_stack.errors import StackError
from infra.webhooks.kept import KeptEvent, listed, replayed


def run(options: argparse.Namespace) -> int:
    """List events, or let kept ones be tried again."""
    return _replay(options) if options.action == "replay" else _list(options)


def _list(options: argparse.Namespace) -> int:
    states = [NewsState(options.state)] if options.state else list(KEPT_FOR_REPLAY)
    events = with_database(options, lambda engine: listed(engine, states, options.limit))
    for event in events:
        print(_line(event))
    if not events:
        print(f"No event is {' or '.join(states)}.")
    return 0


def _replay(options: argparse.Namespace) -> int:
    if bool(options.event) == bool(options.state):
        raise StackError("Name the events to replay, or a state with --state, and not both.")
    states = [NewsState(options.state)] if options.state else list(KEPT_FOR_REPLAY)

    async def replay(engine: AsyncEngine) -> list[str]:
        return await replayed(engine, states, options.event)

    found = with_database(options, replay)
    missing = sorted(set(options.event) - set(found))
    for event_id in found:
        print(f"{event_id} is due again.")
    if missing:
        raise StackError(f"Not kept for a replay: {', '.join(missing)}.")
    if not found:
        print("There is nothing to replay.")
    return 0


def _line(event: KeptEvent) -> str:
    about = event.delivery_id or event.operation_id or "nothing of ours"
    head = f"{event.received_at:%Y-%m-%d %H:%M:%S} {event.state} {event.event_id} {event.name}"
    return f"{head} of {event.object_id}, about {about}, {event.tries} tries\n    {event.note}"
