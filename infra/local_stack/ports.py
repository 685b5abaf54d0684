"""Which ports of 127.0.0.1 the stack listens on."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack
from dataclasses import asdict, dataclass

from infra.local_stack.errors import StackError

HOST = "127.0.0.1"
"""Nothing of the local stack can be reached from another machine."""


@dataclass(frozen=True, slots=True)
class Ports:
    """One port per listening part."""

    api: int = 8080
    """The REST API."""
    temporal: int = 7233
    """Temporal's front end; the number that its tools expect."""
    ui: int = 8233
    """Temporal's Web UI; the number that its tools expect."""
    codec: int = 8234
    """The codec server, which lets the Web UI show what is encrypted."""
    internal: int = 8081
    """Documentation and metrics of the API."""


def free_ports() -> Ports:
    """Return different ports that nobody listens on now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(5)]
        for each in sockets:
            each.bind((HOST, 0))
        api, temporal, ui, codec, internal = (each.getsockname()[1] for each in sockets)
    return Ports(api=api, temporal=temporal, ui=ui, codec=codec, internal=internal)


def require_free(ports: Ports, needed: frozenset[str]) -> None:
    """Check the needed ports before anything is started.

    Raises:
        StackError: one of them is taken or may not be used.
    """
    for name, port in asdict(ports).items():
        if name in needed:
            _require_free(name, port)


def _require_free(name: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            reason = "taken by another program" if taken else error.strerror
            raise StackError(
                f"Port {port} ({name}) is {reason}; "
                f"name another with --port-{name}, or let free ones be chosen with --free-ports."
            ) from error
        except OverflowError as error:
            raise StackError(f"{port} is no port number.") from error
