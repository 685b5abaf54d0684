"""Which ports `sendalong up` takes."""

from __future__ import annotations

from dataclasses import asdict

from infra.cli.arguments import parser
from infra.cli.up import chosen_ports
from infra.local_stack.ports import Ports


def test_a_named_port_is_kept_and_the_others_are_the_usual_ones() -> None:
    options = parser().parse_args(["up", "--port-api", "9000"])
    assert chosen_ports(options) == Ports(api=9_000)


def test_a_named_port_is_kept_where_free_ones_are_chosen() -> None:
    ports = chosen_ports(parser().parse_args(["up", "--free-ports", "--port-api", "9000"]))
    assert ports.api == 9_000
    usual = asdict(Ports())
    assert not {name for name, port in asdict(ports).items() if port == usual[name]}
