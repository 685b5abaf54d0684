"""How worker and API write their logs: one line per fact, in UTC, on standard error."""

from __future__ import annotations

import logging
import time

from temporalio.exceptions import ApplicationError

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
ACTIVITY_LOGGER = "temporalio.activity"
"""Where the SDK writes failed activities."""


class UtcFormatter(logging.Formatter):
    """Writes times in UTC as `2026-11-22T05:27:40.123Z`, so that logs of two machines compare."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def converter(self, seconds: float | None) -> time.struct_time:
        """Return the moment in UTC."""
        return time.gmtime(seconds)


class RefusalsInOneLine(logging.Filter):
    """Takes the traceback off a refusal: what may not be tried again is an answer, not a fault."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Put the refusal itself into the line; every record passes."""
        failure = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if isinstance(failure, ApplicationError) and failure.non_retryable:
            record.msg, record.args = f"{record.getMessage()}: {failure}", ()
            record.exc_info = record.exc_text = None
        return True


def write_logs() -> None:
    """Write the logs of this process to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(UtcFormatter(FORMAT))
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    logging.getLogger(ACTIVITY_LOGGER).addFilter(RefusalsInOneLine())
