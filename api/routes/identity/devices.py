"""Your devices: keys in your phone that show codes and scan them for you."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.devices import require_signed, unpadded
from api.access.permissions import Action, requires
from api.access.request import Changing, TokenHash
from api.changes import outcome_of, perform
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, refusals
from api.edge.problems import EdgeCode, Problem, not_found
from api.edge.requests import StrictRoute
from api.models.identity.devices import DevicesView, DeviceView, NewDevice
from api.models.types import ID_PATTERN
from api.queries.identity.devices import (
    DeviceKnown,
    TooManyDevices,
    activate_device,
    devices_of,
    revoke_device,
)
from api.queries.identity.factors import asking_holder
from api.queries.robots import CLAIM_BY_ANYBODY
from api.routes.identity.second_factors import OWN, PRIVATE
from api.services import Parts
from domain.devices.keys import DeviceKey, KeyAlgorithm
from domain.errors import RefusalCode
from infra.devices.signatures import KeyRefused, imported_key

PATH = "/v1/me/devices"
router = APIRouter(prefix=PATH, tags=["security"], route_class=StrictRoute)

DevicePath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the device.")]


@router.get(
    "",
    dependencies=[requires(Action.READ_OWN_DEVICES)],
    response_model=DevicesView,
    responses=refusals(*OWN),
    summary="List your devices",
)
async def list_devices(token: TokenHash, parts: Parts) -> Response:
    """Return every device that counts for you, the oldest first."""
    holder = await asking_holder(parts.database, token)
    rows = await devices_of(parts.database, holder.person_id)
    return json_answer(DevicesView(items=[DeviceView(**row) for row in rows]), headers=PRIVATE)


@router.post(
    "",
    dependencies=[requires(Action.ACTIVATE_DEVICE)],
    status_code=HTTPStatus.CREATED,
    response_model=DeviceView,
    responses=refusals(
        *CHANGES, RefusalCode.DEVICE_WRONG, EdgeCode.DEVICE_KNOWN, EdgeCode.DEVICES_REACHED
    ),
    summary="Take a device into use",
)
async def add_device(body: NewDevice, request: Request, change: Changing, parts: Parts) -> Response:
    """Send the public key of a device, in a request that the device itself has signed.

    It shows codes and scans for you where a delivery needs more than a plain code. You are told by mail.
    """

    async def act(claimed: Claim) -> Outcome:
        key = key_in(body.algorithm, body.public_key)
        await require_signed(request, key)
        try:
            row = await activate_device(
                parts.engine, claimed.asker.person_id, claimed.resource_id, key, body.name
            )
        except DeviceKnown as error:
            raise Problem(EdgeCode.DEVICE_KNOWN, "Make a new pair of keys.") from error
        except TooManyDevices as error:
            raise Problem(EdgeCode.DEVICES_REACHED, "Revoke one that you no longer use.") from error
        view = DeviceView(**row)
        return outcome_of(view, HTTPStatus.CREATED, f"{PATH}/{view.device_id}")

    return await perform(parts, change, CLAIM_BY_ANYBODY, {}, act)


@router.delete(
    "/{device_id}",
    dependencies=[requires(Action.REVOKE_OWN_DEVICE)],
    response_model=DeviceView,
    responses=refusals(*OWN, EdgeCode.NOT_FOUND),
    summary="Revoke a device",
)
async def delete_device(device_id: DevicePath, token: TokenHash, parts: Parts) -> Response:
    """Let a device count for nothing from now on: codes that it shows are void at once.

    What it holds stays held until you release it, so that nobody takes a code over by revoking.
    """
    holder = await asking_holder(parts.database, token)
    row = await revoke_device(parts.engine, holder.person_id, device_id)
    if row is None:
        raise not_found()
    return json_answer(DeviceView(**row), headers=PRIVATE)


def key_in(algorithm: KeyAlgorithm, text: str) -> DeviceKey:
    """Return the public key in a request.

    Raises:
        Problem: `fields_invalid`, as it is no key of that kind.
    """
    try:
        return imported_key(algorithm, unpadded(text) or b"")
    except KeyRefused as error:
        raise Problem(
            EdgeCode.FIELDS_INVALID,
            "Some fields are not valid.",
            errors=[{"at": "body/public_key", "problem": f"This is no public key of {algorithm}."}],
        ) from error
