"""Which second factors a person has, and their recovery codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import (
    CTE,
    ColumnElement,
    LargeBinary,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.database import Database
from api.access.statements import TOKEN_HASH, who_asks
from api.edge.problems import unauthenticated
from api.queries.identity.trail import NOTED, account_changed
from domain.auditing.entries import EntryKind
from domain.identity.factors import AUTHENTICATION_WORDS, FACTORS, Method
from domain.ids import PersonId
from domain.words.accounts import AccountNotice
from infra.database.schema import (
    access_token,
    passkey,
    person,
    recovery_code,
    session,
    totp_factor,
)
from infra.encryption.people import person_key_column
from infra.identity.changing import CredentialChange, credential_change
from infra.notifications.holders import TOLD_AND_WOKEN, told_about

PERSON = bindparam("whose", type_=Uuid(as_uuid=False))
HASHES = bindparam("hashes", type_=ARRAY(LargeBinary))


@dataclass(frozen=True, slots=True)
class Holder:
    """A person with the second factors that they have."""

    person_id: PersonId
    roles: frozenset[str]
    name: str
    """What an authenticator shows next to the platform's name."""
    secret: str | None
    """Sealed secret of the authenticator app."""
    pending_secret: str | None
    """Sealed secret of an app that this session sets up and that has not shown a right code yet."""
    totp_since: datetime | None
    passkeys: int
    recovery_codes: int
    """Recovery codes that were not used."""
    has_just_signed_in: bool = True
    """Whether the session is a new one; credentials made by an operator always are."""

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """Return the holder in a row of `holder_columns`."""
        return cls(
            person_id=PersonId(row["holder_id"]),
            roles=frozenset(row["holder_roles"]),
            name=row["email"] or row["display_name"],
            secret=row["secret"],
            pending_secret=row.get("pending"),
            totp_since=row["confirmed_at"],
            passkeys=row["passkeys"],
            recovery_codes=row["recovery_codes"],
            has_just_signed_in=row.get("is_fresh", True),
        )

    @property
    def factors(self) -> int:
        """How many second factors the person has; codes on paper are none."""
        return self.passkeys + (self.secret is not None)

    @property
    def methods(self) -> tuple[Method, ...]:
        """How the person can prove once more who they are."""
        held = {
            Method.TOTP: self.secret is not None,
            Method.PASSKEY: self.passkeys > 0,
            Method.RECOVERY_CODE: self.factors > 0 and self.recovery_codes > 0,
        }
        return tuple(method for method, is_held in held.items() if is_held)


def _unused(of: ColumnElement[str]) -> ColumnElement[Any]:
    return (
        select(func.count())
        .select_from(recovery_code)
        .where(recovery_code.c.person_id == of, recovery_code.c.used_at.is_(None))
        .scalar_subquery()
    )


def holders() -> Select[Any]:
    """Return every person with what a `Holder` is read from."""
    keys = (
        select(func.count())
        .select_from(passkey)
        .where(passkey.c.person_id == person.c.person_id, passkey.c.copied_at.is_(None))
        .scalar_subquery()
    )
    return select(
        person.c.person_id.label("holder_id"),
        person.c.roles.label("holder_roles"),
        person.c.person_id,
        person.c.email,
        person.c.display_name,
        person_key_column(),
        totp_factor.c.secret,
        totp_factor.c.confirmed_at,
        keys.label("passkeys"),
        _unused(person.c.person_id).label("recovery_codes"),
    ).select_from(person.outerjoin(totp_factor, totp_factor.c.person_id == person.c.person_id))


_who = who_asks()
_signed_in = (
    select(session.c.created_at > func.now() - timedelta(seconds=FACTORS.fresh_s))
    .join(access_token, access_token.c.session_id == session.c.session_id)
    .where(access_token.c.token_hash == TOKEN_HASH)
    .scalar_subquery()
)
_is_begun_here = and_(
    totp_factor.c.pending_in == TOKEN_HASH, totp_factor.c.pending_until > func.now()
)
_ASKING = (
    holders()
    .add_columns(
        func.coalesce(_signed_in, true()).label("is_fresh"),
        case((_is_begun_here, totp_factor.c.pending_secret)).label("pending"),
    )
    .join(_who, _who.c.asker_id == person.c.person_id)
)
_NAMED = holders().where(person.c.person_id == PERSON)

