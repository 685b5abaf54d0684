"""Hashes passwords: few at a time, beside the event loop, and as much work for nobody as for somebody."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.identity.policy import PasswordPolicy

T = TypeVar("T")

SALT_BYTES, HASH_BYTES = 16, 32
"""Source: RFC 9106, section 3.1."""


class TooManyPasswords(Exception):
    """As many hashes wait as may wait; whoever comes now is asked to come again."""


class Passwords:
    """Argon2id in a pool of threads of its own. Source: RFC 9106."""

    def __init__(self, policy: PasswordPolicy) -> None:
        """Prepare the pool, and a hash that no password has."""
        self._hasher = PasswordHasher(
            time_cost=policy.passes,
            memory_cost=policy.memory_kib,
            parallelism=policy.lanes,
            hash_len=HASH_BYTES,
            salt_len=SALT_BYTES,
        )
        self._pool = ThreadPoolExecutor(policy.hashes_at_once, thread_name_prefix="password")
        self._places = policy.hashes_at_once + policy.waiting_max
        self._nobodys = self._hasher.hash(secrets.token_bytes(HASH_BYTES))

    async def hash(self, password: str) -> str:
        """Return the hash under which a normalised password is kept, with its parameters.

        Raises:
            TooManyPasswords: there is no room to wait.
        """
        return await self._run(lambda: self._hasher.hash(password))

    async def matches(self, kept: str | None, password: str) -> bool:
        """Tell whether a normalised password is the one that was kept.

        Where nothing is kept, the same work is done for nothing: the time tells nobody who has an
        account.

        Raises:
            TooManyPasswords: there is no room to wait.
        """
        return await self._run(lambda: self._verify(kept or self._nobodys, password))

    def is_outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with other parameters than new ones are."""
        return self._hasher.check_needs_rehash(kept)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._places:
            raise TooManyPasswords
        self._places -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._places += 1

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False
