"""Other proofs than codes: kept by whoever adds them, read by all who see the delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Label,
    LargeBinary,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from api.access.database import Database, Row
from api.access.sights import found_by
from api.access.statements import known_delivery, seen, who_asks
from api.edge.problems import Problem
from api.models.wanted_proofs import terms_in
from domain.contracts import CodePurpose
from domain.errors import RefusalCode
from domain.handover.levels import ProofLevel
from domain.proofs.kinds import ProofKind
from domain.proofs.policy import LegOutcome, ProofTerms
from domain.proofs.required import missing_proofs, required_proofs
from domain.status import BEFORE_PICKUP
from infra.database.schema import delivery, parcel, proof_item
from infra.disputes.images import KeptPicture
from infra.encryption.fields import OwnedKey
from infra.encryption.proofs import (
    key_of_author,
    opened_content,
    opened_detail,
    sealed_content,
    sealed_detail,
)
from infra.encryption.words import AUTHOR_KEY, author_key_column
from infra.proofs.attempts import is_of_this_attempt

_DELIVERY_ID = bindparam("delivery_id", type_=Uuid(as_uuid=False))
_who = who_asks()
_TARGET = seen(_who, known_delivery(_who).cte("target"))
_item = proof_item.c
_SHOWN = [column for column in _item if column.name != "content"]
_AUTHOR = author_key_column("proof_item.author_id")
_IS_OF_THIS_ATTEMPT = literal_column(is_of_this_attempt("proof_item"), Boolean)
_ITEMS = (
    select(*_SHOWN, _AUTHOR, _IS_OF_THIS_ATTEMPT.label("is_of_this_attempt"))
    .where(_item.delivery_id == _DELIVERY_ID)
    .order_by(_item.item_id)
)
_CONTENT = select(_item.author_id, _item.content, _item.sha256, _AUTHOR).where(
    _item.delivery_id == _DELIVERY_ID,
    _item.item_id == bindparam("item_id", type_=Uuid(as_uuid=False)),
)
_STANDING = select(delivery.c.status, func.count(_item.item_id).label("items")).select_from(
    delivery.outerjoin(proof_item, _item.delivery_id == delivery.c.delivery_id)
)
_HOW_IT_STANDS = _STANDING.where(delivery.c.delivery_id == _DELIVERY_ID).group_by(delivery.c.status)
_COLUMNS: Mapping[str, Any] = {
    "item_id": Uuid(as_uuid=False),
    "leg": Text,
    "kind": Text,
    "author_id": Uuid(as_uuid=False),
    "author_role": Text,
    "subject_id": Uuid(as_uuid=False),
    "counts": Boolean,
    "detail": Text,
    "content": LargeBinary,
    "sha256": Text,
    "original_sha256": Text,
    "width": Integer,
    "height": Integer,
}
_ADD = (
    insert(proof_item)
    .from_select(
        ["delivery_id", "after_sequence", *_COLUMNS],
        select(
            delivery.c.delivery_id,
            delivery.c.head_sequence,
            *(bindparam(f"new_{name}", type_=kind) for name, kind in _COLUMNS.items()),
        ).where(
            delivery.c.delivery_id == _DELIVERY_ID,
            delivery.c.status == func.any(bindparam("open_in", type_=ARRAY(Text))),
            select(func.count())
            .select_from(proof_item)
            .where(_item.delivery_id == _DELIVERY_ID)
            .scalar_subquery()
            < bindparam("items_max", type_=Integer),
        ),
    )
    .on_conflict_do_nothing()
)
_ONE = select(*_SHOWN, _AUTHOR).where(
    _item.item_id == bindparam("item_id", type_=Uuid(as_uuid=False))
)
_TELL_LABEL = (
    update(parcel)
    .where(
        parcel.c.delivery_id == bindparam("of_delivery", type_=Uuid(as_uuid=False)),
        delivery.c.delivery_id == parcel.c.delivery_id,
        delivery.c.status.in_(sorted(str(status) for status in BEFORE_PICKUP)),
    )
    .values(label_digest=bindparam("new_digest", type_=Text))
    .returning(parcel.c.delivery_id)
)


@dataclass(frozen=True, slots=True)
class NewItem:
    """A proof as it is to be kept."""

    item_id: str
    leg: CodePurpose
    kind: ProofKind
    author_id: str
    author_role: str
    subject_id: str | None
    counts: bool
    detail: Mapping[str, Any]
    picture: KeptPicture | None


def present_proofs(delivery_id: ColumnElement[str], leg: Any) -> Label[Any]:
    """Return the column `present_proofs`: the kinds that count for the present attempt at a leg."""
    is_of_leg = and_(_item.delivery_id == delivery_id, _item.leg == leg)
    kinds = select(func.array_agg(_item.kind.distinct())).where(
        is_of_leg, _item.counts, _IS_OF_THIS_ATTEMPT
    )
    nobody = literal([], ARRAY(Text))
    return func.coalesce(kinds.scalar_subquery(), nobody).label("present_proofs")


def lacking_proofs(
    row: Mapping[str, Any],
    leg: CodePurpose,
    outcome: LegOutcome = LegOutcome.DONE,
    reason: str | None = None,
) -> tuple[ProofKind, ...]:
    """Return the proofs that a leg needs and does not have, by a row with the column `present_proofs`."""
    required = required_proofs(level_of(row), leg, outcome, reason, terms_of(row))
    return missing_proofs(required, {ProofKind(kind) for kind in row["present_proofs"]})


def require_proofs(
    row: Mapping[str, Any], leg: CodePurpose, outcome: LegOutcome, reason: str | None
) -> None:
    """Check that a leg which ends without a scan has the proofs that it needs.

    Raises:
        Problem: `proof_missing`.
    """
    missing = lacking_proofs(row, leg, outcome, reason)
    if missing:
        named = ", ".join(missing).replace("_", " ")
        raise Problem(
            RefusalCode.PROOF_MISSING, f"First add this to the proofs of the {leg}: {named}."
        )


def terms_of(row: Mapping[str, Any]) -> ProofTerms:
    """Return what was asked for of the delivery in a row of the access statements."""
    return terms_in(row["proof_terms"], row["label_digest"])


def level_of(row: Mapping[str, Any]) -> ProofLevel:
    """Return the level of the delivery in a row of the access statements."""
    return ProofLevel(row["proof_level"])


async def target_of(database: Database, token_hash: bytes, delivery_id: str) -> Row:
    """Return a delivery with what was asked for, for one who may know that it exists.

    Raises:
        Problem: `unauthenticated` or `not_found`.
    """
    values = {"token_hash": token_hash, "delivery_id": delivery_id}
    return await found_by(database, _TARGET, values)


async def items_of(database: Database, delivery_id: str) -> list[Row]:
    """Return the proofs of a delivery, the oldest first, with what they say as far as it is there."""
    rows = await database.every(_ITEMS, {"delivery_id": delivery_id})
    return [await _opened(database, row) for row in rows]


async def picture_of(
    database: Database, delivery_id: str, item_id: str
) -> tuple[str, bytes] | None:
    """Return the fingerprint and content of a proof's picture, or none when there is none any more."""
    row = await database.first(_CONTENT, {"delivery_id": delivery_id, "item_id": item_id})
    if row is None or row["content"] is None:
        return None
    key = await key_of_author(database.keys, row["author_id"], row[AUTHOR_KEY])
    if key is None:
        return None
    return row["sha256"], opened_content(key, item_id, bytes(row["content"]))


