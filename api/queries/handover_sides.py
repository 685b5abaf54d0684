"""Both sides of a handover, for a statement about it: devices, who holds the code, who was there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CTE, ColumnElement, Label, Text, and_, bindparam, select, true

from api.access.devices import SIGNING_ID, counts_for
from infra.database.schema import code_holding, device, handover_code, presence

PURPOSE: ColumnElement[str] = bindparam("purpose", type_=Text)
_DEVICE = ("device_id", "algorithm", "public_key")
_PRESENCE = ("latitude", "longitude", "accuracy_m", "taken_at", "is_mocked", "verified_at")


def sides_of(who: CTE, target: CTE, purpose: ColumnElement[str] = PURPOSE) -> CTE:
    """Return what is known of both sides of one handover of the delivery in `target`.

    Shape: at most one row, none while no code was issued. It takes the values of `device_values`.

    - `signing_device_id`, `signing_algorithm`, `signing_public_key`: the device that the request names,
      if it counts for the asking person;
    - `holding_device_id`, `holding_algorithm`, `holding_public_key`, `holding_person_id`,
      `holding_secret_nonce`: the device that holds the code, if it still counts; a browser that came by
      a link has no person;
    - `scanner_latitude`, ... and `shower_latitude`, ...: where the asking person with the signing device,
      and the person who shows with the holding one, have last shown to be, and when
      (`scanner_verified_at`, `shower_verified_at`).
    """
    code, held = handover_code.alias("held_code"), code_holding.alias("held")
    signing, holding = device.alias("signing_device"), device.alias("holding_device")
    scanner, shower = presence.alias("scanner"), presence.alias("shower")
    source = (
        target.join(who, true())
        .join(code, and_(code.c.delivery_id == target.c.delivery_id, code.c.purpose == purpose))
        .outerjoin(signing, counts_for(signing, SIGNING_ID, who.c.asker_id))
        .outerjoin(held, _holds(held, code))
        .outerjoin(
            holding, and_(holding.c.device_id == held.c.device_id, holding.c.revoked_at.is_(None))
        )
        .outerjoin(scanner, _shown(scanner, code, who.c.asker_id, signing))
        .outerjoin(shower, _shown(shower, code, holding.c.person_id, holding))
    )
    columns = [
        *_labelled(signing, "signing", _DEVICE),
        *_labelled(holding, "holding", (*_DEVICE, "person_id")),
        *_labelled(held, "holding", ("secret_nonce",)),
        *_labelled(scanner, "scanner", _PRESENCE),
        *_labelled(shower, "shower", _PRESENCE),
    ]
    return select(*columns).select_from(source).cte("sides")


def _labelled(of: Any, side: str, names: Iterable[str]) -> list[Label[Any]]:
    return [of.c[name].label(f"{side}_{name}") for name in names]


def _holds(held: Any, code: Any) -> ColumnElement[bool]:
    """Tell whether a holding is that of a code; one that was issued again since is held by nobody."""
    return and_(
        held.c.delivery_id == code.c.delivery_id,
        held.c.purpose == code.c.purpose,
        held.c.issued_at == code.c.issued_at,
    )


def _shown(
    found: Any, code: Any, person_id: ColumnElement[Any], with_device: Any
) -> ColumnElement[bool]:
    """Tell whether a presence is that of a person with a device, at the handover of a code."""
    return and_(
        found.c.delivery_id == code.c.delivery_id,
        found.c.purpose == code.c.purpose,
        found.c.person_id == person_id,
        found.c.device_id == with_device.c.device_id,
        # Whoever was there for an earlier code was there for another handover.
        found.c.verified_at >= code.c.issued_at,
    )
