"""What people are: on the platform as a whole, and to one delivery."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class PersonRole(StrEnum):
    """What a person is on the platform; sender and recipient follow from a delivery."""

    CUSTOMER = "customer"
    TRAVELER = "traveler"
    AGENT = "agent"
    """Support: looks after deliveries and decides disputes."""
    SENIOR_AGENT = "senior_agent"
    """An agent to whom appeals go first."""
    OPERATOR = "operator"
    """Keeps the platform running: holds deliveries, one or many, and resolves parked steps."""
    ADMIN = "admin"
    """Says who has which role; reads everything and moves no money."""
    INTEGRATOR = "integrator"
    """Builds on the API: may have keys for programs."""


class Relation(StrEnum):
    """What a person is to one delivery."""

    CUSTOMER = "customer"
    SENDER = "sender"
    RECIPIENT = "recipient"
    TRAVELER = "traveler"
    OFFERING = "offering"
    """A traveler with an offer that was not accepted (yet)."""
    BROWSING = "browsing"
    """A traveler who may look at an open request."""
    AGENT = "agent"
    OPERATOR = "operator"
    ADMIN = "admin"


PARTIES = frozenset({Relation.CUSTOMER, Relation.SENDER, Relation.RECIPIENT, Relation.TRAVELER})
"""People whose parcel it is, in one way or another."""
OUTSIDERS = frozenset({Relation.OFFERING, Relation.BROWSING})
"""Travelers who see the request only."""
STAFF = frozenset({Relation.AGENT, Relation.OPERATOR, Relation.ADMIN})
INSIDERS = PARTIES | STAFF
"""Those who may see what happened to a delivery."""

STAFF_ROLES = frozenset(
    {PersonRole.AGENT, PersonRole.SENIOR_AGENT, PersonRole.OPERATOR, PersonRole.ADMIN}
)
"""Roles whose holders act on what belongs to others."""
IMPLIED: Mapping[PersonRole, PersonRole] = {PersonRole.SENIOR_AGENT: PersonRole.AGENT}
"""Roles that come with another one."""


def told_as(relations: frozenset[Relation]) -> frozenset[Relation]:
    """Return as what somebody is told of a delivery: a party as a party, also if they work here."""
    return relations - STAFF if relations & PARTIES else relations


def complete(roles: Iterable[str]) -> tuple[str, ...]:
    """Return roles with those that come with them, in order.

    Raises:
        ValueError: there is no such role.
    """
    named = {PersonRole(role) for role in roles}
    return tuple(sorted(named | {IMPLIED[role] for role in named if role in IMPLIED}))


def staff_relations(roles: Iterable[str]) -> frozenset[Relation]:
    """Return what somebody with these roles is to every delivery."""
    held = {
        Relation.AGENT: {PersonRole.AGENT, PersonRole.SENIOR_AGENT},
        Relation.OPERATOR: {PersonRole.OPERATOR},
        Relation.ADMIN: {PersonRole.ADMIN},
    }
    return frozenset(relation for relation, by in held.items() if by & set(roles))
