"""Passwords are hashed beside the loop, few at a time, and the same work is done for nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.identity.policy import PasswordPolicy
from infra.identity.common_passwords import ListedPasswords
from infra.identity.passwords import Passwords, TooManyPasswords

QUICK = PasswordPolicy(memory_kib=64, passes=1, waiting_max=3)
PASSWORD = "correct horse battery"


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    passwords = Passwords(QUICK)
    yield passwords
    passwords.close()


async def test_a_password_matches_its_own_hash_only(passwords: Passwords) -> None:
    kept = await passwords.hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert await passwords.matches(kept, PASSWORD)
    assert not await passwords.matches(kept, PASSWORD + "!")
    assert not await passwords.matches("no hash at all", PASSWORD)
    assert await passwords.hash(PASSWORD) != kept, "each hash has a salt of its own"


class Watched(Passwords):
    """Notes what it compares with."""

    def __init__(self) -> None:
        super().__init__(QUICK)
        self.compared: list[str] = []

    def _verify(self, kept: str, password: str) -> bool:
        self.compared.append(kept)
        return super()._verify(kept, password)


async def test_for_nobody_the_same_work_is_done() -> None:
    passwords = Watched()
    assert not await passwords.matches(None, PASSWORD)
    (kept,) = passwords.compared
    assert kept.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    passwords.close()


async def test_a_hash_of_older_parameters_is_outdated(passwords: Passwords) -> None:
    older = Passwords(replace(QUICK, passes=2))
    kept = await older.hash(PASSWORD)
    older.close()
    assert passwords.is_outdated(kept)
    assert not passwords.is_outdated(await passwords.hash(PASSWORD))


async def test_whoever_finds_no_place_to_wait_is_turned_away(passwords: Passwords) -> None:
    ends = await asyncio.gather(
        *(passwords.hash(PASSWORD) for _ in range(9)), return_exceptions=True
    )
    refused = [end for end in ends if isinstance(end, TooManyPasswords)]
    assert len(refused) == 9 - QUICK.hashes_at_once - QUICK.waiting_max
    assert await passwords.hash(PASSWORD), "the places are free again"


@pytest.mark.parametrize(
    ("password", "known"),
    [
        ("password", True),
        ("PASSWORDpassword", True),
        ("Dragon123456!", True),
        ("correct horse battery", False),
    ],
)
async def test_what_everybody_tries_is_known(password: str, known: bool) -> None:
    assert await ListedPasswords().knows(password) is known
