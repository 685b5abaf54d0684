"""What the sandbox provider plays for each token: the token is the script.

Payment methods: `pm_sandbox_<charge script>[_refund_<script>][_card_<name>]`. The second part is
played by captures, refunds and voids of the charge; without it they succeed. Authorisations play the
charge script, and so does the saving of the method. What was saved is charged by
`sm_sandbox_…/<method>`. Methods with the same name are one card, as far as risk is concerned; without
a name, everybody may pay with the same one.

| Charge script | What happens |
|---|---|
| `ok` | succeeds |
| `declined` | is declined with `card_declined` |
| `declined_<code>` | is declined with one of `DECLINE_CODES`, for example `insufficient_funds` |
| `requires_action` | waits for `approve()` or `reject()` |
| `pending` | waits for `settle()` or `reject()` |
| `asks_again` | is saved; every charge waits for `approve()` or `reject()` |
| `declines_later` | is saved; every charge is declined with `card_declined` |

What was saved with `requires_action` is charged without a question while the customer is away.

| Refund script | What happens |
|---|---|
| `pending` | waits for `settle()` or `reject()`; captures and voids simply succeed |

Payout accounts: `acct_sandbox_<anything>[_<script>][_payout_<script>][_reversal_<script>]`. The
first script is played by transfers to the account, the second by payouts from it, the third by
reversals; without one they succeed.

| Transfer script | What happens |
|---|---|
| `not_ready[_<times>]` | raises `AccountNotReady` for the first transfers (always), then succeeds |

These scripts go everywhere, charges included:

| Script | What happens |
|---|---|
| `timeout_after_success` | commits, then the first call raises `OutcomeUnknown` |
| `hang_after_success[_<seconds>]` | commits, then the first call sleeps (600 seconds) and answers |
| `unavailable[_<times>]` | raises `ProviderUnavailable` for the first calls (once), then succeeds |
| `refused` | always raises `ProviderRefused` |
| `error_kept` | raises `OutcomeUnknown` on every call of the first attempt and does nothing |
| `error_kept_after_success` | the same, but the first call commits |

Any other token is refused. A script counts per operation: each operation has its own first call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from activities.payment_ports import ProviderRefused
from domain.transitions import PaymentOutcome

DECLINE_CODES: frozenset[str] = frozenset(
    {"card_declined", "do_not_honor", "expired_card", "insufficient_funds", "lost_card"}
)
"""Decline codes that a token can ask for. Source: the codes card networks answer most."""


class Fault(StrEnum):
    """How a call goes wrong."""

    NONE = "none"
    TIMEOUT_AFTER_SUCCESS = "timeout_after_success"
    HANG_AFTER_SUCCESS = "hang_after_success"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    ERROR_KEPT = "error_kept"
    ERROR_KEPT_AFTER_SUCCESS = "error_kept_after_success"
    NOT_READY = "not_ready"


@dataclass(frozen=True, slots=True)
class Script:
    """What one operation plays."""

    fault: Fault = Fault.NONE
    figure: int = 0
    """Seconds to hang, or times to be unavailable or not ready."""
    outcome: PaymentOutcome = PaymentOutcome.SUCCEEDED
    """How a charge or refund is answered; every other operation succeeds."""
    detail: str = ""
    """Decline code or required action."""


@dataclass(frozen=True, slots=True)
class MethodScripts:
    """What a payment method plays."""

    charge: Script
    refund: Script
    """Played by captures, refunds and voids."""
    save: Script
    """Played when the method is saved."""
    charge_away: Script
    """Played by charges of the saved method while the customer is away."""


@dataclass(frozen=True, slots=True)
class AccountScripts:
    """What a payout account plays."""

    transfer: Script
    payout: Script
    reversal: Script


_ONLY_CHARGES = ("asks_again", "declines_later")
"""Scripts that begin only once the method is saved."""
_FIGURE_DEFAULTS = {Fault.HANG_AFTER_SUCCESS: 600, Fault.UNAVAILABLE: 1, Fault.NOT_READY: 10_000}
"""A hang outlasts every call's time limit, so that the caller is gone before the answer."""

_FAULT = (
    r"timeout_after_success|hang_after_success(?:_\d{1,4})?|unavailable(?:_\d{1,4})?|refused"
    r"|error_kept(?:_after_success)?"
)
_NOT_READY = r"not_ready(?:_\d{1,4})?"
_DECLINE = f"declined(?:_(?:{'|'.join(sorted(DECLINE_CODES))}))?"
_METHOD = re.compile(
    rf"pm_sandbox_(?P<charge>ok|requires_action|pending|asks_again|declines_later|{_DECLINE}|{_FAULT})"
    rf"(?:_refund_(?P<refund>pending|{_FAULT}))?(?:_card_[a-z0-9]{{1,40}})?"
)
_ACCOUNT = re.compile(
    r"acct_sandbox(?=_)(?:_[A-Za-z0-9_\-]{1,100}?)??"
    rf"(?:_(?P<transfer>{_NOT_READY}|{_FAULT}))?(?:_payout_(?P<payout>{_FAULT}))?"
    rf"(?:_reversal_(?P<reversal>{_FAULT}))?"
)


def method_scripts(token: str) -> MethodScripts:
    """Read a payment method, or the token of one that was saved.

    Raises:
        ProviderRefused: the sandbox knows no such method.
    """
    match = _METHOD.fullmatch(token.rpartition("/")[2])
    if match is None:
        raise ProviderRefused("There is no such payment method.")
    name = match["charge"]
    charge, refund = _charge_script(name), _charge_script(match["refund"] or "ok")
    return MethodScripts(
        charge,
        refund,
        save=Script() if name in _ONLY_CHARGES else charge,
        charge_away=Script() if name == "requires_action" else charge,
    )


def account_scripts(token: str) -> AccountScripts:
    """Read a payout account.

    Raises:
        ProviderRefused: the sandbox knows no such account.
    """
    match = _ACCOUNT.fullmatch(token)
    if match is None:
        raise ProviderRefused("There is no such payout account.")
    return AccountScripts(
        _fault_script(match["transfer"]),
        _fault_script(match["payout"]),
        _fault_script(match["reversal"]),
    )


def _charge_script(text: str) -> Script:
    if text in ("requires_action", "asks_again"):
        return Script(outcome=PaymentOutcome.REQUIRES_ACTION, detail="authentication_required")
    if text == "pending":
        return Script(outcome=PaymentOutcome.PENDING)
    if text == "declines_later":
        return Script(outcome=PaymentOutcome.DECLINED, detail="card_declined")
    if text.startswith("declined"):
        code = text.removeprefix("declined").removeprefix("_") or "card_declined"
        return Script(outcome=PaymentOutcome.DECLINED, detail=code)
    return _fault_script(None if text == "ok" else text)


def _fault_script(text: str | None) -> Script:
    if text is None:
        return Script()
    name, _, figure = text.rpartition("_")
    if figure.isdigit():
        return Script(fault=Fault(name), figure=int(figure))
    return Script(fault=Fault(text), figure=_FIGURE_DEFAULTS.get(Fault(text), 0))
