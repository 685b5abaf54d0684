"""Operations staff: they look at the provider, do there by hand what is missing, and say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import stripe
from sqlalchemy import text

from domain.contracts import AttentionAction, ResolveAttention
from infra.identifiers import new_id
from tests.stripe_stand_in import Json, MoneyMoved

if TYPE_CHECKING:
    from tests.money_machine.scene import Scene


async def resolve_parked(scene: Scene, action: str) -> None:
    """Resolve the parked step; what is said to be done by hand has been done at the provider."""
    reference, elsewhere = "", 0
    wanted = await _wanted(scene)
    if action == AttentionAction.DONE_BY_HAND and wanted is not None:
        reference = await _do_by_hand(scene, wanted)
        if not reference and wanted.kind == "refund" and _is_lost(scene.moved()):
            reference, elsewhere = f"bank transfer {new_id()}", wanted.amount_minor
    if not reference and action == AttentionAction.DONE_BY_HAND:
        action = await _instead(scene)
    command = ResolveAttention(AttentionAction(action), reference, "as played")
    if await scene.attempt(scene.play.resolve(command)):
        scene.given_elsewhere += elsewhere


async def _instead(scene: Scene) -> AttentionAction:
    """Return what is chosen where nothing can be done by hand.

    Money that has left the traveler's account cannot be kept back: the debt stays.
    """
    is_netting = (await scene.look()).standing["attention"] == "net_dues"
    return AttentionAction.SKIP if is_netting else AttentionAction.RETRY


async def _do_by_hand(scene: Scene, wanted: Any) -> str:
    """Do the parked step at the provider; return its reference, or nothing when it is not needed."""
    if _is_done(scene.moved(), wanted.operation_id):
        return ""
    try:
        is_of_giver = ":giver" in wanted.operation_id
        make = _transfer_to_giver if is_of_giver else _BY_HAND[wanted.kind]
        return await make(scene, wanted.amount_minor)
    except stripe.StripeError:
        return ""


def _is_lost(moved: MoneyMoved) -> bool:
    """Tell whether a bank has taken the payment back: no card can be refunded then."""
    return any(dispute["status"] == "lost" for dispute in moved.disputes)


async def _wanted(scene: Scene) -> Any:
    parked = (await scene.play.standing())["attention"]
    values = {
        "delivery_id": scene.delivery_id,
        "kind": _KINDS.get(parked or ""),
        "is_of_giver": parked == "release_giver_share",
    }
    async with scene.installation.reading.connect() as connection:
        return (await connection.execute(_OPEN, values)).one_or_none()


def _is_done(moved: MoneyMoved, operation_id: str) -> bool:
    return any(
        each["metadata"].get("op_id") == operation_id
        for each in (*moved.refunds, *moved.transfers)
        if each.get("status") not in ("failed", "canceled")
    )


async def _refund(scene: Scene, amount: int) -> str:
    charge = _charge(scene)
    if charge is None:
        return ""
    params: Any = {"charge": charge["id"], "amount": amount}
    return (await scene.lane.client.v1.refunds.create_async(params)).id


async def _transfer(scene: Scene, amount: int) -> str:
    return await _transfer_to(scene, amount, scene.account)


async def _transfer_to_giver(scene: Scene, amount: int) -> str:
    return await _transfer_to(scene, amount, scene.giver_account)


async def _transfer_to(scene: Scene, amount: int, account: str) -> str:
    charge = _charge(scene)
    if charge is None:
        return ""
    params: Any = {
        "amount": amount,
        "currency": charge["currency"],
        "destination": account,
        "source_transaction": charge["id"],
    }
    return (await scene.lane.client.v1.transfers.create_async(params)).id


async def _undo(scene: Scene, amount: int) -> str:
    if _charge(scene) is not None:
        return await _refund(scene, amount)
    waiting = scene.last(scene.moved().intents, "requires_action", "requires_payment_method")
    if waiting is None:
        return ""
    return (await scene.lane.client.v1.payment_intents.cancel_async(waiting["id"])).id


def _charge(scene: Scene) -> Json | None:
    taken = [each for each in scene.moved().charges if each["captured"] and not each["refunded"]]
    return taken[-1] if taken else None


_KINDS = {
    "refund_funds": "refund",
    "release_funds": "transfer",
    "release_giver_share": "transfer",
    "void_hold": "void",
}
_BY_HAND = {"refund": _refund, "transfer": _transfer, "void": _undo}
_OPEN = text("""
SELECT operation_id, kind, amount_minor FROM payment_operation
WHERE delivery_id = :delivery_id AND kind = :kind
    AND operation_id LIKE '%transfer:giver%' = CAST(:is_of_giver AS boolean) AND state NOT IN ('succeeded', 'failed')
ORDER BY created_at DESC LIMIT 1
""")
