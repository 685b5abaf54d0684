"""The parts of the one statement that writes a transition.

Every part hangs on `written`, the event that the statement inserts, and the event on `gate`:
where the code that a scan needs is refused, nothing at all happens.
"""

from __future__ import annotations

LOCK = """
SELECT delivery.status, delivery.escrow, delivery.dispute, delivery.currency,
    delivery.head_sequence, delivery.head_hash, CAST(delivery.dispute_id AS text) AS dispute_id,
    written.sequence AS written,
    (SELECT max(sequence) FROM event WHERE event.delivery_id = delivery.delivery_id) AS seen
FROM delivery
LEFT JOIN event AS written
    ON written.delivery_id = delivery.delivery_id AND written.key = :key
WHERE delivery.delivery_id = :delivery_id
FOR NO KEY UPDATE OF delivery
"""
"""Locks the projection against other writers, not against rows that refer to it, and looks for the
key.

After waiting for a rival the projection is read anew but the events are not: `seen` is then less
than `head_sequence`, and `WRITTEN` must be asked.
"""

STANDING = """
SELECT status, escrow, dispute, CAST(dispute_id AS text) AS dispute_id,
    CAST(traveler_id AS text) AS traveler_id, price_minor, currency, deadline_kind, deadline_at,
    attention
FROM delivery WHERE delivery_id = :delivery_id
FOR NO KEY UPDATE
"""
"""Locks the projection and tells where the delivery stands, for an event that leaves it there."""

HEAD_SEQUENCE = "SELECT head_sequence FROM delivery WHERE delivery_id = :delivery_id"
OFFER_SEQUENCE = """
SELECT sequence FROM offer WHERE delivery_id = :delivery_id AND offer_id = CAST(:offer_id AS uuid)
"""
WRITTEN = "SELECT sequence FROM event WHERE delivery_id = :delivery_id AND key = :key"

OPENED = """
gate AS (
    INSERT INTO delivery (
        delivery_id, customer_id, sender_id, recipient_id, traveler_id, status, escrow, dispute,
        dispute_id, currency, price_minor, deadline_kind, deadline_at, attention, head_sequence,
        head_hash, opened_at, updated_at
    )
    SELECT delivery_id, customer_id, sender_id, recipient_id, CAST(:traveler_id AS uuid), :status,
        :escrow, :dispute, CAST(:dispute_id AS uuid), currency, CAST(:price_minor AS bigint),
        :deadline_kind, CAST(:deadline_at AS timestamptz), :attention, :sequence, :hash,
        CAST(:at AS timestamptz), CAST(:at AS timestamptz)
    FROM parcel WHERE delivery_id = CAST(:delivery_id AS uuid)
    ON CONFLICT DO NOTHING
    RETURNING delivery_id
)"""
"""The first transition makes the projection from the parcel."""

EXISTING = "gate AS (SELECT 1)"
"""Every other transition finds the projection locked."""

PIN_TRIES = """coalesce(
    (SELECT CAST(policies #>> '{limits,wrong_codes_max}' AS integer) FROM parcel
        WHERE delivery_id = CAST(:delivery_id AS uuid)),
    :wrong_codes_max)"""
"""Wrong PINs until PIN entry is locked, by the policies that the delivery was opened under."""

CODE_USED = f"""
gate AS (
    UPDATE handover_code SET used_at = CAST(:at AS timestamptz), used_by = CAST(:actor_id AS uuid)
    WHERE delivery_id = CAST(:delivery_id AS uuid) AND purpose = :purpose AND used_at IS NULL
        AND valid_until > CAST(:at AS timestamptz)
        AND CASE WHEN CAST(:is_pin AS boolean)
            THEN pin_digest = :digest AND wrong_pins < {PIN_TRIES}
            ELSE code_digest = :digest END
    RETURNING 1
)"""  # noqa: S608 -- It is made of constants only.
"""A scan's transition: one statement checks the code and uses it up (invariant I6)."""

