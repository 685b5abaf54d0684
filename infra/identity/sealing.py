"""Seals the secrets of authenticator apps with the key of their person, which erasure destroys."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from infra.encryption.fields import Place
from infra.encryption.owned import KeyOwner, OwnedKeys


class Seal:
    """Seals and opens secrets; each opens only for the person whose it is."""

    def __init__(self, engine: AsyncEngine, keys: OwnedKeys) -> None:
        self._engine = engine
        self._keys = keys

    async def close(self, person_id: str, secret: str) -> str:
        """Return a secret as the database keeps it.

        Raises:
            KeyDestroyed: the person was erased.
        """
        async with self._engine.begin() as connection:
            key = await self._keys.made_for(connection, KeyOwner.person(person_id))
        return key.seal(_place(person_id), secret)

    async def open(self, person_id: str, sealed: str) -> str:
        """Return a sealed secret.

        Raises:
            KeyDestroyed: the person was erased.
            NotAuthentic: the secret was changed, or belongs to somebody else.
        """
        async with self._engine.connect() as connection:
            key = await self._keys.of(connection, KeyOwner.person(person_id))
        return key.open(_place(person_id), sealed)


def _place(person_id: str) -> Place:
    """Return where a secret lies; it stays readable when a pending one is taken into use."""
    return Place("totp_factor", "secret", person_id)
