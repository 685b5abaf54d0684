"""Entries of the trail: what people and the platform did or were refused outside a delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.ids import PersonId

FACTS_MAX = 12
"""Facts of one entry: more would be a document, not an entry."""
FACT_CHARACTERS_MAX = 300
"""Longest value of a fact: ids, codes and one remark fit."""


class Trail(StrEnum):
    """The chains of entries; each is written by one at a time, so a flood in one delays no other."""

    DENIALS = "denials"
    """Requests that were refused."""
    STAFF = "staff"
    """What staff did, and how they came in."""
    PEOPLE = "people"
    """What happened to accounts: sign-in by other means, roles, export, erasure."""
    KEYS = "keys"
    """What happened to keys, and what was decoded with them."""


class EntryKind(StrEnum):
    """What happened."""

    DENIED = "denied"
    DENIALS_UNCOUNTED = "denials_uncounted"
    """More was refused than is written down one by one: `count` says how much."""
    STAFF_SIGNED_IN = "staff_signed_in"
    STAFF_SIGN_IN_FAILED = "staff_sign_in_failed"
    INTERVENED = "intervened"
    """Staff changed something that is no event of a delivery."""
    ACTED_AS = "acted_as"
    """Staff did something in a person's place: `reason` says why."""
    ACTED_FOR = "acted_for"
    """The same in the trail of people, where the person finds it: the actor is the staff's id."""
    ROLE_GRANTED = "role_granted"
    ROLE_REVOKED = "role_revoked"
    ACCESS_GRANTED = "access_granted"
    """A credential was made: an API key, a passkey, a second factor."""
    ACCESS_REVOKED = "access_revoked"
    ACCOUNT_CHANGED = "account_changed"
    """An address to sign in with, a password or a setting changed: `what` names it."""
    EXPORTED = "exported"
    """A person took a copy of what is kept about them."""
    ERASURE_REQUESTED = "erasure_requested"
    ERASURE_WITHDRAWN = "erasure_withdrawn"
    ERASED = "erased"
    """A person's data is gone: the proof of it."""
    KEY_MADE = "key_made"
    KEY_ROTATED = "key_rotated"
    KEY_DESTROYED = "key_destroyed"
    DECODED = "decoded"
    """Somebody read encrypted payloads."""


TRAIL_OF: Mapping[EntryKind, Trail] = {
    EntryKind.DENIED: Trail.DENIALS,
    EntryKind.DENIALS_UNCOUNTED: Trail.DENIALS,
    EntryKind.STAFF_SIGNED_IN: Trail.STAFF,
    EntryKind.STAFF_SIGN_IN_FAILED: Trail.STAFF,
    EntryKind.INTERVENED: Trail.STAFF,
    EntryKind.ACTED_AS: Trail.STAFF,
    EntryKind.ACTED_FOR: Trail.PEOPLE,
    EntryKind.ROLE_GRANTED: Trail.PEOPLE,
    EntryKind.ROLE_REVOKED: Trail.PEOPLE,
    EntryKind.ACCESS_GRANTED: Trail.PEOPLE,
    EntryKind.ACCESS_REVOKED: Trail.PEOPLE,
    EntryKind.ACCOUNT_CHANGED: Trail.PEOPLE,
    EntryKind.EXPORTED: Trail.PEOPLE,
    EntryKind.ERASURE_REQUESTED: Trail.PEOPLE,
    EntryKind.ERASURE_WITHDRAWN: Trail.PEOPLE,
    EntryKind.ERASED: Trail.PEOPLE,
    EntryKind.KEY_MADE: Trail.KEYS,
    EntryKind.KEY_ROTATED: Trail.KEYS,
    EntryKind.KEY_DESTROYED: Trail.KEYS,
    EntryKind.DECODED: Trail.KEYS,
}
"""The chain that each kind of entry is written to."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that happened, in ids and codes: an entry is kept for ever and holds no personal data."""

    kind: EntryKind
    subject: str
    """Kind of the thing that it happened to, for example `person`, `delivery` or `route`."""
    subject_id: str = ""
    """Its id; empty where it has none."""
    actor_id: PersonId | None = None
    """Who did it; none for the platform itself, and for somebody unknown."""
    actor_role: str = "platform"
    """As what: a role, or `nobody` for somebody unknown."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What else there is to say, in ids, codes, counts and remarks without names."""
    key: str = ""
    """The same key is written once, however often it is asked for; empty for always anew."""

    @property
    def trail(self) -> Trail:
        """The chain that it is written to."""
        return TRAIL_OF[self.kind]

    @property
    def bounded_id(self) -> str:
        """The id of the subject, cut: it may be what a stranger wrote into an address."""
        return self.subject_id[:FACT_CHARACTERS_MAX]

    @property
    def bounded_facts(self) -> dict[str, str]:
        """The facts, cut to the length that one entry may have."""
        kept = sorted(self.facts.items())[:FACTS_MAX]
        return {name: value[:FACT_CHARACTERS_MAX] for name, value in kept}
