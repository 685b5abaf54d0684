"""Changes of how a person proves who they are: one at a time, in the audit, and told by mail."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.auditing.entries import AuditEntry, EntryKind
from domain.ids import PersonId
from domain.words.accounts import AccountNotice
from infra.audit.trail import ACCOUNT_HOLDER, append_entry
from infra.notifications.holders import tell_holder


def dropped_setups(changed: str) -> str:
    """Return the parts of a statement that end what somebody began to set up and has not confirmed.

    They were begun under the factors of then: whoever has other ones by now begins again. `changed`
    is the part that names the person.
    """
    return f"""unconfirmed AS (
        DELETE FROM totp_factor USING {changed}
        WHERE totp_factor.person_id = {changed}.person_id AND secret IS NULL
    ), unfinished AS (
        UPDATE totp_factor SET pending_secret = NULL, pending_until = NULL, pending_in = NULL
        FROM {changed}
        WHERE totp_factor.person_id = {changed}.person_id AND secret IS NOT NULL
    ), unanswered AS (
        DELETE FROM passkey_challenge USING {changed}
        WHERE passkey_challenge.person_id = {changed}.person_id AND purpose = 'register'
    ), unlinked AS (
        DELETE FROM provider_sign_in USING {changed}
        WHERE provider_sign_in.person_id = {changed}.person_id
    )"""  # noqa: S608 -- The part is a constant of ours.


def shut_out(whom: str, sessions: str, *, because: str) -> str:
    """Return the parts of a statement that end a person's sessions, and what was begun to get in.

    `whom` is the part that names the person, `sessions` says which of theirs; the part `ended` holds
    those that ended.
    """
    return f"""ended AS (
        UPDATE session SET revoked_at = now(), revoked_because = '{because}' FROM {whom}
        WHERE session.person_id = {whom}.person_id AND session.revoked_at IS NULL AND {sessions}
        RETURNING session.session_id
    ), closed AS (
        UPDATE access_token SET revoked_at = now() FROM ended
        WHERE access_token.session_id = ended.session_id
    ), left_half AS (
        UPDATE pre_auth_token SET spent_at = now() FROM {whom}
        WHERE pre_auth_token.person_id = {whom}.person_id AND spent_at IS NULL
    ), {dropped_setups(whom)}"""  # noqa: S608 -- The parts are constants of ours.


_LOCK = text("SELECT person_id FROM person WHERE person_id = CAST(:whom AS uuid) FOR NO KEY UPDATE")
_LOCK_ACCOUNT = text(
    "SELECT person_id FROM account WHERE person_id = CAST(:whom AS uuid) FOR NO KEY UPDATE"
)
_DROP = text(f"""
WITH holder AS (SELECT CAST(:whom AS uuid) AS person_id), {dropped_setups("holder")}
SELECT FROM holder
""")  # noqa: S608 -- The same.


@dataclass(frozen=True, slots=True)
class CredentialChange:
    """A change that nobody else makes at the same time to the same person."""

    connection: AsyncConnection
    person_id: PersonId
    is_there: bool = True
    """Whether there is such a person at all."""

    async def first(
        self, statement: Executable, values: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """Return the first row of a statement, or none."""
        row = (await self.connection.execute(statement, values)).first()
        return None if row is None else row._asdict()

    async def lock_account(self) -> None:
        """Let no session begin with a password until the change is made: afterwards it is refused."""
        await self.connection.execute(_LOCK_ACCOUNT, {"whom": self.person_id})

    async def drop_setups(self) -> None:
        """End what the person began to set up under the factors that they had until now."""
        await self.connection.execute(_DROP, {"whom": self.person_id})

    async def note(self, kind: EntryKind, what: str, notice: AccountNotice, **facts: str) -> None:
        """Tell the person by mail and the audit; call it last, as `append_entry` says."""
        await tell_holder(self.connection, self.person_id, notice, facts)
        entry = AuditEntry(
            kind,
            "person",
            self.person_id,
            actor_id=self.person_id,
            actor_role=ACCOUNT_HOLDER,
            facts={"what": what, **facts},
        )
        await append_entry(self.connection, entry)


@asynccontextmanager
async def credential_change(engine: AsyncEngine, person_id: str) -> AsyncIterator[CredentialChange]:
    """Begin a change; what is read after it begins is as the change before it has left it."""
    async with engine.begin() as connection:
        found = (await connection.execute(_LOCK, {"whom": person_id})).first()
        yield CredentialChange(connection, PersonId(person_id), found is not None)
