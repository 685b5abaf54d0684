"""Composition of the codec server: it reads keys, writes the audit and changes nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from infra.client_addresses import TrustedProxies
from infra.codec.readers import Readers
from infra.codec.server import CodecServer
from infra.database.engine import create_engine
from infra.encryption.parts import encryption_of
from infra.encryption.workflow_keys import DatabasePayloadKeys
from infra.identity.access_tokens import AccessTokens
from infra.identity.staff_rules import staff_rules_of
from infra.settings import Settings
from infra.temporal import connection_profile

REMEMBERED_S = 2.0
"""How long keys are remembered, in seconds: for the requests of one page. What was erased is gone
from the Web UI after that."""


def create_codec_app(settings: Settings) -> Starlette:
    """Return the codec server; it connects at the first request."""
    engine = create_engine(settings.database_url, application_name="sendalong-codec")
    app = codec_server(settings, engine).app()

    @asynccontextmanager
    async def running(_app: Starlette) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app.router.lifespan_context = running
    return app


def codec_server(settings: Settings, engine: AsyncEngine) -> CodecServer:
    """Return the server on a database."""
    namespace = connection_profile(settings).get("namespace", "default")
    path_token, rules = settings.codec_token.get_secret_value(), staff_rules_of(settings)
    readers = Readers(engine, path_token, _access_tokens(settings), rules)
    proxies = TrustedProxies(settings.trusted_proxies, settings.proxy_header)
    keys = DatabasePayloadKeys(engine, encryption_of(settings).keys, REMEMBERED_S)
    return CodecServer(engine, readers, keys, namespace, settings.codec_origins, proxies=proxies)


def _access_tokens(settings: Settings) -> AccessTokens | None:
    if not settings.signing_keys.get_secret_value():
        return None
    return AccessTokens(
        settings.required_signing_keys(),
        settings.public_url.rstrip("/"),
        settings.identity.sessions.access_s,
    )
