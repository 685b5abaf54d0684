"""What a proof document is made from, as far as it is for the eyes of whoever asks for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Uuid, bindparam, select

from activities.ports import Position
from api.access.database import Database, Row
from api.access.rows import STAFF, Relation, Sight
from api.queries.history import RESERVED
from api.queries.proofs import items_of, level_of
from api.views import ROUGH_DIGITS
from domain.erasing.words import KINDS_WITH_WRITTEN_REASON
from domain.holds.shown import AMONG_STAFF, MOVING_HOLDS
from domain.identity.audiences import Detail, reads
from domain.identity.roles import told_as
from domain.messages import CONCERNS
from domain.proofs.outcomes import TOLD, outcome_of
from domain.proofs.statement import FORMAT, told
from domain.status import DeliveryStatus
from domain.transitions import EventKind
from infra.database.schema import event, proof_item
from infra.encryption.proofs import key_of_author, opened_content
from infra.encryption.words import AUTHOR_KEY, author_key_column

EXACT_DIGITS = 6
"""Digits of a degree in a place: a tenth of a metre."""
TRACK_DIGITS = 5
"""Digits of a degree in a position: a metre, which no phone is exact to."""
_STAFF_ROLES = frozenset(str(relation) for relation in STAFF)
_DELIVERY_ID = bindparam("delivery_id", type_=Uuid(as_uuid=False))
_EVENTS = (
    select(event.c.sequence, event.c.kind, event.c.body, event.c.hash)
    .where(event.c.delivery_id == _DELIVERY_ID)
    .order_by(event.c.sequence)
)
_CONTENTS = (
    select(
        proof_item.c.item_id,
        proof_item.c.author_id,
        proof_item.c.content,
        proof_item.c.sha256,
        author_key_column("proof_item.author_id"),
    )
    .where(proof_item.c.delivery_id == _DELIVERY_ID, proof_item.c.content.is_not(None))
    .order_by(proof_item.c.item_id)
)


async def chain_of(database: Database, delivery_id: str) -> list[Row]:
    """Return every event of a delivery with its body and hash, the oldest first."""
    rows = await database.every(_EVENTS, {"delivery_id": delivery_id})
    return [{**row, "said": json.loads(row["body"])} for row in rows]


def seen_by(chain: list[Row], relations: frozenset[Relation]) -> list[Row]:
    """Return the chain up to the last event that is not among staff alone; staff read all of it.

    A call for help that has put the delivery on hold is read of as such, as in the timeline: how long
    the chain is, and as of when, tells no more of it than of a hold by staff.
    """
    if told_as(relations) & STAFF:
        return chain
    length, is_held = 0, False
    for number, each in enumerate(chain, start=1):
        kind = each["kind"]
        places_hold = kind == EventKind.SOS_CALLED and not is_held
        if kind in MOVING_HOLDS:
            is_held = kind != EventKind.HOLD_LIFTED
        if places_hold or not _is_among_staff(kind, each["said"]["facts"].get(CONCERNS)):
            length = number
    return chain[:length]


async def pictures_in(database: Database, delivery_id: str) -> dict[str, bytes]:
    """Return the pictures of a delivery's proofs by their fingerprints; without those erased."""
    pictures = {}
    for row in await database.every(_CONTENTS, {"delivery_id": delivery_id}):
        key = await key_of_author(database.keys, row["author_id"], row[AUTHOR_KEY])
        if key is not None:
            content = opened_content(key, row["item_id"], bytes(row["content"]))
            pictures[row["sha256"]] = content
    return pictures


async def statement_for(
    database: Database,
    row: Row,
    sight: Sight,
    *,
    chain: list[Row],
    track: tuple[Position, ...],
    root: Mapping[str, Any] | None,
) -> dict[str, Any] | None:
    """Return the statement about a delivery for one person; none before the parcel was picked up.

    Shape: events of money and offers are named by their hashes only; the body of an event, which gives
    that hash, is there for those who may read all that it says.
    """
    outcome = outcome_of(each["kind"] for each in chain)
    if outcome is None:
        return None
    items = await items_of(database, sight.delivery.delivery_id)
    moments = [datetime.fromisoformat(chain[-1]["said"]["at"]), *(i["created_at"] for i in items)]
    return {
        "format": FORMAT,
        "delivery_id": sight.delivery.delivery_id,
        "outcome": str(outcome),
        "status": chain[-1]["said"]["standing"]["status"],
        "level": str(level_of(row)),
        "as_of": _moment(max(moments)),
        "parcel": {
            "description": sight.delivery.description,
            "weight_grams": sight.delivery.weight_grams,
        },
        "places": _places(sight),
        "positions": [_position(each) for each in reversed(track)],
        "events": [_event(each, sight) for each in chain],
        "proofs": [_proof(item) for item in items],
        "root": root,
    }


