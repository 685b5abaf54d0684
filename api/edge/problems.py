"""Refusals as `application/problem+json`.

Source: RFC 9457. A problem never repeats what the client sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException

from api.edge.problem_kinds import KINDS, Code, EdgeCode, ProblemKind
from domain.errors import Refusal, RefusalCode

__all__ = [
    "KINDS",
    "PROBLEM_MEDIA_TYPE",
    "Code",
    "EdgeCode",
    "Problem",
    "ProblemKind",
    "in_flight",
    "not_found",
    "refused",
    "token_refused",
    "unauthenticated",
    "unavailable",
]

PROBLEM_MEDIA_TYPE = "application/problem+json"
PROBLEM_TYPE_PREFIX = "/problems/"
"""A problem's `type` is this prefix and its code; the address explains the code."""

_RETRY_LATER: Mapping[str, str] = {"Retry-After": "60"}
"""Seconds after which a delivery that took too many commands may take another."""


class Problem(HTTPException):
    """A request is refused; the answer is complete in here."""

    def __init__(
        self,
        code: Code,
        detail: str,
        *,
        current_status: str | None = None,
        errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        kind = KINDS[code]
        super().__init__(kind.status, detail, dict(headers or {}))
        self.code = code
        self.title = kind.title
        self.current_status = current_status
        self.errors = errors

    def body(self) -> dict[str, Any]:
        """Return the members of the problem; those that do not apply are left out."""
        body: dict[str, Any] = {
            "type": f"{PROBLEM_TYPE_PREFIX}{self.code}",
            "code": str(self.code),
            "title": self.title,
            "status": int(self.status_code),
            "detail": self.detail,
        }
        if self.current_status is not None:
            body["current_status"] = self.current_status
        if self.errors is not None:
            body["errors"] = self.errors
        return body


def not_found() -> Problem:
    """Return the one answer for what does not exist and for what belongs to somebody else."""
    return Problem(EdgeCode.NOT_FOUND, "There is nothing at this address that you may see.")


def unauthenticated() -> Problem:
    """Return the answer for a missing, unknown, revoked or expired token."""
    return Problem(
        EdgeCode.UNAUTHENTICATED,
        "Send a valid access token in the header Authorization: Bearer.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def token_refused(code: EdgeCode) -> Problem:
    """Return the answer for a signed token that is not believed. Source: RFC 6750, section 3.1."""
    title = KINDS[code].title
    return Problem(
        code,
        f"{title}. Get another one with your refresh token, or sign in again.",
        headers={"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{title}"'},
    )


def unavailable(retry_after_s: int = 2) -> Problem:
    """Return the answer while a part the platform stands on does not respond."""
    return Problem(
        EdgeCode.UNAVAILABLE,
        "Send the same request again later, with the same Idempotency-Key if it has one: "
        "it is carried out at most once.",
        headers={"Retry-After": str(retry_after_s)},
    )


def in_flight() -> Problem:
    """Return the answer to a request that came before and is not answered yet."""
    return Problem(
        EdgeCode.REQUEST_IN_FLIGHT,
        "This request came before, under the same Idempotency-Key, and is being carried out. Send "
        "it again, unchanged, to learn its answer.",
        headers={"Retry-After": "1"},
    )


def refused(refusal: Refusal, current_status: str | None = None) -> Problem:
    """Return a domain refusal as a problem."""
    headers = _RETRY_LATER if refusal.code is RefusalCode.TOO_MANY_COMMANDS else None
    return Problem(refusal.code, refusal.message, current_status=current_status, headers=headers)
