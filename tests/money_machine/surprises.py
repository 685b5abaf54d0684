"""Steps that come late, beside a delivery or after its close: cardholders, banks, staff and tips."""

from __future__ import annotations

from domain.chargebacks import SubmitEvidence
from domain.contracts import AttentionAction, ResolveAttention
from domain.correcting.again import AgainCommand, DoneByHand
from domain.correcting.rules import CorrectionKind
from domain.ledger import AccountKind, Bearer
from infra.identifiers import new_id
from tests.money_machine import late
from tests.money_machine.checks import BY_HAND, books
from tests.money_machine.commands import ANYWHERE, command
from tests.money_machine.plan import Stage
from tests.money_machine.scene import Scene
from tests.stripe_stand_in import Json

PAID = {
    stage: stage
    for stage in (Stage.HELD, Stage.CARRIED, Stage.DELIVERED, Stage.DISPUTED, Stage.SETTLING)
}
"""Stages in which a payment may have been taken."""
AFTERWARDS = {Stage.SETTLING: Stage.SETTLING}
DEBTORS = {
    AccountKind.TRAVELER_DUES: Bearer.TRAVELER,
    AccountKind.CUSTOMER_DUES: Bearer.CUSTOMER,
}
UNDECIDED = ("warning_needs_response", "warning_under_review", "needs_response", "under_review")

# Cardholders and their banks ---------------------------------------------------------------------


@command(PAID, "chargeback", "inquiry", "larger", "smaller", "of the latest", weight=2)
async def complain(scene: Scene, how: str) -> None:
    """Let the cardholder dispute the payment at the bank, for about as much as it was."""
    moved = scene.moved()
    taken = [each for each in moved.charges if each["captured"]]
    if not taken or moved.disputes:
        return
    charge = taken[-1 if how == "of the latest" else 0]
    left = charge["amount"] - charge["amount_refunded"]
    amounts = {"larger": charge["amount"] + 50, "smaller": max(left // 2, 1)}
    if left or how == "larger":
        scene.lane.stand_in.world.open_dispute(
            charge["id"], inquiry=how == "inquiry", amount=amounts.get(how)
        )


@command(PAID, "won", "lost", "escalate", weight=2)
async def rule(scene: Scene, how: str) -> None:
    """Let the bank decide, or turn an inquiry into a chargeback."""
    open_one = scene.last(scene.moved().disputes, *UNDECIDED)
    if open_one is not None:
        let_bank_rule(scene, open_one, how)


def let_bank_rule(scene: Scene, dispute: Json, how: str) -> None:
    """Let the bank say the next word about an open dispute."""
    world, is_inquiry = scene.lane.stand_in.world, dispute["status"].startswith("warning")
    if not is_inquiry:
        world.rule_dispute(dispute["id"], won=how == "won")
    elif how == "escalate":
        world.escalate_inquiry(dispute["id"])
    else:
        world.close_inquiry(dispute["id"])


@command(PAID)
async def submit_evidence(scene: Scene, _: object) -> None:
    for each in (await scene.look()).chargebacks:
        handle = late.of_chargeback(scene, each)
        command = SubmitEvidence(scene.play.agent)
        await scene.attempt(handle.execute_update("submit_evidence", command))


@command(AFTERWARDS, "settle", "fail", weight=2)
async def bank_answers_refund(scene: Scene, answer: str) -> None:
    """Let a refund that is on its way arrive or come back."""
    world, pending = scene.lane.stand_in.world, scene.last(scene.moved().refunds, "pending")
    if pending is not None and answer == "settle":
        world.settle_refund(pending["id"])
    elif pending is not None:
        world.fail_refund(pending["id"])


@command(AFTERWARDS)
async def refund_bounces(scene: Scene, _: object) -> None:
    """Let a bank send a refund back that had arrived."""
    arrived = scene.last(scene.moved().refunds, "succeeded")
    if arrived is not None:
        scene.lane.stand_in.world.fail_refund(arrived["id"])


@command(AFTERWARDS, "arrives", "arrives", "comes back")
async def reach_bank(scene: Scene, how: str) -> None:
    """Let the provider send the traveler's money on to the bank, out of our reach or in vain."""
    world = scene.lane.stand_in.world
    accounts = filter(None, (scene.account, scene.giver_account))
    for payout in [each for account in accounts for each in world.pay_out_everything(account)]:
        if how == "comes back":
            world.fail_payout(payout["id"])


# Corrections -------------------------------------------------------------------------------------


@command(AFTERWARDS, "pm_card_bypassPending", "pm_card_visa_chargeDeclined", weight=2)
async def tip(scene: Scene, card: str) -> None:
    amount = max(scene.plan.price_minor // 10, 50)
    await late.correct(scene, CorrectionKind.TIP, amount, payment_method=card)


@command(AFTERWARDS, "platform", "traveler", weight=2)
async def goodwill(scene: Scene, bearer: str) -> None:
    amount, kind = max(scene.plan.price_minor // 3, 1), CorrectionKind.GOODWILL_REFUND
    await late.correct(scene, kind, amount, bearer=Bearer(bearer))


@command(AFTERWARDS)
async def compensate(scene: Scene, _: object) -> None:
    amount = max(scene.plan.price_minor // 5, 1)
    await late.correct(scene, CorrectionKind.COMPENSATION, amount)


@command(PAID, "pay", "write_off")
async def settle_debts(scene: Scene, how: str) -> None:
    """Let what is owed on account of the delivery be paid elsewhere or be given up."""
    booked = await books(scene)
    for account, debtor in DEBTORS.items():
        owed = sum(
            posting.amount.amount_minor
            for transaction in booked
            for posting in transaction.postings
            if posting.account.kind is account
        )
        if owed and how == "pay":
            kind, found_at = CorrectionKind.DUES_PAID, "bank statement 7"
            await late.correct(scene, kind, owed, debtor=debtor, reference=found_at)
        elif owed:
            await late.correct(scene, CorrectionKind.WRITE_OFF, owed, debtor=debtor)


@command(AFTERWARDS, "again", "give_up", "skip", weight=2)
async def settle_correction(scene: Scene, how: str) -> None:
    """Let staff go on with whatever waits for them beside the delivery."""
    for each in (await scene.look()).corrections:
        handle = late.of_correction(scene, each)
        if each.status == "waiting":
            update, command = _again(scene, each.kind, how)
            await scene.attempt(handle.execute_update(update, command))
        elif each.status == "parked":
            action = AttentionAction.SKIP if how == "skip" else AttentionAction.RETRY
            resolution = ResolveAttention(action, reason="as played")
            await scene.attempt(handle.execute_update("resolve_attention", resolution))


def _again(scene: Scene, kind: str, how: str) -> tuple[str, AgainCommand | DoneByHand]:
    """Return what an agent sends: a card that was charged back takes no refund, a bank does."""
    agent = scene.play.agent
    if how == "skip" and kind == CorrectionKind.REFUND_AGAIN:
        return "done_by_hand", DoneByHand(agent, f"{BY_HAND}{new_id()}", "as played")
    update = "give_up" if how == "give_up" else kind.replace("payout", "pay_out")
    return update, AgainCommand(agent, "as played")


@command(ANYWHERE)
async def settle_chargeback(scene: Scene, _: object) -> None:
    """Let staff try again what a chargeback is stuck with."""
    for each in (await scene.look()).chargebacks:
        if each.attention is not None:
            handle = late.of_chargeback(scene, each)
            await scene.attempt(handle.execute_update("resolve_attention", ResolveAttention()))
