"""How an attempt to scan reaches its end, as a part of the statement that uses its code up."""

from __future__ import annotations

from typing import Any

from domain.contracts import ScanCode

_ACCEPTED = """
attempted AS (
    UPDATE scan_attempt SET outcome = 'accepted', refusal = '',
        event_sequence = written.sequence, decided_at = now()
    FROM written
    WHERE scan_attempt.attempt_id = CAST(:attempt_id AS uuid)
        AND scan_attempt.delivery_id = written.delivery_id
)"""


def attempt_part(scan: ScanCode) -> tuple[str, dict[str, Any]] | None:
    """Return the part that marks the attempt of a scan as the one that was accepted."""
    return (_ACCEPTED, {"attempt_id": scan.attempt_id}) if scan.attempt_id else None
