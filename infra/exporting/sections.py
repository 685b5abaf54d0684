"""What of each table is about one person and is theirs to read: nothing of anybody else's.

Whoever gave an address reads it again; a traveler reads what a delivery was worth, not where its
people live, and of a way only what was the own part of it; of a dispute everybody reads their own
words only.
"""

from __future__ import annotations

from collections.abc import Mapping

from infra.encryption.people import NOTICE_KEY, NOTICE_KEY_SQL, PERSON_KEY, person_key_sql
from infra.encryption.words import AUTHOR_KEY

PROFILE = f"""
SELECT CAST(person.person_id AS text) AS person_id, display_name, roles, email, phone,
    person.created_at, account.email_verified_at, account.phone_verified_at, account.name_shown,
    account.shares_position, {person_key_sql("person.person_id")} AS {PERSON_KEY}
FROM person LEFT JOIN account USING (person_id)
WHERE person.person_id = CAST(:person AS uuid)
"""  # noqa: S608 -- The parts are constants of ours.

SECTIONS: Mapping[str, str] = {
    "profile": PROFILE,
    "addresses": f"""
        SELECT CAST(address_id AS text) AS address_id, label, address, latitude, longitude, place,
            created_at, person_id, {person_key_sql("saved_address.person_id")} AS {PERSON_KEY}
        FROM saved_address WHERE person_id = CAST(:person AS uuid) ORDER BY saved_address.address_id
    """,  # noqa: S608 -- The parts are constants of ours.
    "sessions": """
        SELECT CAST(session_id AS text) AS session_id, device_name, user_agent_family,
            authenticated_by, created_at, last_seen_at, expires_at, revoked_at
        FROM session WHERE person_id = CAST(:person AS uuid) ORDER BY session.session_id
    """,
    "passkeys": """
        SELECT CAST(passkey_id AS text) AS passkey_id, name, created_at, last_used_at
        FROM passkey WHERE person_id = CAST(:person AS uuid) ORDER BY passkey.passkey_id
    """,
    "devices": """
        SELECT CAST(device_id AS text) AS device_id, name, algorithm, activated_at, last_seen_at, revoked_at
        FROM device WHERE person_id = CAST(:person AS uuid) ORDER BY device.device_id
    """,
    "presences": """
        SELECT CAST(delivery_id AS text) AS delivery_id, purpose, latitude, longitude, accuracy_m,
            taken_at, verified_at
        FROM presence WHERE person_id = CAST(:person AS uuid) ORDER BY verified_at
    """,
    "linked_accounts": """
        SELECT provider, linked_at, last_used_at
        FROM linked_identity WHERE person_id = CAST(:person AS uuid) ORDER BY identity_id
    """,
    "api_keys": """
        SELECT CAST(key_id AS text) AS key_id, name, prefix, scopes, created_at, expires_at
        FROM api_key WHERE person_id = CAST(:person AS uuid) ORDER BY api_key.key_id
    """,
    "deliveries": """
        SELECT CAST(delivery_id AS text) AS delivery_id, your_roles, status, price_minor,
            delivery.currency, opened_at, closed_at, weight_grams,
            CASE WHEN gave THEN description END AS description,
            CASE WHEN gave OR 'sender' = ANY (your_roles) THEN pickup_address END AS pickup_address,
            CASE WHEN gave OR 'recipient' = ANY (your_roles) THEN destination_address END
                AS destination_address,
            CASE WHEN gave AND parcel.recipient_id IS NULL OR 'recipient' = ANY (your_roles)
                THEN recipient_name END AS recipient_name,
            (SELECT concat_ws(':', key_id, wrapped_by, encode(wrapped, 'hex')) FROM data_key
                WHERE owner_kind = 'delivery' AND owner_id = CAST(parcel.delivery_id AS text)
            ) AS parcel_key
        FROM delivery JOIN parcel USING (delivery_id)
        CROSS JOIN LATERAL (
            SELECT delivery.customer_id = CAST(:person AS uuid) AS gave,
                array_remove(ARRAY[
                    CASE WHEN delivery.customer_id = CAST(:person AS uuid) THEN 'customer' END,
                    CASE WHEN delivery.sender_id = CAST(:person AS uuid) THEN 'sender' END,
                    CASE WHEN delivery.recipient_id = CAST(:person AS uuid) THEN 'recipient' END,
                    CASE WHEN delivery.traveler_id = CAST(:person AS uuid) THEN 'traveler' END
                ], NULL) AS your_roles
        ) AS part
        WHERE cardinality(your_roles) > 0 ORDER BY delivery.delivery_id
    """,
    "offers": """
        SELECT CAST(offer_id AS text) AS offer_id, CAST(delivery_id AS text) AS delivery_id, status,
            price_minor, currency, created_at, updated_at
        FROM offer WHERE traveler_id = CAST(:person AS uuid) ORDER BY offer.offer_id
    """,
    "positions": """
        SELECT CAST(position.delivery_id AS text) AS delivery_id, taken_at, position.latitude,
            position.longitude, accuracy_m
        FROM position JOIN delivery USING (delivery_id)
        LEFT JOIN relay ON relay.delivery_id = position.delivery_id AND relay.status = 'done'
        WHERE position.delivery_id IN (
            SELECT delivery_id FROM delivery WHERE traveler_id = CAST(:person AS uuid)
            UNION SELECT delivery_id FROM relay WHERE giver_id = CAST(:person AS uuid)
        ) AND CAST(:person AS uuid) =
            CASE WHEN received_at < relay.updated_at THEN giver_id ELSE traveler_id END
        ORDER BY position.delivery_id, taken_at
    """,
    "messages_to_you": f"""
        SELECT kind, channel, address, CAST(delivery_id AS text) AS delivery_id, created_at, sent_at,
            CAST(person_id AS text) AS person_id, address_owner, {NOTICE_KEY_SQL} AS {NOTICE_KEY}
        FROM notification WHERE person_id = CAST(:person AS uuid) ORDER BY created_at
    """,  # noqa: S608 -- The same.
    "messages_of_yours": f"""
        SELECT CAST(dispute_id AS text) AS dispute_id, text, created_at, message_id, author_id,
            {person_key_sql("dispute_message.author_id")} AS {AUTHOR_KEY}
        FROM dispute_message WHERE author_id = CAST(:person AS uuid) ORDER BY message_id
    """,  # noqa: S608 -- The same.
    "evidence_of_yours": f"""
        SELECT CAST(dispute_id AS text) AS dispute_id, kind, description, created_at, evidence_id,
            author_id, {person_key_sql("dispute_evidence.author_id")} AS {AUTHOR_KEY}
        FROM dispute_evidence WHERE author_id = CAST(:person AS uuid) ORDER BY evidence_id
    """,  # noqa: S608 -- The same.
    "proofs_of_yours": """
        SELECT CAST(delivery_id AS text) AS delivery_id, leg, kind,
            CASE WHEN author_id = CAST(:person AS uuid) THEN 'added' ELSE 'about you' END AS part,
            sha256, created_at
        FROM proof_item WHERE CAST(:person AS uuid) IN (author_id, subject_id) ORDER BY item_id
    """,
    "scans_of_yours": """
        SELECT CAST(delivery_id AS text) AS delivery_id, purpose, source, level, method, outcome, refusal,
            distance_m, accuracy_m, attempted_at
        FROM scan_attempt WHERE person_id = CAST(:person AS uuid) ORDER BY attempted_at
    """,
    "offline_claims_of_yours": f"""
        SELECT CAST(delivery_id AS text) AS delivery_id, purpose, state, reasons, claimed_at, sent_at,
            received_at, claim_id, claim, person_id AS author_id,
            {person_key_sql("custody_claim.person_id")} AS {AUTHOR_KEY}
        FROM custody_claim WHERE person_id = CAST(:person AS uuid) ORDER BY custody_claim.claim_id
    """,  # noqa: S608 -- The parts are constants of ours.
    "reviews_of_yours": """
        SELECT CAST(delivery_id AS text) AS delivery_id, rating, tags, review.text, written_at
        FROM review WHERE author_id = CAST(:person AS uuid) ORDER BY review_id
    """,
    "strikes": """
        SELECT CAST(delivery_id AS text) AS delivery_id, reason, at
        FROM strike WHERE person_id = CAST(:person AS uuid) ORDER BY at
    """,
    "ledger": """
        SELECT booked.kind AS booking, CAST(booked.delivery_id AS text) AS delivery_id,
            account.kind AS account, entry.amount_minor, entry.currency, booked.created_at
        FROM ledger_entry AS entry
        JOIN ledger_account AS account ON account.account_id = entry.account_id
        JOIN ledger_transaction AS booked ON booked.transaction_id = entry.transaction_id
        WHERE account.owner = CAST(CAST(:person AS uuid) AS text) ORDER BY number, line
    """,
    "audit": """
        SELECT kind, at, actor_role, actor_id = CAST(:person AS uuid) AS by_you,
            CASE kind WHEN 'acted_for' THEN CAST(actor_id AS text) END AS staff_id,
            CASE kind WHEN 'acted_for' THEN CAST(body AS json) #>> '{facts,action}' END AS action,
            CASE kind WHEN 'acted_for' THEN CAST(body AS json) #>> '{facts,reason}' END AS reason
        FROM audit_entry
        WHERE subject = 'person' AND subject_id = CAST(CAST(:person AS uuid) AS text)
        ORDER BY trail, sequence
    """,
}
"""Every section of the document in its order."""
