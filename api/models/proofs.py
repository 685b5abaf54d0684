"""Bodies of requests and answers about other proofs than codes."""

from __future__ import annotations

from base64 import b64decode
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from api.models.requests import PositionIn
from api.models.types import Answer, Moment, Request
from api.models.wanted_proofs import Label
from domain.contracts import CodePurpose
from domain.proofs.kinds import IdDocument, ProofKind
from domain.proofs.policy import ProofItemPolicy
from infra.proofs.signatures import UNITS

_POLICY = ProofItemPolicy()
_BASE64_CHARS_MAX = (_POLICY.picture_bytes_max + 2) // 3 * 4
_PAYLOAD_OF = {
    ProofKind.PHOTO: "picture",
    ProofKind.SAFE_PLACE_PHOTO: "picture",
    ProofKind.SIGNATURE: "strokes",
    ProofKind.ID_CHECK: "id_check",
    ProofKind.LABEL_BARCODE: "label",
}
"""What each kind of proof comes with."""

Coordinate = Annotated[int, Field(ge=0, le=UNITS)]
Point = Annotated[list[Coordinate], Field(min_length=2, max_length=2)]
Stroke = Annotated[list[Point], Field(min_length=1)]


class PictureIn(Request):
    """A picture as a camera wrote it."""

    media_type: Annotated[str, Field(pattern="^image/(jpeg|png|webp)$")] = Field(
        description="image/jpeg, image/png or image/webp."
    )
    content: Annotated[str, Field(min_length=1, max_length=_BASE64_CHARS_MAX)] = Field(
        description="The file in base64."
    )

    @field_validator("content")
    @classmethod
    def _require_base64(cls, content: str) -> str:
        try:
            b64decode(content, validate=True)
        except ValueError as error:
            raise ValueError("This has to be base64.") from error
        return content

    @property
    def raw(self) -> bytes:
        """The file itself."""
        return b64decode(self.content)


class IdCheckIn(Request):
    """What somebody found who looked at a document; numbers and names on it are not told."""

    document: Annotated[IdDocument, Field(strict=False)]
    minimum_age: Annotated[int, Field(ge=_POLICY.minimum_age_from, le=_POLICY.minimum_age_to)]
    is_old_enough: bool = Field(description="Whether its holder is at least that old.")


class NewProof(Request):
    """Something that proves a handover besides its code: one of several kinds."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "id_check",
                    "leg": "handover",
                    "id_check": {
                        "document": "id_card",
                        "minimum_age": 18,
                        "is_old_enough": True,
                    },
                    "taken_at": "2026-05-02T18:40:00Z",
                }
            ]
        }
    )

    kind: Annotated[ProofKind, Field(strict=False)] = Field(
        description="photo, signature, id_check, label_barcode or safe_place_photo."
    )
    leg: Annotated[CodePurpose, Field(strict=False)] = Field(
        description="Where it was taken: pickup, handover, return or relay."
    )
    picture: PictureIn | None = Field(None, description="For photos.")
    strokes: Annotated[list[Stroke], Field(min_length=1, max_length=_POLICY.strokes_max)] | None = (
        Field(None, description="For a signature: lines of points, from 0 to 1000 on either side.")
    )
    id_check: IdCheckIn | None = Field(None, description="For a check of a document.")
    label: Label | None = Field(None, description="For a barcode: what was read.")
    position: PositionIn | None = Field(None, description="Where it was taken, if known.")
    taken_at: Moment | None = Field(None, description="When it was taken, by the phone's clock.")

    @model_validator(mode="after")
    def _require_what_the_kind_needs(self) -> Self:
        needed = _PAYLOAD_OF[self.kind]
        given = {name for name in _PAYLOAD_OF.values() if getattr(self, name) is not None}
        if given != {needed}:
            raise ValueError(f"A {self.kind} comes with {needed}, and with nothing of other kinds.")
        if sum(map(len, self.strokes or ())) > _POLICY.points_max:
            raise ValueError(f"A signature has at most {_POLICY.points_max} points.")
        return self


class NewLabel(Request):
    """What the parcel's own label says."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"label": "1Z999AA10123456784"}]})

    label: Label


_ITEM: dict[str, Any] = {
    "proof_id": "01982a14-0b20-7d44-8c2f-6e5d4c3b2a77",
    "kind": "photo",
    "leg": "pickup",
    "by_role": "traveler",
    "counts": True,
    "created_at": "2026-05-02T10:15:03.000Z",
    "taken_at": "2026-05-02T10:15:00.000Z",
    "distance_m": 18,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "original_sha256": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
    "width": 1600,
    "height": 1200,
    "document": None,
    "minimum_age": None,
    "is_old_enough": None,
    "label_matches": None,
}


class ProofView(Answer):
    """One proof that was added."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ITEM]})

    proof_id: str
    kind: str
    leg: str
    by_role: str = Field(description="Who added it.")
    counts: bool = Field(
        description="Whether it is one that a leg needs. Others are kept all the same."
    )
    created_at: Moment = Field(description="When it came in.")
    taken_at: Moment | None = Field(description="When it was taken, by the phone's clock.")
    distance_m: int | None = Field(
        description="How far from the leg's place it was taken, if that is known."
    )
    sha256: str | None = Field(description="Fingerprint of the picture that is kept.")
    original_sha256: str | None = Field(description="Fingerprint of the file as it was sent.")
    width: int | None
    height: int | None
    document: str | None = Field(description="Which document was looked at.")
    minimum_age: int | None
    is_old_enough: bool | None
    label_matches: bool | None = Field(
        description="Whether the label is the parcel's; null when nobody said what that says."
    )


class NeededView(Answer):
    """Proofs that one leg needs."""

    leg: str
    outcome: str = Field(description="done, or left: when the parcel is left instead.")
    kinds: list[str] = Field(description="In the order in which people do it.")
    missing: list[str]
    minimum_age: int | None = Field(
        None, description="How old whoever gets the parcel has to be, for the look at a document."
    )


class ProofsView(Answer):
    """Every proof of a delivery, and what is needed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "needed": [
                        {
                            "leg": "handover",
                            "outcome": "done",
                            "kinds": ["photo"],
                            "missing": ["photo"],
                            "minimum_age": None,
                        }
                    ],
                    "items": [_ITEM],
                }
            ]
        }
    )

    needed: list[NeededView]
    items: list[ProofView]


class LabelView(Answer):
    """That it is known what the parcel's label says."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"has_label": True}]})

    has_label: bool
