"""The authenticator app of a person: begun, taken into use by its first right code, used, removed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import (
    BigInteger,
    Interval,
    LargeBinary,
    Text,
    bindparam,
    delete,
    func,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.database import Database
from api.queries.identity.factors import PERSON, Holder, held_now, with_first_codes
from domain.auditing.entries import EntryKind
from domain.identity.factors import FACTORS, may_remove_factor
from domain.words.accounts import AccountNotice
from infra.database.schema import totp_factor
from infra.identity.changing import credential_change

APP = "totp"
"""What the audit calls an authenticator app."""

_kept = totp_factor.c
_pending = bindparam("pending", type_=Text)
_begun = {
    "pending_secret": _pending,
    "pending_until": func.now() + bindparam("life", type_=Interval),
    "pending_in": bindparam("begun_in", type_=LargeBinary),
}
_BEGIN = (
    insert(totp_factor)
    .values(person_id=PERSON, **_begun)
    .on_conflict_do_update(index_elements=["person_id"], set_=_begun)
)
_step = bindparam("step", type_=BigInteger)
_TAKE_STEP = (
    update(totp_factor)
    .where(
        _kept.person_id == PERSON,
        _kept.secret == bindparam("sealed", type_=Text),
        _kept.last_step < _step,
    )
    .values(last_step=_step)
    .returning(_kept.person_id)
)
_CONFIRM = with_first_codes(
    update(totp_factor)
    .where(
        _kept.person_id == PERSON,
        _kept.pending_secret == _pending,
        _kept.pending_until > func.now(),
    )
    .values(
        secret=_kept.pending_secret,
        pending_secret=None,
        pending_until=None,
        pending_in=None,
        last_step=_step,
        confirmed_at=func.now(),
    )
    .returning(_kept.person_id)
    .cte("confirmed")
)
_REMOVE = delete(totp_factor).where(_kept.person_id == PERSON).returning(_kept.secret)


async def begin_totp(database: Database, person_id: str, sealed: str, begun_in: bytes) -> None:
    """Keep the secret of an app that has to show a right code first; an earlier one is forgotten.

    Only the session that begins it can confirm it, and only for a while.
    """
    life = timedelta(seconds=FACTORS.setup_s)
    values = {"whose": person_id, "pending": sealed, "life": life, "begun_in": begun_in}
    await database.run(_BEGIN, values)


async def confirm_totp(
    engine: AsyncEngine, holder: Holder, step: int, hashes: tuple[bytes, ...]
) -> bool | None:
    """Take an app into use and return whether the recovery codes were written.

    They are only for whoever has none. None is returned when another setup has begun meanwhile, or
    the factors have changed: then nobody knows whether this one may still be added.
    """
    values = {
        "whose": holder.person_id,
        "pending": holder.pending_secret,
        "step": step,
        "hashes": list(hashes),
    }
    async with credential_change(engine, holder.person_id) as change:
        row = await change.first(_CONFIRM, values)
        if row is None:
            return None
        await change.drop_setups()
        await change.note(EntryKind.ACCESS_GRANTED, APP, AccountNotice.APP_ADDED)
    return bool(row["codes"])


async def take_step(database: Database, holder: Holder, step: int) -> bool:
    """Spend a time step of the app, and every earlier one; tell whether it was not spent before."""
    values = {"whose": holder.person_id, "sealed": holder.secret, "step": step}
    return await database.first(_TAKE_STEP, values) is not None


async def remove_totp(engine: AsyncEngine, person_id: str) -> bool:
    """Forget the authenticator app of a person; false if that would leave staff without a factor."""
    async with credential_change(engine, person_id) as change:
        held = await held_now(change)
        if not may_remove_factor(held.roles, held.passkeys):
            return False
        row = await change.first(_REMOVE, {"whose": person_id})
        if row is not None and row["secret"] is not None:
            await change.drop_setups()
            await change.note(EntryKind.ACCESS_REVOKED, APP, AccountNotice.APP_REMOVED)
    return True
