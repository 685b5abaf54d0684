"""Nothing is left of an erased person, in no column; what others need and what is proved stays."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import Actor, Role
from domain.erasing.rules import (
    FORMER_MEMBER,
    Blocker,
    BlockerKind,
    ErasureNote,
    ErasureStatus,
)
from domain.ids import PersonId
from infra.audit.chain_checks import Scope
from infra.audit.signing import TrustedKeys
from infra.audit.verification import verify_audit
from infra.database.invariants import check_invariants
from infra.database.schema import (
    amendment,
    audit_entry,
    dispute_evidence,
    dispute_file,
    dispute_message,
    erasure_request,
    metadata,
    notification,
    parcel,
    person,
    position,
    saved_address,
    session,
    stored_message,
)
from infra.database.tokens import create_token
from infra.erasing.erasures import DatabaseErasures
from infra.erasing.statements import EMPTIED, LAST, MASKED
from infra.identifiers import new_id
from tests.conftest import parcels_in, people_in
from tests.infra.database.story import Story
from tests.infra.erasing.asking import order_of
from tests.infra.erasing.planting import Planted, nothing_runs
from tests.keys import ENCRYPTION

KEEPS_IDS = {
    "dispute",
    "offer",
    "strike",
    "risk_decision",
    "scan_attempt",
    "relay",
    "offline_manifest",
    "override_approval",
    "erasure_request",
    "parcel",
    "dispute_evidence",
    "dispute_message",
}
"""Tables that refer to people and keep the rows: what they hold besides ids is masked, if anything."""


async def put(engine: AsyncEngine, table: Any, **row: Any) -> None:
    async with engine.begin() as connection:
        await connection.execute(insert(table).values(row))


async def a_life(engine: AsyncEngine, planted: Planted) -> tuple[PersonId, Story]:
    """Let a person have everything: a delivery with a dispute, messages, addresses, sessions."""
    make_person = people_in(engine)
    customer = await make_person(
        "customer", display_name=planted.name, email=planted.email, phone=planted.phone
    )
    traveler = await make_person("traveler")
    delivery_id = await parcels_in(engine)(
        customer_id=customer,
        recipient_id=None,
        recipient_name=planted.words("Rosa"),
        recipient_phone=planted.phone,
        recipient_email=planted.email,
        description=planted.words("A box of"),
        pickup_address=planted.words("Gran Via 1"),
        destination_address=planted.words("La Rambla 1"),
    )
    story = Story(
        engine, delivery_id, Actor(Role.CUSTOMER, customer), Actor(Role.TRAVELER, traveler)
    )
    await story.held()
    await story.deliver()
    await write(engine, planted, customer, story)
    return customer, story


async def write(engine: AsyncEngine, planted: Planted, customer: PersonId, story: Story) -> None:
    dispute_id = await story.dispute()
    evidence_id = new_id()
    await put(
        engine, dispute_evidence, evidence_id=evidence_id, dispute_id=dispute_id,
        author_id=customer, kind="photo", description=planted.words("My hall at"),
    )  # fmt: skip
    await put(
        engine, dispute_file, evidence_id=evidence_id, media_type="image/jpeg",
        content=planted.mark.encode(), sha256="a" * 64, original_sha256="b" * 64, width=1, height=1,
    )  # fmt: skip
    await put(
        engine, dispute_message, message_id=new_id(), dispute_id=dispute_id, author_id=customer,
        text=planted.words("I live at"),
    )  # fmt: skip
    await put(
        engine, amendment, amendment_id=new_id(), delivery_id=story.delivery_id, kind="pickup",
        value={"address": planted.words("Calle 2")}, previous={"address": planted.words("Calle 1")},
        prepared_by=customer,
    )  # fmt: skip
    message_id = new_id()
    await put(
        engine, notification, notification_id=message_id, delivery_id=story.delivery_id, event_sequence=1, audience="customer",
        person_id=customer, channel="mail", address=planted.email, kind="held", state="sent",
        parameters={"name": planted.name},
    )  # fmt: skip
    await put(
        engine, stored_message, message_id=message_id, channel="sms", address=planted.phone,
        subject="", body=planted.words("Dear"),
    )  # fmt: skip
    await put(
        engine, saved_address, person_id=customer, address_id=new_id(), label="home",
        address=planted.words("Gran Via 1"), latitude=40.0, longitude=-3.0,
    )  # fmt: skip
    await put(
        engine, session, session_id=new_id(), person_id=customer,
        device_name=planted.words("phone of"), user_agent_family="app",
        authenticated_by=["password"], expires_at=datetime.now(UTC),
    )  # fmt: skip
    await create_token(engine, customer)


async def settle(story: Story) -> None:
    await story.decide("release", 0)
    await story.release()


async def test_nothing_of_the_person_is_left_in_any_column(
    engine: AsyncEngine, application: AsyncEngine
) -> None:
    planted = Planted()
    customer, story = await a_life(engine, planted)
    await settle(story)
    assert len(await planted.found_in(engine)) > 12
    order = order_of(customer)
    erasures = DatabaseErasures(application, ENCRYPTION, nothing_runs)
    await erasures.note(ErasureNote(order, ErasureStatus.COOLING_OFF))
    assert (await erasures.erase(order)).is_done
    assert await planted.found_in(engine) == set()
    async with engine.connect() as connection:
        names = select(person.c.display_name).where(person.c.person_id == customer)
        assert await connection.scalar(names) == FORMER_MEMBER
    report = await check_invariants(engine, story.delivery_id)
    assert not report.violations
    audit = await verify_audit(engine, TrustedKeys([]), Scope(story.delivery_id))
    assert not audit.faults
    assert (await erasures.erase(order)).is_done
    assert await proofs_of(engine, customer) == ["erasure_requested", "erased"]


async def proofs_of(engine: AsyncEngine, person_id: PersonId) -> list[str]:
    query = (
        select(audit_entry.c.kind)
        .where(audit_entry.c.subject_id == person_id)
        .order_by(audit_entry.c.sequence)
    )
    async with engine.connect() as connection:
        return list((await connection.execute(query)).scalars())


async def test_what_is_open_is_named_and_nothing_is_touched(
    engine: AsyncEngine, application: AsyncEngine
) -> None:
    planted = Planted()
    customer, story = await a_life(engine, planted)
    before = await planted.found_in(engine)
    order, erasures = order_of(customer), DatabaseErasures(application, ENCRYPTION, nothing_runs)
    await erasures.note(ErasureNote(order, ErasureStatus.COOLING_OFF))
    outcome = await erasures.erase(order)
    assert Blocker(BlockerKind.DELIVERY_OPEN, story.delivery_id) in outcome.blockers
    assert await planted.found_in(engine) == before
    query = select(erasure_request).where(erasure_request.c.erasure_id == order.erasure_id)
    async with engine.connect() as connection:
        row = (await connection.execute(query)).one()
    assert row.status == "waiting"
    assert {"kind": "delivery_open", "subject_id": story.delivery_id} in row.waits_for


async def test_a_traveler_loses_where_they_were_and_the_customer_keeps_the_addresses(
    engine: AsyncEngine, application: AsyncEngine
) -> None:
    planted = Planted()
    _, story = await a_life(engine, planted)
    taken_at = datetime.now(UTC)
    await put(
        engine, position, delivery_id=story.delivery_id, taken_at=taken_at, latitude=40.0,
        longitude=-3.0, accuracy_m=5.0,
    )  # fmt: skip
    await settle(story)
    before = await planted.found_in(engine)
    order = order_of(story.traveler_id)
    await DatabaseErasures(application, ENCRYPTION, nothing_runs).note(
        ErasureNote(order, ErasureStatus.COOLING_OFF)
    )
    assert (await DatabaseErasures(application, ENCRYPTION, nothing_runs).erase(order)).is_done
    assert await planted.found_in(engine) == before
    async with engine.connect() as connection:
        query = select(position).where(position.c.delivery_id == story.delivery_id)
        assert (await connection.execute(query)).all() == []
        query = select(parcel.c.pickup_latitude).where(parcel.c.delivery_id == story.delivery_id)
        assert await connection.scalar(query) != 40


async def test_words_of_somebody_who_asked_for_nothing_cannot_be_taken_away(
    engine: AsyncEngine, application: AsyncEngine
) -> None:
    customer, _ = await a_life(engine, Planted())
    erase = text("SELECT erase_written_words(CAST(:person AS uuid), 'gone', '{}')")
    pretend = text("SELECT set_config('sendalong.erasing', :person, false)")
    async with application.connect() as connection:
        with pytest.raises(DBAPIError, match="asked for no erasure"):
            await connection.execute(erase, {"person": customer})
        await connection.rollback()
        await connection.execute(pretend, {"person": customer})
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(text("DELETE FROM dispute_message"))


def test_every_table_that_refers_to_people_is_decided_about() -> None:
    referring = {
        table.name
        for table in metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "person"
    }
    masked = {name.split()[0] for name in (*MASKED, *LAST)}
    assert referring - {*EMPTIED} - masked - KEEPS_IDS == set()
