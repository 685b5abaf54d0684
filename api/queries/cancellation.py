"""What decides the cost of a cancellation, read in one round trip."""

from __future__ import annotations

from sqlalchemy import func, select

from api.access.database import Database
from api.access.rows import Sight
from api.access.sights import found_by, sight_in
from api.access.statements import known_delivery, seen, who_asks
from api.queries.opening import POLICIES
from domain.cancellation import CancellationTerms, pickup_end, reported_absent
from domain.status import EscrowStatus
from domain.transitions import EventKind
from infra.database.schema import delivery, event, parcel

_who = who_asks()
_accepted_at = (
    select(func.max(event.c.at))
    .where(
        event.c.delivery_id == delivery.c.delivery_id,
        event.c.kind == str(EventKind.OFFER_ACCEPTED),
    )
    .correlate(delivery)
    .scalar_subquery()
)
_TERMS = seen(
    _who,
    known_delivery(_who)
    .add_columns(parcel.c.policies, _accepted_at.label("accepted_at"))
    .cte("target"),
)


async def terms_by(
    database: Database, token_hash: bytes, delivery_id: str
) -> tuple[Sight, CancellationTerms]:
    """Return a delivery, for one who may know that it exists, and what its cancellation hangs on.

    Raises:
        Problem: `unauthenticated` or `not_found`.
    """
    asked = {"token_hash": token_hash, "delivery_id": delivery_id}
    row = await found_by(database, _TERMS, asked)
    sight = sight_in(row)
    standing = sight.delivery.standing
    terms = CancellationTerms(
        policy=POLICIES.validate_python(row["policies"]).cancellation,
        price=standing.price,
        escrow=EscrowStatus(standing.escrow),
        accepted_at=row["accepted_at"],
        pickup_at=pickup_end(standing.deadline_kind, standing.deadline_at),
        absent=reported_absent(standing.deadline_kind),
    )
    return sight, terms
