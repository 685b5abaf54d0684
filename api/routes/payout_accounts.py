"""The account that a traveler is paid to, set up at the payment provider itself."""

from __future__ import annotations

import logging

from fastapi import APIRouter
from starlette.responses import Response
from temporalio.service import RPCError

from activities.payment_ports import ProviderRefused
from api.access.callers import caller
from api.access.permissions import Action, requires
from api.access.request import Changing, TokenHash
from api.access.rows import Asker
from api.edge.answers import json_answer
from api.edge.documented import ALWAYS, CHANGES, refusals
from api.edge.problems import EdgeCode, Problem
from api.edge.requests import StrictRoute
from api.models.payments import NewPayoutAccount, OnboardingLinkView, PayoutAccountView
from api.provider_calls import provider_asked
from api.queries.payout_accounts import KeptAccount, claiming_traveler, keep_account
from api.services import Parts, Services
from domain.errors import RefusalCode
from domain.provider_news import PaymentNews
from infra.webhooks.signals import DeliverySignals

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/v1/me/payout-account", tags=["payouts"], route_class=StrictRoute)

_PRIVATE = {"Cache-Control": "no-store"}


@router.post(
    "",
    dependencies=[requires(Action.SET_UP_PAYOUT_ACCOUNT)],
    response_model=OnboardingLinkView,
    responses=refusals(*CHANGES, EdgeCode.PAYOUT_ACCOUNT_REFUSED),
    summary="Set up the account you are paid to",
)
async def set_up_payout_account(
    wanted: NewPayoutAccount, change: Changing, parts: Parts
) -> Response:
    """Open your account, if you have none, and return a new link to what the provider asks.

    Repeating a request opens no second account. It is answered with a new link each time, because
    a link works once; the country of an account that is open already does not change.
    """
    traveler = await claiming_traveler(parts.database, change)
    with provider_asked():
        try:
            account = traveler.payout_account or await _opened(parts, traveler, wanted.country)
            link = await parts.payments.onboarding.link(
                account, wanted.return_url, wanted.refresh_url
            )
        except ProviderRefused:
            detail = "Check the country and the addresses to come back to."
            raise Problem(EdgeCode.PAYOUT_ACCOUNT_REFUSED, detail) from None
    view = OnboardingLinkView(url=link.url, expires_at=link.expires_at)
    return json_answer(view, headers=_PRIVATE)


@router.get(
    "",
    dependencies=[requires(Action.READ_PAYOUT_ACCOUNT)],
    response_model=PayoutAccountView,
    responses=refusals(
        *ALWAYS,
        EdgeCode.UNAUTHENTICATED,
        RefusalCode.NOT_YOUR_ROLE,
        EdgeCode.PAYOUT_ACCOUNT_MISSING,
    ),
    summary="Read what your account may do",
)
async def get_payout_account(token: TokenHash, parts: Parts) -> Response:
    """Return what your account may do now, and what the provider still wants to know."""
    traveler = await caller(parts.database, token)
    if not traveler.payout_account:
        raise Problem(EdgeCode.PAYOUT_ACCOUNT_MISSING, "Set up your account with a POST first.")
    with provider_asked():
        status = await parts.payments.onboarding.status(traveler.payout_account)
    view = PayoutAccountView(
        may_receive=status.may_receive,
        may_pay_out=status.may_pay_out,
        details_submitted=status.details_submitted,
        due=list(status.due),
    )
    return json_answer(view, headers=_PRIVATE)


async def _opened(parts: Services, traveler: Asker, country: str) -> str:
    opened = await parts.payments.onboarding.open_account(traveler.person_id, country)
    kept = await keep_account(parts.database, traveler, opened)
    if kept.waiting and (await parts.payments.onboarding.status(kept.account)).may_receive:
        await _tell(parts, kept)
    return kept.account


async def _tell(parts: Services, kept: KeptAccount) -> None:
    """Tell releases that wait for an account which is ready at once: no event will tell them."""
    signals, news = DeliverySignals(parts.temporal), PaymentNews("", kept.account)
    for delivery_id in kept.waiting:
        try:
            await signals.tell(delivery_id, news)
        except RPCError:
            # The release tries again by itself when the traveler is reminded the next time.
            logger.warning("delivery %s could not be told of an account", delivery_id)
