"""The statements behind the write-ahead log of payment operations."""

from __future__ import annotations

from sqlalchemy import text

_SOURCE = """
source.kind AS source_kind, source.attempt AS source_attempt,
    source.attempt_sent_at AS source_sent_at, source.provider_id AS source_provider_id,
    source.state AS source_state"""
_WITH_SOURCE = """
LEFT JOIN payment_operation AS source
    ON source.operation_id = known.source_operation_id AND source.delivery_id = known.delivery_id"""

MARK_SENT = text(f"""
WITH known AS (
    SELECT * FROM payment_operation WHERE operation_id = :operation_id FOR UPDATE
),
sent AS (
    UPDATE payment_operation AS operation
    SET state = 'sent', first_sent_at = coalesce(operation.first_sent_at, now()),
        attempt_sent_at = now()
    FROM known
    WHERE operation.operation_id = known.operation_id AND known.state = 'intent'
        AND known.request_hash = :request_hash
    RETURNING operation.operation_id, operation.attempt, operation.attempt_sent_at
),
tried AS (
    INSERT INTO payment_attempt (operation_id, attempt, key, first_sent_at)
    SELECT operation_id, attempt, operation_id, attempt_sent_at FROM sent
    ON CONFLICT DO NOTHING
)
SELECT known.operation_id, known.kind, known.source_operation_id, known.request_hash, known.state,
    known.detail, known.attempt, known.provider_id,
    coalesce(known.attempt_sent_at, (SELECT attempt_sent_at FROM sent)) AS attempt_sent_at,
    {_SOURCE},
    (SELECT capture.operation_id FROM payment_operation AS capture
        WHERE capture.kind = 'capture' AND known.kind = 'void'
            AND capture.delivery_id = known.delivery_id
            AND capture.source_operation_id = known.source_operation_id
        ORDER BY capture.created_at DESC LIMIT 1) AS capture_id
FROM known {_WITH_SOURCE}
""")  # noqa: S608 -- It is made of constants only.
"""Answers how the operation stood before; the first attempt has the operation's own id as its key."""

LOCK = text(f"""
SELECT known.operation_id, known.kind, known.source_operation_id, known.request_hash, known.state,
    known.attempt, known.provider_id, known.attempt_sent_at, {_SOURCE}
FROM payment_operation AS known {_WITH_SOURCE}
WHERE known.operation_id = :operation_id FOR UPDATE OF known
""")  # noqa: S608 -- It is made of constants only.

READ = text(f"""
SELECT known.operation_id, known.kind, known.source_operation_id, known.attempt,
    known.provider_id, known.attempt_sent_at, {_SOURCE}
FROM payment_operation AS known {_WITH_SOURCE}
WHERE known.operation_id = :operation_id
""")  # noqa: S608 -- It is made of constants only.

PAYOUT_ACCOUNT = text("""
SELECT payout_account FROM person WHERE person_id = CAST(:person_id AS uuid)
""")

UNSETTLED = text(f"""
SELECT known.operation_id, known.kind, known.source_operation_id, known.attempt,
    known.provider_id, known.attempt_sent_at, {_SOURCE}
FROM payment_operation AS known {_WITH_SOURCE}
WHERE known.delivery_id = CAST(:delivery_id AS uuid)
    AND known.kind IN ('charge', 'authorise', 'save') AND known.state IN ('sent', 'unknown')
ORDER BY known.created_at DESC LIMIT 1
""")  # noqa: S608 -- It is made of constants only.

MARK_UNSENT = text("""
UPDATE payment_operation SET state = 'intent'
WHERE operation_id = :operation_id AND state IN ('sent', 'unknown')
RETURNING true
""")
"""Its attempts stay on record: when it is asked for again, it is under the key of the last one."""

