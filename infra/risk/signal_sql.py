"""The one statement that reads every signal of an attempt.

Each part goes in by an index: the delivery by its id, people by theirs, past deliveries by the indexes
of their customer and their traveler, newest first and a bounded number of them. It opens no ciphertext:
contacts are compared by their blind indexes.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

PAST_DELIVERIES_MAX: Final = 200
"""Past deliveries of each person and role that count, the newest: it bounds the cost, and what is older
says little."""

CARRIED_MAX: Final = 20
"""Parcels of a traveler whose last position is looked at: nobody carries more at once."""

_SIDES = """
deal AS MATERIALIZED (
    SELECT delivery.delivery_id, delivery.customer_id, delivery.sender_id, delivery.recipient_id,
        delivery.traveler_id, parcel.pickup_latitude, parcel.pickup_longitude,
        parcel.destination_latitude, parcel.destination_longitude,
        parcel.recipient_email_lookup, parcel.recipient_phone_lookup
    FROM delivery JOIN parcel USING (delivery_id)
    WHERE delivery.delivery_id = CAST(:delivery_id AS uuid)
),
carrier AS MATERIALIZED (
    SELECT person_id, created_at, email_lookup, phone_lookup
    FROM person WHERE person_id = CAST(:carrier_id AS uuid)
),
other AS MATERIALIZED (
    SELECT person.person_id, person.email_lookup, person.phone_lookup
    FROM person WHERE person_id <> CAST(:carrier_id AS uuid) AND person_id IN (
        SELECT unnest(ARRAY[customer_id, sender_id, recipient_id, traveler_id]) FROM deal
    )
),
payer AS MATERIALIZED (
    SELECT person_id, created_at FROM person WHERE person_id = (SELECT customer_id FROM deal)
),
past AS MATERIALIZED (
    SELECT side.person_id, found.delivery_id, found.is_carried
    FROM (SELECT person_id FROM carrier UNION SELECT person_id FROM payer) AS side
    CROSS JOIN LATERAL (
        (SELECT delivery_id, false AS is_carried FROM delivery
            WHERE customer_id = side.person_id ORDER BY delivery_id DESC LIMIT :past_max)
        UNION ALL
        (SELECT delivery_id, true FROM delivery
            WHERE traveler_id = side.person_id ORDER BY delivery_id DESC LIMIT :past_max)
    ) AS found
    WHERE found.delivery_id <> CAST(:delivery_id AS uuid)
)"""

# A token of the sandbox is a script that everybody pays with, unless it names a card; those of
# the provider's own test cards are everybody's as well.
_IS_A_CARD = """operation.kind IN ('charge', 'authorise', 'save')
    AND (operation.method !~ '^pm_(sandbox|card)_' OR operation.method ~ '^pm_sandbox_.*_card_')"""

_SHARED = f"""
paid AS (
    SELECT past.person_id, operation.method
    FROM past JOIN payment_operation AS operation USING (delivery_id)
    WHERE NOT past.is_carried AND {_IS_A_CARD}
    UNION ALL
    SELECT deal.customer_id, operation.method
    FROM deal JOIN payment_operation AS operation USING (delivery_id) WHERE {_IS_A_CARD}
    UNION ALL
    SELECT deal.customer_id, operation.method
    FROM deal, (SELECT 'charge' AS kind, CAST(:method AS text) AS method) AS operation
    WHERE {_IS_A_CARD}
),
shared_card AS (
    SELECT count(DISTINCT method) AS number FROM paid
    WHERE person_id = CAST(:carrier_id AS uuid)
        AND method IN (SELECT method FROM paid WHERE person_id <> CAST(:carrier_id AS uuid))
),
shared_device AS (
    SELECT count(DISTINCT own.public_key) AS number FROM device AS own
    WHERE own.person_id = CAST(:carrier_id AS uuid) AND own.public_key IN (
        SELECT device.public_key FROM device JOIN other USING (person_id)
        UNION ALL
        SELECT device.public_key FROM code_holding JOIN device USING (device_id)
        WHERE code_holding.delivery_id = CAST(:delivery_id AS uuid)
            AND device.person_id IS DISTINCT FROM CAST(:carrier_id AS uuid)
    )
),
shared_contact AS (
    SELECT count(DISTINCT lookup) AS number
    FROM carrier, unnest(ARRAY[email_lookup, phone_lookup]) AS lookup
    WHERE lookup IN (
        SELECT unnest(ARRAY[email_lookup, phone_lookup]) FROM other
        UNION ALL SELECT unnest(ARRAY[recipient_email_lookup, recipient_phone_lookup]) FROM deal
    )
),
shared_address AS (
    SELECT count(DISTINCT own.delivery_id) AS number
    FROM deal
    CROSS JOIN LATERAL (VALUES (pickup_latitude, pickup_longitude),
        (destination_latitude, destination_longitude)) AS here (latitude, longitude)
    CROSS JOIN past JOIN parcel AS own ON own.delivery_id = past.delivery_id
    CROSS JOIN LATERAL (VALUES (own.pickup_latitude, own.pickup_longitude),
        (own.destination_latitude, own.destination_longitude)) AS there (latitude, longitude)
    WHERE past.person_id = CAST(:carrier_id AS uuid) AND NOT past.is_carried
        AND abs(here.latitude - there.latitude) <= :same_place_degrees
        AND abs(here.longitude - there.longitude) * cos(radians(here.latitude))
            <= :same_place_degrees
)"""  # noqa: S608 -- It is made of constants only.

_HISTORY = """
quarrel AS (
    SELECT past.person_id, count(*) FILTER (WHERE dispute.opened_by = past.person_id) AS opened,
        count(*) FILTER (
            WHERE dispute.outcome = CASE WHEN past.is_carried THEN 'refund' ELSE 'release' END
        ) AS lost
    FROM past JOIN dispute USING (delivery_id)
    WHERE dispute.opened_at > now() - make_interval(secs => :lookback_s)
    GROUP BY past.person_id
),
taken_back AS (
    SELECT count(*) AS number
    FROM past JOIN payer USING (person_id) JOIN chargeback USING (delivery_id)
    WHERE NOT past.is_carried AND chargeback.status IN ('announced', 'open', 'lost')
        AND chargeback.reason <> ALL (CAST(:reasons_of_platform AS text[]))
        AND chargeback.opened_at > now() - make_interval(secs => :lookback_s)
),
struck AS (
    SELECT count(*) AS number
    FROM strike JOIN (SELECT person_id FROM carrier UNION SELECT person_id FROM payer) AS side
        USING (person_id)
    WHERE strike.at > now() - make_interval(secs => :lookback_s)
    GROUP BY person_id
)"""

_TRIED = """
tried AS (
    SELECT count(*) FILTER (WHERE lately) AS of_hour,
        count(*) FILTER (WHERE lately AND is_wrong) AS wrong_of_hour,
        count(*) FILTER (WHERE is_wrong) AS wrong_of_day
    FROM (
        SELECT 'person' AS whose, attempted_at > now() - interval '1 hour' AS lately,
            refusal = ANY (CAST(:wrong_tries AS text[])) AS is_wrong
        FROM scan_attempt
        WHERE person_id = CAST(:carrier_id AS uuid) AND outcome <> 'pending'
            AND attempted_at > now() - interval '1 day'
        UNION ALL
        SELECT 'delivery', attempted_at > now() - interval '1 hour',
            refusal = ANY (CAST(:wrong_tries AS text[]))
        FROM scan_attempt
        WHERE delivery_id = CAST(:delivery_id AS uuid) AND outcome <> 'pending'
            AND attempted_at > now() - interval '1 day'
    ) AS attempt
    GROUP BY whose
)"""

# The device that scans; without one that signs there is none.
_DEVICE = """
scanning AS (
    SELECT floor(extract(epoch FROM now() - activated_at)) AS age_s,
        activated_at > (
            SELECT max(updated_at) FROM offer
            WHERE offer.delivery_id = CAST(:delivery_id AS uuid) AND offer.status = 'accepted'
        ) AS is_since_deal
    FROM device WHERE device_id = CAST(:device_id AS uuid)
)"""

_PLACES = """
seen AS (
    SELECT latest.latitude, latest.longitude, latest.accuracy_m, latest.taken_at
    FROM (
        SELECT CAST(:delivery_id AS uuid) AS delivery_id
        UNION
        (SELECT delivery_id FROM delivery WHERE traveler_id = CAST(:carrier_id AS uuid)
            ORDER BY delivery_id DESC LIMIT :carried_max)
    ) AS carried
    CROSS JOIN LATERAL (
        SELECT latitude, longitude, accuracy_m, taken_at FROM position
        WHERE position.delivery_id = carried.delivery_id
            AND taken_at <= CAST(:fix_at AS timestamptz)
            AND taken_at > CAST(:fix_at AS timestamptz) - interval '1 day'
        ORDER BY taken_at DESC LIMIT 1
    ) AS latest
    ORDER BY latest.taken_at DESC LIMIT 1
)"""

_DECIDED = """
allowed AS (
    SELECT score, points, model FROM risk_decision
    WHERE delivery_id = CAST(:delivery_id AS uuid) AND request_id = CAST(:request_id AS uuid)
        AND outcome = 'allow'
    ORDER BY decision_id DESC LIMIT 1
),
serious AS MATERIALIZED (
    SELECT decision_id, score, points FROM risk_decision
    WHERE delivery_id = CAST(:delivery_id AS uuid) AND person_id = CAST(:carrier_id AS uuid)
        AND outcome IN ('hold', 'refuse')
),
let_pass AS MATERIALIZED (
    SELECT unnest(ARRAY[facts ->> :fact_decided, facts ->> :fact_looked_at]) AS decision_id
    FROM event CROSS JOIN LATERAL (SELECT CAST(event.body AS jsonb) -> 'facts' AS facts) AS said
    WHERE (SELECT count(*) FROM serious) > 0
        AND event.delivery_id = CAST(:delivery_id AS uuid) AND event.kind = 'hold_lifted'
),
cleared AS (
    SELECT score, points FROM serious AS passed
    WHERE CAST(decision_id AS text) IN (SELECT let_pass.decision_id FROM let_pass)
        AND NOT EXISTS (
            SELECT FROM serious AS later WHERE later.decision_id > passed.decision_id AND (
                later.score > passed.score
                OR later.points - ARRAY(SELECT jsonb_object_keys(passed.points)) <> '{}'
            )
        )
    ORDER BY decision_id DESC LIMIT 1
)"""
"""Only the end of a hold that a decision has placed clears that decision, or one that names it; and not
what something was added to since. The events are looked at only where there is something serious."""

READ = text(f"""
WITH {_SIDES}, {_SHARED}, {_HISTORY}, {_TRIED}, {_DEVICE}, {_PLACES}, {_DECIDED}
SELECT allowed.score AS allowed_score, allowed.points AS allowed_points,
    allowed.model AS allowed_by, cleared.score AS cleared_score, cleared.points AS cleared_points,
    seen.latitude AS last_latitude, seen.longitude AS last_longitude,
    seen.accuracy_m AS last_accuracy_m, seen.taken_at AS last_at,
    (SELECT coalesce(max(of_hour), 0) FROM tried) AS attempts_of_hour,
    (SELECT coalesce(max(wrong_of_hour), 0) FROM tried) AS refusals_of_hour,
    (SELECT coalesce(max(wrong_of_day), 0) FROM tried) AS refusals_of_day,
    (SELECT age_s FROM scanning) AS device_age_s,
    (SELECT is_since_deal FROM scanning) AS is_device_since_deal,
    (SELECT number FROM shared_device) AS shared_devices,
    (SELECT number FROM shared_card) AS shared_cards,
    (SELECT number FROM shared_contact) AS shared_contacts,
    (SELECT number FROM shared_address) AS shared_addresses,
    (SELECT coalesce(max(opened), 0) FROM quarrel) AS disputes_opened,
    (SELECT coalesce(max(lost), 0) FROM quarrel) AS disputes_lost,
    (SELECT number FROM taken_back) AS chargebacks,
    (SELECT coalesce(max(number), 0) FROM struck) AS strikes,
    (SELECT floor(extract(epoch FROM now() - max(created_at))) FROM
        (SELECT created_at FROM carrier UNION ALL SELECT created_at FROM payer) AS side
    ) AS account_age_s
FROM deal LEFT JOIN allowed ON true LEFT JOIN cleared ON true LEFT JOIN seen ON true
""")  # noqa: S608 -- It is made of constants only.
