"""Nobody chooses the address that the platform sees: spoofed headers change nothing."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request

from api.edge.addresses import client_address, network_of
from infra.client_addresses import TrustedProxies
from infra.edge_settings import EdgeSettings

OURS = "10.0.0.0/8, fd00::/8"
PROXY = "10.1.2.3"


def seen(peer: str, headers: dict[str, str], **settings: str) -> str:
    chosen = EdgeSettings.model_validate(settings)
    app = Starlette()
    app.state.trusted_proxies = TrustedProxies(chosen.trusted_proxies, chosen.proxy_header)
    scope = {
        "type": "http",
        "client": (peer, 1),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "app": app,
    }
    return client_address(Request(scope))


SPOOFS = ("203.0.113.9", "127.0.0.1", "10.0.0.1", "unknown", "", "1.2.3.4, 10.0.0.1")


@pytest.mark.parametrize("spoof", SPOOFS)
@pytest.mark.parametrize("networks", ["", OURS])
def test_a_client_cannot_say_where_it_comes_from(spoof: str, networks: str) -> None:
    headers = {"X-Forwarded-For": spoof, "Forwarded": f"for={spoof}", "X-Real-IP": spoof}
    assert seen("198.51.100.7", headers, trusted_proxies=networks) == "198.51.100.7"


@pytest.mark.parametrize("spoof", SPOOFS)
def test_what_a_client_wrote_stays_before_what_our_proxy_appends(spoof: str) -> None:
    headers = {"X-Forwarded-For": f"{spoof}, 198.51.100.7"}
    assert seen(PROXY, headers, trusted_proxies=OURS) == "198.51.100.7"


def test_the_header_that_our_proxies_do_not_write_is_the_clients() -> None:
    headers = {"X-Forwarded-For": "198.51.100.7", "Forwarded": "for=203.0.113.9"}
    assert seen(PROXY, headers, trusted_proxies=OURS) == "198.51.100.7"
    chosen = seen(PROXY, headers, trusted_proxies=OURS, proxy_header="forwarded")
    assert chosen == "203.0.113.9"


@pytest.mark.parametrize(
    ("header", "said", "client"),
    [
        ("x-forwarded-for", "198.51.100.7, 10.9.9.9", "198.51.100.7"),
        ("x-forwarded-for", "198.51.100.7:4711", "198.51.100.7"),
        ("x-forwarded-for", "::ffff:198.51.100.7", "198.51.100.7"),
        ("x-forwarded-for", "2001:DB8:0::1", "2001:db8::1"),
        ("x-forwarded-for", "198.51.100.7, nonsense", PROXY),
        ("x-forwarded-for", "nonsense, 10.9.9.9", "10.9.9.9"),
        ("x-forwarded-for", "", PROXY),
        ("x-forwarded-for", ", ".join(["10.0.0.1"] * 1_000), "10.0.0.1"),
        ("forwarded", 'for="[2001:db8::1]:80";proto=https', "2001:db8::1"),
        ("forwarded", "proto=https;For=198.51.100.7, for=10.9.9.9", "198.51.100.7"),
        ("forwarded", "for=_hidden", PROXY),
        ("forwarded", "by=198.51.100.7", PROXY),
    ],
)
def test_our_proxies_are_believed_as_far_as_they_are_ours(
    header: str, said: str, client: str
) -> None:
    assert seen(PROXY, {header: said}, trusted_proxies=OURS, proxy_header=header) == client


def test_an_address_has_one_spelling() -> None:
    assert seen("::ffff:198.51.100.7", {}) == "198.51.100.7"
    assert network_of("2001:db8:0:1:aaaa::1") == network_of("2001:db8:0:1:bbbb::2")
    assert network_of("2001:db8:0:1::1") != network_of("2001:db8:0:2::1")
    assert network_of("198.51.100.7") == "198.51.100.7"


def test_networks_that_are_none_are_refused() -> None:
    with pytest.raises(ValidationError, match="separated by commas"):
        seen("198.51.100.7", {}, trusted_proxies="everybody")
