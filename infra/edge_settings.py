"""What can be set about the edge: whom it believes about the address of a client."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal

from pydantic import field_validator
from pydantic_settings import BaseSettings, NoDecode

Networks = tuple[IPv4Network | IPv6Network, ...]


class EdgeSettings(BaseSettings):
    """The part of the settings that only the API reads."""

    trusted_proxies: Annotated[Networks, NoDecode] = ()
    """Networks of our own proxies, as `10.0.0.0/8, ::1/128`: what they say about the address of a
    client is believed. Nobody is believed by default."""
    proxy_header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"
    """The one header in which those proxies say it; a client could send the other one itself."""

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _read_networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        except ValueError as error:
            raise ValueError("name networks as 10.0.0.0/8, separated by commas") from error
