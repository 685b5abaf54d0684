"""Which proofs a customer asks for when a delivery is opened."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field

from api.models.types import Request
from domain.identity.visible import has_hidden
from domain.proofs.items import label_text
from domain.proofs.policy import ProofItemPolicy, ProofTerms

_POLICY = ProofItemPolicy()


def _require_label(text: str) -> str:
    if has_hidden(text, allowed="\n\t"):
        raise ValueError("This must not hold characters that nobody sees.")
    if len(label_text(text)) < _POLICY.label_chars_min:
        raise ValueError(f"A label has at least {_POLICY.label_chars_min} signs.")
    return text


Label = Annotated[
    str,
    Field(min_length=_POLICY.label_chars_min, max_length=_POLICY.label_chars_max),
    AfterValidator(_require_label),
]
"""What the parcel's own label says; spaces do not count."""


class WantedProofs(Request):
    """What has to be proven besides the handover codes."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"minimum_age": 18, "label": "1Z999AA10123456784"}]}
    )

    minimum_age: (
        Annotated[int, Field(ge=_POLICY.minimum_age_from, le=_POLICY.minimum_age_to)] | None
    ) = Field(None, description="Years that whoever gets the parcel has to be old.")
    signature: bool = Field(False, description="Whether whoever gets the parcel signs for it.")
    safe_place_photo: bool = Field(
        False, description="Whether a parcel that is left has to be photographed where it lies."
    )
    label: Label | None = Field(
        None,
        description="What the parcel's own label says: the traveler then scans it at pickup and at "
        "the handover. Only a fingerprint of it is kept.",
    )


def kept_terms(wanted: WantedProofs | None) -> dict[str, Any]:
    """Return the terms as the parcel keeps them: what was not asked for is left out."""
    if wanted is None:
        return {}
    given = wanted.model_dump(exclude={"label"})
    return {name: value for name, value in given.items() if value}


def terms_in(kept: dict[str, Any], label_digest: str | None) -> ProofTerms:
    """Return the terms that a parcel keeps."""
    return ProofTerms(**kept, has_label=label_digest is not None)
