"""Claims of robots: what their phones say to have scanned without network."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from domain.offline.claims import VERSION, hash_of, signed_bytes
from infra.base64url import base64url


def claim_of(said: Mapping[str, Any], sign: Callable[[bytes], bytes]) -> dict[str, str]:
    """Return the next claim under a manifest, signed, with the moment that it was made and is sent.

    Shape: `said` has the text of the `manifest`, and the `purpose` and `code` of the scan.
    """
    manifest, now = json.loads(said["manifest"]), datetime.now(UTC).isoformat()
    claim = json.dumps(
        {
            "version": VERSION,
            "manifest_id": manifest["manifest_id"],
            "manifest_hash": hash_of(said["manifest"]),
            "purpose": said["purpose"],
            "code": said["code"],
            "claimed_at": now,
            "position": None,
            "counter": manifest["first_counter"],
            "previous_hash": manifest["previous_hash"],
        }
    )
    return {"claim": claim, "signature": base64url(sign(signed_bytes(claim))), "sent_at": now}
