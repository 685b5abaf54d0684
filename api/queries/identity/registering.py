"""From somebody who wants an account to somebody who has one.

Nothing here differs for an address that has an account already: the same rows are written and the
same answers given, only the message to the address says something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from api.access.database import Database
from api.queries.identity.codes import PURGED, WOKEN, try_code, wrong_code
from domain.identity.codes import CodeUse, life_s
from infra.encryption.owned import KeyOwner
from infra.encryption.people import NEW_KEY, key_values, sealed_person
from infra.identifiers import new_id
from infra.identity.parts import IdentityParts

_KIND = """
CASE WHEN EXISTS (SELECT FROM account WHERE account.email_lookup = {lookup})
    THEN 'account_already_registered' ELSE 'account_registration_code' END"""

_BEGIN = text(f"""
WITH {PURGED}, {NEW_KEY}, made AS (
    INSERT INTO verification_code (verification_id, purpose, address, address_lookup, expires_at)
    VALUES (:verification_id, 'registration', :email, :email_lookup,
        now() + make_interval(secs => :life_s))
    RETURNING verification_id, expires_at
), wanted AS (
    INSERT INTO registration
        (verification_id, person_id, email_lookup, display_name, roles, password_hash)
    SELECT verification_id, CAST(:person_id AS uuid), :email_lookup, :display_name,
        CAST(:roles AS text[]), :password_hash
    FROM made
), told AS (
    INSERT INTO notification
        (audience, person_id, channel, address, address_lookup, kind, verification_id)
    SELECT 'account_holder', CAST(:person_id AS uuid), 'mail', :email, :email_lookup,
        {_KIND.format(lookup=":email_lookup")}, verification_id
    FROM made
)
SELECT expires_at, {WOKEN} AS woken FROM made
""")  # noqa: S608 -- The parts are constants of ours.

_AGAIN = text(f"""
WITH again AS (
    UPDATE verification_code SET sendings = sendings + 1, sent_at = now()
    WHERE verification_id = :verification_id AND purpose = 'registration' AND used_at IS NULL
        AND expires_at > now() AND failures < :failures_max AND sendings < :sendings_max
        AND sent_at <= now() - make_interval(secs => :resend_s)
    RETURNING verification_id, address
), told AS (
    INSERT INTO notification
        (audience, person_id, channel, address, address_lookup, kind, verification_id)
    SELECT 'account_holder', registration.person_id, 'mail', again.address,
        registration.email_lookup, {_KIND.format(lookup="registration.email_lookup")},
        again.verification_id
    FROM again JOIN registration ON registration.verification_id = again.verification_id
    RETURNING 1
)
SELECT {WOKEN} FROM told
""")  # noqa: S608 -- The same.

_FINISH = text("""
WITH used AS (
    UPDATE verification_code SET used_at = now()
    WHERE verification_id = :verification_id AND used_at IS NULL
    RETURNING verification_id
), wanted AS (
    DELETE FROM registration USING used, verification_code AS proof
    WHERE registration.verification_id = used.verification_id
        AND proof.verification_id = used.verification_id
    RETURNING registration.*, proof.address
), made AS (
    INSERT INTO person (person_id, display_name, roles, email, email_lookup)
    SELECT person_id, display_name, roles, address, email_lookup FROM wanted
    RETURNING person_id
), opened AS (
    INSERT INTO account (person_id, email_lookup, password_hash, email_verified_at)
    SELECT made.person_id, wanted.email_lookup, wanted.password_hash, now() FROM made, wanted
    RETURNING person_id
)
SELECT CAST(person_id AS text) AS person_id FROM opened
""")


@dataclass(frozen=True, slots=True)
class Registration:
    """What somebody types who wants an account; everything is checked already."""

    email: str
    display_name: str
    roles: tuple[str, ...]
    password_hash: str


@dataclass(frozen=True, slots=True)
class SentCode:
    """A code that is on its way, or would be if there were somebody to send it to."""

    verification_id: str
    expires_at: datetime


async def begin_registration(
    database: Database, parts: IdentityParts, wanted: Registration
) -> SentCode:
    """Write down who wants an account and send a code to the address.

    Name and address are encrypted for the person who there will be.
    """
    verification_id, person_id = new_id(), new_id()
    kept = await database.keys.new_row(KeyOwner.person(person_id))
    key = await database.keys.opened(kept)
    values: dict[str, Any] = {
        **key_values(kept),
        "verification_id": verification_id,
        "person_id": person_id,
        **sealed_person(
            key, person_id, {"email": wanted.email, "display_name": wanted.display_name}
        ),
        "email_lookup": parts.email_lookup(wanted.email),
        "roles": list(wanted.roles),
        "password_hash": wanted.password_hash,
        "life_s": life_s(CodeUse.REGISTRATION, parts.policy.codes),
    }
    row = await database.first(_BEGIN, values)
    assert row is not None
    return SentCode(verification_id, row["expires_at"])


async def send_registration_again(
    database: Database, parts: IdentityParts, verification_id: str
) -> None:
    """Send the message of a registration once more, if that may be; nobody is told whether."""
    policy = parts.policy.codes
    values: dict[str, Any] = {
        "verification_id": verification_id,
        "failures_max": policy.failures_max,
        "sendings_max": policy.sendings_max,
        "resend_s": policy.resend_s,
    }
    await database.run(_AGAIN, values)


async def finish_registration(
    database: Database, parts: IdentityParts, verification_id: str, typed: str
) -> str:
    """Open the account that a code was sent for and return the id of the person.

    Raises:
        Problem: as for `try_code`; `code_wrong` also when the address has an account by now.
    """
    await try_code(database, parts, CodeUse.REGISTRATION, verification_id, typed)
    try:
        row = await database.first(_FINISH, {"verification_id": verification_id})
    except IntegrityError as error:
        # The address has an account: only its mailbox could tell, and that was told another thing.
        raise wrong_code() from error
    if row is None:
        raise wrong_code()
    person_id: str = row["person_id"]
    return person_id
