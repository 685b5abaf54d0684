"""What an erasure does to every column that could hold something about a person.

A new column of text, bytes, JSON, lists or degrees needs a word here before it is merged: it goes, it is
overwritten, or it stays and there is a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CODES = "closed lists of ours, currencies and figures"
OBJECTS = "ids of ours and of the payment provider, who keeps its own by its own law"
HASHES = "keyed hashes and digests: nothing can be read from them"
CHAIN = "the chain: ids and codes, and words as ciphertext whose key goes"


@dataclass(frozen=True)
class Fate:
    """What becomes of the columns of one table; those of ids, times and numbers are not looked at."""

    goes: bool = False
    """Rows of the person are deleted."""
    overwritten: str = ""
    """Columns that are overwritten, with spaces in between."""
    kept: Mapping[str, str] = field(default_factory=dict)
    """Columns that stay, by the reason; `*` are all that are named nowhere else."""

    def names(self, column: str) -> bool:
        """Tell whether there is a word about a column."""
        kept = " ".join(self.kept.values()).split()
        return self.goes or column in self.overwritten.split() or column in kept or "*" in kept


GOES = Fate(goes=True)
FATES: Mapping[str, Fate] = {
    # Who the person is, and how they come in.
    "person": Fate(
        overwritten="display_name email phone email_lookup phone_lookup payout_account roles skills"
    ),
    **dict.fromkeys(
        (
            "account",
            "saved_address",
            "session",
            "refresh_token",
            "pre_auth_token",
            "access_token",
            "api_key",
            "acting",
            "linked_identity",
            "provider_sign_in",
            "passkey",
            "passkey_challenge",
            "presence",
            "totp_factor",
            "recovery_code",
            "step_up",
            "verification_code",
            "stored_message",
            "position",
        ),
        GOES,
    ),
    "device": Fate(
        overwritten="name",
        kept={CODES: "algorithm", "what it has signed is checked by it": "public_key"},
    ),
    "code_holding": Fate(kept={HASHES: "*"}),
    "registration": Fate(kept={"goes with its verification code, by the foreign key": "*"}),
    "erasure_request": Fate(kept={"the proof: ids and kinds": "status waits_for"}),
    "data_key": Fate(kept={"a grave, so that no key is made again; the key itself is gone": "*"}),
    "throttle": Fate(kept={HASHES: "subject"}),
    "rate_bucket": Fate(kept={"hashes and networks; forgotten within an hour of being full": "*"}),
    # One's own go; words about the person in others' answers: `infra/erasing/answers.py`.
    "idempotent_request": GOES,
    # What was asked for, and what happened.
    "parcel": Fate(
        overwritten="recipient_name recipient_phone recipient_email recipient_phone_lookup"
        " recipient_email_lookup description pickup_address pickup_latitude pickup_longitude"
        " destination_address destination_latitude destination_longitude",
        kept={
            CODES: "currency policies undeliverable_action proof_terms proof_level asked_level",
            HASHES: "label_digest",
        },
    ),
    "delivery": Fate(kept={CODES: "*"}),
    "offer": Fate(kept={CODES: "*"}),
    "relay": Fate(kept={CODES: "*"}),
    "strike": Fate(kept={CODES: "reason"}),
    "delivery_override": Fate(
        overwritten="explanation reference witness",
        kept={CODES: "step cause status because asked_by_role", HASHES: "evidence"},
    ),
    "override_approval": Fate(kept={CODES: "role credential"}),
    "risk_decision": Fate(kept={CODES: "*"}),
    "amendment": Fate(overwritten="value previous", kept={CODES: "kind"}),
    "handover_code": Fate(kept={HASHES: "*"}),
    "scan_attempt": Fate(kept={CODES: "purpose source level method outcome refusal"}),
    "event": Fate(kept={CHAIN: "*"}),
    "audit_entry": Fate(
        kept={"ids and codes; staff are asked for reasons without names": "*"},
    ),
    "audit_root": Fate(kept={HASHES: "*"}),
    "audit_leaf": Fate(kept={HASHES: "*"}),
    "notification": Fate(
        overwritten="address address_lookup parameters",
        kept={CODES: "audience channel kind state address_owner", OBJECTS: "provider_id error"},
    ),
    # What was said.
    "dispute": Fate(
        overwritten="note question",
        kept={
            CODES: "opened_by_role reason status outcome stage desired_outcome absent waiting_for"
            " waived appealed_by"
        },
    ),
    "dispute_proposal": Fate(kept={CODES: "*"}),
    "dispute_message": Fate(overwritten="text"),
    "dispute_evidence": Fate(
        overwritten="description", kept={CODES: "kind", HASHES: "content_sha256"}
    ),
    "dispute_file": GOES,
    "proof_item": GOES,
    "review": Fate(
        overwritten="text report_reason hidden_reason", kept={CODES: "author_role tags"}
    ),
    "attention_item": Fate(
        overwritten="settlement",
        kept={"sentences of ours with ids in them": "key kind subject problem suggested_repair"},
    ),
    "offline_manifest": Fate(kept={CODES: "level", HASHES: "sha256"}),
    "custody_claim": Fate(
        overwritten="claim decision_note",
        kept={
            CODES: "purpose state reasons",
            HASHES: "sha256 previous_sha256 signature",
        },
    ),
    "sos_call": Fate(overwritten="note place", kept={CODES: "role"}),
    # Money: the books of both sides, which the law wants kept.
    "correction": Fate(
        overwritten="note",
        kept={
            CODES: "kind status currency bearer debtor cost_reason step deadline_kind"
            " ordered_by_role",
            OBJECTS: "undone_operation_id problem",
            "names a movement at a bank or provider, which must be found again": "reference",
        },
    ),
    "payment_operation": Fate(
        kept={
            CODES: "kind currency state outcome",
            OBJECTS: "operation_id source_operation_id detail provider_id method",
            HASHES: "request_hash",
        }
    ),
    **dict.fromkeys(
        (
            "payment_attempt",
            "provider_object",
            "webhook_event",
            "webhook_cursor",
            "statement_line",
            "statement_match",
            "reconciliation_run",
            "chargeback",
            "ledger_account",
            "ledger_transaction",
            "ledger_entry",
        ),
        Fate(kept={OBJECTS: "*"}),
    ),
    # What stands for the world outside, with play money only.
    **dict.fromkeys(
        (
            "sandbox_account",
            "sandbox_advance",
            "sandbox_attempt",
            "sandbox_charge",
            "sandbox_dispute",
            "sandbox_line",
            "sandbox_operation",
            "sandbox_refund",
            "sandbox_transfer",
        ),
        Fate(kept={"the simulated provider: ids and figures": "*"}),
    ),
    "sandbox_robo_run": Fate(kept={"people that robots have invented": "*"}),
    "sandbox_robo_step": Fate(kept={"people that robots have invented": "*"}),
    "alembic_version": Fate(kept={"the version of the schema": "*"}),
}
"""Every table."""
