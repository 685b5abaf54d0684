"""Invariant I2 of chargebacks: what was taken came back, is lost to somebody named, or undecided."""

from __future__ import annotations

from infra.database.checks import Check, of_delivery

_ACCOUNTED_FOR = f"""
WITH booked AS (
    SELECT chargeback.chargeback_id,
        coalesce(sum(entry.amount_minor) FILTER (WHERE moved.kind = 'chargeback'), 0) AS taken,
        coalesce(-sum(entry.amount_minor) FILTER (WHERE moved.kind = 'chargeback_won'), 0)
            AS returned,
        coalesce(-sum(entry.amount_minor) FILTER (WHERE moved.kind = 'chargeback_lost'), 0) AS lost
    FROM chargeback
    LEFT JOIN ledger_transaction AS moved ON moved.delivery_id = chargeback.delivery_id
        AND starts_with(moved.key, 'chargeback:' || CAST(chargeback.chargeback_id AS text) || ':')
    LEFT JOIN ledger_entry AS entry ON entry.transaction_id = moved.transaction_id
        AND starts_with(entry.account_id, 'disputed_funds:')
    WHERE {of_delivery("chargeback.delivery_id")}
    GROUP BY chargeback.chargeback_id
),
judged AS (
    SELECT chargeback.delivery_id, chargeback.chargeback_id, CASE
        WHEN withdrawn_minor <> taken - returned
            THEN 'it shows ' || withdrawn_minor || ' taken and ' || (taken - returned)
                || ' is booked'
        WHEN status = 'lost' AND lost <> taken - returned
            THEN 'it is lost and nobody bears ' || (taken - returned - lost)
        WHEN status <> 'lost' AND lost <> 0 THEN 'it is ' || status || ' and booked as lost'
        WHEN decided_at IS NOT NULL AND status <> 'lost' AND taken <> returned
            THEN 'it is ' || status || ' and ' || (taken - returned) || ' did not come back'
    END AS problem
    FROM chargeback JOIN booked USING (chargeback_id)
)
SELECT CAST(delivery_id AS text) AS delivery_id, 'chargeback ' || chargeback_id AS subject, problem
FROM judged WHERE problem IS NOT NULL
"""  # noqa: S608 -- It is made of constants only.

CHARGEBACK_CHECKS: tuple[Check, ...] = (Check("I2", _ACCOUNTED_FOR),)
