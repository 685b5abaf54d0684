"""What the routes stand on, chosen once in the composition root."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.ports import Locations
from api.access.database import Database
from api.commands import Commands
from api.gate import Gate
from domain.policies import Policies
from infra.audit.denials import DenialTrail
from infra.disputes.images import PictureRoom
from infra.encryption.parts import Encryption
from infra.identity.acting import ActingCredentials
from infra.identity.api_keys import ApiKeys
from infra.identity.parts import IdentityParts
from infra.identity.passkeys import RelyingParty
from infra.identity.providers import SignInProviders
from infra.identity.sealing import Seal
from infra.offline.outcomes import ClaimOutcomes
from infra.offline.signing import ManifestSigner
from infra.payments.parts import PaymentParts
from infra.proofs.signing import DocumentSigner
from infra.risk.desk import RiskDesk
from infra.robo.parts import SandboxMode
from infra.webhooks.intake import Intake

SCANS_AT_ONCE = 4
"""Scans of one person at one delivery that are read at once: a crowd of them leaves the database's
connections to others."""


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of the platform that the edge talks to."""

    database: Database
    commands: Commands
    temporal: Client
    locations: Locations
    intake: Intake
    payments: PaymentParts
    denials: DenialTrail
    """Where every request that is refused for who asks is noted, for the audit."""
    identity: IdentityParts
    """Everything that proves who somebody is."""
    seal: Seal
    """Seals the secrets of second factors."""
    encryption: Encryption
    """What encrypts the fields that personal details are kept in."""
    document_signer: DocumentSigner
    """Signs proof documents."""
    relying_party: RelyingParty
    """For whom passkeys are."""
    providers: SignInProviders
    """Other providers that sign people in."""
    engine: AsyncEngine
    """The database, for what changes together with its entry in the audit."""
    acting: ActingCredentials
    """With which staff act in the place of people."""
    api_keys: ApiKeys
    """Keys of programs."""
    risk: RiskDesk
    """Judges deals and scans, by the model that was chosen."""
    claims: ClaimOutcomes
    """What becomes of scans that were made without network."""
    manifests: ManifestSigner
    """Signs what phones take along for them."""
    handover_key: bytes
    public_url: str
    """Address under which people reach the API, without a slash at its end."""
    policies: Policies
    """Policies of new deliveries."""
    sandbox: SandboxMode | None
    """What exists with play money only."""
    scans: Gate = field(default_factory=lambda: Gate(1))
    """Lets one scan of a handover at a time through to its workflow."""
    crowds: Gate = field(default_factory=lambda: Gate(SCANS_AT_ONCE))
    """Lets a few scans of one person at one delivery at a time through to the database."""
    pictures: PictureRoom = field(default_factory=PictureRoom)
    """Where pictures are written anew."""
    documents: PictureRoom = field(default_factory=PictureRoom)
    """Where proof documents are drawn, one after another: pictures do not wait for them."""


async def services_of(request: Request) -> Services:
    """Return the services of the app that serves a request."""
    services: Services = request.app.state.services
    return services


Parts = Annotated[Services, Depends(services_of)]
"""The services, in the signature of a route."""
