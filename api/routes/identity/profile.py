"""You: your profile, and how others see you."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.access.permissions import Action, requires
from api.access.request import TokenHash
from api.edge.answers import json_answer
from api.edge.documented import BEARERS, OPEN_CHANGES, refusals
from api.edge.problems import EdgeCode
from api.edge.requests import StrictRoute
from api.models.identity.profile import PrivacyChange, PrivacyView, ProfileChange, ProfileView
from api.queries.identity.holders import Holder, account_holder_of, holder_of
from api.queries.identity.profiles import change_privacy, change_profile
from api.services import Parts

router = APIRouter(prefix="/v1/me", tags=["account"], route_class=StrictRoute)

OWN = (*OPEN_CHANGES, *BEARERS)
"""How every route about one's own account can refuse."""


@router.get(
    "",
    dependencies=[requires(Action.READ_OWN_PROFILE)],
    response_model=ProfileView,
    responses=refusals(*OWN),
    summary="Read who you are here",
)
async def get_profile(token: TokenHash, parts: Parts) -> Response:
    """Return your profile, as you see it."""
    return json_answer(profile_view(await holder_of(parts.database, token)))


@router.patch(
    "",
    dependencies=[requires(Action.CHANGE_OWN_PROFILE)],
    response_model=ProfileView,
    responses=refusals(*OWN),
    summary="Change your name or your roles",
)
async def patch_profile(body: ProfileChange, token: TokenHash, parts: Parts) -> Response:
    """Change what you go by and whether you send, carry, or both; roles of staff stay as they are."""
    holder = await holder_of(parts.database, token)
    await change_profile(parts.database, holder, body.display_name, body.roles)
    return json_answer(profile_view(await holder_of(parts.database, token)))


@router.put(
    "/privacy",
    dependencies=[requires(Action.CHANGE_OWN_PROFILE)],
    response_model=PrivacyView,
    responses=refusals(*OWN, EdgeCode.ACCOUNT_MISSING),
    summary="Say how you want to be seen",
)
async def put_privacy(body: PrivacyChange, token: TokenHash, parts: Parts) -> Response:
    """Change how much others see of your name and of where you are."""
    holder = await account_holder_of(parts.database, token)
    await change_privacy(
        parts.database, holder.person_id, body.name_shown, shares_position=body.shares_position
    )
    view = PrivacyView(name_shown=body.name_shown, shares_position=body.shares_position)
    return json_answer(view)


def profile_view(holder: Holder) -> ProfileView:
    """Return a person as they see themselves."""
    return ProfileView(
        person_id=holder.person_id,
        display_name=holder.display_name,
        roles=list(holder.roles),
        email=holder.email,
        email_verified=holder.email_verified_at is not None,
        phone=holder.phone,
        phone_verified=holder.phone_verified_at is not None,
        has_account=holder.has_account,
        privacy=_privacy_of(holder),
        created_at=holder.created_at,
    )


def _privacy_of(holder: Holder) -> PrivacyView | None:
    if not holder.has_account:
        return None
    return PrivacyView.model_validate(
        {"name_shown": holder.name_shown, "shares_position": holder.shares_position}
    )
