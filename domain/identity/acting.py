"""What staff may do in a person's place: look at everything, and harmless things that they name."""

from __future__ import annotations

from collections.abc import Collection

from domain.identity.actions import Action
from domain.identity.permissions import RULES, Nature

ACTING_S = 15 * 60
"""Life of a credential to act for somebody: as long as one talk about one thing."""


def nameable() -> tuple[str, ...]:
    """Return what may be named: nothing that moves money or says who somebody is."""
    return tuple(sorted(a for a in Action if RULES[a].nature is Nature.CHANGING))


def may_act(named: Collection[str], action: Action) -> bool:
    """Tell whether somebody who acts for another may do something."""
    rule = RULES.get(action)
    if rule is None:
        return False
    is_named = rule.nature is Nature.CHANGING and action in named
    return rule.nature is Nature.READING or is_named


def is_change(action: Action) -> bool:
    """Tell whether an action has to be in the audit by itself when it is done for another."""
    return RULES[action].nature is not Nature.READING