_TAKE_CODE = text(f"""
WITH used AS (
    UPDATE recovery_code SET used_at = now()
    WHERE person_id = :whose AND code_hash = :typed_hash AND used_at IS NULL
    RETURNING person_id
), {told_about("used", f"'{AccountNotice.RECOVERY_CODE_USED}'")}
SELECT person_id, {TOLD_AND_WOKEN}, {NOTED} AS noted FROM used
""")  # noqa: S608 -- The parts are constants of ours.


def with_first_codes(begun: CTE) -> Select[Any]:
    """Return whether the factor in `begun` was set up, and write codes for whoever has none yet."""
    hashes = func.unnest(HASHES).table_valued("code_hash").render_derived(name="made")
    has_codes = exists().where(
        recovery_code.c.person_id == begun.c.person_id, recovery_code.c.used_at.is_(None)
    )
    written = (
        insert(recovery_code)
        .from_select(
            ["person_id", "code_hash"],
            select(begun.c.person_id, hashes.c.code_hash)
            .select_from(begun.join(hashes, true()))
            .where(~has_codes),
        )
        .returning(recovery_code.c.code_hash)
        .cte("written")
    )
    return select(
        begun.c.person_id,
        select(func.count()).select_from(written).scalar_subquery().label("codes"),
    )


_gone = delete(recovery_code).where(recovery_code.c.person_id == PERSON).cte("gone")
_hashes = func.unnest(HASHES).table_valued("code_hash").render_derived(name="made")
_NEW_CODES = (
    insert(recovery_code)
    .from_select(["person_id", "code_hash"], select(PERSON, _hashes.c.code_hash))
    .add_cte(_gone)
)
_words = bindparam("words", type_=ARRAY(Text))
_NOTE = (
    update(session)
    .where(
        session.c.session_id
        == select(access_token.c.session_id)
        .where(access_token.c.token_hash == TOKEN_HASH)
        .scalar_subquery(),
        session.c.second_factor_at.is_(None),
    )
    .values(
        second_factor_at=func.now(), authenticated_by=session.c.authenticated_by.op("||")(_words)
    )
)


async def asking_holder(database: Database, token_hash: bytes) -> Holder:
    """Return who asks, with their factors.

    Raises:
        Problem: `unauthenticated`.
    """
    row = await database.first(_ASKING, {"token_hash": token_hash})
    if row is None:
        raise unauthenticated()
    return Holder.read(row)


async def holder_of(database: Database, person_id: str) -> Holder:
    """Return a person with their factors."""
    row = await database.first(_NAMED, {"whose": person_id})
    assert row is not None, "nobody asks for a person that is not there"
    return Holder.read(row)


async def held_now(change: CredentialChange) -> Holder:
    """Return the factors of the person that a change is about, as they are while it is made."""
    row = await change.first(_NAMED, {"whose": change.person_id})
    assert row is not None, "nobody changes the factors of a person that is not there"
    return Holder.read(row)


async def take_recovery_code(database: Database, person_id: str, code_hash: bytes) -> bool:
    """Spend a recovery code and tell whether it was one that had not been used; its person is told."""
    entry = account_changed(person_id, "recovery_code_used")
    values = {"whose": person_id, "typed_hash": code_hash, "entry": entry}
    return await database.first(_TAKE_CODE, values) is not None


async def renew_recovery_codes(
    engine: AsyncEngine, person_id: str, hashes: tuple[bytes, ...]
) -> None:
    """Replace every recovery code of a person, who is told."""
    async with credential_change(engine, person_id) as change:
        await change.connection.execute(_NEW_CODES, {"whose": person_id, "hashes": list(hashes)})
        await change.note(
            EntryKind.ACCOUNT_CHANGED, "recovery_codes", AccountNotice.RECOVERY_CODES_MADE
        )


async def note_second_factor(database: Database, token_hash: bytes, method: Method) -> None:
    """Write down that a session has shown a second factor, when it had shown none before."""
    words = list(AUTHENTICATION_WORDS[method])
    await database.run(_NOTE, {"token_hash": token_hash, "words": words})
