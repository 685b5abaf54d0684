"""Where a parcel is agreed to change hands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.contracts import CodePurpose
from domain.pricing import Place

_AT = {
    CodePurpose.PICKUP: "pickup",
    CodePurpose.HANDOVER: "destination",
    CodePurpose.RETURN: "pickup",
}


def agreed_place(row: Mapping[str, Any], purpose: CodePurpose) -> Place | None:
    """Return the agreed place of a handover out of a row with both ends of the way; none for a relay.

    Two travelers meet anywhere.
    """
    at = _AT.get(purpose)
    return None if at is None else Place(row[f"{at}_latitude"], row[f"{at}_longitude"])
