"""Stands where chargebacks will be taken: until then their events wait, in sight."""

from __future__ import annotations

from activities.webhook_ports import ChargebackNotHandled


class NoChargebacks:
    """`Chargebacks` of an installation that does not handle them."""

    async def start_chargeback(
        self, provider: str, dispute_id: str, charge_operation_id: str
    ) -> None:
        """Refuse.

        Raises:
            ChargebackNotHandled: always.
        """
        raise ChargebackNotHandled(f"{provider} {dispute_id} about {charge_operation_id}")
