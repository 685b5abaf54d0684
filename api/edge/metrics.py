"""Counts what the API does, in the text format of Prometheus.

Source: the exposition format, version 0.0.4. A client library would bring a registry for the whole
process and locks for threads; this process has one thread and three families.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the classes of latency, those that Prometheus itself suggests."""
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OTHER_ROUTE = "none"
"""Stands for every address that is no route of ours: those are endless."""


class Metrics:
    """What one process has counted since it began."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str, int], int] = defaultdict(int)
        self._latencies: dict[tuple[str, str], list[int]] = {}
        self._seconds: dict[tuple[str, str], float] = defaultdict(float)
        self._denied: dict[tuple[str, str], int] = defaultdict(int)
        self._uncounted: dict[str, int] = defaultdict(int)

    def note_answer(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer and how long it took until it began."""
        self._answers[method, route, status] += 1
        name = (method, route)
        classes = self._latencies.setdefault(name, [0] * (len(BUCKETS_S) + 1))
        classes[next((i for i, bound in enumerate(BUCKETS_S) if seconds <= bound), -1)] += 1
        self._seconds[name] += seconds

    def note_denied(self, kind: str, counted_by: str) -> None:
        """Count a request that was one too many."""
        self._denied[kind, counted_by] += 1

    def note_uncounted(self, kind: str) -> None:
        """Count a request that nobody could count against its limit."""
        self._uncounted[kind] += 1

    def text(self) -> str:
        """Return everything, one line per figure."""
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield "# TYPE sendalong_http_requests_total counter"
        for (method, route, status), count in sorted(self._answers.items()):
            labels = f'method="{method}",route="{route}",status="{status}"'
            yield f"sendalong_http_requests_total{{{labels}}} {count}"
        yield "# TYPE sendalong_http_request_duration_seconds histogram"
        for (method, route), classes in sorted(self._latencies.items()):
            yield from self._histogram(method, route, classes)
        yield "# TYPE sendalong_rate_limited_total counter"
        for (kind, counted_by), count in sorted(self._denied.items()):
            yield f'sendalong_rate_limited_total{{kind="{kind}",by="{counted_by}"}} {count}'
        yield "# TYPE sendalong_rate_uncounted_total counter"
        for kind, count in sorted(self._uncounted.items()):
            yield f'sendalong_rate_uncounted_total{{kind="{kind}"}} {count}'

    def _histogram(self, method: str, route: str, classes: list[int]) -> Iterator[str]:
        name = "sendalong_http_request_duration_seconds"
        labels, total = f'method="{method}",route="{route}"', 0
        for bound, count in zip((*map(str, BUCKETS_S), "+Inf"), classes, strict=True):
            total += count
            yield f'{name}_bucket{{{labels},le="{bound}"}} {total}'
        yield f"{name}_sum{{{labels}}} {self._seconds[method, route]:.6f}"
        yield f"{name}_count{{{labels}}} {total}"
