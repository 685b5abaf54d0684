"""The stand-in's own view of what happened, for assertions: the other company's books."""

from __future__ import annotations

from dataclasses import dataclass

from tests.stripe_stand_in.refusals import Json
from tests.stripe_stand_in.state import StripeState

_GONE = ("failed", "canceled")
_TAKEN = ("needs_response", "under_review", "lost")


@dataclass(frozen=True, slots=True)
class MoneyMoved:
    """All objects of one delivery, and their sums in minor units."""

    intents: tuple[Json, ...]
    charges: tuple[Json, ...]
    """Captured, held and failed ones."""
    refunds: tuple[Json, ...]
    """Without the releases of authorisations, which move nothing."""
    releases: tuple[Json, ...]
    transfers: tuple[Json, ...]
    reversals: tuple[Json, ...]
    disputes: tuple[Json, ...]
    fees: int
    """Fees of its charges and disputes."""

    @property
    def captured(self) -> int:
        """Taken from cards."""
        return sum(charge["amount_captured"] for charge in self.charges)

    @property
    def held(self) -> int:
        """Authorised and still capturable."""
        return sum(intent["amount_capturable"] for intent in self.intents)

    @property
    def refunded(self) -> int:
        """Given or being given back to cards."""
        return sum(each["amount"] for each in self.refunds if each["status"] not in _GONE)

    @property
    def transferred(self) -> int:
        """Sent to connected accounts and not reversed."""
        return sum(each["amount"] - each["amount_reversed"] for each in self.transfers)

    @property
    def reversed(self) -> int:
        """Taken back from connected accounts."""
        return sum(each["amount"] for each in self.reversals)

    @property
    def charged_back(self) -> int:
        """Taken by banks and not given back."""
        return sum(each["amount"] for each in self.disputes if each["status"] in _TAKEN)

    @property
    def left(self) -> int:
        """What of it the platform still has; negative when it paid from its own pocket."""
        out = self.refunded + self.transferred + self.charged_back + self.fees
        return self.captured - out


class View:
    """Finds objects by metadata, whatever the platform believes about them."""

    def __init__(self, state: StripeState) -> None:
        self._state = state

    def moved(self, **metadata: str) -> MoneyMoved:
        """Return everything with this metadata, and whatever belongs to it without having any.

        Without arguments it is everything on the platform.
        """
        intents = self._tagged("payment_intent", metadata)
        charges = self._tagged("charge", metadata)
        roots = {each["id"] for each in (*intents, *charges)}
        charges = self._tagged("charge", metadata, "payment_intent", roots)
        roots |= {each["id"] for each in charges}
        refunds = self._tagged("refund", metadata, "charge", roots)
        transfers = self._tagged("transfer", metadata, "source_transaction", roots)
        sent = {each["id"] for each in transfers}
        disputes = self._tagged("dispute", metadata, "charge", roots)
        sources = roots | {each["id"] for each in disputes}
        releases = self._state.releases
        return MoneyMoved(
            intents=intents,
            charges=charges,
            refunds=tuple(each for each in refunds if each["id"] not in releases),
            releases=tuple(each for each in refunds if each["id"] in releases),
            transfers=transfers,
            reversals=self._tagged("transfer_reversal", metadata, "transfer", sent),
            disputes=disputes,
            fees=sum(
                each["fee"]
                for each in self._state.ledger.transactions()
                if each["source"] in sources
            ),
        )

    def _tagged(
        self,
        kind: str,
        metadata: dict[str, str],
        link: str | None = None,
        targets: set[str] | None = None,
    ) -> tuple[Json, ...]:
        return tuple(
            record
            for record in self._state.records.of(kind)
            if metadata.items() <= record["metadata"].items()
            or (link is not None and record[link] in (targets or set()))
        )

    def objects(self, kind: str, account: str | None = None) -> list[Json]:
        """Return all objects of a kind, oldest first; not copies."""
        return self._state.records.of(kind, account)

    def transactions(self, account: str | None = None) -> list[Json]:
        """Return an account's balance transactions, oldest first."""
        return self._state.ledger.transactions(account)

    def balance(self, currency: str, account: str | None = None) -> int:
        """Return what an account has of a currency, settled or not, in minor units."""
        return self._state.ledger.balance(currency, account).total

    def available(self, currency: str, account: str | None = None) -> int:
        """Return what an account can pay out of a currency now, in minor units."""
        return self._state.ledger.balance(currency, account).available