def _event(row: Row, sight: Sight) -> dict[str, Any]:
    said, kind, relations = row["said"], row["kind"], told_as(sight.relations)
    entry: dict[str, Any] = {"sequence": row["sequence"], "hash": bytes(row["hash"]).hex()}
    if kind in TOLD and _concerns(said, relations):
        reason = None if kind in KINDS_WITH_WRITTEN_REASON else said["facts"].get("reason")
        entry |= {
            "kind": kind,
            "at": said["at"],
            "by": said["actor"]["role"],
            "status": said["standing"]["status"],
            "reason": reason if _may_read_facts(kind, relations) else None,
        }
        if _may_read_body(kind, said, sight):
            entry["body"] = row["body"]
    return told(entry)


def _is_among_staff(kind: str, concerned: str | None) -> bool:
    return kind in AMONG_STAFF or (concerned is not None and {*concerned.split()} <= _STAFF_ROLES)


def _concerns(said: Mapping[str, Any], relations: frozenset[Relation]) -> bool:
    concerned = said["facts"].get(CONCERNS)
    return concerned is None or bool(relations & STAFF) or bool(relations & {*concerned.split()})


def _may_read_facts(kind: str, relations: frozenset[Relation]) -> bool:
    return kind not in RESERVED or bool(relations & RESERVED[kind][1])


def _may_read_body(kind: str, said: Mapping[str, Any], sight: Sight) -> bool:
    """Tell whether somebody may read everything that the body of an event says."""
    relations, asker = told_as(sight.relations), sight.asker.person_id
    if relations & STAFF:
        return True
    own_offers = relations & {Relation.CUSTOMER, Relation.SENDER} or all(
        offer["traveler_id"] == asker for offer in said["offers"]
    )
    by_staff = said["actor"]["role"] in _STAFF_ROLES or "acted_by" in said["actor"]
    reads_price = reads(Detail.PRICE, relations, DeliveryStatus(sight.delivery.status))
    return bool(own_offers and reads_price) and not by_staff and _may_read_facts(kind, relations)


def _places(sight: Sight) -> dict[str, dict[str, Any]]:
    row, status = sight.delivery, DeliveryStatus(sight.delivery.status)
    known = {
        "pickup": (row.pickup_latitude, row.pickup_longitude, Detail.PICKUP_ADDRESS),
        "destination": (
            row.destination_latitude,
            row.destination_longitude,
            Detail.DESTINATION_ADDRESS,
        ),
    }
    return {
        name: _place(latitude, longitude, exact=reads(detail, sight.relations, status))
        for name, (latitude, longitude, detail) in known.items()
    }


def _place(latitude: float, longitude: float, *, exact: bool) -> dict[str, Any]:
    digits = EXACT_DIGITS if exact else ROUGH_DIGITS
    return {
        "latitude": round(latitude, digits),
        "longitude": round(longitude, digits),
        "is_exact": exact,
    }


def _position(position: Position) -> list[Any]:
    place = position.place
    at = _moment(position.taken_at)
    return [round(place.latitude, TRACK_DIGITS), round(place.longitude, TRACK_DIGITS), at]


def _proof(item: Row) -> dict[str, Any]:
    detail = item["detail"]
    return {
        "proof_id": item["item_id"],
        "kind": item["kind"],
        "leg": item["leg"],
        "by_role": item["author_role"],
        "counts": item["counts"],
        "created_at": _moment(item["created_at"]),
        "taken_at": detail.get("taken_at"),
        "distance_m": detail.get("distance_m"),
        "sha256": item["sha256"],
        "id_check": detail.get("id_check"),
        "label_matches": detail.get("label_matches"),
        "is_erased": not detail,
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
