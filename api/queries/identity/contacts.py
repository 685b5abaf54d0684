"""Another e-mail address or phone number, once somebody has read a code there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.exc import IntegrityError

from api.access.database import Database
from api.queries.identity.codes import PURGED, WOKEN, wrong_code
from api.queries.identity.holders import Holder
from api.queries.identity.registering import SentCode
from api.queries.identity.trail import NOTED, account_changed
from domain.identity.codes import CodeUse, life_s
from infra.encryption.people import place_of
from infra.identifiers import new_id
from infra.identity.parts import IdentityParts

_BEGIN_EMAIL = text(f"""
WITH {PURGED}, made AS (
    INSERT INTO verification_code
        (verification_id, purpose, person_id, address, address_lookup, expires_at)
    VALUES (:verification_id, 'email_change', :person_id, :address, :address_lookup,
        now() + make_interval(secs => :life_s))
    RETURNING verification_id, expires_at
), told AS (
    INSERT INTO notification (audience, person_id, channel, address, kind, verification_id)
    SELECT 'account_holder', CAST(:person_id AS uuid), 'mail', :address,
        CASE WHEN EXISTS (SELECT FROM account WHERE account.email_lookup = :address_lookup)
            THEN 'account_email_taken' ELSE 'account_email_code' END, verification_id FROM made
    UNION ALL
    SELECT 'account_holder', person.person_id, 'mail', person.email, 'account_email_change_begun',
        NULL FROM made, person
    WHERE person.person_id = CAST(:person_id AS uuid) AND person.email IS NOT NULL
)
SELECT expires_at, {WOKEN} AS woken FROM made
""")  # noqa: S608 -- The parts are constants of ours.

_BEGIN_PHONE = text(f"""
WITH {PURGED}, made AS (
    INSERT INTO verification_code
        (verification_id, purpose, person_id, address, address_lookup, expires_at)
    VALUES (:verification_id, 'phone_change', :person_id, :address, :address_lookup,
        now() + make_interval(secs => :life_s))
    RETURNING verification_id, expires_at
), told AS (
    INSERT INTO notification (audience, person_id, channel, address, kind, verification_id)
    SELECT 'account_holder', CAST(:person_id AS uuid), 'sms', :address, 'account_phone_code',
        verification_id FROM made
)
SELECT expires_at, {WOKEN} AS woken FROM made
""")  # noqa: S608 -- The parts are constants of ours.

_FINISH_EMAIL = text(f"""
WITH used AS (
    UPDATE verification_code SET used_at = now()
    WHERE verification_id = :verification_id AND used_at IS NULL
    RETURNING person_id, address, address_lookup
), moved AS (
    UPDATE account
    SET email_lookup = used.address_lookup, email_verified_at = now(), updated_at = now()
    FROM used WHERE account.person_id = used.person_id
    RETURNING account.person_id, used.address, used.address_lookup
), forgotten AS (
    UPDATE verification_code SET used_at = now() FROM moved
    WHERE verification_code.person_id = moved.person_id
        AND purpose IN ('password_reset', 'email_change')
        AND verification_code.verification_id <> :verification_id
        AND verification_code.used_at IS NULL
), before AS (
    SELECT person.person_id, person.email FROM person
    JOIN moved ON moved.person_id = person.person_id
), named AS (
    UPDATE person SET email = moved.address, email_lookup = moved.address_lookup
    FROM moved WHERE person.person_id = moved.person_id
), told AS (
    INSERT INTO notification (audience, person_id, channel, address, kind)
    SELECT 'account_holder', person_id, 'mail', email, 'account_email_changed' FROM before
    WHERE email IS NOT NULL RETURNING 1
)
SELECT moved.person_id, (SELECT {WOKEN} FROM told), {NOTED}
FROM moved
""")  # noqa: S608 -- The part is a constant of ours.

_FINISH_PHONE = text(f"""
WITH used AS (
    UPDATE verification_code SET used_at = now()
    WHERE verification_id = :verification_id AND used_at IS NULL
    RETURNING person_id, address, address_lookup
), proved AS (
    UPDATE account SET phone_verified_at = now(), updated_at = now()
    FROM used WHERE account.person_id = used.person_id
    RETURNING account.person_id, used.address, used.address_lookup
), named AS (
    UPDATE person SET phone = proved.address, phone_lookup = proved.address_lookup
    FROM proved WHERE person.person_id = proved.person_id
    RETURNING person.person_id, person.email
), told AS (
    INSERT INTO notification (audience, person_id, channel, address, kind)
    SELECT 'account_holder', person_id, 'mail', email, 'account_phone_changed' FROM named
    WHERE email IS NOT NULL RETURNING 1
)
SELECT named.person_id, (SELECT {WOKEN} FROM told), {NOTED}
FROM named
""")  # noqa: S608 -- The same.


async def begin_email_change(
    database: Database, parts: IdentityParts, holder: Holder, email: str
) -> SentCode:
    """Send a code to the new address and a notice to the old one.

    Where the new address has an account, its mailbox is told so instead; the answer is the same.
    """
    key = await database.key_of_person(holder.person_id, holder.person_key)
    values = {
        "person_id": holder.person_id,
        "address": key.seal(place_of("email", holder.person_id), email),
        "address_lookup": parts.email_lookup(email),
    }
    return await _begin(database, parts, _BEGIN_EMAIL, CodeUse.EMAIL_CHANGE, values)


async def begin_phone_change(
    database: Database, parts: IdentityParts, holder: Holder, phone: str
) -> SentCode:
    """Send a code to the new number."""
    key = await database.key_of_person(holder.person_id, holder.person_key)
    values = {
        "person_id": holder.person_id,
        "address": key.seal(place_of("phone", holder.person_id), phone),
        "address_lookup": parts.phone_lookup(phone),
    }
    return await _begin(database, parts, _BEGIN_PHONE, CodeUse.PHONE_CHANGE, values)


async def _begin(
    database: Database,
    parts: IdentityParts,
    statement: TextClause,
    use: CodeUse,
    values: dict[str, Any],
) -> SentCode:
    verification_id = new_id()
    written = {
        **values,
        "verification_id": verification_id,
        "life_s": life_s(use, parts.policy.codes),
    }
    row = await database.first(statement, written)
    assert row is not None
    return SentCode(verification_id, row["expires_at"])


async def finish_email_change(database: Database, verification_id: str, person_id: str) -> None:
    """Move the account to the address whose code was typed; the old address is told.

    Raises:
        Problem: `code_wrong`, when the code was used up or the address has an account by now.
    """
    values = {
        "verification_id": verification_id,
        "entry": account_changed(person_id, "email"),
    }
    try:
        moved = await database.first(_FINISH_EMAIL, values)
    except IntegrityError as error:
        raise wrong_code() from error
    if moved is None:
        raise wrong_code()


async def finish_phone_change(database: Database, verification_id: str, person_id: str) -> None:
    """Take the number whose code was typed.

    Raises:
        Problem: `code_wrong`, when the code was used up in between.
    """
    values = {
        "verification_id": verification_id,
        "entry": account_changed(person_id, "phone"),
    }
    if await database.first(_FINISH_PHONE, values) is None:
        raise wrong_code()
