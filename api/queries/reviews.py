"""Reviews: written and read in one statement each; who sees them is a question of the moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, or_, select, text, true

from api.access.claims import asker_of
from api.access.database import Database, Row
from api.access.rows import Asker
from api.access.statements import claim_on, delivery_columns, is_staff, seen, who_asks
from api.edge.problems import not_found, unauthenticated
from domain.auditing.entries import AuditEntry
from infra.audit.trail import entry_body
from infra.database.schema import delivery, parcel, review

_PREFIX = "review_"
_COLUMNS = tuple(column.name for column in review.c)

_VISIBLE = """(
    EXISTS (
        SELECT FROM review AS other WHERE other.delivery_id = review.delivery_id
            AND other.author_role
                = CASE review.author_role WHEN 'traveler' THEN 'customer' ELSE 'traveler' END
    )
    OR delivery.closed_at + CAST(:hidden_s AS integer) * interval '1 second'
        <= now() + sandbox_ahead(CAST(delivery.delivery_id AS text))
)"""
"""What `domain.reviewing.rules.is_visible` says, by the delivery's own clock."""

_STANDING = text("""
SELECT closed_at, now() + sandbox_ahead(CAST(delivery_id AS text)) AS now_here,
    ARRAY(SELECT author_role FROM review WHERE review.delivery_id = delivery.delivery_id)
        AS written_by
FROM delivery WHERE delivery_id = :delivery_id
""")

_WRITE = text(f"""
INSERT INTO review (
    review_id, delivery_id, author_id, author_role, subject_id, rating, tags, text, written_at
) VALUES (
    :review_id, :delivery_id, :author_id, :author_role, :subject_id, :rating,
    CAST(:tags AS text[]), :text, now()
)
ON CONFLICT (delivery_id, author_id) DO UPDATE SET
    rating = excluded.rating, tags = excluded.tags, text = excluded.text,
    written_at = excluded.written_at
WHERE NOT (SELECT {_VISIBLE} FROM delivery WHERE delivery.delivery_id = review.delivery_id)
RETURNING *
""")  # noqa: S608 -- It is made of constants only.
"""A review that has come in sight meanwhile stays as it is, and nothing is returned."""

_OF_DELIVERY = text(f"""
SELECT review.*, {_VISIBLE} AS is_visible, delivery.closed_at
FROM review JOIN delivery USING (delivery_id)
WHERE delivery_id = :delivery_id ORDER BY review_id
""")  # noqa: S608 -- The same.

_ABOUT = f"""
review.subject_id = :person_id AND review.author_role <> 'traveler' AND review.hidden_at IS NULL
    AND {_VISIBLE}
"""
_REPUTATION = text(f"""
SELECT count(*) AS count, coalesce(sum(rating), 0) AS rating_sum,
    EXISTS (SELECT FROM person WHERE person_id = :person_id) AS is_known
FROM review JOIN delivery USING (delivery_id) WHERE {_ABOUT}
""")  # noqa: S608 -- The same.
_PAGE_ABOUT = text(f"""
SELECT review.* FROM review JOIN delivery USING (delivery_id)
WHERE {_ABOUT} AND review_id < :before_id ORDER BY review_id DESC LIMIT :count
""")  # noqa: S608 -- The same.
_REPORTED = text(f"""
SELECT review.*, {_VISIBLE} AS is_visible, delivery.closed_at
FROM review JOIN delivery USING (delivery_id)
WHERE reported_at IS NOT NULL AND hidden_at IS NULL AND review_id < :before_id
ORDER BY review_id DESC LIMIT :count
""")  # noqa: S608 -- The same.

_REPORT = text("""
UPDATE review SET reported_at = coalesce(reported_at, now()),
    reported_by = coalesce(reported_by, :person_id),
    report_reason = CASE WHEN reported_at IS NULL THEN :reason ELSE report_reason END
WHERE review_id = :review_id
""")
_HIDE = text("""
WITH hidden AS (
    UPDATE review SET hidden_at = now(), hidden_by = :person_id, hidden_reason = :reason
    WHERE review_id = :review_id AND hidden_at IS NULL
    RETURNING review_id
)
SELECT append_audit_entry(:trail, :entry) FROM hidden
""")
"""What is hidden already stays hidden for the reason that was given first."""


