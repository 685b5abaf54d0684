"""Approvals of single requests: asked for, answered, and used once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Interval,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from api.access.database import Database, Row
from api.queries.identity.factors import PERSON
from domain.identity.factors import FACTORS, Method
from infra.database.schema import access_token, step_up
from infra.identifiers import new_id

_asked = step_up.c
_ID = bindparam("approval_id", type_=Uuid(as_uuid=False))
_CREDENTIAL = bindparam("credential", type_=LargeBinary)
_FINGERPRINT = bindparam("request_fingerprint", type_=LargeBinary)
_GRANT = bindparam("grant", type_=LargeBinary)
_KEY = bindparam("request_key", type_=Text)
_LIFE = bindparam("life", type_=Interval)

_ASK = (
    insert(step_up)
    .values(
        step_up_id=_ID,
        person_id=PERSON,
        token_hash=_CREDENTIAL,
        fingerprint=_FINGERPRINT,
        method=bindparam("request_method", type_=Text),
        path=bindparam("request_path", type_=Text),
        expires_at=func.now() + _LIFE,
    )
    .returning(step_up.c.expires_at)
)
_OPEN = select(_asked.method, _asked.path, _asked.fingerprint).where(
    _asked.step_up_id == _ID,
    _asked.person_id == PERSON,
    _asked.token_hash == _CREDENTIAL,
    _asked.grant_hash.is_(None),
    _asked.expires_at > func.now(),
)
_ANSWER = (
    update(step_up)
    .where(_asked.step_up_id == _ID, _asked.grant_hash.is_(None), _asked.expires_at > func.now())
    .values(
        grant_hash=_GRANT,
        answered_by=bindparam("by", type_=Text),
        proof=bindparam("signed", type_=JSONB(none_as_null=True)),
        expires_at=func.now() + _LIFE,
    )
    .returning(_asked.expires_at)
)
_used = (
    update(step_up)
    .where(
        _asked.grant_hash == _GRANT,
        _asked.token_hash == _CREDENTIAL,
        _asked.fingerprint == _FINGERPRINT,
        _asked.expires_at > func.now(),
        # The same key is the same request, which is carried out once however often it is sent.
        or_(_asked.used_at.is_(None), _asked.used_key == _KEY),
    )
    .values(used_at=func.coalesce(_asked.used_at, func.now()), used_key=_KEY)
    .returning(_asked.step_up_id)
    .cte("used")
)
_USE = (
    select(access_token.c.kind, _used.c.step_up_id)
    .select_from(access_token.outerjoin(_used, true()))
    .where(
        access_token.c.token_hash == _CREDENTIAL,
        access_token.c.revoked_at.is_(None),
        access_token.c.expires_at > func.now(),
    )
)


@dataclass(frozen=True, slots=True)
class AskedApproval:
    """An approval that was asked for and not answered yet."""

    step_up_id: str
    expires_at: datetime


async def ask_approval(
    database: Database, person_id: str, token_hash: bytes, request: tuple[str, str], mark: bytes
) -> AskedApproval:
    """Write down which request a person wants to approve, and from which session.

    Shape: `request` is its method and path, `mark` its fingerprint.
    """
    step_up_id = new_id()
    values = {
        "approval_id": step_up_id,
        "whose": person_id,
        "credential": token_hash,
        "request_fingerprint": mark,
        "request_method": request[0],
        "request_path": request[1],
        "life": timedelta(seconds=FACTORS.challenge_s),
    }
    row = await database.first(_ASK, values)
    assert row is not None, "an insert that returns has a row"
    return AskedApproval(step_up_id, row["expires_at"])


async def open_approval(
    database: Database, person_id: str, token_hash: bytes, step_up_id: str
) -> Row | None:
    """Return an approval that this session asked for and that was not answered yet."""
    values = {"approval_id": step_up_id, "whose": person_id, "credential": token_hash}
    return await database.first(_OPEN, values)


async def answer_approval(
    database: Database,
    step_up_id: str,
    grant_hash: bytes,
    method: Method,
    signed: dict[str, Any] | None,
) -> datetime | None:
    """Write down how a request was approved and return how long that holds; none if it is late."""
    values = {
        "approval_id": step_up_id,
        "grant": grant_hash,
        "by": str(method),
        "signed": signed,
        "life": timedelta(seconds=FACTORS.grant_s),
    }
    row = await database.first(_ANSWER, values)
    return None if row is None else row["expires_at"]


async def use_approval(
    database: Database, token_hash: bytes, grant_hash: bytes | None, mark: bytes, key: str | None
) -> Row | None:
    """Spend an approval; return the kind of the credential and the approval, if there is one.

    None is returned for a credential that is no good. Idempotency: with the same key it is spent
    again, for that is the same request.
    """
    values = {
        "credential": token_hash,
        "grant": grant_hash,
        "request_fingerprint": mark,
        "request_key": key,
    }
    return await database.first(_USE, values)
