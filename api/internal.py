"""What only those who run the platform see: documentation and figures, on a listener of their own.

The address of the listener must not be reachable from outside; nothing here asks for a credential.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from api.documentation import compacted, documentation_page
from api.edge.answers import json_answer
from api.edge.bounded_http import BoundedHttp
from api.edge.metrics import MEDIA_TYPE, Metrics
from infra.edge_settings import Listener

CONNECTIONS_MAX = 50
"""Connections at once: a scraper, and a few people who read."""


def internal_app(api: FastAPI) -> Starlette:
    """Return the app of the internal listener, about the API that serves people."""
    metrics: Metrics = api.state.metrics

    async def get_documentation(_: Request) -> Response:
        policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"}
        return HTMLResponse(documentation_page(api.openapi()), headers=headers)

    async def get_openapi_document(_: Request) -> Response:
        return json_answer(compacted(api.openapi()))

    async def get_metrics(_: Request) -> Response:
        return Response(metrics.text(), headers={"Content-Type": MEDIA_TYPE})

    return Starlette(
        routes=[
            Route("/docs", get_documentation),
            Route("/openapi.json", get_openapi_document),
            Route("/metrics", get_metrics),
        ]
    )


@asynccontextmanager
async def listening_inside(api: FastAPI, listener: Listener | None) -> AsyncIterator[int | None]:
    """Serve the internal app while the block runs; the block gets the port.

    Raises:
        SystemExit: the address is taken.
    """
    if listener is None:
        yield None
        return
    config = uvicorn.Config(
        internal_app(api),
        host=listener.host,
        port=listener.port,
        http=BoundedHttp,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS_MAX,
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    ticking = asyncio.create_task(server.main_loop())
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        # Signals are for the server of the API, which ends this one with itself.
        server.should_exit = True
        await ticking
        await server.shutdown()
