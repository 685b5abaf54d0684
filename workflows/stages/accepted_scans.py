"""What the verifier said of a scanned code, as its scanner learns of it."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import refused

with workflow.unsafe.imports_passed_through():
    from domain.contracts import ScanCode
    from domain.errors import Refusal, RefusalCode
    from domain.journey.wrong_scans import note_wrong_scan
    from domain.lifecycle import PIN_LOCKED, DeliveryState
    from domain.transitions import ScanOutcome

_MESSAGES = {
    RefusalCode.CODE_WRONG: "This code is wrong.",
    RefusalCode.CODE_ALREADY_USED: "This code has been used already.",
    RefusalCode.CODE_EXPIRED: "This code has expired.",
    RefusalCode.CODE_LOCKED: PIN_LOCKED,
    RefusalCode.CODE_NOT_READY: "There is no code for this step yet.",
}


def require_accepted(state: DeliveryState, command: ScanCode, outcome: ScanOutcome) -> None:
    """Refuse a scan whose code was not accepted, and count it.

    Raises:
        ApplicationError: with the reason as its type and the present status.
    """
    if outcome.refusal is None:
        return
    if outcome.refusal is RefusalCode.CODE_LOCKED or outcome.tries_left == 0:
        state.locked_pins.add(command.purpose)
    if outcome.refusal is RefusalCode.CODE_WRONG and not command.is_pin:
        note_wrong_scan(state, workflow.now())
    message = _MESSAGES[outcome.refusal]
    if outcome.tries_left == 0:
        message += " PIN entry is locked now; scan the full code instead."
    elif outcome.tries_left is not None:
        plural = "try" if outcome.tries_left == 1 else "tries"
        message += f" {outcome.tries_left} {plural} left."
    raise refused(Refusal(outcome.refusal, message), state.standing.status)
