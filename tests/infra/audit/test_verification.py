"""Whoever owns the database can change every row: the verification says which one it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.auditing.entries import AuditEntry, EntryKind
from domain.auditing.findings import AuditReport, Fault, Judgement
from domain.auditing.roots import FIRST_PREVIOUS, RootStatement, SignedRoot, read_statement
from infra.audit.chain_checks import Scope
from infra.audit.proofs import newest_roots, prove_delivery
from infra.audit.roots import DatabaseRoots
from infra.audit.signing import RootSigner, TrustedKeys
from infra.audit.trail import note_entry
from infra.audit.verification import NO_KEYS, verify_audit
from tests.infra.audit.tampering import as_owner, tampered
from tests.infra.database.conftest import begin_story
from tests.infra.database.story import Story

CHANGED = "it was changed after it was written"
UNCHAINED = "it is not chained to the row before it"
HEAD = "its head is not its last event"
REHASHED = """
UPDATE {table} SET hash = sha256(previous_hash || int8send(sequence) || convert_to(body, 'UTF8'))
"""
EVENTS_REHASHED = REHASHED.format(table="event")
REPLACED = f"UPDATE event SET body = body || ' ' WHERE sequence = 2; {EVENTS_REHASHED}"  # noqa: S608 -- A constant.
SWAPPED = """
UPDATE event SET sequence = 99 WHERE sequence = 2;
UPDATE event SET sequence = 2 WHERE sequence = 3;
UPDATE event SET sequence = 3 WHERE sequence = 99
"""
RENAMED = """
UPDATE audit_entry SET body = replace(body, 'person-3', 'person-9'), subject_id = 'person-9'
WHERE sequence = 4
"""
RESIGNED = """
UPDATE audit_root SET signature = sha256(body::bytea) || sha256(body::bytea) WHERE sequence = 1
"""
ENLARGED = """
UPDATE audit_root SET body = replace(body, '"chains"\\:2', '"chains"\\:3') WHERE sequence = 2
"""
POSTDATED = "UPDATE audit_root SET at = at - interval '1 day' WHERE sequence = 2"
EMPTIED = "UPDATE audit_root SET body = '{}', hash = sha256('{}') WHERE sequence = 2"


@pytest.fixture(scope="module")
async def story(vault: AsyncEngine) -> Story:
    """A delivery of nine events, and what staff did meanwhile; two roots know them."""
    signer = RootSigner(b"a" * 32)
    story = await begin_story(vault)
    await story.held()
    for number in range(4):
        await note_entry(vault, AuditEntry(EntryKind.INTERVENED, "person", f"person-{number}"))
    await DatabaseRoots(vault, signer).sign()
    await story.deliver()
    await story.release()
    await DatabaseRoots(vault, signer).sign()
    return story


@pytest.fixture
def chain(story: Story) -> str:
    return f"delivery:{story.delivery_id}"


async def verified(
    vault: AsyncEngine, scope: Scope | None = None, kept: tuple[SignedRoot, ...] = ()
) -> AuditReport:
    return await verify_audit(vault, TrustedKeys([RootSigner(b"a" * 32).public]), scope, kept)


async def test_what_nobody_touched_is_clean(vault: AsyncEngine, story: Story) -> None:
    report = await verified(vault)
    assert (report.faults, report.judgement) == ((), Judgement.CLEAN)
    assert (report.links, report.roots) == (13, 2)
    assert "as it was written" in str(report)
    alone = await verified(vault, Scope(story.delivery_id))
    assert (alone.links, alone.judgement) == (9, Judgement.CLEAN)


@pytest.mark.parametrize(
    ("statement", "row", "problem"),
    [
        ("UPDATE event SET body = replace(body, '4200', '1') WHERE sequence = 2", 2, CHANGED),
        (REPLACED, 3, UNCHAINED),
        ("DELETE FROM event WHERE sequence = 2", 3, "the row before it is missing"),
        ("DELETE FROM event WHERE sequence < 3", 3, "what came before it is missing"),
        (SWAPPED, 2, UNCHAINED),
        (
            "UPDATE event SET kind = 'refunded' WHERE sequence = 4",
            4,
            "its columns say something else than its body",
        ),
    ],
)
async def test_the_first_bad_event_is_named(
    vault: AsyncEngine, chain: str, statement: str, row: int, problem: str
) -> None:
    async with tampered(vault, *statement.split(";")):
        report = await verified(vault)
    assert report.faults[0] == Fault(chain, f"event {row}", problem)
    assert report.judgement == Judgement.TAMPERED
    assert f"TAMPERED {chain}, event {row}: {problem}" in str(report)


@pytest.mark.parametrize(
    ("statement", "row", "problem"),
    [
        ("UPDATE audit_entry SET body = body || ' ' WHERE sequence = 2", 2, CHANGED),
        ("DELETE FROM audit_entry WHERE sequence = 2", 3, "the row before it is missing"),
        (
            "UPDATE audit_entry SET subject_id = 'x' WHERE sequence = 3",
            3,
            "its columns say something else than its body",
        ),
    ],
)
async def test_the_first_bad_entry_is_named(
    vault: AsyncEngine, story: Story, statement: str, row: int, problem: str
) -> None:
    async with tampered(vault, statement):
        report = await verified(vault)
    assert report.faults[0] == Fault("trail:staff", f"entry {row}", problem)
    assert story.delivery_id not in {fault.chain for fault in report.faults}


async def test_a_tail_that_was_cut_with_its_head_is_known_to_the_roots_only(
    vault: AsyncEngine, story: Story, chain: str
) -> None:
    head = (
        "UPDATE delivery SET head_sequence = event.sequence, head_hash = event.hash FROM event "
        "WHERE event.delivery_id = delivery.delivery_id AND event.sequence = 8"
    )
    async with tampered(vault, "DELETE FROM event WHERE sequence = 9", head):
        report = await verified(vault, Scope(story.delivery_id))
    assert Fault(chain, "event 9", "it is gone: root 2 saw it") in report.faults
    async with tampered(vault, "DELETE FROM audit_entry WHERE sequence > 2"):
        report = await verified(vault)
    assert report.faults == (Fault("trail:staff", "entry 4", "it is gone: root 1 saw it"),)


async def test_a_chain_that_was_written_anew_is_known_to_the_roots_only(
    vault: AsyncEngine, story: Story
) -> None:
    async with tampered(vault, RENAMED, REHASHED.format(table="audit_entry")):
        report = await verified(vault)
    assert report.faults == (Fault("trail:staff", "entry 4", "root 1 saw another one"),)


@pytest.mark.parametrize(
    ("statement", "row", "problem"),
    [
        (RESIGNED, 1, "its signature is not that of the key"),
        ("DELETE FROM audit_root WHERE sequence = 1", 2, "the root before it is missing"),
        (ENLARGED, 2, CHANGED),
        (POSTDATED, 2, "its columns say something else than its body"),
        (EMPTIED, 2, "its body cannot be read"),
        (
            "DELETE FROM audit_leaf WHERE root_sequence = 2",
            2,
            "its tree is not the one of its leaves",
        ),
        ("DELETE FROM audit_leaf WHERE position = 0", 1, "leaves of its tree are missing"),
    ],
)
async def test_a_root_that_was_touched_is_named(
    vault: AsyncEngine, story: Story, statement: str, row: int, problem: str
) -> None:
    async with tampered(vault, statement):
        report = await verified(vault)
    roots = [fault for fault in report.faults if fault.chain == "roots"]
    assert roots[0] == Fault("roots", f"root {row}", problem)
    assert story.delivery_id


async def test_a_root_of_another_key_is_not_believed(vault: AsyncEngine, story: Story) -> None:
    forged = RootSigner(b"f" * 32).sign(
        RootStatement(1, datetime.now(UTC), 2, "ab" * 32, FIRST_PREVIOUS)
    )
    statement = (
        "UPDATE audit_root SET body = :body, hash = :hash, key_id = :key_id, "
        "signature = :signature, at = CAST(:at AS timestamptz) WHERE sequence = 1"
    )
    values = {
        "body": forged.statement,
        "hash": sha256(forged.statement.encode()).digest(),
        "key_id": forged.key_id,
        "signature": bytes.fromhex(forged.signature),
        "at": read_statement(forged.statement).at.isoformat(),
    }
    async with tampered(vault, statement, **values):
        report = await verified(vault)
    first = next(fault for fault in report.faults if fault.chain == "roots")
    assert first.row == "root 1"
    assert "is not trusted" in first.problem
    assert story.delivery_id


async def test_roots_that_were_cut_are_known_to_whoever_kept_them(
    vault: AsyncEngine, story: Story
) -> None:
    kept = tuple(await newest_roots(vault, 10))
    assert (await verified(vault, kept=kept)).judgement == Judgement.CLEAN
    cut = (
        "DELETE FROM audit_leaf WHERE root_sequence = 2",
        "DELETE FROM audit_root WHERE sequence = 2",
    )
    async with tampered(vault, *cut):
        assert (await verified(vault)).judgement == Judgement.CLEAN
        report = await verified(vault, kept=kept)
    problem = "it is gone, and a copy of it is kept elsewhere"
    assert report.faults == (Fault("roots", "root 2", problem),)
    assert story.delivery_id


async def test_hours_without_a_root_are_reported_and_are_no_proof(
    vault: AsyncEngine, story: Story
) -> None:
    later = datetime.now(UTC) + timedelta(hours=5)
    statement = RootStatement(3, later, 2, "00" * 32, "00" * 32)
    async with tampered(
        vault,
        "INSERT INTO audit_root VALUES (3, CAST(:at AS timestamptz), :body, sha256('x'), 'k',"
        " sha256('x') || sha256('x'))",
        at=later.isoformat(),
        body=statement.text,
    ):
        report = await verified(vault)
    assert any(note.startswith("no root between") for note in report.notes)
    assert story.delivery_id


async def test_without_a_key_nothing_is_said_of_roots(vault: AsyncEngine, story: Story) -> None:
    report = await verify_audit(vault, TrustedKeys([]))
    assert (report.judgement, report.unchecked) == (Judgement.UNCHECKED, (NO_KEYS,))
    assert story.delivery_id


async def test_what_is_older_is_believed_when_asked_to(vault: AsyncEngine, story: Story) -> None:
    async with as_owner(vault):
        later = Scope(since=datetime.now(UTC))
    report = await verified(vault, later)
    assert (report.links, report.roots, report.judgement) == (0, 0, Judgement.CLEAN)
    async with tampered(vault, "UPDATE event SET body = '{}' WHERE sequence = 9"):
        assert (await verified(vault, later)).judgement == Judgement.CLEAN
        everything = Scope(since=datetime.now(UTC) - timedelta(days=1))
        report = await verified(vault, everything)
    assert report.faults[0].row == "event 9"
    assert story.delivery_id


async def test_the_proof_of_a_delivery_holds_without_the_database(
    vault: AsyncEngine, story: Story
) -> None:
    proof = await prove_delivery(vault, story.delivery_id)
    assert proof is not None
    assert proof.holds
    assert proof.length == 9
    signed = read_statement(proof.root.statement).signed_bytes
    keys = TrustedKeys([RootSigner(b"a" * 32).public])
    assert keys.proves(proof.root.key_id, bytes.fromhex(proof.root.signature), signed)
    other = await begin_story(vault)
    assert await prove_delivery(vault, other.delivery_id) is None
