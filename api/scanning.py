"""The one way of every scan: verified by what one statement read, kept, then used up by the workflow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic
from typing import Any

from fastapi import Request
from sqlalchemy import Executable
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.devices import device_values
from api.access.request import Change
from api.access.rows import PARTIES, Relation
from api.changes import actor_as, perform, sight_of_claim
from api.edge.problems import KINDS, Problem, refused
from api.handover_facts import (
    AGAIN_S_MAX,
    MAY_PASS_LATER,
    Presented,
    attempt_of,
    handover_in,
    scan_in,
)
from api.models.scanning import Scan
from api.queries.scan_attempts import is_used_up, keep_attempt
from api.queries.scanning import CLAIM_ON_SCAN
from api.risk import acceptable_scan
from api.sending import sent
from api.services import Services
from domain.contracts import Actor, CodePurpose, ScanCode
from domain.errors import Refusal, RefusalCode
from domain.handover.claimed import ClaimedCode, CodeVersion, read_claimed
from domain.handover.codes import digest_of
from domain.handover.levels import ProofLevel
from domain.handover.verifier import Handover, verify

LINE_S_MAX = 30
"""Longest wait of a scan for its turn, in the line of its person and in that of its handover together: a
client's own limit is about as long. Then the answer is that the platform is unavailable, and the same
request may come again."""

CarryOut = Callable[[Claim, ScanCode], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Scanning:
    """One request that scans."""

    request: Request
    purpose: CodePurpose
    presented: Presented
    statement: Executable
    """Claims the request and reads what the verifier looks at."""
    actor_of: Callable[[Claim], Actor]
    """Returns who scans, or refuses."""
    carry_out: CarryOut
    """Asks the workflow."""


def scanning_by_traveler(
    parts: Services, request: Request, purpose: CodePurpose, scan: Scan
) -> Scanning:
    """Return the scan of a delivery's own traveler."""

    async def carry_out(claimed: Claim, command: ScanCode) -> Outcome:
        return await sent(parts, claimed, "scan", command)

    def actor_of(claimed: Claim) -> Actor:
        return actor_as(sight_of_claim(claimed))

    return Scanning(
        request,
        purpose,
        Presented(scan.code, scan.fix),
        CLAIM_ON_SCAN[purpose],
        actor_of,
        carry_out,
    )


async def perform_scan(
    parts: Services, change: Change, delivery_id: str, scanning: Scanning, **more: str
) -> Response:
    """Carry a scan out at most once; every attempt is kept, with what became of it.

    Raises:
        Problem: the scan is refused.
        TimeoutError: too many scans stand in line before it.
    """
    values = {"delivery_id": delivery_id, **more, **device_values(scanning.request)}
    line, came = f"{change.token_hash.hex()}:{delivery_id}", monotonic()
    async with parts.crowds.through(line, LINE_S_MAX):
        waited = timedelta(seconds=monotonic() - came)
        in_turn = replace(scanning, presented=replace(scanning.presented, waited=waited))

        async def act(claimed: Claim) -> Outcome:
            return await _scanned(parts, claimed, in_turn)

        return await perform(parts, change, scanning.statement, values, act)


async def _scanned(parts: Services, claimed: Claim, scanning: Scanning) -> Outcome:
    _refuse_again(claimed.row)
    handover = handover_in(parts.handover_key, claimed.row, scanning.purpose)
    attempt = attempt_of(claimed, handover, scanning.presented)
    try:
        actor = _actor(claimed, scanning)
        code = await _proven(claimed, handover, scanning)
        async with _in_turn(parts, claimed, scanning):
            weighed = await acceptable_scan(
                parts,
                scanning.request,
                claimed,
                scanning.purpose,
                scanning.presented.fix,
                device_id=_signer(claimed, handover),
            )
            await keep_attempt(parts.database, attempt, weighed=weighed)
            command = _command(handover, actor, code, claimed.resource_id)
            return await scanning.carry_out(claimed, command)
    except Problem as problem:
        if isinstance(problem.code, RefusalCode):
            await keep_attempt(parts.database, attempt, problem.code)
        raise


