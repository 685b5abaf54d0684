from __future__ import annotations

import socket
from dataclasses import asdict

import pytest

from infra.local_stack.errors import StackError
from infra.local_stack.ports import HOST, Ports, free_ports, require_free

ALL = frozenset({"api", "temporal", "ui", "codec", "internal"})


def test_free_ports_are_different_and_free() -> None:
    ports = free_ports()
    assert len(set(asdict(ports).values())) == len(ALL)
    require_free(ports, ALL)


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with socket.create_server((HOST, 0)) as other:
        taken = other.getsockname()[1]
        ports = Ports(**{**asdict(free_ports()), "ui": taken})
        with pytest.raises(StackError, match=rf"^Port {taken} \(ui\) is taken .* --port-ui"):
            require_free(ports, ALL)
        require_free(ports, ALL - {"ui"})


def test_a_number_that_is_no_port_is_refused() -> None:
    with pytest.raises(StackError, match="70000 is no port"):
        require_free(Ports(api=70_000), frozenset({"api"}))