EVENT = """
written AS (
    INSERT INTO event (
        delivery_id, sequence, key, kind, actor_role, actor_id, at, body, previous_hash, hash
    )
    SELECT CAST(:delivery_id AS uuid), :sequence, :key, :kind, :actor_role,
        CAST(:actor_id AS uuid), CAST(:at AS timestamptz), :body, :previous_hash, :hash
    FROM gate
    RETURNING delivery_id, sequence
)"""

PROJECTION = """
moved AS (
    UPDATE delivery SET
        traveler_id = CAST(:traveler_id AS uuid), status = :status, escrow = :escrow,
        dispute = :dispute, dispute_id = CAST(:dispute_id AS uuid),
        price_minor = CAST(:price_minor AS bigint), deadline_kind = :deadline_kind,
        deadline_at = CAST(:deadline_at AS timestamptz), attention = :attention,
        head_sequence = :sequence, head_hash = :hash, updated_at = CAST(:at AS timestamptz),
        closed_at = CASE WHEN CAST(:is_closed AS boolean)
            THEN coalesce(delivery.closed_at, CAST(:at AS timestamptz)) END
    FROM written WHERE delivery.delivery_id = written.delivery_id
)"""

OFFERS = """
offered AS (
    INSERT INTO offer (
        offer_id, delivery_id, traveler_id, status, price_minor, currency, proposed_by,
        created_at, updated_at, sequence
    )
    SELECT changed.offer_id, written.delivery_id, changed.traveler_id, changed.status,
        changed.price_minor, changed.currency, changed.proposed_by, CAST(:at AS timestamptz),
        CAST(:at AS timestamptz), 1
    FROM written, unnest(
        CAST(:offer_ids AS uuid[]), CAST(:offer_travelers AS uuid[]),
        CAST(:offer_statuses AS text[]), CAST(:offer_prices AS bigint[]),
        CAST(:offer_currencies AS text[]), CAST(:offer_proposers AS text[])
    ) AS changed (offer_id, traveler_id, status, price_minor, currency, proposed_by)
    ON CONFLICT (offer_id) DO UPDATE SET
        status = excluded.status, price_minor = excluded.price_minor,
        proposed_by = excluded.proposed_by, updated_at = excluded.updated_at,
        sequence = offer.sequence + 1
    WHERE offer.delivery_id = excluded.delivery_id
)"""

CODES = """
issued AS (
    INSERT INTO handover_code (
        delivery_id, purpose, nonce, code_digest, pin_digest, link_digest, valid_until, issued_at
    )
    SELECT written.delivery_id, code.purpose, code.nonce, code.code_digest, code.pin_digest,
        code.link_digest, CAST(:codes_valid_until AS timestamptz), CAST(:at AS timestamptz)
    FROM written, unnest(
        CAST(:code_purposes AS text[]), CAST(:code_nonces AS bytea[]),
        CAST(:code_digests AS text[]), CAST(:pin_digests AS text[]), CAST(:link_digests AS text[])
    ) AS code (purpose, nonce, code_digest, pin_digest, link_digest)
    ON CONFLICT (delivery_id, purpose) DO UPDATE SET
        nonce = excluded.nonce, code_digest = excluded.code_digest,
        pin_digest = excluded.pin_digest, link_digest = excluded.link_digest,
        valid_until = excluded.valid_until, issued_at = excluded.issued_at,
        wrong_pins = 0, used_at = NULL, used_by = NULL
)"""
"""A code that is issued again replaces the one before, used or not: nobody can use that one now."""

CODES_KEPT = """
kept AS (
    UPDATE handover_code
    SET valid_until = greatest(valid_until, CAST(:deadline_at AS timestamptz))
    FROM written
    WHERE handover_code.delivery_id = written.delivery_id AND used_at IS NULL
        AND purpose <> 'relay'
)"""
"""A code outlives the deadline of its step, also when that is put off; that of a relay is used up by the
statement which puts the handover off."""

