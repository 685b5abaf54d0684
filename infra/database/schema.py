"""The tables, for queries written with SQLAlchemy Core.

The migrations create them, with their comments, checks and triggers; a test keeps the two in step.
Ids are texts on this side and `uuid` on the other.
"""

from __future__ import annotations

from infra.database.tables.amendments import amendment
from infra.database.tables.attention import attention_item
from infra.database.tables.audit import audit_entry, audit_leaf, audit_root
from infra.database.tables.chargebacks import chargeback
from infra.database.tables.columns import metadata
from infra.database.tables.corrections import correction
from infra.database.tables.credentials import acting, api_key
from infra.database.tables.deliveries import delivery, event, handover_code, offer, parcel, position
from infra.database.tables.devices import code_holding, device, presence
from infra.database.tables.disputes import (
    dispute,
    dispute_evidence,
    dispute_file,
    dispute_message,
    dispute_proposal,
)
from infra.database.tables.erasing import erasure_request
from infra.database.tables.factors import (
    factor_tries,
    passkey,
    passkey_challenge,
    recovery_code,
    step_up,
    totp_factor,
)
from infra.database.tables.identity import (
    account,
    pre_auth_token,
    refresh_token,
    registration,
    saved_address,
    session,
    throttle,
    verification_code,
)
from infra.database.tables.keys import data_key
from infra.database.tables.limits import rate_bucket
from infra.database.tables.messages import notification, stored_message
from infra.database.tables.money import (
    ledger_account,
    ledger_entry,
    ledger_transaction,
    payment_attempt,
    payment_operation,
)
from infra.database.tables.offline import custody_claim, offline_manifest
from infra.database.tables.overrides import delivery_override, override_approval
from infra.database.tables.people import access_token, idempotent_request, person, strike
from infra.database.tables.proofs import proof_item
from infra.database.tables.providers import linked_identity, provider_sign_in
from infra.database.tables.reconciliation import (
    reconciliation_run,
    statement_line,
    statement_match,
)
from infra.database.tables.relays import relay
from infra.database.tables.reviews import review
from infra.database.tables.risk import risk_decision
from infra.database.tables.scanning import scan_attempt
from infra.database.tables.sos import sos_call
from infra.database.tables.webhooks import provider_object, webhook_cursor, webhook_event

__all__ = [
    "access_token",
    "account",
    "acting",
    "amendment",
    "api_key",
    "attention_item",
    "audit_entry",
    "audit_leaf",
    "audit_root",
    "chargeback",
    "code_holding",
    "correction",
    "custody_claim",
    "data_key",
    "delivery",
    "delivery_override",
    "device",
    "dispute",
    "dispute_evidence",
    "dispute_file",
    "dispute_message",
    "dispute_proposal",
    "erasure_request",
    "event",
    "factor_tries",
    "handover_code",
    "idempotent_request",
    "ledger_account",
    "ledger_entry",
    "ledger_transaction",
    "linked_identity",
    "metadata",
    "notification",
    "offer",
    "offline_manifest",
    "override_approval",
    "parcel",
    "passkey",
    "passkey_challenge",
    "payment_attempt",
    "payment_operation",
    "person",
    "position",
    "pre_auth_token",
    "presence",
    "proof_item",
    "provider_object",
    "provider_sign_in",
    "rate_bucket",
    "reconciliation_run",
    "recovery_code",
    "refresh_token",
    "registration",
    "relay",
    "review",
    "risk_decision",
    "saved_address",
    "scan_attempt",
    "session",
    "sos_call",
    "statement_line",
    "statement_match",
    "step_up",
    "stored_message",
    "strike",
    "throttle",
    "totp_factor",
    "verification_code",
    "webhook_cursor",
    "webhook_event",
]
