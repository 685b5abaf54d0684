"""Tables of the sandbox provider: the books of another company, which happen to be kept here.

Nothing else reads or writes them, and they hold no key to a table of the platform. Their rules
stand in the files that are named after the sandbox under `infra/database/migrations/sql/`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Integer, MetaData, Table, Text

sandbox_metadata = MetaData()

sandbox_operation = Table(
    "sandbox_operation",
    sandbox_metadata,
    Column("operation_id", Text, primary_key=True),
    Column("sequence", BigInteger),
    Column("kind", Text),
    Column("request_hash", Text),
    Column("charge_id", Text),
    Column("amount_minor", BigInteger),
    Column("currency", Text),
    Column("provider_id", Text),
)
"""Every operation that was ever answered, as it was asked."""

sandbox_charge = Table(
    "sandbox_charge",
    sandbox_metadata,
    Column("operation_id", Text, ForeignKey("sandbox_operation.operation_id"), primary_key=True),
    Column("method", Text),
    Column("amount_minor", BigInteger),
    Column("currency", Text),
    Column("status", Text),
    Column("detail", Text),
    Column("refunded_minor", BigInteger),
    Column("transferred_minor", BigInteger),
    Column("held_until", DateTime(timezone=True)),
)
"""Charges, how they stand, and what has left them; a captured hold has the amount it was taken for."""

sandbox_refund = Table(
    "sandbox_refund",
    sandbox_metadata,
    Column("operation_id", Text, ForeignKey("sandbox_operation.operation_id"), primary_key=True),
    Column("status", Text),
    Column("detail", Text),
)
"""How each refund stands."""

sandbox_transfer = Table(
    "sandbox_transfer",
    sandbox_metadata,
    Column("operation_id", Text, ForeignKey("sandbox_operation.operation_id"), primary_key=True),
    Column("account", Text),
    Column("amount_minor", BigInteger),
    Column("currency", Text),
    Column("reversed_minor", BigInteger),
)
"""What was sent to whom, and how much of it was taken back."""

sandbox_dispute = Table(
    "sandbox_dispute",
    sandbox_metadata,
    Column("dispute_id", Text, primary_key=True),
    Column("operation_id", Text, ForeignKey("sandbox_charge.operation_id")),
    Column("status", Text),
    Column("amount_minor", BigInteger),
    Column("taken_minor", BigInteger),
    Column("returned_minor", BigInteger),
)
"""What cardholders complain of, and what the card network took for it."""

sandbox_account = Table(
    "sandbox_account",
    sandbox_metadata,
    Column("account", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("balance_minor", BigInteger),
)
"""What travelers have at the sandbox, not yet paid out to their banks."""

sandbox_attempt = Table(
    "sandbox_attempt",
    sandbox_metadata,
    Column("operation_id", Text, primary_key=True),
    Column("tries", Integer),
)
"""How often an operation was answered with "try later"."""
