"""Webhooks of payment providers: proved by their signature, stored, answered at once."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ConfigDict
from starlette.responses import Response

from activities.payment_ports import WebhookRefused
from api.access.permissions import Action, requires
from api.edge.answers import json_answer
from api.edge.documented import ALWAYS, refusals
from api.edge.problems import EdgeCode, Problem
from api.edge.requests import StrictRequest, StrictRoute
from api.models.types import Answer
from api.services import Parts

logger = logging.getLogger(__name__)

WEBHOOK_BODY_BYTES_MAX = 256 * 1024
"""Largest message: a charge with every field full has twenty kilobytes."""


class WebhookRequest(StrictRequest):
    """A request that carries one message of a provider; its bytes are what is signed."""

    bytes_max = WEBHOOK_BODY_BYTES_MAX


class WebhookRoute(StrictRoute):
    """A route that takes a provider's message."""

    request_class = WebhookRequest


class WebhookTaken(Answer):
    """The message is stored; sending it again does no harm."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"received": True}]})

    received: bool


router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=WebhookRoute)

_SIGNED: dict[str, Any] = {
    "security": [],
    "parameters": [
        {
            "name": "Stripe-Signature",
            "in": "header",
            "required": True,
            "description": "Proves who sent the body, and when.",
            "schema": {"type": "string", "maxLength": 4_096},
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "description": "An event as Stripe sends it.",
                    "examples": [{"id": "evt_1", "type": "payment_intent.succeeded"}],
                }
            }
        },
    },
}


@router.post(
    "/stripe",
    dependencies=[requires(Action.PUBLIC_TAKE_WEBHOOK)],
    response_model=WebhookTaken,
    responses=refusals(
        *ALWAYS,
        EdgeCode.WEBHOOK_REFUSED,
        EdgeCode.BODY_TOO_LARGE,
        EdgeCode.BODY_TOO_SLOW,
        EdgeCode.UNSUPPORTED_MEDIA_TYPE,
    ),
    summary="Take a message of Stripe",
    openapi_extra=_SIGNED,
)
async def take_stripe_webhook(request: Request, parts: Parts) -> Response:
    """Take one signed event in; it is acted on later, once, however often it is sent."""
    body = await request.body()
    try:
        await parts.intake.take("stripe", body, request.headers)
    except WebhookRefused as refusal:
        logger.warning("a webhook is refused: %s", refusal)
        raise Problem(EdgeCode.WEBHOOK_REFUSED, str(refusal)) from refusal
    return json_answer(WebhookTaken(received=True))