def _concerned() -> ColumnElement[bool]:
    asker = _who.c.asker_id
    return or_(is_staff(_who), review.c.author_id == asker, review.c.subject_id == asker)


_who = who_asks()
_ASKER = select(_who)
_target = (
    select(
        *delivery_columns(_who),
        *(review.c[name].label(f"{_PREFIX}{name}") for name in _COLUMNS),
    )
    .select_from(
        _who.join(review, true())
        .join(delivery, delivery.c.delivery_id == review.c.delivery_id)
        .join(parcel, parcel.c.delivery_id == review.c.delivery_id)
    )
    .where(
        and_(
            review.c.review_id == bindparam("asked_review_id", type_=Uuid(as_uuid=False)),
            _concerned(),
        )
    )
    .cte("target")
)
CLAIM_ON_REVIEW = seen(_who, _target, claim_on(_who, _target))
"""For its author, for whom it is about, and for staff."""


async def asker_in(database: Database, token_hash: bytes) -> Asker:
    """Return who asks.

    Raises:
        Problem: `unauthenticated`.
    """
    row = await database.first(_ASKER, {"token_hash": token_hash})
    if row is None:
        raise unauthenticated()
    return asker_of(row)


async def standing_of(database: Database, delivery_id: str) -> Row:
    """Return what reviews of a delivery depend on, and what time it is there."""
    found = await database.first(_STANDING, {"delivery_id": delivery_id})
    if found is None:
        raise not_found()
    return found


async def write(database: Database, values: Mapping[str, Any], hidden_s: int) -> Row | None:
    """Write a review, or write it anew; none when the other side has seen it meanwhile."""
    row = await database.first(_WRITE, {**values, "hidden_s": hidden_s})
    return None if row is None else _with_texts(row)


async def reviews_of(database: Database, delivery_id: str, hidden_s: int) -> list[Row]:
    """Return all reviews of a delivery, and whether others see them by now."""
    values = {"delivery_id": delivery_id, "hidden_s": hidden_s}
    return [_with_texts(row) for row in await database.every(_OF_DELIVERY, values)]


async def reputation_of(
    database: Database, person_id: str, hidden_s: int, before_id: str, count: int
) -> tuple[Row, list[Row]]:
    """Return the count and sum of ratings of a traveler, and a page of the reviews.

    Raises:
        Problem: `not_found`: nobody has this id.
    """
    about = {"person_id": person_id, "hidden_s": hidden_s}
    total = await database.first(_REPUTATION, about)
    if total is None or not total["is_known"]:
        raise not_found()
    page = {**about, "before_id": before_id, "count": count}
    return total, [_with_texts(row) for row in await database.every(_PAGE_ABOUT, page)]


async def reported(database: Database, hidden_s: int, before_id: str, count: int) -> list[Row]:
    """Return a page of reviews that were reported and are not hidden, the newest first."""
    values = {"hidden_s": hidden_s, "before_id": before_id, "count": count}
    return [_with_texts(row) for row in await database.every(_REPORTED, values)]


async def report(database: Database, review_id: str, person_id: str, reason: str) -> None:
    """Note that a review was reported; the first report stays."""
    values = {"review_id": review_id, "person_id": person_id, "reason": reason}
    await database.run(_REPORT, values)


async def hide(
    database: Database, review_id: str, person_id: str, reason: str, entry: AuditEntry
) -> None:
    """Take a review out of sight for ever, and tell the audit in the same statement."""
    values = {
        "review_id": review_id,
        "person_id": person_id,
        "reason": reason,
        "trail": entry.trail,
        "entry": entry_body(entry, datetime.now(UTC)),
    }
    await database.run(_HIDE, values)


def review_in(row: Mapping[str, Any]) -> Row:
    """Return the review in a row that `CLAIM_ON_REVIEW` has found."""
    return {name: row[f"{_PREFIX}{name}"] for name in _COLUMNS}


def _with_texts(row: Row) -> Row:
    """Return a row with its ids as texts."""
    return {name: str(value) if isinstance(value, UUID) else value for name, value in row.items()}
