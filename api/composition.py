"""Composition root of the API: the only place that chooses its parts."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.database import Database, single_statements
from api.commands import Commands
from api.documentation import describe
from api.edge.answers import add_problem_handlers
from api.edge.cursors import cursor_key
from api.edge.limits import Limiter
from api.edge.logs import HideLinkTokens
from api.edge.metrics import Metrics
from api.edge.middleware import Edge
from api.edge.origins import Origins
from api.internal import listening_inside
from api.routes import (
    amendments,
    attention,
    bulk_holds,
    cancellation,
    chargebacks,
    check_in,
    codes,
    corrections,
    deliveries,
    dispute_files,
    dispute_steps,
    disputes,
    extra_costs,
    health,
    holdings,
    holds,
    liability,
    no_show,
    offers,
    offline,
    offline_claims,
    overrides,
    pages,
    payment_actions,
    payout_accounts,
    people,
    positions,
    presences,
    progress,
    proof_documents,
    proofs,
    records,
    relays,
    reviews,
    risk,
    robots,
    sandbox,
    scan_attempts,
    sos,
    statements,
    undelivered,
    undoing,
    verdicts,
    webhooks,
)
from api.routes.identity import (
    acting,
    api_keys,
    devices,
    erasure,
    exports,
    key_set,
    own_addresses,
    own_contacts,
    own_password,
    own_sessions,
    passkeys,
    profile,
    providers,
    registering,
    roles,
    second_factors,
    second_steps,
    signing_in,
    signing_out,
    step_ups,
)
from api.services import Services
from domain.risk.rules import RuleModel
from infra.audit.denials import DenialTrail
from infra.client_addresses import TrustedProxies
from infra.database.engine import create_engine
from infra.database.positions import DatabaseLocations
from infra.database.records import DatabaseRecords
from infra.database.roles import require_restricted
from infra.encryption.clients import encrypting_client
from infra.encryption.owned import OwnedKeys
from infra.encryption.parts import encryption_of
from infra.identity.access_tokens import AccessTokens
from infra.identity.acting import ActingCredentials
from infra.identity.api_keys import ApiKeys
from infra.identity.parts import IdentityParts, identity_parts
from infra.identity.passkeys import RelyingParty
from infra.identity.providers import SignInProviders
from infra.identity.sealing import Seal
from infra.identity.staff_rules import staff_rules_of
from infra.offline.outcomes import ClaimOutcomes
from infra.offline.signing import ManifestSigner
from infra.payments.parts import PaymentParts, payment_parts
from infra.rate_buckets import RateBuckets
from infra.risk.desk import RiskDesk
from infra.robo.parts import sandbox_mode
from infra.settings import Settings
from infra.webhooks.inbox import Inbox
from infra.webhooks.intake import Intake
from infra.webhooks.readers import readers_of

ROUTERS = (
    deliveries.router,
    offers.router,
    progress.router,
    offline.public,
    offline.router,
    offline_claims.router,
    cancellation.router,
    no_show.router,
    undelivered.router,
    undoing.router,
    check_in.router,
    liability.router,
    payment_actions.router,
    payout_accounts.router,
    codes.router,
    holdings.router,
    presences.router,
    relays.router,
    relays.own,
    positions.batch_router,
    positions.track_router,
    proofs.adding,
    proofs.router,
    proof_documents.router,
    proof_documents.keys,
    records.router,
    reviews.of_delivery,
    reviews.router,
    reviews.of_people,
    statements.router,
    people.router,
    registering.router,
    signing_in.router,
    providers.router,
    providers.own_router,
    second_steps.router,
    second_factors.router,
    passkeys.router,
    devices.router,
    step_ups.router,
    own_password.reset_router,
    key_set.router,
    exports.router,
    erasure.router,
    profile.router,
    own_contacts.router,
    own_password.router,
    own_sessions.router,
    own_addresses.router,
    corrections.of_delivery,
    corrections.router,
    extra_costs.of_delivery,
    extra_costs.router,
    disputes.router,
    dispute_steps.router,
    dispute_files.router,
    verdicts.router,
    chargebacks.listing_router,
    chargebacks.router,
    holds.router,
    risk.router,
    scan_attempts.router,
    sos.router,
    overrides.of_delivery,
    overrides.router,
    amendments.router,
    bulk_holds.router,
    attention.router,
    webhooks.router,
    sandbox.router,
    robots.router,
    acting.router,
    roles.router,
    signing_out.router,
    api_keys.router,
    api_keys.of_person,
    pages.router,
    health.router,
)
"""Every route, in the order in which the documentation shows them."""


def create_lasting_app(settings: Settings) -> FastAPI:
    """Return the API of a process that serves nothing else, as `create_app` does.

    What it is made of lives as long as the process: a full garbage collection that looked through all of it
    again and again would hold up every request under way for a tenth of a second.
    """
    app = create_app(settings)
    gc.collect()
    gc.freeze()
    return app


def create_app(settings: Settings) -> FastAPI:
    """Return the API; it starts even while the database or Temporal cannot be reached.

    Raises:
        ValueError: there is no key to sign access tokens with.
        RoleTooPowerful: at its start, with real money: it could rewrite the audit.
    """
    signing_keys = settings.required_signing_keys()

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        engine = create_engine(settings.database_url, application_name="sendalong-api")
        await require_restricted(engine, moves_real_money=settings.moves_real_money)
        payments = payment_parts(engine, settings)
        buckets = RateBuckets.at(settings.database_url)
        app.state.limiter = Limiter(buckets, settings.rate_limits, app.state.metrics)
        identity = identity_parts(settings, app.state.access_tokens)
        app.state.engine = engine
        try:
            async with _services(settings, engine, payments, identity) as parts:
                app.state.services = parts
                async with (
                    parts.providers,
                    parts.denials.writing(),
                    listening_inside(app, settings.internal_listener),
                ):
                    yield
        finally:
            identity.close()
            await payments.close()
            await buckets.close()
            await engine.dispose()

    app = FastAPI(
        title="Sendalong",
        version="1",
        lifespan=running,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.access_tokens = AccessTokens(
        signing_keys, settings.public_url.rstrip("/"), settings.identity.sessions.access_s
    )
    app.state.staff_rules = staff_rules_of(settings)
    _add_edge(app, settings)
    for router in ROUTERS:
        app.include_router(router)
    describe(app, settings.public_url)
    logging.getLogger("uvicorn.access").addFilter(HideLinkTokens())
    return app


def _add_edge(app: FastAPI, settings: Settings) -> None:
    """Give the app what every request passes on its way in and out."""
    app.state.metrics = Metrics()
    app.state.cursor_key = cursor_key(settings.handover_key_bytes)
    app.state.trusted_proxies = TrustedProxies(settings.trusted_proxies, settings.proxy_header)
    add_problem_handlers(app)
    app.add_middleware(
        Edge,
        over_tls=settings.public_url.startswith("https://"),
        origins=Origins(settings.page_origins),
        metrics=app.state.metrics,
    )


def _claim_outcomes(settings: Settings, engine: AsyncEngine, keys: OwnedKeys) -> ClaimOutcomes:
    records = DatabaseRecords(
        engine, settings.handover_key_bytes, settings.policies.limits, keys=keys
    )
    return ClaimOutcomes(engine, records, keys)


@asynccontextmanager
async def _services(
    settings: Settings, engine: AsyncEngine, payments: PaymentParts, identity: IdentityParts
) -> AsyncIterator[Services]:
    encryption = encryption_of(settings)
    client = encrypting_client(settings, encryption, name="sendalong-api-keys", lazy=True)
    async with client as temporal:
        yield Services(
            database=Database(engine, encryption.keys),
            commands=Commands(temporal),
            temporal=temporal,
            locations=DatabaseLocations(single_statements(engine)),
            intake=Intake(Inbox(single_statements(engine)), readers_of(settings)),
            payments=payments,
            denials=DenialTrail(engine),
            engine=engine,
            acting=ActingCredentials(engine),
            api_keys=ApiKeys(engine),
            identity=identity,
            seal=Seal(engine, encryption.keys),
            encryption=encryption,
            document_signer=settings.required_document_signer(),
            providers=SignInProviders(settings.sign_in_providers, settings.handover_key_bytes),
            relying_party=RelyingParty.at(
                settings.public_url, settings.passkey_rp_id, settings.passkey_origins
            ),
            # Another `RiskModel` goes here; what follows from its score is policy.
            risk=RiskDesk(engine, RuleModel()),
            claims=_claim_outcomes(settings, engine, encryption.keys),
            manifests=ManifestSigner(settings.handover_key_bytes),
            handover_key=settings.handover_key_bytes,
            public_url=settings.public_url.rstrip("/"),
            policies=settings.policies,
            sandbox=sandbox_mode(engine, temporal, settings),
        )
