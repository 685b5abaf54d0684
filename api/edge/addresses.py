"""Whose address a request of the API has, and what of it is counted as one client."""

from __future__ import annotations

from ipaddress import IPv6Address

from starlette.requests import HTTPConnection

from infra.client_addresses import TrustedProxies, read_address


def client_address(connection: HTTPConnection) -> str:
    """Return the address of the client of a request, in its one canonical spelling."""
    proxies: TrustedProxies = connection.app.state.trusted_proxies
    return proxies.client_of(connection)


def network_of(address: str) -> str:
    """Return what one client holds of addresses: an IPv4 address, or the /64 of an IPv6 one."""
    found = read_address(address)
    if not isinstance(found, IPv6Address):
        return address
    return f"{IPv6Address(int(found) >> 64 << 64)}/64"
