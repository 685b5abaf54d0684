"""The codec server itself: it decodes, and never encrypts.

The Web UI sends nothing that it could not have encoded first; so `/encode` hands back what an
operator typed as it is, and the workers take it so.

Source: Temporal's remote codec protocol, as the Web UI and the command line speak it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from google.protobuf.json_format import MessageToJson, Parse, ParseError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from temporalio.api.common.v1 import Payload, Payloads

from domain.auditing.entries import AuditEntry, EntryKind
from infra.audit.trail import note_entry
from infra.client_addresses import TrustedProxies
from infra.codec.masking import masked
from infra.codec.readers import Reader, Readers
from infra.encryption.keys import EncryptionTrouble, KeyDestroyed
from infra.encryption.payloads import ENCODING, PayloadKeys, SealedPayloads, workflow_named

BODY_BYTES_MAX = 8_000_000
"""Longest request: a page of the Web UI asks for one history at most."""
PAYLOADS_MAX = 5_000
"""Most payloads of one request."""
WORKFLOWS_NAMED_MAX = 5
"""Workflows that an entry of the audit names; the rest is counted."""
ASKED_HEADERS = "Authorization, Content-Type, X-Namespace, Caller-Type"
"""Headers that the Web UI sends."""
PREFLIGHT_KEPT_S = 600
ERASED = Payload(metadata={"encoding": b"json/plain"}, data=b'"[erased]"')
"""What is shown in place of what was erased for good."""

_NO_PAGE = {"Vary": "Origin"}
Work = Callable[[Reader, Request], Awaitable[Sequence[Payload]]]
"""What is done for a reader with the payloads of a request."""


class Refused(Exception):
    """A request is not answered."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        """Say with which status and why."""
        super().__init__(reason)
        self.status = status


class CodecServer:
    """Decodes payloads for staff: masked, and with one entry in the audit per call."""

    def __init__(
        self,
        engine: AsyncEngine,
        readers: Readers,
        keys: PayloadKeys,
        namespace: str,
        origins: Sequence[str],
        *,
        proxies: TrustedProxies,
    ) -> None:
        """Name the one namespace that is decoded, and the origins of its Web UI."""
        self._engine, self._readers, self._keys = engine, readers, keys
        self._proxies = proxies
        self._namespace, self._origins = namespace, frozenset(origins)

    def app(self) -> Starlette:
        """Return the application."""
        work = {"/decode": self._decoded, "/encode": self._left_as_they_are}
        return Starlette(
            routes=[
                Route("/healthz", self._healthy, methods=["GET"]),
                *(
                    Route(start + path, self._answering(answer), methods=["POST", "OPTIONS"])
                    for path, answer in work.items()
                    for start in ("", "/{path_token}")
                ),
            ]
        )

    async def _healthy(self, _request: Request) -> Response:
        return Response(status_code=HTTPStatus.NO_CONTENT)

    def _answering(self, work: Work) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            origin = request.headers.get("origin")
            if origin is not None and origin not in self._origins:
                # Nothing tells the page of another origin whether its token would have been good.
                return Response("This origin may not ask.", HTTPStatus.FORBIDDEN, _NO_PAGE)
            try:
                if request.method == "OPTIONS":
                    answered = _preflight()
                else:
                    answered = _body(await work(await self._reader(request), request))
            except Refused as refused:
                answered = Response(str(refused), refused.status)
            except SQLAlchemyError:
                answered = Response("The database is away.", HTTPStatus.SERVICE_UNAVAILABLE)
            answered.headers.update(_shared_headers(origin))
            return answered

        return answer

    async def _reader(self, request: Request) -> Reader:
        reader = await self._readers.who(
            request.path_params.get("path_token", ""),
            request.headers.get("authorization", ""),
            self._proxies.client_of(request),
        )
        if reader is None:
            raise Refused(HTTPStatus.UNAUTHORIZED, "Send the token of a member of staff.")
        if request.headers.get("x-namespace", self._namespace) != self._namespace:
            raise Refused(HTTPStatus.BAD_REQUEST, f"Only {self._namespace} is decoded here.")
        return reader

    async def _decoded(self, reader: Reader, request: Request) -> Sequence[Payload]:
        payloads = await _payloads_of(request)
        codec = SealedPayloads(self._keys, self._namespace)
        try:
            shown = [masked(await _shown(codec, payload)) for payload in payloads]
            await self._note(reader, payloads)
        except EncryptionTrouble as trouble:
            raise Refused(HTTPStatus.BAD_REQUEST, f"It cannot be read: {trouble}.") from trouble
        return shown

    async def _left_as_they_are(self, _reader: Reader, request: Request) -> Sequence[Payload]:
        return await _payloads_of(request)

    async def _note(self, reader: Reader, payloads: Sequence[Payload]) -> None:
        """Write who read how much of what; nothing is shown that could not be noted."""
        named: Counter[str] = Counter()
        for payload in payloads:
            if payload.metadata.get("encoding") == ENCODING:
                named[await workflow_named(self._keys, payload)] += 1
        often = named.most_common(WORKFLOWS_NAMED_MAX)
        await note_entry(
            self._engine,
            AuditEntry(
                EntryKind.DECODED,
                subject="payloads",
                subject_id=often[0][0] if often else "",
                actor_id=reader.person_id,
                actor_role=reader.role,
                facts={
                    "payloads": str(named.total()),
                    "workflows": ", ".join(name for name, _ in often),
                },
            ),
        )


def _body(payloads: Sequence[Payload]) -> Response:
    text = MessageToJson(Payloads(payloads=payloads))
    return Response(text, media_type="application/json")


async def _shown(codec: SealedPayloads, payload: Payload) -> Payload:
    try:
        [plain] = await codec.decode([payload])
    except KeyDestroyed:
        return ERASED
    return plain


async def _payloads_of(request: Request) -> Sequence[Payload]:
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > BODY_BYTES_MAX:
                raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too long.")
        payloads = Parse(bytes(body), Payloads(), ignore_unknown_fields=True).payloads
    except (ParseError, UnicodeDecodeError, ClientDisconnect, RecursionError) as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "The body holds no payloads.") from error
    if len(payloads) > PAYLOADS_MAX:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "There are too many payloads.")
    return payloads


def _preflight() -> Response:
    return Response(
        status_code=HTTPStatus.NO_CONTENT,
        headers={
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": ASKED_HEADERS,
            "Access-Control-Max-Age": str(PREFLIGHT_KEPT_S),
            # A page on one port of this machine asks another: browsers want this said.
            "Access-Control-Allow-Private-Network": "true",
        },
    )


def _shared_headers(origin: str | None) -> dict[str, str]:
    headers = {"Vary": "Origin", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if origin is not None:
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Allow-Credentials"] = "true"
    return headers