CORRECTED = """
corrected AS (
    UPDATE correction SET
        status = :correction_status, step = :correction_step, problem = :correction_problem,
        deadline_kind = CAST(:correction_clock AS text),
        deadline_at = CAST(:correction_due_at AS timestamptz),
        reference = coalesce(nullif(:correction_reference, ''), correction.reference),
        updated_at = CAST(:at AS timestamptz),
        closed_at = CASE WHEN CAST(:correction_is_over AS boolean) THEN CAST(:at AS timestamptz) END
    FROM written
    WHERE correction.correction_id = CAST(:correction_id AS uuid)
        AND correction.delivery_id = written.delivery_id
)"""

STRUCK = """
struck AS (
    INSERT INTO strike (delivery_id, event_sequence, person_id, reason, at)
    SELECT delivery_id, sequence, CAST(:struck_person_id AS uuid), :strike_reason,
        CAST(:at AS timestamptz)
    FROM written
)"""

PAYOUT_SKIPPED = """
skipped AS (
    UPDATE payment_operation AS operation
    SET state = 'failed', finished_at = CAST(:at AS timestamptz)
    FROM written
    WHERE operation.delivery_id = written.delivery_id AND operation.kind = 'payout'
        AND split_part(operation.operation_id, ':', 3)
            ~ CASE WHEN CAST(:is_of_giver AS boolean) THEN '^giver$' ELSE '^[0-9]*$' END
        AND operation.state IN ('intent', 'sent', 'unknown')
)"""
"""It was looked up and not found before it was skipped: the money is still the traveler's here.

Payouts of corrections and chargebacks, named after those, run beside it and go on.
"""

INTENT = """
intended AS (
    INSERT INTO payment_operation (
        operation_id, delivery_id, kind, amount_minor, fee_minor, currency, method,
        source_operation_id, request_hash, created_at, beyond_held
    )
    SELECT :operation_id, delivery_id, :operation_kind, :amount_minor, :fee_minor,
        :operation_currency, :method, :source_operation_id, :request_hash,
        CAST(:at AS timestamptz), :beyond_held
    FROM written
    ON CONFLICT (operation_id) DO NOTHING
)"""

NOTICES = """
notified AS (
    INSERT INTO notification (
        delivery_id, event_sequence, audience, person_id, channel, address, address_owner,
        address_lookup, kind, parameters, state, error
    )
    SELECT written.delivery_id, written.sequence, notice.audience, named.person_id,
        coalesce(reached.channel, 'mail'), coalesce(reached.address, ''), reached.owner,
        reached.lookup, notice.kind, CAST(notice.parameters AS jsonb),
        CASE WHEN reached.address IS NULL THEN 'refused' ELSE 'queued' END,
        CASE WHEN reached.address IS NULL THEN :no_address END
    FROM written
    JOIN parcel ON parcel.delivery_id = written.delivery_id
    CROSS JOIN unnest(
        CAST(:notice_audiences AS text[]), CAST(:notice_kinds AS text[]),
        CAST(:notice_parameters AS text[]), CAST(:notice_people AS uuid[])
    ) WITH ORDINALITY AS notice (audience, kind, parameters, person_id, position)
    CROSS JOIN LATERAL (
        SELECT notice.audience = 'recipient' AS is_recipient,
            coalesce(notice.person_id, CASE notice.audience
                WHEN 'customer' THEN parcel.customer_id
                WHEN 'sender' THEN parcel.sender_id
                WHEN 'recipient' THEN parcel.recipient_id END) AS person_id
    ) AS named
    LEFT JOIN person ON person.person_id = named.person_id
    LEFT JOIN LATERAL (
        SELECT channel, address, lookup, owner FROM (VALUES
            (1, 'sms', person.phone, person.phone_lookup, 'person'),
            (2, 'sms', CASE WHEN named.is_recipient THEN parcel.recipient_phone END,
                parcel.recipient_phone_lookup, 'delivery'),
            (3, 'mail', person.email, person.email_lookup, 'person'),
            (4, 'mail', CASE WHEN named.is_recipient THEN parcel.recipient_email END,
                parcel.recipient_email_lookup, 'delivery')
        ) AS contact (place, channel, address, lookup, owner)
        WHERE address <> '' ORDER BY place LIMIT 1
    ) AS reached ON true
    ORDER BY notice.position
    ON CONFLICT DO NOTHING
    RETURNING 1
)"""
"""One message per person: of two for the same person or address the first, more specific, stays.

Contacts are encrypted, each for the person or the parcel that it is of, and copied as they are.
"""

