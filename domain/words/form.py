"""What one message consists of before it is filled in."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """Subject and body; names in braces are filled in by `domain.wording`."""

    subject: str
    body: str
