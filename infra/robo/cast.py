"""Who plays: people with accounts and tokens of the platform, made for one run."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import PersonId
from infra.database.tokens import create_person, create_token
from infra.demo.client import Caller
from infra.encryption.parts import Encryption

ROLES: Mapping[str, str] = {
    "customer": "customer",
    "recipient": "customer",
    "traveler": "traveler",
    "rival": "traveler",
    "agent": "agent",
    "second_agent": "agent",
    "operator": "operator",
}
"""Everybody of a cast, with the role that the platform knows them by."""
TOKEN_LIFE = timedelta(hours=6)
"""Life of a token: longer than the slowest run."""
PATIENCE_S = 30
"""Longest wait for an answer of a platform that is away, in seconds."""


@dataclass(frozen=True, slots=True)
class Theatre:
    """Where scenarios are played."""

    http: httpx.AsyncClient
    engine: AsyncEngine
    encryption: Encryption


class Cast:
    """The people of one run; each is made when first needed, and found again after a restart."""

    def __init__(self, theatre: Theatre, memory: MutableMapping[str, str]) -> None:
        self._http, self._engine, self._memory = theatre.http, theatre.engine, memory
        self._encryption = theatre.encryption
        self._callers: dict[str, Caller] = {}

    async def gather(self) -> None:
        """Make everybody who does not exist yet, so that steps can name each other's ids."""
        for name, role in ROLES.items():
            if name not in self._memory:
                self._memory[name] = await create_person(
                    self._engine,
                    self._encryption,
                    display_name=name.replace("_", " ").capitalize(),
                    roles=(role,),
                    email=f"{name.replace('_', '-')}@example.org",
                )

    async def caller(self, name: str) -> Caller:
        """Return somebody at the API, with a token of this run."""
        if name not in self._callers:
            person_id = PersonId(self._memory[name])
            token = await create_token(self._engine, person_id, TOKEN_LIFE)
            self._callers[name] = Caller(self._http, name, person_id, token, PATIENCE_S)
        return self._callers[name]