IS_FROZEN = text("""
SELECT EXISTS (
    SELECT FROM payment_operation AS asked
    JOIN delivery USING (delivery_id)
    JOIN chargeback USING (delivery_id)
    LEFT JOIN payment_operation AS source
        ON source.operation_id = asked.source_operation_id
        AND source.delivery_id = asked.delivery_id
    WHERE asked.operation_id = :operation_id AND asked.kind IN ('refund', 'transfer')
        AND chargeback.charge_operation_id
            IN (source.operation_id, nullif(source.source_operation_id, ''))
        AND (
            chargeback.status = 'open' AND chargeback.withdrawn_minor > 0
            OR chargeback.taken_from_held_minor > 0
                AND (delivery.escrow IN ('releasing', 'refunding', 'splitting')
                    OR asked.operation_id LIKE '%:transfer:giver%')
                AND asked.amount_minor + asked.fee_minor > (
                    SELECT coalesce(sum(balance_minor), 0) FROM ledger_account
                    WHERE account_id IN (
                        'escrow:' || asked.delivery_id || ':' || asked.currency,
                        'transfer_reserve:' || asked.delivery_id || ':' || asked.currency
                    )
                )
        )
)
""")
"""A card network has taken the charge, or the charge that was captured; once the chargeback is lost,
what is left may be less than was to be moved, and the delivery decides about it anew."""

IS_RECALLED = text("""
SELECT EXISTS (
    SELECT FROM payment_operation AS asked
    JOIN chargeback USING (delivery_id)
    JOIN payment_operation AS recall ON recall.delivery_id = asked.delivery_id
        AND recall.operation_id = CAST(asked.delivery_id AS text) || ':reversal:'
            || CAST(chargeback.chargeback_id AS text)
    JOIN delivery ON delivery.delivery_id = asked.delivery_id
    WHERE asked.operation_id = :operation_id AND recall.state = 'succeeded'
        AND asked.operation_id NOT LIKE '%:payout:giver'
        AND asked.amount_minor > (
            SELECT -coalesce(sum(entry.amount_minor), 0)
            FROM ledger_transaction AS booked JOIN ledger_entry AS entry USING (transaction_id)
            WHERE booked.delivery_id = asked.delivery_id AND entry.currency = asked.currency
                AND starts_with(entry.account_id, 'traveler_payable:' || delivery.traveler_id)
        )
)
""")
"""What a payout was to send to the bank was called back: the account's other money is not its own.
A traveler who handed the parcel on is never called to account."""

SUPERSEDED_DETAIL = "superseded"
"""Detail of a movement that another one has replaced before it was asked for."""

LEFT_OF_NETTING = text("""
SELECT sum(entry.amount_minor) FROM ledger_transaction AS booked
JOIN ledger_entry AS entry USING (transaction_id)
WHERE booked.key = :key AND entry.amount_minor > 0
""")

NEXT_ATTEMPT = text("""
WITH spent AS (
    UPDATE payment_attempt SET left_at = now(), left_because = :reason,
        provider_id = (SELECT provider_id FROM payment_operation
            WHERE operation_id = :operation_id)
    WHERE operation_id = :operation_id AND attempt = :spent
),
tried AS (
    INSERT INTO payment_attempt (operation_id, attempt, key, first_sent_at)
    VALUES (:operation_id, CAST(:spent AS integer) + 1, :key, now())
)
UPDATE payment_operation SET attempt = attempt + 1, attempt_sent_at = now(), provider_id = NULL
WHERE operation_id = :operation_id
""")
"""What the attempt before made is dead or was never there: the next one makes an object of its own."""

IS_VOIDED = text("""
SELECT EXISTS (
    SELECT FROM payment_operation AS asked
    JOIN payment_operation AS void USING (delivery_id)
    WHERE asked.operation_id = :operation_id AND void.kind = 'void'
        AND void.source_operation_id =
            CASE asked.kind WHEN 'capture' THEN asked.source_operation_id ELSE asked.operation_id END
)
""")
"""A capture is given up together with the authorisation that it takes."""

GIVE_UP = text("""
UPDATE payment_operation SET state = 'failed', finished_at = coalesce(finished_at, now())
WHERE (operation_id = :source_operation_id AND kind IN ('charge', 'authorise', 'save')
        OR source_operation_id = :source_operation_id AND kind = 'capture')
    AND delivery_id = (SELECT delivery_id FROM payment_operation WHERE operation_id = :operation_id)
    AND state NOT IN ('succeeded', 'undone')
""")
"""A void ends its source: an answer to it that still arrives must not be booked."""

FINISH = text("""
UPDATE payment_operation SET
    state = :state, outcome = :outcome, provider_id = coalesce(nullif(:provider_id, ''), provider_id),
    first_sent_at = coalesce(first_sent_at, now()),
    finished_at = CASE WHEN :state IN ('succeeded', 'failed') THEN now() END
WHERE operation_id = :operation_id
""")