async def add_item(
    database: Database, delivery_id: str, new: NewItem, open_in: frozenset[str], items_max: int
) -> Row | None:
    """Keep a proof while its leg is under way, and return it; none when it is not taken.

    Idempotency: a proof is known by its id; one that is there already is returned as it is.
    """
    key = await database.key_of_person(new.author_id, None)
    values = {
        "delivery_id": delivery_id,
        "open_in": sorted(open_in),
        "items_max": items_max,
        **{f"new_{name}": value for name, value in _values(key, new).items()},
    }
    await database.run(_ADD, values)
    row = await database.first(_ONE, {"item_id": new.item_id})
    return None if row is None else await _opened(database, row)


async def how_it_stands(database: Database, delivery_id: str) -> Row:
    """Return the status of a delivery and how many proofs it has."""
    row = await database.first(_HOW_IT_STANDS, {"delivery_id": delivery_id})
    assert row is not None, "deliveries are never removed"
    return row


async def tell_label(database: Database, delivery_id: str, digest: str) -> bool:
    """Keep what the parcel's label says, while it is with its sender; return whether it was kept."""
    values = {"of_delivery": delivery_id, "new_digest": digest}
    return await database.first(_TELL_LABEL, values) is not None


def _values(key: OwnedKey, new: NewItem) -> dict[str, Any]:
    picture = new.picture
    return {
        "item_id": new.item_id,
        "leg": str(new.leg),
        "kind": str(new.kind),
        "author_id": new.author_id,
        "author_role": new.author_role,
        "subject_id": new.subject_id,
        "counts": new.counts,
        "detail": sealed_detail(key, new.item_id, new.detail),
        "content": sealed_content(key, new.item_id, picture.content) if picture else None,
        "sha256": picture.sha256 if picture else None,
        "original_sha256": picture.original_sha256 if picture else None,
        "width": picture.width if picture else None,
        "height": picture.height if picture else None,
    }


async def _opened(database: Database, row: Row) -> Row:
    key = await key_of_author(database.keys, row["author_id"], row[AUTHOR_KEY])
    detail = {} if key is None else opened_detail(key, row["item_id"], row["detail"])
    return {**row, "detail": detail}
