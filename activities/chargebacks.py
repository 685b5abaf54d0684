"""Activities of chargebacks: what is read at the provider, staged there and written here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.chargeback_ports import CardDisputes, ChargebackRecords, EvidenceSource
from activities.payment_errors import (
    OUTCOME_UNKNOWN,
    PROVIDER_REFUSED,
    PROVIDER_UNAVAILABLE,
)
from activities.payment_ports import OutcomeUnknown, ProviderRefused, ProviderUnavailable
from activities.records import refusals_are_final
from domain.chargebacks import (
    ChargebackBooks,
    ChargebackChange,
    ChargebackOrder,
    DisputeState,
    EvidenceStaged,
    RecallPlan,
)
from domain.evidence import DisputeEvidence
from domain.money import Money


@dataclass(frozen=True, slots=True)
class StageEvidence:
    """Input of `stage_evidence`."""

    order: ChargebackOrder
    """The chargeback."""
    known_sha256: str = ""
    """Of what is staged already: the same is not staged again."""
    submit: bool = False
    """Hand it to the bank, after which nothing can be added."""


@dataclass(frozen=True, slots=True)
class EvidenceThere:
    """Result of `stage_evidence`."""

    dispute: DisputeState | None
    """How the dispute stands afterwards; none when nothing was new."""
    staged: EvidenceStaged | None
    """Counts and a hash: the evidence itself is personal and stays out of every history. None when
    the dispute took no evidence any more."""


class DisputeActivities:
    """Reads disputes at the provider and gives them evidence.

    Raises:
        ApplicationError: final with type `provider_refused`; to be tried again with type
            `provider_unavailable` or `outcome_unknown`.
    Idempotency: doing it again changes nothing.
    """

    def __init__(self, disputes: CardDisputes, evidence: EvidenceSource) -> None:
        self._disputes = disputes
        self._evidence = evidence

    @property
    def all(self) -> Sequence[Callable[..., Awaitable[Any]]]:
        """Return every activity, for a worker."""
        return self.read_dispute, self.stage_evidence

    @activity.defn
    async def read_dispute(self, order: ChargebackOrder) -> DisputeState:
        """Return how the dispute stands at the provider."""
        try:
            return await self._disputes.read(order.dispute_id)
        except (ProviderRefused, ProviderUnavailable, OutcomeUnknown) as error:
            raise _named(error) from None

    @activity.defn
    async def stage_evidence(self, command: StageEvidence) -> EvidenceThere:
        """Assemble the evidence and stage it at the provider, or submit it, in one go."""
        dispute_id = command.order.dispute_id
        found = await self._evidence.assemble(command.order.delivery_id)
        staged = EvidenceStaged(
            sha256=_hash_of(found.evidence),
            at=datetime.now(UTC),
            is_submitted=command.submit,
            scans=found.scans,
            positions=found.positions,
            exhibits=found.exhibits,
            messages=found.messages,
        )
        if staged.sha256 == command.known_sha256 and not command.submit:
            return EvidenceThere(None, staged)
        give = self._disputes.submit if command.submit else self._disputes.stage
        try:
            return EvidenceThere(await give(dispute_id, found.evidence), staged)
        except (ProviderUnavailable, OutcomeUnknown) as error:
            raise _named(error) from None
        except ProviderRefused as refusal:
            # The bank may have decided since the dispute was read.
            now = await self.read_dispute(command.order)
            if now.takes_evidence:
                raise _named(refusal) from None
            return EvidenceThere(now, None)


class ChargebackActivities:
    """Writes chargebacks and plans what follows; run as local activities."""

    def __init__(self, records: ChargebackRecords) -> None:
        self._records = records

    @property
    def all(self) -> Sequence[Callable[..., Awaitable[Any]]]:
        """Return every activity, for a worker."""
        return (
            self.read_chargeback_books,
            self.write_chargeback,
            self.plan_recall,
            self.plan_payout,
        )

    @activity.defn
    async def read_chargeback_books(self, order: ChargebackOrder) -> ChargebackBooks:
        """Return what is booked and written of a chargeback so far."""
        return await self._records.books(order)

    @activity.defn
    async def write_chargeback(self, change: ChargebackChange) -> ChargebackBooks:
        """Write one change of a chargeback; writing it again changes nothing."""
        with refusals_are_final():
            return await self._records.write(change)

    @activity.defn
    async def plan_recall(self, order: ChargebackOrder) -> RecallPlan:
        """Return what to take back from the traveler."""
        return await self._records.plan_recall(order)

    @activity.defn
    async def plan_payout(self, order: ChargebackOrder) -> Money:
        """Return what is to be paid out once the payment was released again."""
        return await self._records.plan_payout(order)


def _hash_of(evidence: DisputeEvidence) -> str:
    told = "\x1f".join(f"{name}\x1e{text}" for name, text in sorted(asdict(evidence).items()))
    return sha256(told.encode()).hexdigest()


def _named(error: Exception) -> ApplicationError:
    """Return an error that Temporal knows, without its cause: that may hold what was sent."""
    if isinstance(error, ProviderRefused):
        return ApplicationError(
            "The provider refuses this.", error.code, type=PROVIDER_REFUSED, non_retryable=True
        )
    is_away = isinstance(error, ProviderUnavailable)
    return ApplicationError(
        "The provider was not reached." if is_away else "Its answer was not understood.",
        type=PROVIDER_UNAVAILABLE if is_away else OUTCOME_UNKNOWN,
    )
