"""Runs the stand-in on its own: `python -m tests.stripe_stand_in --port 12111 --webhook URL`.

Travelers onboard themselves here, because nobody is there to do it for them, and cardholders who are
scripted to complain do so once the traveler has the money.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import suppress

from tests.stripe_stand_in.stand_in import API_KEY, StripeStandIn
from tests.stripe_stand_in.state import Terms


async def serve(port: int, webhook: str | None) -> None:
    """Serve until cancelled, delivering every event to the webhook address as it happens."""
    stand_in = StripeStandIn(terms=Terms(onboards_itself=True, disputes_after_transfer=True))
    await stand_in.start(port)
    sys.stdout.write(f"{stand_in.url} {API_KEY} {stand_in.webhooks.secret}\n")
    sys.stdout.flush()
    try:
        if webhook is not None:
            await stand_in.webhooks.follow(webhook)
        await asyncio.Event().wait()
    finally:
        await stand_in.stop()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="stripe_stand_in", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--webhook", help="address that every event is delivered to")
    options = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(options.port, options.webhook))


if __name__ == "__main__":
    main()