CODE_STATE = f"""
SELECT code.used_at IS NOT NULL AS is_used,
    code.valid_until <= CAST(:at AS timestamptz) AS is_expired,
    code.wrong_pins, {PIN_TRIES} AS tries,
    CASE WHEN CAST(:is_pin AS boolean) THEN code.pin_digest ELSE code.code_digest END = :digest
        AS is_right
FROM handover_code AS code
WHERE code.delivery_id = CAST(:delivery_id AS uuid) AND code.purpose = :purpose"""  # noqa: S608 -- It is made of constants only.
"""Why a code was refused; asked while the projection is locked, so nothing changes meanwhile."""

PIN_COUNTED = """
UPDATE handover_code SET wrong_pins = wrong_pins + 1
WHERE delivery_id = CAST(:delivery_id AS uuid) AND purpose = :purpose"""

SUPERSEDED = """
UPDATE payment_operation SET state = 'failed', detail = 'superseded', finished_at = now()
WHERE operation_id = :superseded_id AND delivery_id = :delivery_id AND state = 'intent'"""

SEQUENCE = "(SELECT sequence FROM written) AS sequence"
KNOWN_INTENT = """
(SELECT request_hash FROM payment_operation WHERE operation_id = :operation_id) AS known_intent"""
"""What the same operation asked for before; none when it is new."""
LEFT_OF_CHARGE = """
(SELECT charge.amount_minor - coalesce(sum(drawn.amount_minor + drawn.fee_minor), 0)
    FROM payment_operation AS charge
    LEFT JOIN payment_operation AS drawn ON drawn.source_operation_id = charge.operation_id
        AND drawn.delivery_id = charge.delivery_id
        AND drawn.kind IN ('refund', 'transfer') AND drawn.state NOT IN ('failed', 'undone')
        AND drawn.operation_id <> :operation_id AND NOT drawn.beyond_held
    WHERE charge.operation_id = :source_operation_id
        AND charge.kind IN ('charge', 'capture', 'reversal')
        AND charge.delivery_id = CAST(:delivery_id AS uuid)
    GROUP BY charge.amount_minor) AS left_of_charge"""
"""What refunds and transfers that were asked for before leave of a charge, in minor units; money that
was authorised first is drawn on by the name of its capture, and what was taken back from a traveler
by the name of the reversal."""
LEFT_TO_REFUND = """
(SELECT charge.amount_minor - coalesce(sum(refund.amount_minor), 0)
    FROM payment_operation AS charge
    LEFT JOIN payment_operation AS refund ON refund.source_operation_id = charge.operation_id
        AND refund.delivery_id = charge.delivery_id
        AND refund.kind = 'refund' AND refund.state NOT IN ('failed', 'undone')
        AND refund.operation_id <> :operation_id
    WHERE charge.operation_id = :source_operation_id AND charge.kind IN ('charge', 'capture')
        AND charge.delivery_id = CAST(:delivery_id AS uuid)
    GROUP BY charge.amount_minor) AS left_to_refund"""
"""What refunds leave of a charge, whoever bears them: none ever gives back more than was paid."""
WAKE_NOTIFIER = """
CASE WHEN EXISTS (SELECT FROM notified) THEN pg_notify('sendalong_outbox', '') END AS woken"""
