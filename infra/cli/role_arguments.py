"""The options of `sendalong role`."""

from __future__ import annotations

import argparse

from domain.identity.roles import PersonRole
from infra.cli import values

ROLES = tuple(str(role) for role in PersonRole)
"""What a person may be on the platform; sender and recipient follow from a delivery."""
TITLE = "give a person a role, or take it away"
ABOUT = "It counts from the next request on, and is in the audit with its reason."


def add_options(role: argparse.ArgumentParser) -> None:
    """Add what a change of a role needs."""
    role.add_argument("action", choices=("grant", "revoke"))
    role.add_argument("role", choices=ROLES)
    role.add_argument(
        "--person", type=values.known_id, required=True, metavar="ID", help="id of the person"
    )
    role.add_argument("--reason", type=values.remark, required=True, help="why, without names")
