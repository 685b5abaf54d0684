"""The statements behind corrections."""

from __future__ import annotations

from sqlalchemy import text

LOCK_DELIVERY = text("""
SELECT CAST(customer_id AS text) AS customer_id, CAST(traveler_id AS text) AS traveler_id, currency,
    price_minor
FROM delivery WHERE delivery_id = :delivery_id FOR NO KEY UPDATE
""")

LOCK_DUES = text("""
SELECT FROM ledger_account
WHERE kind = :kind AND owner = :owner AND currency = :currency FOR UPDATE
""")
"""A debt is also paid out of other deliveries' payouts: they wait here."""

IS_WRITTEN = text("""
SELECT EXISTS (SELECT FROM event WHERE delivery_id = :delivery_id AND key = :key)
""")

_OF_CORRECTION = """
EXISTS (
    SELECT FROM correction WHERE correction.delivery_id = operation.delivery_id
        AND operation.operation_id
            = operation.delivery_id || ':' || operation.kind || ':' || correction.correction_id
)"""

MONEY = text(f"""
WITH charge AS (
    SELECT operation_id, amount_minor FROM payment_operation AS operation
    WHERE delivery_id = :delivery_id AND kind IN ('charge', 'capture') AND state = 'succeeded'
        AND NOT {_OF_CORRECTION}
    ORDER BY created_at DESC LIMIT 1
),
refunded AS (
    SELECT coalesce(sum(refund.amount_minor), 0) AS amount_minor
    FROM charge JOIN payment_operation AS refund
        ON refund.source_operation_id = charge.operation_id AND refund.kind = 'refund'
        AND refund.state NOT IN ('failed', 'undone')
),
waiting AS (
    SELECT coalesce(sum(amount_minor), 0) AS amount_minor FROM correction
    WHERE delivery_id = :delivery_id AND kind = 'refund_again' AND closed_at IS NULL
        AND NOT EXISTS (
            SELECT FROM payment_operation AS again WHERE again.state <> 'failed' AND
                again.operation_id = correction.delivery_id || ':refund:' || correction.correction_id
        )
),
transfer AS (
    SELECT operation_id, operation.amount_minor - coalesce((
            SELECT sum(reversal.amount_minor) FROM payment_operation AS reversal
            WHERE reversal.kind = 'reversal' AND reversal.state <> 'failed'
                AND reversal.source_operation_id = operation.operation_id
        ), 0) AS left_minor
    FROM payment_operation AS operation
    WHERE delivery_id = :delivery_id AND kind = 'transfer' AND state = 'succeeded'
        AND NOT {_OF_CORRECTION} AND operation_id NOT LIKE '%:transfer:giver%'
    ORDER BY left_minor DESC LIMIT 1
),
tips AS (
    SELECT count(*) AS tried, coalesce(sum(amount_minor)
        FILTER (WHERE status NOT IN ('declined', 'given_up')), 0) AS amount_minor
    FROM correction WHERE delivery_id = :delivery_id AND kind = 'tip'
),
extra_costs AS (
    SELECT count(*) AS asked, coalesce(sum(amount_minor)
        FILTER (WHERE status NOT IN ('declined', 'given_up')), 0) AS amount_minor
    FROM correction WHERE delivery_id = :delivery_id AND kind = 'extra_cost'
),
planned AS (
    SELECT coalesce(sum(CASE WHEN kind = 'goodwill_refund' THEN reversal_minor
        WHEN kind IN ('compensation', 'tip', 'extra_cost', 'payout_again') THEN amount_minor END), 0)
        AS amount_minor
    FROM correction WHERE delivery_id = :delivery_id AND closed_at IS NULL AND status <> 'asked'
)
SELECT delivery.currency, coalesce(delivery.price_minor, 0) AS price_minor,
    (SELECT operation_id FROM charge) AS charge_id,
    (SELECT amount_minor FROM charge) AS paid_minor,
    refunded.amount_minor + waiting.amount_minor AS gone_back_minor,
    (SELECT operation_id FROM transfer) AS transfer_id,
    (SELECT left_minor FROM transfer) AS transfer_left_minor,
    tips.tried AS tips_tried, tips.amount_minor AS tips_minor,
    extra_costs.asked AS extra_costs_asked, extra_costs.amount_minor AS extra_costs_minor,
    planned.amount_minor AS planned_minor
FROM delivery, refunded, waiting, tips, extra_costs, planned
WHERE delivery_id = :delivery_id
""")  # noqa: S608 -- It is made of constants only.
"""Operations of corrections are none of the delivery's own: a tip is no part of its payment. What
corrections under way will take from the traveler's account, or send through it, is left alone."""

INSERT = text("""
INSERT INTO correction (
    correction_id, delivery_id, kind, status, amount_minor, currency, bearer, debtor,
    cost_reason, reversal_minor, note, reference, undone_operation_id, deadline_kind, deadline_at,
    ordered_by_role, ordered_by, ordered_at, updated_at, closed_at
) VALUES (
    :correction_id, :delivery_id, :kind, :status, :amount_minor, :currency, :bearer, :debtor,
    :cost_reason, :reversal_minor, :note, :reference, :undone_operation_id, :deadline_kind, :deadline_at,
    :ordered_by_role, :ordered_by, :at, :at,
    CASE WHEN CAST(:is_over AS boolean) THEN CAST(:at AS timestamptz) END
)
""")

STATE = text("SELECT state FROM payment_operation WHERE operation_id = :operation_id")
IS_CLOSED = text("SELECT closed_at IS NOT NULL FROM delivery WHERE delivery_id = :delivery_id")

GIVE_UP = text("""
UPDATE payment_operation SET state = 'failed', finished_at = coalesce(finished_at, now())
WHERE operation_id = :operation_id AND state IN ('intent', 'sent', 'unknown')
""")
"""Nothing of it is left to be drawn on: an answer that still arrives must not be booked."""

TAKE_BACK = text("""
UPDATE payment_operation SET state = 'undone', outcome = 'declined', detail = nullif(:detail, '')
WHERE operation_id = :operation_id
""")

LOCK_OPERATION = text("""
SELECT operation_id, CAST(delivery_id AS text) AS delivery_id, kind, state, beyond_held,
    source_operation_id
FROM payment_operation WHERE operation_id = :operation_id FOR UPDATE
""")

KNOWN_UNDONE = text("""
SELECT CAST(correction_id AS text) AS correction_id, kind, amount_minor, currency, bearer,
    closed_at IS NOT NULL AS is_over
FROM correction WHERE undone_operation_id = :operation_id
""")

ON_THE_WAY_OUT = text("""
SELECT coalesce(sum(amount_minor + fee_minor), 0) FROM payment_operation
WHERE delivery_id = :delivery_id AND kind IN ('refund', 'transfer') AND NOT beyond_held
    AND state IN ('intent', 'sent', 'unknown')
""")
"""What has been asked for out of the held payment and is not booked yet."""
