"""Invariants I5, I6 and I8: money waits for a proof, a code proves once, a stuck step is told of."""

from __future__ import annotations

from infra.database.checks import TOLD, Check, of_delivery

APPROVED = """
approved AS (
    SELECT overridden.delivery_id, overridden.sequence
    FROM told AS overridden
    JOIN told AS approval ON approval.delivery_id = overridden.delivery_id
        AND approval.kind = 'override_approved' AND approval.sequence < overridden.sequence
    JOIN told AS request ON request.delivery_id = overridden.delivery_id
        AND request.kind = 'override_asked' AND request.sequence < approval.sequence
    WHERE overridden.kind IN ('pickup_overridden', 'handover_overridden', 'return_overridden')
        AND approval.body #>> '{facts,override_id}' = overridden.body #>> '{facts,override_id}'
        AND request.body #>> '{facts,override_id}' = overridden.body #>> '{facts,override_id}'
        AND approval.body #>> '{facts,step}' || '_overridden' = overridden.kind
        AND request.body #>> '{facts,step}' = approval.body #>> '{facts,step}'
        AND approval.body #>> '{actor,person_id}' <> request.body #>> '{actor,person_id}'
        AND approval.body #>> '{actor,role}' <> request.body #>> '{actor,role}'
    GROUP BY overridden.delivery_id, overridden.sequence
)"""
"""The steps that two people of staff in two roles have overridden: one asked for that very step of that
very delivery, and the other approved it before it was taken."""

_PROVEN_FIRST = f"""
WITH {TOLD},
{APPROVED},
asked AS (
    SELECT operation.delivery_id, operation.operation_id, operation.kind,
        min(told.sequence) AS sequence
    FROM payment_operation AS operation
    LEFT JOIN told ON told.delivery_id = operation.delivery_id
        AND told.body #>> '{{intent,operation_id}}' = operation.operation_id
    WHERE operation.kind IN ('transfer', 'payout', 'refund') AND operation.state <> 'intent'
        AND {of_delivery("operation.delivery_id")}
    GROUP BY operation.delivery_id, operation.operation_id, operation.kind
),
proven AS (
    SELECT asked.*,
        coalesce(bool_or(
            (told.kind IN ('refund_undone', 'payout_undone')
                OR told.kind = 'extra_cost_agreed' AND told.body #>> '{{actor,role}}' = 'customer'
                OR told.kind = 'correction_ordered' AND told.body #>> '{{actor,role}}' <> 'platform')
            AND starts_with(asked.operation_id || ':', asked.delivery_id || ':' || asked.kind || ':'
                || (told.body #>> '{{facts,correction_id}}') || ':')
        ), false) AS is_ordered,
        coalesce(max(told.sequence)
            FILTER (WHERE told.kind IN ('picked_up', 'pickup_overridden')), 0)
            > coalesce(max(told.sequence) FILTER (WHERE told.kind = 'pickup_undone'), 0)
            AS is_picked_up,
        coalesce(max(told.sequence) FILTER (
                WHERE told.kind IN ('handed_over', 'handed_over_late', 'parcel_left')
                    OR told.kind = 'handover_overridden' AND approved.sequence IS NOT NULL
            ), 0)
            > coalesce(max(told.sequence) FILTER (WHERE told.kind = 'handover_undone'), 0)
            AS is_handed_over,
        coalesce(bool_or(told.kind = 'returned'
            OR told.kind = 'return_overridden' AND approved.sequence IS NOT NULL), false)
            AS is_returned,
        coalesce(bool_or(told.kind = 'dispute_opened'), false) AS is_disputed,
        coalesce(bool_or(
            told.kind IN ('verdict_given', 'verdict_stands', 'dispute_agreed')
        ), false) AS is_decided,
        coalesce(bool_or(told.kind = 'cancellation_started'), false) AS is_cancelled
    FROM asked
    LEFT JOIN told ON told.delivery_id = asked.delivery_id AND told.sequence <= asked.sequence
    LEFT JOIN approved ON approved.delivery_id = told.delivery_id
        AND approved.sequence = told.sequence
    GROUP BY asked.delivery_id, asked.operation_id, asked.kind, asked.sequence
),
judged AS (
    SELECT delivery_id, operation_id, CASE
        WHEN sequence IS NULL THEN 'no event asked for it'
        WHEN is_ordered THEN NULL
        WHEN is_disputed AND NOT is_decided THEN 'it left before the verdict'
        WHEN kind = 'refund' AND is_picked_up AND NOT is_decided AND NOT is_returned
            THEN 'it went back after pickup without a verdict'
        WHEN kind <> 'refund' AND NOT is_handed_over AND NOT is_decided
            AND (is_picked_up OR NOT is_cancelled) AND NOT is_returned
            THEN 'it left without a handover, a verdict or an approved override'
    END AS problem
    FROM proven
)
SELECT CAST(delivery_id AS text) AS delivery_id, 'payment operation ' || operation_id AS subject,
    problem
FROM judged WHERE problem IS NOT NULL
"""  # noqa: S608 -- It is made of constants only.
"""Refunds before pickup need no proof: the parcel is still with its sender. A late cancellation before
it pays the traveler what its policy says. A parcel that was left where its customer had allowed it
counts as handed over, a step that was undone does not count, and the sender's code proves a return. A correction that somebody ordered, or
that gives again what came undone, is its own proof; for extra costs the customer's consent is."""

