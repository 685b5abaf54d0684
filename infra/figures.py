"""Figures that replace single ones of a policy: every name has to be one that exists."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any


def require_known(figures: object, override: dict[str, Any], path: str) -> None:
    """Check that what is to replace figures names none that does not exist.

    Raises:
        ValueError: it does; the message names those that there are.
    """
    assert is_dataclass(figures)
    known = {field.name for field in fields(figures)}
    for name, value in override.items():
        if name not in known:
            raise ValueError(f"{path} has no figure {name}; it has {', '.join(sorted(known))}")
        inner = getattr(figures, name)
        if isinstance(value, dict) and is_dataclass(inner):
            require_known(inner, value, f"{path}.{name}")
