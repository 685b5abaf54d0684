"""What is taken away of a person, table by table.

A test holds this to the schema: every table that refers to a person is either named here, or named
there as one that keeps ids only.
"""

from __future__ import annotations

from sqlalchemy import TextClause, text

from domain.erasing.rules import ERASED_TEXT, FORMER_MEMBER

EMPTIED = (
    "presence",
    "step_up",
    "passkey_challenge",
    "provider_sign_in",
    "linked_identity",
    "passkey",
    "provider_sign_in",
    "linked_identity",
    "factor_tries",
    "recovery_code",
    "totp_factor",
    "pre_auth_token",
    "api_key",
    "access_token",
    "saved_address",
    "account",
    "idempotent_request",
)
"""Tables whose rows belong to one person alone, and go; those that others refer to come later."""

_IS_NAMED = "(recipient_email_lookup = :email_lookup OR recipient_phone_lookup = :phone_lookup)"
"""Whether somebody named the person as a recipient, by a contact that is theirs."""
_OWN_DELIVERIES = f"""
SELECT delivery_id FROM parcel
WHERE CAST(:person AS uuid) IN (customer_id, sender_id, recipient_id) OR {_IS_NAMED}
"""  # noqa: S608 -- It is made of constants only.
_ABOUT_DELIVERIES = "delivery_id = ANY (CAST(:deliveries AS uuid[]))"
"""Whether a row is about a delivery of which the person was a party."""

