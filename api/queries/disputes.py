"""What both sides say in a dispute: append-only rows, each written with the claim of its request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert

from api.access.claims import asker_of
from api.access.database import Database
from api.access.held import held_since
from api.access.request import Change
from api.access.statements import (
    REQUEST_HASH,
    RESOURCE_ID,
    claim_on,
    holds_any,
    is_party,
    is_staff,
    known_dispute,
    seen,
    who_asks,
)
from api.dispute_views import listed
from api.edge.problems import unauthenticated
from api.models.disputes import ListedDispute
from domain.disputing.ladder import Side
from domain.identity.actions import Action
from domain.identity.permissions import RULES
from domain.identity.roles import INSIDERS, STAFF_ROLES
from domain.status import DisputeStatus
from infra.database.schema import (
    delivery,
    dispute,
    dispute_evidence,
    dispute_file,
    dispute_message,
    dispute_proposal,
)
from infra.encryption.people import PERSON_KEY, person_key_column
from infra.encryption.words import author_key_column, opened_words, sealed_words

EVIDENCE_MAX = 50
"""Pieces of evidence of one party in one dispute: an agent has to look at all of them."""
MESSAGES_MAX = 100
"""Messages of one party in one dispute: beyond it nobody is listening any more."""
SIDES = 5
"""Most who speak in one dispute: customer, sender, recipient, traveler, and staff together."""

_who = who_asks()
_target = known_dispute(_who).cte("target")
_claim = claim_on(_who, _target)


def _claim_and_add(
    table: Table,
    key: str,
    given: tuple[str, ...],
    count_max: int,
    *more: ColumnElement[bool],
) -> Select[Any]:
    """Return the statement that claims a request and adds its row while the dispute is open.

    The claim names the row, so that a repeated request finds it instead of adding another. Each
    party has a number of rows of their own, so that none can silence the others; staff have no end.
    """
    rows = table.alias()
    count = (
        select(func.count())
        .select_from(rows)
        .where(
            rows.c.dispute_id == _target.c.dispute_id,
            rows.c.author_id == _who.c.asker_id,
        )
        .scalar_subquery()
    )
    is_open = _target.c.dispute_status == DisputeStatus.OPEN
    speaks = holds_any(_who, RULES[Action.ADD_EVIDENCE].by, _target)
    may_add = and_(is_open, speaks, or_(is_staff(_who), count < count_max), *more)
    # The words were encrypted for the id of this request, and can be read under no other. An
    # earlier try that was refused without anybody learning it stays refused.
    may_write = and_(may_add, _claim.c.claim_resource_id == RESOURCE_ID)
    is_there = exists().where(rows.c[key] == _claim.c.claim_resource_id)
    values = [bindparam(name, type_=Text) for name in given]
    added = (
        insert(table)
        .from_select(
            [key, "dispute_id", "author_id", *given, "created_at"],
            select(
                _claim.c.claim_resource_id,
                _target.c.dispute_id,
                _who.c.asker_id,
                *values,
                _claim.c.claim_created_at,
            )
            .select_from(_who.join(_target, true()).join(_claim, true()))
            .where(may_write, _claim.c.claim_hash == REQUEST_HASH),
        )
        .on_conflict_do_nothing()
        .returning(table.c[key])
        .cte("added")
    )
    return (
        seen(_who, _target, _claim)
        .add_columns(or_(may_write, is_there).label("is_added"))
        .add_cte(added)
    )


CLAIM_AND_ADD_EVIDENCE = _claim_and_add(
    dispute_evidence, "evidence_id", ("kind", "description", "content_sha256"), EVIDENCE_MAX
)
CLAIM_AND_ADD_MESSAGE = _claim_and_add(dispute_message, "message_id", ("text",), MESSAGES_MAX)
_is_asked = or_(
    *(
        and_(
            _target.c.dispute_waiting_for == str(side),
            _target.c[f"{side}_id"] == _who.c.asker_id,
        )
        for side in Side
    )
)
CLAIM_AND_REPLY = _claim_and_add(
    dispute_message, "message_id", ("text",), SIDES * MESSAGES_MAX, _is_asked
)
"""A reply is added only by the side that was asked."""


def _claim_appeal() -> Select[Any]:
    """Return the statement that claims an appeal and tells whether its evidence is new.

    Evidence is new when this side added it after the verdict, and no file of before is added again.
    """
    shown, known = dispute_evidence.alias("shown"), dispute_evidence.alias("known")
    weighed_at = _target.c.dispute_weighed_at
    was_known = exists().where(
        known.c.dispute_id == shown.c.dispute_id,
        known.c.content_sha256 == shown.c.content_sha256,
        known.c.created_at <= weighed_at,
    )
    is_new = exists().where(
        shown.c.evidence_id == bindparam("evidence_id", type_=Uuid(as_uuid=False)),
        shown.c.dispute_id == _target.c.dispute_id,
        shown.c.author_id == _who.c.asker_id,
        shown.c.created_at > weighed_at,
        ~was_known,
    )
    return seen(_who, _target, _claim).add_columns(is_new.label("is_new"))


CLAIM_APPEAL = _claim_appeal()

_BEFORE_ID = bindparam("before_id", type_=Uuid(as_uuid=False))
_STATUS = bindparam("status", type_=Text)
_STAGE = bindparam("stage", type_=Text)
_ASSIGNED = bindparam("assigned", type_=Boolean)
_COUNT = bindparam("count", type_=Integer)


def _list(who: CTE) -> Select[Any]:
    page = (
        select(
            dispute,
            delivery.c.currency,
            delivery.c.deadline_kind,
            delivery.c.deadline_at,
            held_since(),
            is_party(who).label("is_own"),
        )
        .select_from(
            dispute.join(delivery, delivery.c.delivery_id == dispute.c.delivery_id).join(
                who, true()
            )
        )
        .where(
            dispute.c.dispute_id < _BEFORE_ID,
            or_(_STATUS.is_(None), dispute.c.status == _STATUS),
            or_(_STAGE.is_(None), dispute.c.stage == _STAGE),
            or_(_ASSIGNED.is_(False), dispute.c.agent_id == who.c.asker_id),
            holds_any(who, INSIDERS),
        )
        .order_by(dispute.c.dispute_id.desc())
        .limit(_COUNT)
        .subquery("page")
    )
    return (
        select(who, page)
        .select_from(who.outerjoin(page, true()))
        .order_by(page.c.dispute_id.desc())
    )


_LIST = _list(_who)
_OWN_KEY = select(_who.c.asker_id.label("person_id"), person_key_column("asker_id"))
_DISPUTE_ID = bindparam("dispute_id", type_=Uuid(as_uuid=False))
_PROPOSALS = (
    select(dispute_proposal)
    .where(dispute_proposal.c.dispute_id == _DISPUTE_ID)
    .order_by(dispute_proposal.c.proposal_id)
)
_EVIDENCE = (
    select(
        dispute_evidence,
        exists()
        .where(dispute_file.c.evidence_id == dispute_evidence.c.evidence_id)
        .label("has_file"),
        author_key_column("dispute_evidence.author_id"),
    )
    .where(dispute_evidence.c.dispute_id == _DISPUTE_ID)
    .order_by(dispute_evidence.c.evidence_id.desc())
    .limit(SIDES * EVIDENCE_MAX)
)
_MESSAGES = (
    select(dispute_message, author_key_column("dispute_message.author_id"))
    .where(dispute_message.c.dispute_id == _DISPUTE_ID)
    .order_by(dispute_message.c.message_id.desc())
    .limit(SIDES * MESSAGES_MAX)
)


async def disputes(
    database: Database,
    token_hash: bytes,
    before_id: str,
    count: int,
    *,
    status: str | None = None,
    stage: str | None = None,
    assigned: bool = False,
) -> list[ListedDispute]:
    """Return the disputes that concern a person, the newest first; all of them for staff.

    Raises:
        Problem: `unauthenticated`.
    """
    values = {
        "token_hash": token_hash,
        "status": status,
        "stage": stage,
        "assigned": assigned,
        "before_id": before_id,
        "count": count,
    }
    rows = await database.every(_LIST, values)
    if not rows:
        raise unauthenticated()
    return [
        listed(
            row,
            row["dispute_id"],
            is_staff=bool(asker_of(row).roles & STAFF_ROLES) and not row["is_own"],
        )
        for row in rows
        if row["dispute_id"] is not None
    ]


async def sealed_for(database: Database, change: Change, statement: Select[Any], words: str) -> str:
    """Return words as the row that a request writes with this statement keeps them.

    Raises:
        Problem: `unauthenticated`.
    """
    row = await database.first(_OWN_KEY, {"token_hash": change.token_hash})
    if row is None:
        raise unauthenticated()
    key = await database.key_of_person(row["person_id"], row[PERSON_KEY])
    table = dispute_evidence if statement is CLAIM_AND_ADD_EVIDENCE else dispute_message
    return sealed_words(key, table.name, change.resource_id, words)


async def proposals_in(database: Database, dispute_id: str) -> list[Mapping[str, Any]]:
    """Return the proposals of a dispute, the oldest first."""
    return list(await database.every(_PROPOSALS, {"dispute_id": dispute_id}))


async def evidence_in(database: Database, dispute_id: str) -> list[Mapping[str, Any]]:
    """Return the newest evidence of a dispute, the oldest first."""
    return await _read(database, _EVIDENCE, dispute_evidence, dispute_id)


async def messages_in(database: Database, dispute_id: str) -> list[Mapping[str, Any]]:
    """Return the newest messages of a dispute, the oldest first."""
    return await _read(database, _MESSAGES, dispute_message, dispute_id)


async def _read(
    database: Database, newest: Select[Any], table: Table, dispute_id: str
) -> list[Mapping[str, Any]]:
    rows = await database.every(newest, {"dispute_id": dispute_id})
    return [await opened_words(database.keys, table.name, row) for row in reversed(rows)]
