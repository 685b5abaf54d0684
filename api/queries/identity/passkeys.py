"""Passkeys and the challenges that they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import (
    BigInteger,
    Boolean,
    Interval,
    LargeBinary,
    Text,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.database import Database, Row
from api.queries.identity.factors import PERSON, Holder, held_now, with_first_codes
from api.queries.identity.trail import NOTED, account_changed
from domain.auditing.entries import EntryKind
from domain.identity.factors import FACTORS, may_remove_factor
from domain.words.accounts import AccountNotice
from infra.database.schema import passkey, passkey_challenge
from infra.identifiers import new_id
from infra.identity.changing import credential_change
from infra.identity.passkeys import NewPasskey
from infra.notifications.holders import TOLD_AND_WOKEN, told_about

PASSKEY = "passkey"
"""What the audit calls one."""

_kept = passkey.c
_asked = passkey_challenge.c
_CHALLENGE = bindparam("challenge", type_=LargeBinary)
_PURPOSE = bindparam("asked_for", type_=Text)
_WHOSE = bindparam("whose", type_=Uuid(as_uuid=False))
_BOUND = bindparam("part_of", type_=LargeBinary)
_ID = bindparam("key_id", type_=Uuid(as_uuid=False))
_CREDENTIAL = bindparam("credential", type_=LargeBinary)
_COUNT = bindparam("signed", type_=BigInteger)
_NAME = bindparam("called", type_=Text)

_expired = delete(passkey_challenge).where(_asked.expires_at < func.now()).cte("expired")
_KEEP = (
    insert(passkey_challenge)
    .values(
        challenge_hash=_CHALLENGE,
        purpose=_PURPOSE,
        person_id=_WHOSE,
        bound_to=_BOUND,
        expires_at=func.now() + bindparam("life", type_=Interval),
    )
    .add_cte(_expired)
)
_TAKE = (
    delete(passkey_challenge)
    .where(
        _asked.challenge_hash == _CHALLENGE,
        _asked.purpose == _PURPOSE,
        _asked.person_id.is_not_distinct_from(_WHOSE),
        _asked.bound_to.is_not_distinct_from(_BOUND),
        _asked.expires_at > func.now(),
    )
    .returning(_asked.challenge_hash)
)
_ADD = with_first_codes(
    insert(passkey)
    .values(
        passkey_id=_ID,
        person_id=PERSON,
        credential_id=_CREDENTIAL,
        public_key=bindparam("key", type_=LargeBinary),
        sign_count=_COUNT,
        name=_NAME,
        transports=bindparam("reached_by", type_=ARRAY(Text)),
        backed_up=bindparam("copied", type_=Boolean),
    )
    .on_conflict_do_nothing(index_elements=["credential_id"])
    .returning(_kept.person_id)
    .cte("added")
)
_shown = (
    _kept.passkey_id, _kept.name, _kept.created_at, _kept.last_used_at, _kept.backed_up,
    _kept.copied_at, _kept.credential_id,
)  # fmt: skip
_OF_PERSON = select(*_shown).where(_kept.person_id == PERSON).order_by(_kept.passkey_id)
_BY_CREDENTIAL = select(_kept.passkey_id, _kept.person_id, _kept.public_key).where(
    _kept.credential_id == _CREDENTIAL, _kept.copied_at.is_(None)
)
_USE = (
    update(passkey)
    .where(
        _kept.passkey_id == _ID,
        _kept.copied_at.is_(None),
        # A device that does not count says zero each time; one that counts never says the same twice.
        or_(_kept.sign_count < _COUNT, and_(_kept.sign_count == 0, _COUNT == 0)),
    )
    .values(
        sign_count=_COUNT, last_used_at=func.now(), backed_up=bindparam("copied", type_=Boolean)
    )
    .returning(_kept.passkey_id)
)
_SUSPECT = text(f"""
WITH locked AS (
    UPDATE passkey SET copied_at = now() WHERE passkey_id = :key_id AND copied_at IS NULL
    RETURNING person_id
), {told_about("locked", f"'{AccountNotice.PASSKEY_LOCKED}'")}
SELECT person_id, {TOLD_AND_WOKEN}, {NOTED} AS noted FROM locked
""")  # noqa: S608 -- The parts are constants of ours.
_OWN = and_(_kept.passkey_id == _ID, _kept.person_id == PERSON)
_RENAME = update(passkey).where(_OWN).values(name=_NAME).returning(*_shown)
_NAMED = select(_kept.copied_at).where(_OWN)
_REMOVE = delete(passkey).where(_OWN)
_COUNT_OF_PERSON = (
    select(func.count().label("passkeys")).select_from(passkey).where(_kept.person_id == PERSON)
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a challenge is part of: an answer for one thing is none for another."""

    purpose: str
    person_id: str | None = None
    bound_to: bytes | None = None

    def values(self, challenge: bytes) -> dict[str, object]:
        """Return the values of the statements about a challenge."""
        return {
            "challenge": sha256(challenge).digest(),
            "asked_for": self.purpose,
            "whose": self.person_id,
            "part_of": self.bound_to,
        }


