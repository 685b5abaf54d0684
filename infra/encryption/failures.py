"""What failures say: encrypted, but for the refusals that people at the other end must read."""

from __future__ import annotations

from temporalio.api.failure.v1 import Failure
from temporalio.converter import DefaultFailureConverterWithEncodedAttributes, PayloadConverter
from temporalio.exceptions import ApplicationError

from domain.errors import RefusalCode

READABLE = frozenset(RefusalCode)
"""Refusals are sentences of our own rules about states and figures, never about people. Who sends a
command by hand, from the Web UI or a command line, gets one as the answer, and neither decodes it."""


class SealedFailures(DefaultFailureConverterWithEncodedAttributes):
    """Puts messages and stack traces among the payloads, where the codec encrypts them."""

    def to_failure(
        self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        """Write a failure; only the sentence of a refusal stays readable."""
        super().to_failure(exception, payload_converter, failure)
        if isinstance(exception, ApplicationError) and exception.type in READABLE:
            failure.message = exception.message
