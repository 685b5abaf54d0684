"""Tokens are read as the table in the module says, and nothing else is a token."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.payment_ports import ProviderRefused
from domain.transitions import PaymentOutcome
from infra.payments.sandbox_scripts import (
    DECLINE_CODES,
    Fault,
    Script,
    account_scripts,
    method_scripts,
)

FAULTS = {
    "timeout_after_success": Script(Fault.TIMEOUT_AFTER_SUCCESS),
    "hang_after_success": Script(Fault.HANG_AFTER_SUCCESS, 600),
    "hang_after_success_30": Script(Fault.HANG_AFTER_SUCCESS, 30),
    "unavailable": Script(Fault.UNAVAILABLE, 1),
    "unavailable_3": Script(Fault.UNAVAILABLE, 3),
    "refused": Script(Fault.REFUSED),
    "error_kept": Script(Fault.ERROR_KEPT),
    "error_kept_after_success": Script(Fault.ERROR_KEPT_AFTER_SUCCESS),
}
REFUNDS = FAULTS | {"pending": Script(outcome=PaymentOutcome.PENDING)}
TRANSFERS = FAULTS | {
    "not_ready": Script(Fault.NOT_READY, 10_000),
    "not_ready_2": Script(Fault.NOT_READY, 2),
}
CHARGES = {
    "ok": Script(),
    "declined": Script(outcome=PaymentOutcome.DECLINED, detail="card_declined"),
    "requires_action": Script(
        outcome=PaymentOutcome.REQUIRES_ACTION, detail="authentication_required"
    ),
    "pending": Script(outcome=PaymentOutcome.PENDING),
    **{
        f"declined_{code}": Script(outcome=PaymentOutcome.DECLINED, detail=code)
        for code in DECLINE_CODES
    },
    **FAULTS,
}
names = st.from_regex(r"[A-Za-z0-9\-]{1,36}", fullmatch=True)
faults = st.sampled_from(sorted(FAULTS))


@pytest.mark.parametrize("charge", sorted(CHARGES))
def test_a_payment_method_names_its_charge_script(charge: str) -> None:
    scripts = method_scripts(f"pm_sandbox_{charge}")
    assert (scripts.charge, scripts.refund) == (CHARGES[charge], Script())


@given(charge=st.sampled_from(sorted(CHARGES)), refund=st.sampled_from(sorted(REFUNDS)))
def test_a_payment_method_may_name_a_refund_script(charge: str, refund: str) -> None:
    scripts = method_scripts(f"pm_sandbox_{charge}_refund_{refund}")
    assert (scripts.charge, scripts.refund) == (CHARGES[charge], REFUNDS[refund])


@given(
    name=names,
    transfer=st.none() | st.sampled_from(sorted(TRANSFERS)),
    payout=st.none() | faults,
    reversal=st.none() | faults,
)
def test_an_account_names_the_scripts_of_its_transfers_payouts_and_reversals(
    name: str, transfer: str | None, payout: str | None, reversal: str | None
) -> None:
    token = f"acct_sandbox_{name}"
    token += f"_{transfer}" if transfer else ""
    token += f"_payout_{payout}" if payout else ""
    token += f"_reversal_{reversal}" if reversal else ""
    scripts = account_scripts(token)
    assert scripts.transfer == (TRANSFERS[transfer] if transfer else Script())
    assert scripts.payout == (FAULTS[payout] if payout else Script())
    assert scripts.reversal == (FAULTS[reversal] if reversal else Script())


@pytest.mark.parametrize(
    "token",
    ["", "pm_sandbox", "pm_sandbox_", "pm_sandbox_nonsense", "pm_sandbox_declined_x", "tok_visa"],
)
def test_any_other_method_is_refused_without_naming_it(token: str) -> None:
    with pytest.raises(ProviderRefused) as refused:
        method_scripts(token)
    assert str(refused.value) == "There is no such payment method."


@pytest.mark.parametrize(
    "token",
    ["", "acct_sandbox", "acct_sandbox_", "acct_other", "acct_sandbox_\0", "acct_sandbox_é"],
)
def test_any_other_account_is_refused_without_naming_it(token: str) -> None:
    with pytest.raises(ProviderRefused) as refused:
        account_scripts(token)
    assert str(refused.value) == "There is no such payout account."
