"""The pictures of a dispute's evidence: written once by the author, read by all who see the dispute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import LargeBinary, Select, Text, Uuid, and_, bindparam, exists, select
from sqlalchemy.dialects.postgresql import insert

from api.access.database import Database, Row
from api.access.sights import found_by
from api.access.statements import known_dispute, seen, who_asks
from api.edge.problems import not_found
from domain.status import DisputeStatus
from infra.database.schema import dispute, dispute_evidence, dispute_file
from infra.disputes.images import KeptPicture
from infra.encryption.owned import KeyOwner, read_key_text
from infra.encryption.words import AUTHOR_KEY, author_key_column, opened_picture, sealed_picture

_EVIDENCE_ID = bindparam("evidence_id", type_=Uuid(as_uuid=False))
_who = who_asks()
_target = known_dispute(_who).cte("target")


def _piece(*, with_content: bool) -> Select[Any]:
    """Return the statement that finds a piece of evidence of a dispute, and its picture."""
    columns = [column for column in dispute_file.c if with_content or column.name != "content"]
    piece = (
        select(
            dispute_evidence.c.evidence_id.label("piece_id"),
            dispute_evidence.c.author_id.label("piece_author_id"),
            dispute_evidence.c.content_sha256.label("piece_sha256"),
            author_key_column("dispute_evidence.author_id"),
            *(column.label(f"file_{column.name}") for column in columns),
        )
        .select_from(
            _target.join(
                dispute_evidence, dispute_evidence.c.dispute_id == _target.c.dispute_id
            ).outerjoin(dispute_file, dispute_file.c.evidence_id == dispute_evidence.c.evidence_id)
        )
        .where(dispute_evidence.c.evidence_id == _EVIDENCE_ID)
        .cte("piece")
    )
    return seen(_who, _target, piece)


_PIECE, _PIECE_WITH_CONTENT = _piece(with_content=False), _piece(with_content=True)
_COLUMNS = ("media_type", "sha256", "original_sha256")
_FILE = {name: bindparam(name, type_=Text) for name in _COLUMNS}
_ADDED = (
    insert(dispute_file)
    .from_select(
        ["evidence_id", *_COLUMNS, "content", "width", "height"],
        select(
            _EVIDENCE_ID,
            *_FILE.values(),
            bindparam("content", type_=LargeBinary),
            bindparam("width", type_=dispute_file.c.width.type),
            bindparam("height", type_=dispute_file.c.height.type),
        ).where(
            exists().where(
                and_(
                    dispute_evidence.c.evidence_id == _EVIDENCE_ID,
                    dispute_evidence.c.dispute_id == dispute.c.dispute_id,
                    dispute.c.status == DisputeStatus.OPEN,
                )
            )
        ),
    )
    .on_conflict_do_nothing()
    .returning(dispute_file.c.evidence_id)
)


async def piece_of(
    database: Database,
    token_hash: bytes,
    dispute_id: str,
    evidence_id: str,
    *,
    with_content: bool = False,
) -> Row:
    """Return a piece of evidence with its picture, for one who may see the dispute.

    Raises:
        Problem: `unauthenticated` or `not_found`.
    """
    values = {"token_hash": token_hash, "dispute_id": dispute_id, "evidence_id": evidence_id}
    statement = _PIECE_WITH_CONTENT if with_content else _PIECE
    row = await found_by(database, statement, values)
    if row["piece_id"] is None:
        raise not_found()
    return row


async def picture_in(database: Database, piece: Row) -> bytes | None:
    """Return the picture of a piece that was read with its content, if its author is still here."""
    author = (piece["piece_author_id"], piece[AUTHOR_KEY])
    return await opened_picture(
        database.keys, piece["piece_id"], author, bytes(piece["file_content"])
    )


async def add_picture(database: Database, piece: Row, kept: KeptPicture) -> bool:
    """Keep a picture while its dispute is open; return whether it was added."""
    evidence_id, author = piece["piece_id"], KeyOwner.person(piece["piece_author_id"])
    if piece[AUTHOR_KEY] is not None:
        key = await database.keys.opened(read_key_text(piece[AUTHOR_KEY], author))
    else:
        key = await database.key_of_person(author.owner_id, None)
    values: Mapping[str, Any] = {
        "evidence_id": evidence_id,
        "media_type": kept.media_type,
        "sha256": kept.sha256,
        "original_sha256": kept.original_sha256,
        "content": sealed_picture(key, evidence_id, kept.content),
        "width": kept.width,
        "height": kept.height,
    }
    return await database.first(_ADDED, values) is not None
