"""One route: which request it answers, with which of the SDK's types, and who answers it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from tests.stripe_stand_in.parameters import fields_of
from tests.stripe_stand_in.records import PLATFORM
from tests.stripe_stand_in.refusals import Json, not_modelled
from tests.stripe_stand_in.state import StripeState


@dataclass(frozen=True, slots=True)
class Call:
    """One validated request, as the resources see it."""

    state: StripeState
    parameters: Json
    path: str
    ids: tuple[str, ...] = ()
    """Ids in the path, from left to right."""
    account: str | None = PLATFORM
    """The connected account that the request acts for."""


@dataclass(frozen=True)
class Route:
    """One address of the API.

    `name` is for example `POST /v1/refunds/{refund}/cancel`; faults are planned under it.
    """

    name: str
    parameters: type
    """The TypedDict of the SDK that its parameters must fit."""
    handle: Callable[[Call], Json]
    returns: str
    """The kind of object it answers with; for lists and searches, the kind of their items."""
    modelled: frozenset[str] = frozenset()
    """Parameters the stand-in acts on. Any other one is refused, never silently ignored."""
    many: bool = False

    def __post_init__(self) -> None:
        unknown = self.modelled - fields_of(self.parameters).keys()
        if unknown:
            message = f"{self.name}: the SDK has no parameters {sorted(unknown)}"
            raise ValueError(message)

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.name.split(" ")[0]

    @property
    def pattern(self) -> str:
        """The path, with placeholders."""
        return self.name.split(" ")[1]

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{[a-z_]+\}", "([^/]+)", self.pattern))

    def ids_in(self, method: str, path: str) -> tuple[str, ...] | None:
        """Return the ids in a path, or none when the route does not answer it."""
        match = self._expression.fullmatch(path) if method == self.method else None
        return None if match is None else match.groups()

    def check_modelled(self, parameters: Json) -> None:
        """Refuse parameters that are valid and that the stand-in would have to ignore."""
        for name in parameters:
            if name not in self.modelled and name != "expand":
                what = f"the parameter {name} of {self.name}"
                raise not_modelled(what)


class RouteTable:
    """All routes; a path without placeholders goes before one with them."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = sorted(routes, key=lambda route: route.pattern.count("{"))
        self.names = frozenset(route.name for route in self._routes)

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def find(self, method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
        """Return the route of a request and the ids in its path."""
        for route in self._routes:
            ids = route.ids_in(method, path)
            if ids is not None:
                return route, ids
        return None