async def keep_challenge(database: Database, asked: Asked, challenge: bytes) -> None:
    """Keep the hash of a challenge until it is answered or too old; old ones are thrown away."""
    life = timedelta(seconds=FACTORS.challenge_s)
    await database.run(_KEEP, {**asked.values(challenge), "life": life})


async def take_challenge(database: Database, asked: Asked, challenge: bytes) -> bool:
    """Spend a challenge and tell whether it was one of ours, for this and not answered before."""
    return await database.first(_TAKE, asked.values(challenge)) is not None


async def add_passkey(
    engine: AsyncEngine,
    holder: Holder,
    made: NewPasskey,
    *,
    name: str,
    transports: list[str],
    hashes: tuple[bytes, ...],
) -> tuple[str, bool] | None:
    """Keep a passkey; return its id and whether recovery codes were written with it.

    None is returned when the credential is there already, whoever has it, or the person has as many
    as may be.
    """
    passkey_id = new_id()
    values = {
        "key_id": passkey_id,
        "whose": holder.person_id,
        "credential": made.credential_id,
        "key": made.public_key,
        "signed": made.sign_count,
        "called": name,
        "reached_by": transports,
        "copied": made.backed_up,
        "hashes": list(hashes),
    }
    async with credential_change(engine, holder.person_id) as change:
        counted = await change.first(_COUNT_OF_PERSON, {"whose": holder.person_id})
        assert counted is not None, "a count has a row"
        if counted["passkeys"] >= FACTORS.passkeys_max:
            return None
        row = await change.first(_ADD, values)
        if row is None:
            return None
        await change.drop_setups()
        await change.note(EntryKind.ACCESS_GRANTED, PASSKEY, AccountNotice.PASSKEY_ADDED)
    return passkey_id, row["codes"] > 0


async def passkeys_of(database: Database, person_id: str) -> list[Row]:
    """Return the passkeys of a person, the oldest first."""
    return await database.every(_OF_PERSON, {"whose": person_id})


async def passkey_of(database: Database, credential_id: bytes) -> Row | None:
    """Return a passkey that opens something, with its person."""
    return await database.first(_BY_CREDENTIAL, {"credential": credential_id})


async def use_passkey(
    database: Database, person_id: str, passkey_id: str, sign_count: int, *, backed_up: bool
) -> bool:
    """Write down that a passkey was used.

    One whose counter did not go on opens nothing any more, and its person is told.
    """
    values = {"key_id": passkey_id, "signed": sign_count, "copied": backed_up}
    if await database.first(_USE, values) is not None:
        return True
    entry = account_changed(person_id, "passkey_locked")
    await database.run(_SUSPECT, {"key_id": passkey_id, "entry": entry})
    return False


async def rename_passkey(
    database: Database, person_id: str, passkey_id: str, name: str
) -> Row | None:
    """Give a passkey of a person another name and return it, or none if there is no such one."""
    values: Mapping[str, object] = {"key_id": passkey_id, "whose": person_id, "called": name}
    return await database.first(_RENAME, values)


async def remove_passkey(engine: AsyncEngine, person_id: str, passkey_id: str) -> bool | None:
    """Forget a passkey of a person; false if that would leave staff without a factor.

    None is returned when there is no such one.
    """
    values = {"key_id": passkey_id, "whose": person_id}
    async with credential_change(engine, person_id) as change:
        named = await change.first(_NAMED, values)
        if named is None:
            return None
        held = await held_now(change)
        if not may_remove_factor(held.roles, held.factors - (named["copied_at"] is None)):
            return False
        await change.connection.execute(_REMOVE, values)
        await change.drop_setups()
        await change.note(EntryKind.ACCESS_REVOKED, PASSKEY, AccountNotice.PASSKEY_REMOVED)
    return True
