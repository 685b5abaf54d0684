"""What happens to accounts, for the audit: written by the statement that does it."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.auditing.entries import TRAIL_OF, AuditEntry, EntryKind
from domain.ids import PersonId
from infra.audit.trail import ACCOUNT_HOLDER, entry_body

NOTED = f"append_audit_entry('{TRAIL_OF[EntryKind.ACCOUNT_CHANGED]}', :entry)"
"""Writes the entry; named in what a statement returns, it is written once per row."""


def account_changed(person_id: str, what: str) -> str:
    """Return the entry that says what was changed about an account, and never to what."""
    entry = AuditEntry(
        EntryKind.ACCOUNT_CHANGED,
        "person",
        person_id,
        actor_id=PersonId(person_id),
        actor_role=ACCOUNT_HOLDER,
        facts={"what": what},
    )
    return entry_body(entry, datetime.now(UTC))


def session_stolen(person_id: str, session_id: str) -> AuditEntry:
    """Return the entry that says that a session ended because its token was copied."""
    return AuditEntry(
        EntryKind.ACCESS_REVOKED,
        "session",
        session_id,
        facts={"person_id": person_id, "reason": "refresh_token_reused"},
    )
