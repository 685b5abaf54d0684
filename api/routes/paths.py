"""The ids in addresses; a malformed one is answered like an id that nothing has."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from api.models.types import ID_PATTERN
from domain.contracts import CodePurpose

DeliveryPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the delivery.")]
RelayPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the relay.")]
OfferPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the offer.")]
DisputePath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the dispute.")]
EvidencePath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the evidence.")]
ProposalPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the proposal.")]
ChargebackPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the chargeback.")]
CorrectionPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the correction.")]
ProofPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the proof.")]
ReviewPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the review.")]
PersonPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the person.")]
SessionPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the session.")]
AddressPath = Annotated[
    str, Path(pattern=ID_PATTERN, description="Id of the address, a UUID of your own making.")
]
LinkPath = Annotated[str, Path(pattern="^[PHRT][A-Z2-7]{52}$", description="Token of the link.")]
PurposePath = Annotated[CodePurpose, Path(description="Which handover the code proves.")]
