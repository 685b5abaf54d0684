"""Checks what passkeys sign."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.access.database import Database
from api.edge.problems import EdgeCode, Problem
from api.queries.identity.passkeys import (
    Asked,
    keep_challenge,
    passkey_of,
    passkeys_of,
    take_challenge,
    use_passkey,
)
from domain.identity.factors import FACTORS
from infra.identity.passkeys import (
    NewPasskey,
    PasskeyRefused,
    RelyingParty,
    authentication_options,
    challenge_in,
    credential_id_in,
    new_challenge,
    user_handle_in,
    verified_answer,
    verified_registration,
)

logger = logging.getLogger(__name__)

Credential = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PasskeyUse:
    """A passkey that has signed what it had to."""

    person_id: str
    proof: dict[str, str]
    """What it signed, by which anybody can check it again."""


async def ask_passkey(
    database: Database, party: RelyingParty, asked: Asked, approved: bytes = b""
) -> dict[str, Any]:
    """Return what a browser hands to the person's devices; `approved` ends the signed challenge."""
    known = await passkeys_of(database, asked.person_id) if asked.person_id else []
    challenge = new_challenge(approved)
    await keep_challenge(database, asked, challenge)
    usable = (row["credential_id"] for row in known if row["copied_at"] is None)
    return authentication_options(party, challenge, usable)


async def check_passkey(
    database: Database, party: RelyingParty, asked: Asked, credential: Credential
) -> PasskeyUse:
    """Spend the challenge of an answer and return whose passkey has signed it.

    Raises:
        Problem: `passkey_refused`, whatever is wrong.
    """
    try:
        return await _used(database, party, asked, credential)
    except PasskeyRefused as refusal:
        raise _refused(refusal) from refusal


async def _used(
    database: Database, party: RelyingParty, asked: Asked, credential: Credential
) -> PasskeyUse:
    challenge = await _taken(database, asked, credential)
    row = await passkey_of(database, credential_id_in(credential))
    if row is None or row["person_id"] != (asked.person_id or row["person_id"]):
        raise PasskeyRefused("the credential is not known")
    if user_handle_in(credential) not in (None, row["person_id"]):
        raise PasskeyRefused("the credential is of somebody else")
    answer = verified_answer(party, challenge, credential, row["public_key"])
    person_id, signed = row["person_id"], answer.sign_count
    if not await use_passkey(
        database, person_id, row["passkey_id"], signed, backed_up=answer.backed_up
    ):
        raise PasskeyRefused("the counter did not go on: there may be a copy")
    return PasskeyUse(person_id, answer.proof)


async def _taken(database: Database, asked: Asked, credential: Credential) -> bytes:
    challenge = challenge_in(credential)
    if not await take_challenge(database, asked, challenge):
        raise PasskeyRefused("the challenge is not open")
    return challenge


async def check_new_passkey(
    database: Database, party: RelyingParty, asked: Asked, credential: Credential
) -> NewPasskey:
    """Spend the challenge of an answer and return the passkey that a device has made.

    Raises:
        Problem: `passkey_refused`, whatever is wrong.
    """
    try:
        challenge = await _taken(database, asked, credential)
        return verified_registration(party, challenge, credential)
    except PasskeyRefused as refusal:
        raise _refused(refusal) from refusal


def _refused(refusal: PasskeyRefused) -> Problem:
    # What was wrong helps whoever builds a client, and whoever attacks one: it is in the log only.
    logger.info("a passkey was refused: %s", refusal)
    return Problem(
        EdgeCode.PASSKEY_REFUSED,
        f"This proves nothing. Ask for new options and answer them within {FACTORS.challenge_s // 60}"
        " minutes.",
    )
