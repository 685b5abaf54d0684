"""The tables of the document about money, made from the code that books it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.ledger import (
    DEBIT_NORMAL,
    MEANINGS,
    MEMO,
    OF_DELIVERY,
    OF_PERSON,
    UNGUARDED,
    AccountKind,
    LedgerTransaction,
    Posting,
)
from domain.money import Money
from domain.money_path import MoneyPath
from domain.policies import HorizonPolicy
from tests.domain.ledger.steps import Step

DAY_S = 86_400


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def accounts() -> str:
    """Return the table of accounts."""
    return table(
        ("Account", "Whose", "Grows by", "Below zero", "What it stands for"),
        (
            (
                f"`{kind}`",
                _owner(kind),
                "debit" if kind in DEBIT_NORMAL else "credit",
                "possible" if kind in UNGUARDED else "never",
                MEANINGS[kind],
            )
            for kind in AccountKind
        ),
    )


def postings(steps: Iterable[Step]) -> str:
    """Return the table of what is booked at each step, in euros."""
    return table(
        ("Step", "Booking", "Debit", "Credit", "Borne by"),
        (
            (
                step.name if transaction is step.transactions[0] else "",
                f"`{transaction.kind}`",
                _side(transaction, 1),
                _side(transaction, -1),
                transaction.bearer or "",
            )
            for step in steps
            for transaction in step.transactions
        ),
    )


def horizons() -> str:
    """Return the table of how a payment is held, by how far ahead the handover is."""
    policy = HorizonPolicy()
    near, far = policy.authorise_s_max // DAY_S, policy.capture_s_max // DAY_S
    return table(
        ("Days to the handover", "Path", "At acceptance", "Later"),
        (
            (
                f"up to {near}",
                f"`{MoneyPath.AUTHORISE}`",
                "authorise",
                f"capture at pickup, {policy.capture_margin_s // 3_600} hours before its end at the latest",
            ),
            (f"up to {far}", f"`{MoneyPath.CAPTURE}`", "charge and hold", "nothing"),
            (
                f"more than {far}",
                f"`{MoneyPath.SAVE}`",
                "save the method",
                f"charge {policy.charge_ahead_s // DAY_S} days before the handover",
            ),
        ),
    )


def _owner(kind: AccountKind) -> str:
    if kind in OF_PERSON:
        return "each person"
    if kind not in OF_DELIVERY:
        return "platform"
    return "each delivery, as a memo" if kind in MEMO else "each delivery"


def _side(transaction: LedgerTransaction, sign: int) -> str:
    return ", ".join(
        _amount(posting)
        for posting in transaction.postings
        if posting.amount.amount_minor * sign > 0
    )


def _amount(posting: Posting) -> str:
    shown = str(Money(abs(posting.amount.amount_minor), posting.amount.currency))
    return f"`{posting.account.kind}` {shown.removeprefix('EUR ')}"