@asynccontextmanager
async def _in_turn(parts: Services, claimed: Claim, scanning: Scanning) -> AsyncIterator[None]:
    """Let one scan of a handover at a time go on: of a crowd the first one gets through.

    The others learn from the database that they come too late, and keep nobody waiting.

    Raises:
        Problem: `code_already_used`.
        TimeoutError: its turn does not come in time.
    """
    place = claimed.row["delivery_id"], str(scanning.purpose)
    has_waited = parts.scans.is_busy(":".join(place))
    left_s = max(LINE_S_MAX - scanning.presented.waited.total_seconds(), 0)
    async with parts.scans.through(":".join(place), left_s):
        if has_waited and claimed.is_first_try and await is_used_up(parts.database, *place):
            raise Problem(RefusalCode.CODE_ALREADY_USED, "This code has been used already.")
        yield


async def _proven(claimed: Claim, handover: Handover, scanning: Scanning) -> ClaimedCode:
    """Return what was scanned once it is proven, now or when this very request came first.

    Raises:
        Problem: with the code of the first check that fails.
    """
    try:
        if _was_let_through(claimed.row):
            return read_claimed(scanning.presented.text)
        scan = await scan_in(scanning.request, claimed, scanning.presented)
        return verify(handover, scan)
    except Refusal as refusal:
        raise refused(refusal) from refusal


def _command(handover: Handover, actor: Actor, code: ClaimedCode, attempt_id: str) -> ScanCode:
    """Return the command of a scan, which holds a digest instead of a code.

    Whatever was shown, the opaque code behind it is used up: its gate is the same at every level.
    """
    by, is_pin = handover.by, code.version is CodeVersion.PIN
    is_plain = is_pin or by.code_nonce is None
    text = code.normalised if is_plain else by.opaque_text()
    digest = digest_of(by.key, by.delivery_id, by.purpose, text)
    return ScanCode(actor, by.purpose, digest, is_pin, attempt_id=attempt_id)


def _actor(claimed: Claim, scanning: Scanning) -> Actor:
    """Return who scans.

    Raises:
        Problem: `own_delivery` for those who show codes of this delivery, `not_your_role` for others.
    """
    try:
        return scanning.actor_of(claimed)
    except Problem as problem:
        shows = sight_of_claim(claimed).relations & (PARTIES - {Relation.TRAVELER})
        if problem.code is not RefusalCode.NOT_YOUR_ROLE or not shows:
            raise
        raise Problem(
            RefusalCode.OWN_DELIVERY,
            "The traveler scans and the other side shows: nobody does both.",
        ) from problem


def _signer(claimed: Claim, handover: Handover) -> str | None:
    """Return the device that has signed the scan; where none has to, what is named proves nothing."""
    if handover.by.level is ProofLevel.STANDARD:
        return None
    device_id: str | None = claimed.row["signing_device_id"]
    return device_id


def _was_let_through(row: Mapping[str, Any]) -> bool:
    """Tell whether an earlier try of this request was proven, and its answer got lost."""
    if row["attempt_outcome"] == "accepted":
        return True
    if row["attempt_outcome"] != "pending":
        return False
    age: timedelta = row["read_at"] - row["attempted_at"]
    return age < timedelta(seconds=AGAIN_S_MAX)


def _refuse_again(row: Mapping[str, Any]) -> None:
    """Refuse a request whose earlier try was refused, when that answer got lost.

    Raises:
        Problem: with the code of then.
    """
    if row["attempt_outcome"] == "refused" and row["attempt_refusal"] not in MAY_PASS_LATER:
        code = RefusalCode(row["attempt_refusal"])
        raise Problem(code, f"{KINDS[code].title}.")
