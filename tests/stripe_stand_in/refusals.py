"""The ways Stripe says no, with the bodies it sends."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
"""One JSON object as Stripe writes it."""


class StripeRefusal(Exception):
    """An answer that is an error: status code and the body's `error` object."""

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.error: Json = {"type": kind, "message": message}
        if code is not None:
            page = code.replace("_", "-")
            self.error |= {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{page}"}
        if param is not None:
            self.error["param"] = param
        self.error |= {name: value for name, value in more.items() if value is not None}

    def body(self, request_id: str) -> Json:
        """Return the whole body, as it is stored under an idempotency key."""
        log = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": self.error | {"request_log_url": log}}


def invalid(message: str, *, code: str | None = None, param: str | None = None) -> StripeRefusal:
    """Return the refusal of a request that can never succeed as it stands."""
    return StripeRefusal(400, "invalid_request_error", message, code=code, param=param)


def missing_resource(kind: str, identifier: str, param: str) -> StripeRefusal:
    """Return the refusal for an id that names nothing this key may see."""
    return StripeRefusal(
        404,
        "invalid_request_error",
        f"No such {kind}: '{identifier}'",
        code="resource_missing",
        param=param,
    )


def unexpected_state(verb: str, intent: Json, allowed: tuple[str, ...]) -> StripeRefusal:
    """Return the refusal of a move that an intent's status does not allow."""
    noun = "PaymentIntent" if intent["object"] == "payment_intent" else "SetupIntent"
    refusal = invalid(
        f"This {noun} could not be {verb} because it has a status of {intent['status']}. Only a "
        f"{noun} with one of the following statuses may be {verb}: {', '.join(allowed)}.",
        code=f"{intent['object']}_unexpected_state",
    )
    refusal.error[intent["object"]] = intent
    return refusal


def not_modelled(what: str) -> StripeRefusal:
    """Return the refusal of something Stripe knows and the stand-in does not.

    The status is one that Stripe itself never sends, so that no adapter can learn to expect it.
    """
    return StripeRefusal(501, "api_error", f"The stand-in does not model {what}.")