_HELD_WHEN_IT_LEAVES = f"""
WITH {TOLD}
SELECT CAST(delivery_id AS text) AS delivery_id, 'event ' || sequence AS subject,
    CASE WHEN body #>> '{{standing,escrow}}' <> 'held'
        THEN 'the parcel left its sender while its payment was ' || (body #>> '{{standing,escrow}}')
        ELSE 'the parcel left its sender and no payment was ever booked' END AS problem
FROM told
WHERE kind IN ('picked_up', 'pickup_overridden') AND (
    body #>> '{{standing,escrow}}' <> 'held'
    OR NOT EXISTS (
        SELECT FROM ledger_transaction AS booked
        WHERE booked.delivery_id = told.delivery_id AND booked.kind = 'charge'
    )
)
"""  # noqa: S608 -- It is made of constants only.
"""An authorisation that may end is no held payment: it is captured before the parcel leaves."""

_SCANNED_ONCE = f"""
WITH {TOLD},
issued AS (
    SELECT delivery_id, sequence, code.purpose
    FROM told CROSS JOIN jsonb_array_elements_text(body -> 'codes') AS code (purpose)
),
scan AS (
    SELECT told.delivery_id, told.kind, code.purpose, coalesce((
            SELECT max(issued.sequence) FROM issued
            WHERE issued.delivery_id = told.delivery_id AND issued.purpose = code.purpose
                AND issued.sequence < told.sequence
        ), 0) AS code_number
    FROM told
    JOIN (VALUES ('pickup_verified', 'pickup'), ('picked_up', 'pickup'),
        ('handed_over', 'handover'), ('handed_over_late', 'handover'), ('returned', 'return'),
        ('relayed', 'relay'), ('pickup_overridden', 'pickup'),
        ('handover_overridden', 'handover'), ('return_overridden', 'return')
    ) AS code (kind, purpose) USING (kind)
),
accepted AS (
    SELECT delivery_id, purpose, greatest(
            count(*) FILTER (WHERE kind = 'pickup_verified'),
            count(*) FILTER (WHERE kind <> 'pickup_verified')
        ) AS times,
        code_number = coalesce((
            SELECT max(issued.sequence) FROM issued
            WHERE issued.delivery_id = scan.delivery_id AND issued.purpose = scan.purpose
        ), 0) AS is_last
    FROM scan
    GROUP BY delivery_id, purpose, code_number
),
used AS (
    SELECT delivery_id, purpose, true AS is_last FROM handover_code
    WHERE used_at IS NOT NULL AND {of_delivery("delivery_id")}
),
judged AS (
    SELECT delivery_id, purpose, CASE
        WHEN accepted.times > 1 THEN 'it was accepted ' || accepted.times || ' times'
        WHEN accepted.times IS NULL THEN 'it was used up and its step was not taken'
        WHEN used.holder IS NULL AND is_last THEN 'its step was taken without it'
    END AS problem
    FROM accepted
    FULL JOIN (SELECT used.*, used.delivery_id AS holder FROM used) AS used
        USING (delivery_id, purpose, is_last)
)
SELECT CAST(delivery_id AS text) AS delivery_id, purpose || ' code' AS subject, problem
FROM judged WHERE problem IS NOT NULL
"""  # noqa: S608 -- It is made of constants only.
"""One scan at most for each code that was issued. A code that is issued again, because the payment
could not be captured while its scan waited, replaces the one before, so only the last can be seen as
used. A reserved payment is captured between the scan and the pickup: together they are one."""

