"""Finds the proofs that are for the present attempt at their leg."""

from __future__ import annotations

from domain.proofs.attempts import OPENED_BY

_OPENED_BY = ", ".join(
    f"('{leg}', '{kind}')" for leg, kinds in OPENED_BY.items() for kind in sorted(kinds)
)


def is_of_this_attempt(item: str) -> str:
    """Return the SQL of whether a row of `proof_item` was added since the attempt at its leg was opened.

    Events are compared by their numbers, which no clock moves; only a row that a process wrote which did
    not know of them is placed by its moment. `item` is the row's name.
    """
    return f"""coalesce({item}.after_sequence, (
        SELECT max(so_far.sequence) FROM event AS so_far
        WHERE so_far.delivery_id = {item}.delivery_id AND so_far.at <= {item}.created_at
    ), 0) >= coalesce((
        SELECT max(opened.sequence) FROM event AS opened
        WHERE opened.delivery_id = {item}.delivery_id
            AND ({item}.leg, opened.kind) IN ({_OPENED_BY})
    ), 0)"""  # noqa: S608 -- It is made of constants only.
