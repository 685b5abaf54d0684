"""What can be set about the edge: whom it believes about the address of a client."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import field_validator
from pydantic_settings import BaseSettings, NoDecode

from domain.identity.limits import RateLimits

Networks = tuple[IPv4Network | IPv6Network, ...]

ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")
"""An origin as browsers spell it: no path, no slash at its end, no pattern."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where a server listens."""

    host: str
    port: int


class EdgeSettings(BaseSettings):
    """The part of the settings that only the API reads."""

    trusted_proxies: Annotated[Networks, NoDecode] = ()
    """Networks of our own proxies, as `10.0.0.0/8, ::1/128`: what they say about the address of a
    client is believed. Nobody is believed by default."""
    staff_networks: Annotated[Networks, NoDecode] = ()
    """Networks that staff work from, as `10.0.0.0/8`: from elsewhere what they may do as staff does
    not count. None for anywhere."""
    staff_personal_tokens: bool = False
    """Lets staff use tokens made on the machine also where real money is moved."""
    proxy_header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"
    """The one header in which those proxies say it; a client could send the other one itself."""

    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins whose web pages may use the API, as `https://app.example, https://admin.example`;
    pages of the API's own origin always may."""

    internal_listener: Annotated[Listener | None, NoDecode] = None
    """Address and port at which documentation and metrics are served, as `127.0.0.1:8081`; nobody
    outside may reach it. Nowhere by default."""
    rate_limits: RateLimits = RateLimits()
    """How many requests are taken; a nested JSON object replaces the allowances of single kinds."""

    @property
    def page_origins(self) -> frozenset[bytes]:
        """Every origin whose pages may use the API, as browsers spell it."""
        own = urlsplit(str(getattr(self, "public_url", "")))
        return frozenset(
            origin.encode() for origin in (*self.cors_origins, f"{own.scheme}://{own.netloc}")
        )

    @field_validator("internal_listener", mode="before")
    @classmethod
    def _read_listener(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        host, _, port = value.rpartition(":")
        if not host or not port.isascii() or not port.isdigit():
            raise ValueError("name an address and a port as 127.0.0.1:8081")
        return Listener(host.strip("[]"), int(port))

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _read_origins(cls, value: object) -> object:
        named = value.split(",") if isinstance(value, str) else value
        if not isinstance(named, list | tuple):
            return value
        origins = tuple(str(part).strip() for part in named if str(part).strip())
        if any(ORIGIN.fullmatch(origin) is None for origin in origins):
            raise ValueError("name whole origins as https://app.example, separated by commas")
        return origins

    @field_validator("trusted_proxies", "staff_networks", mode="before")
    @classmethod
    def _read_networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        except ValueError as error:
            raise ValueError("name networks as 10.0.0.0/8, separated by commas") from error
