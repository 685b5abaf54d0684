"""Devices of people."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import LargeBinary, Text, Uuid, and_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.database import Database, Row
from api.queries.identity.factors import PERSON
from domain.auditing.entries import EntryKind
from domain.devices.keys import DeviceKey
from domain.devices.policy import DEVICES
from domain.words.accounts import AccountNotice
from infra.database.schema import device
from infra.identity.changing import CredentialChange, credential_change

DEVICE = "device"
"""What the audit calls one."""

_kept = device.c
_ID = bindparam("named", type_=Uuid(as_uuid=False))
_KEY = bindparam("key", type_=LargeBinary)
_shown = (
    _kept.device_id, _kept.name, _kept.algorithm, _kept.activated_at, _kept.last_seen_at,
)  # fmt: skip
_COUNTS = and_(_kept.person_id == PERSON, _kept.revoked_at.is_(None))
_OF_PERSON = select(*_shown).where(_COUNTS).order_by(_kept.device_id)
_COUNT = select(func.count().label("devices")).select_from(device).where(_COUNTS)
_ONE = select(*_shown).where(_kept.device_id == _ID, _COUNTS)
_OF_KEY = select(_kept.device_id).where(_kept.person_id == PERSON, _kept.public_key == _KEY)
_ADD = (
    insert(device)
    .values(
        device_id=_ID,
        person_id=PERSON,
        algorithm=bindparam("signs_by", type_=Text),
        public_key=_KEY,
        name=bindparam("called", type_=Text),
    )
    .returning(*_shown)
)
_REVOKE = (
    update(device)
    .where(_kept.device_id == _ID, _COUNTS)
    .values(revoked_at=func.now())
    .returning(*_shown)
)


class TooManyDevices(Exception):
    """The person has as many devices as may be."""


class DeviceKnown(Exception):
    """The person has, or had, another device with this key."""


async def devices_of(database: Database, person_id: str) -> list[Row]:
    """Return the devices that count for a person, the oldest first."""
    return await database.every(_OF_PERSON, {"whose": person_id})


async def activate_device(
    engine: AsyncEngine, person_id: str, device_id: str, key: DeviceKey, name: str
) -> Row:
    """Let a device count for a person, who is told.

    Idempotency: a device that is there already under the same id is returned as it is.

    Raises:
        DeviceKnown: another one has this key, or had it until it was revoked.
        TooManyDevices: there are as many as may be.
    """
    values = {
        "named": device_id,
        "whose": person_id,
        "signs_by": str(key.algorithm),
        "key": key.raw,
        "called": name,
    }
    async with credential_change(engine, person_id) as change:
        row = await change.first(_ONE, values)
        if row is not None:
            return row
        await _require_room(change, values)
        row = await change.first(_ADD, values)
        assert row is not None, "an insert returns its row"
        await change.note(EntryKind.ACCESS_GRANTED, DEVICE, AccountNotice.DEVICE_ADDED)
    return row


async def _require_room(change: CredentialChange, values: Mapping[str, object]) -> None:
    if await change.first(_OF_KEY, values) is not None:
        raise DeviceKnown
    counted = await change.first(_COUNT, values)
    assert counted is not None, "a count has a row"
    if counted["devices"] >= DEVICES.devices_max:
        raise TooManyDevices


async def revoke_device(engine: AsyncEngine, person_id: str, device_id: str) -> Row | None:
    """Let a device count no more, at once, and tell its person; none when there is no such one."""
    async with credential_change(engine, person_id) as change:
        row = await change.first(_REVOKE, {"whose": person_id, "named": device_id})
        if row is not None:
            await change.note(EntryKind.ACCESS_REVOKED, DEVICE, AccountNotice.DEVICE_REVOKED)
    return row
