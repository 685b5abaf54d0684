"""`sendalong token`: create people and bearer tokens, and revoke them."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import PersonId
from infra.cli.connection import encryption, with_database
from infra.database.schema import person
from infra.database.tokens import create_person, create_token, revoke_tokens
from infra.identifiers import new_id
from infra.local_stack.errors import StackError
from infra.settings import chosen_payments


def run(options: argparse.Namespace) -> int:
    """Print a new token, of which only the hash is kept; or revoke the tokens of a person."""
    if options.revoke:
        count = with_database(options, lambda engine: _revoke(engine, options.revoke))
        print(f"{count} revoked")
        return 0
    person_id, token = with_database(options, lambda engine: _issue(engine, options))
    print(f"person {person_id}", file=sys.stderr)
    print(token)
    return 0


async def _issue(engine: AsyncEngine, options: argparse.Namespace) -> tuple[PersonId, str]:
    if options.person:
        person_id = await _known_person(engine, options.person)
    else:
        person_id = await _new_person(engine, options)
    return person_id, await create_token(engine, person_id, timedelta(days=options.days))


async def _revoke(engine: AsyncEngine, text: str) -> int:
    return await revoke_tokens(engine, await _known_person(engine, text))


async def _new_person(engine: AsyncEngine, options: argparse.Namespace) -> PersonId:
    roles = options.roles or ["customer"]
    account = options.payout_account
    if account is None and "traveler" in roles and chosen_payments() == "sandbox":
        account = f"acct_sandbox_{new_id()}"
    return await create_person(
        engine,
        encryption(options),
        display_name=options.name,
        roles=roles,
        email=options.email,
        phone=options.phone,
        payout_account=account,
        skills=options.skills,
    )


async def _known_person(engine: AsyncEngine, text: str) -> PersonId:
    try:
        wanted = str(UUID(text))
    except ValueError as error:
        raise StackError(f"{text} is no id of a person.") from error
    async with engine.connect() as connection:
        found = await connection.scalar(
            select(person.c.person_id).where(person.c.person_id == wanted)
        )
    if found is None:
        raise StackError(f"There is no person {wanted}.")
    return PersonId(found)