_CUSTODY_MOVES_BY_SCAN = f"""
WITH {TOLD},
carried AS (
    SELECT delivery_id, sequence, kind, body #>> '{{standing,traveler_id}}' AS traveler_id,
        lag(body #>> '{{standing,traveler_id}}') OVER story AS before,
        count(*) FILTER (WHERE kind IN ('picked_up', 'pickup_overridden')) OVER story
            > count(*) FILTER (WHERE kind = 'pickup_undone') OVER story AS is_picked_up
    FROM told
    WINDOW story AS (PARTITION BY delivery_id ORDER BY sequence)
)
SELECT CAST(delivery_id AS text) AS delivery_id, 'event ' || sequence AS subject,
    'the parcel got another traveler by ' || kind || ' instead of a scan' AS problem
FROM carried
WHERE is_picked_up AND kind <> 'relayed' AND traveler_id IS DISTINCT FROM before
"""  # noqa: S608 -- It is made of constants only.
"""A parcel that was picked up changes hands by the scan of a relay alone."""

_OVERRIDDEN_BY_TWO = f"""
WITH {TOLD},
{APPROVED}
SELECT CAST(told.delivery_id AS text) AS delivery_id, 'event ' || told.sequence AS subject,
    'custody moved by ' || told.kind || ' that nobody else had approved' AS problem
FROM told LEFT JOIN approved USING (delivery_id, sequence)
WHERE told.kind IN ('pickup_overridden', 'handover_overridden', 'return_overridden')
    AND approved.sequence IS NULL
"""  # noqa: S608 -- It is made of constants only.
"""No custody moves without a code by the word of one person."""

ALERT_S_MAX = 300
"""Seconds between the bound of a provider's step and the alert about it: a slow worker needs some."""

_ALERTED = f"""
SELECT CAST(delivery_id AS text) AS delivery_id, 'status ' || status AS subject,
    'its provider should have answered by ' || deadline_at || ' and nobody was alerted' AS problem
FROM delivery
WHERE deadline_kind = 'provider' AND attention IS NULL
    AND deadline_at + CAST(:alert_s_max AS integer) * interval '1 second' < now()
    AND {of_delivery("delivery_id")}
"""  # noqa: S608 -- It is made of constants only.

_CORRECTIONS_ALERTED = f"""
SELECT CAST(delivery_id AS text) AS delivery_id, 'correction ' || correction_id AS subject,
    'its provider should have answered by ' || deadline_at || ' and nobody was alerted' AS problem
FROM correction
WHERE deadline_kind = 'provider' AND closed_at IS NULL
    AND deadline_at + CAST(:alert_s_max AS integer) * interval '1 second' < now()
    AND {of_delivery("delivery_id")}
"""  # noqa: S608 -- It is made of constants only.

CUSTODY_CHECKS: tuple[Check, ...] = (
    Check("I5", _PROVEN_FIRST),
    Check("I5", _HELD_WHEN_IT_LEAVES),
    Check("I5", _OVERRIDDEN_BY_TWO),
    Check("I6", _SCANNED_ONCE),
    Check("I6", _CUSTODY_MOVES_BY_SCAN),
    Check("I8", _ALERTED, values={"alert_s_max": ALERT_S_MAX}),
    Check("I8", _CORRECTIONS_ALERTED, values={"alert_s_max": ALERT_S_MAX}),
)
