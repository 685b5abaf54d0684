"""What can go wrong with the local stack, each in one line that a person can act on."""

from __future__ import annotations


class StackError(Exception):
    """The local stack cannot start or go on; the message is one clear line."""


class ChildDied(StackError):
    """A part of the stack ended by itself."""
