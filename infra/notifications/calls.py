"""How the blocking SDK of a message provider is called and how its answers are read."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import TypeVar

from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from activities.ports import MessageOutcomeUnknown, MessageRefused, MessageUnavailable

T = TypeVar("T")

SOCKET_S_MAX = 10.0
"""Connecting, and each wait for bytes: a provider that is slower has taken the message or never
will."""
CALL_S_MAX_PER_SOCKET_S = 2.5
"""The whole call, in multiples of that: room to connect and to wait for the answer once."""
CALLS_AT_ONCE = 4
"""Threads that one sender occupies at most."""

_NOT_TAKEN = frozenset({401, 403, 429})
"""Wrong credentials, no permission, too many requests: of our account, not of this message."""
_UNCLEAR = frozenset({408, 409, 425})
_UNREACHED = (
    ConnectionRefusedError,
    ConnectTimeoutError,
    NewConnectionError,
    socket.gaierror,
    ssl.SSLCertVerificationError,
)
_UNREACHED_NUMBERS = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH})


class BlockingCalls:
    """Runs a blocking SDK in threads, few at a time and none for longer than promised."""

    def __init__(self, socket_s_max: float = SOCKET_S_MAX, at_once: int = CALLS_AT_ONCE) -> None:
        self._call_s_max = socket_s_max * CALL_S_MAX_PER_SOCKET_S
        self._places = asyncio.Semaphore(at_once)

    async def run(self, call: Callable[[], T]) -> T:
        """Return the call's result.

        Raises:
            MessageOutcomeUnknown: no answer in time; the abandoned thread ends by itself, because
                every SDK is given time-outs of its own.
        """
        async with self._places:
            try:
                async with asyncio.timeout(self._call_s_max):
                    return await asyncio.to_thread(call)
            except TimeoutError:
                raise MessageOutcomeUnknown("no answer in time") from None


def failed_call(provider: str, error: BaseException) -> Exception:
    """Return what a failed connection means: surely not taken, or nobody knows.

    The text names the kind of failure only: the SDKs put addresses and texts into theirs.
    """
    name = type(error).__name__
    if any(_is_unreached(cause) for cause in _causes(error)):
        return MessageUnavailable(f"{provider} was not reached: {name}")
    return MessageOutcomeUnknown(f"{provider} may have taken it: {name}")


def refused_call(provider: str, status: int, code: object = None) -> Exception:
    """Return what an HTTP status other than success means; `code` is the provider's own."""
    text = f"{provider} answered {status}" + (f", code {code}" if code else "")
    if status in _NOT_TAKEN:
        return MessageUnavailable(text)
    if 400 <= status < 500 and status not in _UNCLEAR:  # noqa: PLR2004
        return MessageRefused(text)
    return MessageOutcomeUnknown(text)


def _is_unreached(error: BaseException) -> bool:
    return isinstance(error, _UNREACHED) or (
        isinstance(error, OSError) and error.errno in _UNREACHED_NUMBERS
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it wraps; what was merely handled before it says nothing."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = (*cause.args, getattr(cause, "reason", None), cause.__cause__)
        waiting.extend(part for part in inner if isinstance(part, BaseException))
