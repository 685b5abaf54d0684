"""Corrections that one of the staff prepares and another one agrees to."""

from __future__ import annotations

from typing import Any

from tests.api.client import Person
from tests.api.story import Cast, done

WHY = "The customer has told us."


async def prepared(cast: Cast, body: dict[str, Any]) -> dict[str, Any]:
    """Have the agent prepare a correction, and return what takes it over."""
    asked = {"reason": WHY, **body, "only_prepare": True}
    answer = done(await cast.agent.post(f"{cast.path}/amendments", asked))
    return {"amendment_id": answer["amendment_id"], "reason": WHY}


async def amended_by_two(cast: Cast, second: Person, body: dict[str, Any]) -> None:
    """Have the agent prepare a correction and somebody else of the staff agree to it."""
    done(await second.post(f"{cast.path}/amendments", await prepared(cast, body)))