MASKED: dict[str, str] = {
    # Before the parcel forgets who was named: a signature for it may be theirs.
    "proof_item": f"""
        SELECT erase_proofs(
            CAST(:person AS uuid), ARRAY(SELECT delivery_id FROM parcel WHERE {_IS_NAMED}))
    """,  # noqa: S608 -- It is made of constants only.
    # The words to whom something was sent: by id, and by address for those without one.
    # A recipient without an account was named by the customer, with whom the messages go.
    "stored_message": f"""
        DELETE FROM stored_message USING notification
        WHERE stored_message.message_id = notification.notification_id
            AND (notification.person_id = CAST(:person AS uuid)
                OR notification.address_lookup IN (:email_lookup, :phone_lookup)
                OR notification.audience = 'recipient' AND notification.person_id IS NULL
                    AND notification.delivery_id IN (
                        SELECT delivery_id FROM parcel
                        WHERE {_IS_NAMED} OR customer_id = CAST(:person AS uuid)))
    """,  # noqa: S608 -- It is made of constants only.
    "verification_code": """
        DELETE FROM verification_code
        WHERE person_id = CAST(:person AS uuid)
            OR address_lookup IN (:email_lookup, :phone_lookup)
    """,
    "notification": """
        UPDATE notification SET address = '', address_lookup = NULL, parameters = '{}'
        WHERE person_id = CAST(:person AS uuid)
            OR address_lookup IN (:email_lookup, :phone_lookup)
    """,
    # Where the parcel was picked up is the sender's and the customer's; where it went to, the
    # recipient's, or the customer's who named somebody without an account.
    "parcel from": """
        UPDATE parcel SET pickup_address = :erased,
            pickup_latitude = round(pickup_latitude), pickup_longitude = round(pickup_longitude)
        WHERE CAST(:person AS uuid) IN (customer_id, sender_id)
    """,
    "parcel about": "UPDATE parcel SET description = :erased WHERE customer_id = CAST(:person AS uuid)",
    "notification to recipient": f"""
        UPDATE notification SET address = '', address_lookup = NULL, parameters = '{{}}'
        WHERE audience = 'recipient' AND person_id IS NULL AND delivery_id IN (
            SELECT delivery_id FROM parcel
            WHERE {_IS_NAMED} OR customer_id = CAST(:person AS uuid))
    """,  # noqa: S608 -- It is made of constants only.
    "amendment": f"""
        UPDATE amendment SET value = '{{}}', previous = NULL
        WHERE delivery_id IN ({_OWN_DELIVERIES})
    """,  # noqa: S608 -- It is made of constants only.
    "parcel to": f"""
        UPDATE parcel SET recipient_name = :former, recipient_phone = NULL, recipient_email = NULL,
            recipient_phone_lookup = NULL, recipient_email_lookup = NULL,
            destination_address = :erased, destination_latitude = round(destination_latitude),
            destination_longitude = round(destination_longitude)
        WHERE recipient_id = CAST(:person AS uuid) OR {_IS_NAMED}
            OR (customer_id = CAST(:person AS uuid) AND recipient_id IS NULL)
    """,  # noqa: S608 -- It is made of constants only.
    "position": """
        DELETE FROM position USING delivery
        WHERE position.delivery_id = delivery.delivery_id AND (
            traveler_id = CAST(:person AS uuid)
            OR EXISTS (SELECT FROM relay WHERE relay.delivery_id = delivery.delivery_id
                AND relay.giver_id = CAST(:person AS uuid))
        )
    """,
    # What a device has signed stays to be checked; it signs nothing any more.
    "device": """
        UPDATE device SET name = '', revoked_at = coalesce(revoked_at, now())
        WHERE person_id = CAST(:person AS uuid)
    """,
    # What staff did in others' places ends with them; that they did is in the audit.
    "access_token of others": """
        UPDATE access_token SET revoked_at = coalesce(revoked_at, now()) FROM acting
        WHERE acting.token_hash = access_token.token_hash
            AND acting.actor_id = CAST(:person AS uuid)
    """,
    "acting": "DELETE FROM acting WHERE CAST(:person AS uuid) IN (person_id, actor_id)",
    # Ratings stay, for they are also others'; what was said by the person, or about them, goes.
    "review": """
        UPDATE review SET text = '', report_reason = '', hidden_reason = ''
        WHERE CAST(:person AS uuid) IN (author_id, subject_id)
    """,
    # That somebody called stays; what they said and where they were goes.
    "sos_call": """
        UPDATE sos_call SET note = NULL, place = NULL WHERE person_id = CAST(:person AS uuid)
    """,
    # What was scanned when stays, and that it was signed; the code and the place go.
    "custody_claim": """
        UPDATE custody_claim SET claim = '', decision_note = ''
        WHERE person_id = CAST(:person AS uuid)
    """,
    "review reported": """
        UPDATE review SET report_reason = '' WHERE reported_by = CAST(:person AS uuid)
    """,
    "dispute_message": """
        SELECT erase_written_words(
            CAST(:person AS uuid), :erased, CAST(:deliveries AS uuid[]))
    """,
    # What staff wrote about a delivery is about its parties: the figures and outcomes stay.
    "dispute": f"""
        UPDATE dispute SET note = CASE WHEN note <> '' THEN :erased ELSE note END, question = ''
        WHERE {_ABOUT_DELIVERIES}
    """,  # noqa: S608 -- It is made of constants only.
    "delivery_override": f"""
        UPDATE delivery_override
        SET explanation = :erased, reference = :erased, witness = :erased WHERE {_ABOUT_DELIVERIES}
    """,  # noqa: S608 -- The same.
    "correction": f"UPDATE correction SET note = :erased WHERE note <> '' AND {_ABOUT_DELIVERIES}",  # noqa: S608 -- The same.
    "attention_item": f"""
        UPDATE attention_item SET settlement = :erased
        WHERE settlement <> '' AND {_ABOUT_DELIVERIES}
    """,  # noqa: S608 -- The same.
}
"""Statements for tables that keep their rows, or whose rows are not found by the person's id alone."""

LAST: dict[str, str] = {
    "refresh_token": """
        DELETE FROM refresh_token USING session
        WHERE session.session_id = refresh_token.session_id AND session.person_id = CAST(:person AS uuid)
    """,
    "session": "DELETE FROM session WHERE person_id = CAST(:person AS uuid)",
    # The statements before it ask for the addresses that it holds.
    "person": """
        UPDATE person SET display_name = :former, email = NULL, phone = NULL,
            email_lookup = NULL, phone_lookup = NULL,
            payout_account = NULL, roles = '{}', skills = '{}'
        WHERE person_id = CAST(:person AS uuid)
    """,
}
"""Statements for tables that others refer to."""


def statements() -> list[TextClause]:
    """Return every statement in its order.

    Shape: each takes some of `person`, `deliveries`, `erased`, `former` and the lookups.
    """
    emptying = [f"DELETE FROM {table} WHERE person_id = CAST(:person AS uuid)" for table in EMPTIED]  # noqa: S608 -- It is made of constants only.
    return [text(statement) for statement in (*MASKED.values(), *emptying, *LAST.values())]


VALUES = {"erased": ERASED_TEXT, "former": FORMER_MEMBER}
"""What stands where something was."""
