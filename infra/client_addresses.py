"""From which address a request comes: what a proxy says is believed only when the proxy is ours.

Source: RFC 7239, and the de facto header `X-Forwarded-For`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Literal

from starlette.requests import HTTPConnection

from infra.edge_settings import Networks

HOPS_MAX = 16
"""Most proxies in a row that are followed: more than any real chain has."""
_FOR = re.compile(r'(?:^|;)\s*for\s*=\s*(?:"([^"]*)"|([^;"\s]*))', re.IGNORECASE)
_WITH_PORT = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<v4>[0-9.]+))(?::[0-9]{1,5})?")

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """Our own proxies, and the one header in which they tell from whom a request came."""

    networks: Networks = ()
    header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"

    def client_of(self, connection: HTTPConnection) -> str:
        """Return the address of the client: the nearest one that is not a proxy of ours.

        Each proxy appends whom it heard, so the list is believed from its end, and only as far as
        the one who said it is trusted. What stands before that was written by the client.
        """
        peer = connection.client.host if connection.client is not None else ""
        nearest = read_address(peer)
        if nearest is None:
            return peer
        for said in self._said(connection):
            if not self._trusts(nearest):
                break
            before = read_address(said)
            if before is None:
                break
            nearest = before
        return str(nearest)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self.networks)

    def _said(self, connection: HTTPConnection) -> Iterator[str]:
        """Yield what the header says, the nearest first."""
        if not self.networks:
            return
        parts = ",".join(connection.headers.getlist(self.header)).rsplit(",", HOPS_MAX)
        for part in reversed(parts[-HOPS_MAX:]):
            yield _for_of(part) if self.header == "forwarded" else part.strip()


def read_address(text: str) -> Address | None:
    """Return an address, with or without a port; none for what is no address."""
    match = _WITH_PORT.fullmatch(text)
    try:
        found = ip_address((match["v6"] or match["v4"]) if match else text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _for_of(element: str) -> str:
    match = _FOR.search(element)
    return (match[1] or match[2] or "") if match else ""
