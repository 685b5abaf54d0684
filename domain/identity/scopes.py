"""What a key of a program may be for: actions by name, or everything harmless at once."""

from __future__ import annotations

from collections.abc import Collection

from domain.identity.actions import Action
from domain.identity.approvals import APPROVED_BY_ALL
from domain.identity.permissions import RULES, Nature

READS = "reads"
"""Everything that changes nothing."""
CHANGES = "changes"
"""Everything that changes something, but moves no money and is not for staff only."""
_GROUPS = {READS: Nature.READING, CHANGES: Nature.CHANGING}
_NEVER = frozenset({Nature.PUBLIC, Nature.PERSONAL})

LIVE_KEYS_MAX = 2
"""Keys that a person may have at once: the one in use, and the next one while it is rolled out."""


def grantable() -> tuple[str, ...]:
    """Return everything that the scopes of a key may name."""
    actions = (str(action) for action in Action if _is_for_keys(action))
    return (*_GROUPS, *sorted(actions))


def is_grantable_for_others(scopes: Collection[str]) -> bool:
    """Tell whether somebody else than its owner may make a key with these scopes and see it."""
    harmless = {Nature.READING, Nature.CHANGING}
    return all(each in _GROUPS or RULES[Action(each)].nature in harmless for each in scopes)


def scopes_cover(scopes: Collection[str], action: Action) -> bool:
    """Tell whether a key with these scopes is for an action.

    What moves money or is for staff only has to be named. How a person proves who they are, and what
    is never done without approving the very request, is for no key at all.
    """
    rule = RULES.get(action)
    if rule is None or not (_is_for_keys(action) or rule.nature is Nature.PUBLIC):
        return False
    groups = (group for group, nature in _GROUPS.items() if nature is rule.nature)
    return action in scopes or any(group in scopes for group in groups)


def _is_for_keys(action: Action) -> bool:
    return RULES[action].nature not in _NEVER and action not in APPROVED_BY_ALL


def names_for_staff(scopes: Collection[str], action: Action) -> bool:
    """Tell whether scopes name an action that is for staff only."""
    return RULES[action].nature is Nature.STAFF and action in scopes
