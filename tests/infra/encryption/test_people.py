"""Who somebody is and how to reach them is encrypted in every row, and gone when their key is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.erasing.rules import FORMER_MEMBER
from infra.cli import main
from infra.database.schema import notification, person
from infra.encryption.indexes import contact_lookups
from infra.encryption.keys import NotAuthentic
from infra.encryption.older import seal_older
from infra.encryption.owned import KeyOwner, shred
from infra.encryption.people import opened_person, person_key_column
from infra.identifiers import new_id
from tests.conftest import MakeParcel, MakePerson
from tests.infra.erasing.planting import Planted
from tests.keys import ENCRYPTION
from tests.opened import notices, person_of

CONTACTS = ("display_name", "email", "phone")


async def kept_of(engine: AsyncEngine, person_id: str) -> dict[str, Any]:
    """Return a person's row as it lies there, with the text of the key."""
    query = select(person, person_key_column()).where(person.c.person_id == person_id)
    async with engine.connect() as connection:
        return (await connection.execute(query)).one()._asdict()


async def made(make_person: MakePerson) -> tuple[Planted, str]:
    planted = Planted()
    person_id = await make_person(
        "customer", display_name=planted.name, email=planted.email, phone=planted.phone
    )
    return planted, person_id


async def written(engine: AsyncEngine, **columns: Any) -> str:
    """Leave a message about an account, and return its id."""
    row = {
        "notification_id": new_id(),
        "audience": "account_holder",
        "channel": "mail",
        "kind": "account_password_changed",
        "state": "sent",
        **columns,
    }
    async with engine.begin() as connection:
        await connection.execute(insert(notification).values(row))
    return str(row["notification_id"])


async def address_of(engine: AsyncEngine, message_id: str) -> str:
    (row,) = await notices(engine, notification.c.notification_id == message_id)
    return str(row["address"])


async def test_no_column_holds_what_the_platform_reads(
    engine: AsyncEngine, make_person: MakePerson
) -> None:
    planted, person_id = await made(make_person)
    read = await person_of(engine, person_id)
    assert [read[name] for name in CONTACTS] == [planted.name, planted.email, planted.phone]
    assert await planted.found_in(engine) == set()
    kept = await kept_of(engine, person_id)
    assert contact_lookups(ENCRYPTION.index, planted.email.upper(), planted.phone) == {
        "email_lookup": kept["email_lookup"],
        "phone_lookup": kept["phone_lookup"],
    }


@pytest.mark.parametrize("column", CONTACTS)
async def test_what_was_moved_to_another_person_or_column_is_refused(
    engine: AsyncEngine, make_person: MakePerson, column: str
) -> None:
    (_, one), (_, other) = await made(make_person), await made(make_person)
    mine, theirs = await kept_of(engine, one), await kept_of(engine, other)
    for moved in (
        {**mine, column: theirs[column]},
        {**theirs, "person_id": one},
        {**mine, column: mine["email" if column != "email" else "phone"]},
    ):
        with pytest.raises(NotAuthentic):
            await opened_person(ENCRYPTION.keys, moved)


async def test_a_message_cannot_be_sent_to_somebody_elses_address(
    engine: AsyncEngine, make_person: MakePerson
) -> None:
    (planted, one), (_, other) = await made(make_person), await made(make_person)
    mine, theirs = await kept_of(engine, one), await kept_of(engine, other)
    message_id = await written(engine, person_id=one, address=mine["email"])
    assert await address_of(engine, message_id) == planted.email
    stolen = update(notification).where(notification.c.notification_id == message_id)
    async with engine.begin() as connection:
        await connection.execute(stolen.values(address=theirs["email"]))
    with pytest.raises(NotAuthentic):
        await address_of(engine, message_id)
    async with engine.begin() as connection:
        await connection.execute(stolen.values(address=""))


async def test_without_its_key_nobody_can_be_named_or_reached(
    engine: AsyncEngine, make_person: MakePerson
) -> None:
    _, person_id = await made(make_person)
    kept = await kept_of(engine, person_id)
    message_id = await written(engine, person_id=person_id, address=kept["email"])
    async with engine.begin() as connection:
        assert await shred(connection, KeyOwner.person(person_id)) == 1
    read = await person_of(engine, person_id)
    assert [read[name] for name in CONTACTS] == [FORMER_MEMBER, None, None]
    assert await address_of(engine, message_id) == ""


async def test_what_is_in_clear_of_old_is_encrypted_once_and_read_as_before(
    engine: AsyncEngine, make_parcel: MakeParcel
) -> None:
    planted, person_id = Planted(), new_id()
    plain = {"display_name": planted.name, "email": planted.email, "phone": planted.phone}
    row = {"person_id": person_id, "roles": ["customer"], **plain}
    async with engine.begin() as connection:
        await connection.execute(insert(person).values(row))
    await make_parcel(recipient_email=planted.email)
    theirs = await written(engine, person_id=person_id, address=planted.email)
    texted = await written(
        engine, person_id=person_id, channel="sms", address=planted.phone, state="queued"
    )
    nobodys = await written(engine, address=planted.email)
    assert [(await person_of(engine, person_id))[name] for name in CONTACTS] == [*plain.values()]
    assert (await seal_older(engine, ENCRYPTION))["person"] >= 1
    assert set((await seal_older(engine, ENCRYPTION)).values()) == {0}
    assert await planted.found_in(engine) == set()
    assert [(await person_of(engine, person_id))[name] for name in CONTACTS] == [*plain.values()]
    assert await address_of(engine, theirs) == planted.email
    assert await address_of(engine, texted) == planted.phone
    assert await address_of(engine, nobodys) == ""
    kept = await kept_of(engine, person_id)
    assert None not in {kept["email_lookup"], kept["phone_lookup"]}
    # What a process of the version before writes while others run already is found as well.
    async with engine.begin() as connection:
        mine = update(person).where(person.c.person_id == person_id)
        await connection.execute(mine.values(phone=planted.phone))
    assert (await seal_older(engine, ENCRYPTION))["person"] == 1
    assert (await person_of(engine, person_id))["phone"] == planted.phone


def test_the_command_says_how_much_it_has_encrypted(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert main(["keys", "encrypt"]) == 0
    printed = capsys.readouterr().out
    assert [line.split()[0] for line in printed.splitlines()][:2] == ["parcel", "person"]
