"""Counts requests and refuses what is too much, before anything is read or asked.

Tokens are taken from shared buckets a few at a time and spent here, so that most requests cost no
round trip. What this process knows to be empty is refused without asking.
"""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import dataclass
from time import monotonic

from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError

from api.edge.addresses import client_address, network_of
from api.edge.metrics import Metrics
from api.edge.problems import EdgeCode, Problem, unavailable
from api.gate import Gate
from domain.identity.limits import CLOSED_KINDS, Bucket, RateLimits, RequestKind
from infra.rate_buckets import OF_PERSON, Asked, Granted, RateBuckets

logger = logging.getLogger(__name__)

HEADERS = "sendalong.headers"
"""Where in the scope of a request stands what its answer says about limits."""
LEASE_S = 10.0
"""How long taken tokens may be spent: the rest is given back with the next request."""
LEASES_MAX = 50_000
"""Most leases kept: beyond, they are forgotten and taken anew. About 15 MB."""
STORE_S_MAX = 1.5
"""Longest wait for the shared buckets."""
UNCOUNTED_S = 1.0
"""How long requests go on uncounted after the shared buckets did not answer."""


@dataclass(slots=True)
class _Lease:
    tokens: int
    left: float
    """Tokens that the shared bucket held when the lease was taken."""
    until: float
    wait_until: float = 0.0
    """When there is a token again, if there is none."""


class Limiter:
    """Admits requests, or says when to come back."""

    def __init__(self, buckets: RateBuckets, limits: RateLimits, metrics: Metrics) -> None:
        self._buckets = buckets
        self._limits = limits
        self._metrics = metrics
        self._leases: dict[str, _Lease] = {}
        self._subjects: dict[bytes, tuple[str, float]] = {}
        self._gate = Gate(1)
        self._uncounted_until = 0.0

    async def admit(self, request: Request, kind: RequestKind, lookup: bytes | None) -> None:
        """Count one request; the headers of its answer say how many may follow.

        Raises:
            Problem: `too_many_requests`; or `unavailable`, when a request that must be counted
                cannot be.
        """
        allowance = self._limits.of(kind)
        address = f"{kind}:address:{network_of(client_address(request))}"
        wanted = {address: allowance.address}
        if allowance.person is not None and lookup is not None:
            wanted[f"{kind}:person:{self._subject(lookup)}"] = allowance.person
        if not self._held(wanted):
            async with self._gate.through(lookup.hex() if lookup else address):
                wanted = await self._renew(wanted, lookup, kind)
        self._spend(wanted, kind, request)

    def _subject(self, lookup: bytes) -> str:
        subject, until = self._subjects.get(lookup, (OF_PERSON, 0.0))
        return subject if until > monotonic() else OF_PERSON

    def _held(self, wanted: dict[str, Bucket]) -> bool:
        """Tell whether the answer is known without asking the shared buckets."""
        now = monotonic()
        leases = [self._leases.get(name) for name in wanted]
        if any(lease is not None and lease.wait_until > now for lease in leases):
            return True
        return all(lease is not None and lease.tokens > 0 and lease.until > now for lease in leases)

    async def _renew(
        self, wanted: dict[str, Bucket], lookup: bytes | None, kind: RequestKind
    ) -> dict[str, Bucket]:
        wanted = {self._named(name, lookup): bucket for name, bucket in wanted.items()}
        if self._held(wanted):
            # Somebody who stood in line before has asked for both.
            return wanted
        if self._uncounted_until > monotonic():
            return self._uncounted(kind)
        asked = [
            Asked(name, bucket, lease.tokens if (lease := self._leases.get(name)) else 0)
            for name, bucket in wanted.items()
            if not self._held({name: bucket})
        ]
        try:
            async with asyncio.timeout(STORE_S_MAX):
                granted = await self._buckets.take(asked, lookup)
        except (SQLAlchemyError, OSError, TimeoutError):
            logger.warning("requests cannot be counted: the shared buckets do not answer")
            self._uncounted_until = monotonic() + UNCOUNTED_S
            return self._uncounted(kind)
        return self._keep(wanted, asked, granted, lookup)

    def _named(self, name: str, lookup: bytes | None) -> str:
        return name.replace(OF_PERSON, self._subject(lookup)) if lookup is not None else name

    def _uncounted(self, kind: RequestKind) -> dict[str, Bucket]:
        self._metrics.note_uncounted(kind)
        if kind in CLOSED_KINDS:
            raise unavailable()
        return {}

    def _keep(
        self,
        wanted: dict[str, Bucket],
        asked: list[Asked],
        granted: dict[str, Granted],
        lookup: bytes | None,
    ) -> dict[str, Bucket]:
        now = monotonic()
        if len(self._leases) + len(self._subjects) > LEASES_MAX:
            self._leases.clear()
            self._subjects.clear()
        kept = {name: bucket for name, bucket in wanted.items() if OF_PERSON not in name}
        for each in asked:
            got = granted.get(each.name)
            if got is None:
                # The credential is no good: the route says so, and the address was counted.
                continue
            wait = got.wait_s(each.bucket) if got.tokens == 0 else 0
            name = each.name.replace(OF_PERSON, got.subject or "")
            self._leases[name] = _Lease(got.tokens, got.left, now + LEASE_S, wait and now + wait)
            kept[name] = each.bucket
            if lookup is not None and got.subject is not None:
                self._subjects[lookup] = (got.subject, now + LEASE_S)
        return kept

    def _spend(self, wanted: dict[str, Bucket], kind: RequestKind, request: Request) -> None:
        now = monotonic()
        leases = {name: self._leases[name] for name in wanted if name in self._leases}
        empty = [name for name, lease in leases.items() if lease.tokens <= 0]
        short = sorted(empty, key=lambda name: -leases[name].wait_until)
        if not short:
            for lease in leases.values():
                lease.tokens -= 1
        for name in short or list(leases)[-1:]:
            _tell(request, name, wanted[name], leases[name])
        if short:
            self._metrics.note_denied(kind, short[0].split(":")[1])
            wait_s = max(1, *(math.ceil(leases[name].wait_until - now) for name in short))
            raise Problem(
                EdgeCode.TOO_MANY_REQUESTS,
                f"Come back after {wait_s} seconds, and more slowly.",
                headers={"Retry-After": str(wait_s)},
            )


def _tell(request: Request, name: str, bucket: Bucket, lease: _Lease) -> None:
    """Say in the headers of the answer how many requests may follow, and when all may again.

    Source: the draft of the IETF for `RateLimit` and `RateLimit-Policy`.
    """
    policy = ".".join(name.split(":")[:2])
    left = max(0, math.floor(lease.left) + lease.tokens)
    full_s = math.ceil((bucket.burst - left) / bucket.per_s)
    window_s = math.ceil(bucket.burst / bucket.per_s)
    request.scope[HEADERS] = [
        (b"ratelimit-policy", f'"{policy}";q={bucket.burst};w={window_s}'.encode()),
        (b"ratelimit", f'"{policy}";r={left};t={full_s}'.encode()),
    ]
