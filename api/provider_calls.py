"""What a failure of the payment provider means for a request that waits for its answer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from activities.payment_ports import OutcomeUnknown, ProviderRefused, ProviderUnavailable
from api.edge.problems import unavailable

logger = logging.getLogger(__name__)


@contextmanager
def provider_asked() -> Iterator[None]:
    """Answer a failure of the provider as an outage; it is logged by its kind alone.

    Raises:
        Problem: `unavailable`.
    """
    try:
        yield
    except (ProviderUnavailable, ProviderRefused, OutcomeUnknown) as error:
        logger.warning("the payment provider gave no answer: %s", type(error).__name__)
        raise unavailable() from None
